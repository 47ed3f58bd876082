#!/usr/bin/env python3
"""Three machines in network namespaces: kills, a pulled cable, who is spoken to, who is let in.

    RAMS=target/debug/rams scripts/cluster/tests/nodes.py ORTHO [flags of rams plan] [--kills 20]

Needs root and `ip`; takes minutes, so that it is run by hand. Exits non-zero if something does not
hold, and prints what it measured.
"""

import argparse
import contextlib
import filecmp
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CLUSTER = Path(__file__).resolve().parents[1]
RAMS = os.environ.get("RAMS", "rams")
SWITCH, HEAD, NODES = "rams-switch", "rams-head", ["rams-a", "rams-b", "rams-c"]
HEAD_IP, GATEWAY = "10.77.0.1", "10.77.0.254"
ADDRESS = f"tls://{HEAD_IP}:8786"
PYTHON = [
    "env",
    f"PYTHONPATH={CLUSTER}",
    "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED=critical",
    str(CLUSTER / ".venv/bin/python"),
]
KINDS = ["rams", "worker", "nanny", "scheduler", "driver"]
LIMIT_S = 600.0


def sh(*words: str, check: bool = True) -> str:
    return subprocess.run(words, check=check, capture_output=True, text=True).stdout


def within(space: str, *words: str, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as sink:
        command = ["ip", "netns", "exec", space, *words]
        return subprocess.Popen(command, stdout=sink, stderr=sink, start_new_session=True)


def build() -> None:
    """Four machines on a switch. What they send beyond it is seen on it, and goes nowhere."""
    sh("ip", "netns", "add", SWITCH)
    sh("ip", "-n", SWITCH, "link", "add", "br0", "type", "bridge")
    sh("ip", "-n", SWITCH, "link", "set", "br0", "up")
    for number, space in enumerate([HEAD, *NODES], 1):
        sh("ip", "netns", "add", space)
        sh("ip", "netns", "exec", space, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
        port = f"port{number}"
        sh(
            "ip",
            "link",
            "add",
            port,
            "netns",
            SWITCH,
            "type",
            "veth",
            "peer",
            "eth0",
            "netns",
            space,
        )
        sh("ip", "-n", SWITCH, "link", "set", port, "master", "br0", "up")
        sh("ip", "-n", space, "link", "set", "lo", "up")
        sh("ip", "-n", space, "addr", "add", f"10.77.0.{number}/24", "dev", "eth0")
        sh("ip", "-n", space, "link", "set", "eth0", "up")
        sh("ip", "-n", space, "route", "add", "default", "via", GATEWAY)
        lladdr = ["lladdr", "02:00:00:00:00:fe"]
        sh("ip", "-n", space, "neigh", "add", GATEWAY, *lladdr, "dev", "eth0", "nud", "permanent")


def clean() -> None:
    for space in [HEAD, *NODES, SWITCH]:
        for pid in sh("ip", "netns", "pids", space, check=False).split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        sh("ip", "netns", "del", space, check=False)


def watch(path: str) -> None:
    """Counts packets on the switch, by whether they are for one of its machines."""
    every = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
    counts: dict[str, int] = {"within": 0, "beyond": 0}
    targets: list[str] = []
    written = 0.0
    while True:
        every.settimeout(0.2)
        with contextlib.suppress(TimeoutError):
            frame = every.recv(65535)
            if frame[12:14] == b"\x08\x00":
                target = socket.inet_ntoa(frame[30:34])
                key = "within" if target.startswith("10.77.0.") else "beyond"
                counts[key] += 1
                if key == "beyond" and target not in targets:
                    targets.append(target)
        if time.monotonic() - written > 0.2:
            written = time.monotonic()
            Path(path + ".new").write_text(json.dumps(counts | {"to": targets}))
            Path(path + ".new").rename(path)


def processes(kind: str) -> list[int]:
    """Process ids of a kind, on all machines."""
    found = []
    for space in [HEAD, *NODES]:
        for pid in sh("ip", "netns", "pids", space, check=False).split():
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                if kind_of(words) == kind:
                    found.append(int(pid))
    return found


def kind_of(words: list[str]) -> str | None:
    text = " ".join(words)
    if words[0].endswith("rams") and words[1:2] == ["shard"]:
        return "rams"
    if "spawn_main" in text:
        return "worker"
    for command, kind in {"join": "nanny", "head": "scheduler", "survey": "driver"}.items():
        if f"-m rams_cluster {command}" in text:
            return kind
    return None


class Nodes:
    def __init__(self, work: Path, arguments: list[str], plan: list[str]) -> None:
        self.work, self.arguments, self.plan = work, arguments, plan
        self.certificates = work / "certificates"
        self.log = work / "log"
        self.failed: list[str] = []

    def check(self, holds: bool, text: str) -> None:
        print(f"{'holds' if holds else 'FAILS'}: {text}", flush=True)
        if not holds:
            self.failed.append(text)

    def begin(self) -> None:
        script, tls = str(CLUSTER / "head"), ["--certificates", str(self.certificates)]
        within(HEAD, script, *tls, log=self.log)
        for space in NODES:
            join = [str(CLUSTER / "join"), ADDRESS, *tls, "--workers", "1"]
            within(space, *join, log=self.log)
        wait_for(lambda: len(processes("worker")) == len(NODES), "workers")

    def folder(self, name: str) -> Path:
        """A copy of the plan, so that the time on the map is the same."""
        return Path(shutil.copytree(self.work / "plan", self.work / name))

    def survey(self, folder: Path) -> subprocess.Popen[bytes]:
        words = [str(CLUSTER / "survey"), *self.arguments, "-o", str(folder)]
        words += ["--scheduler", ADDRESS, "--certificates", str(self.certificates), *self.plan]
        return within(HEAD, *words, log=self.log)

    def by_loop(self) -> None:
        """The plan, and the map that a plain loop makes of it."""
        plan = [RAMS, "plan", *self.arguments, "-o", str(self.work / "plan"), *self.plan]
        subprocess.run(plan, check=True, stdout=subprocess.DEVNULL)
        folder = self.folder("loop")
        shards = len((folder / "shards.jsonl").read_text().splitlines())
        begun = time.monotonic()
        for number in range(shards):
            subprocess.run(
                [RAMS, "shard", str(folder), str(number)], check=True, capture_output=True
            )
        self.loop_s, self.shards = time.monotonic() - begun, shards
        gather = subprocess.run([RAMS, "gather", str(folder)], check=False, capture_output=True)
        self.codes = (0, gather.returncode)
        print(f"{shards} shards in a plain loop: {self.loop_s:.0f} s", flush=True)

    def same(self, folder: Path) -> bool:
        mine, theirs = (at / "survey.gpkg" for at in (folder, self.work / "loop"))
        return mine.exists() and filecmp.cmp(mine, theirs, shallow=False)

    def kills(self, most: int, seed: int) -> None:
        """Kills a part at random again and again; begins another survey as long as they last."""
        chance = random.Random(seed)
        made, round_, hit = 0, 0, dict.fromkeys(KINDS, 0)
        begun = time.monotonic()
        while made < most:
            folder = self.folder(f"kills-{round_}")
            round_ += 1
            driver = self.survey(folder)
            while driver.poll() is None or driver.returncode < 0 or driver.returncode > 128:
                if driver.poll() is not None:
                    driver = self.survey(folder)
                until = time.monotonic() + chance.uniform(1.0, 4.0)
                while time.monotonic() < until and driver.poll() is None:
                    time.sleep(0.05)
                if time.monotonic() - begun > LIMIT_S:
                    raise TimeoutError("kills")
                found = processes(KINDS[made % len(KINDS)])
                if made < most and found and driver.poll() is None:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(chance.choice(found), signal.SIGKILL)
                        hit[KINDS[made % len(KINDS)]] += 1
                        made += 1
            self.check(driver.returncode in self.codes, f"exit code {driver.returncode}")
            self.check(self.same(folder), f"survey {round_}: survey.gpkg is that of the plain loop")
        print(f"{made} kills {hit} over {round_} surveys, {time.monotonic() - begun:.0f} s")

    def cable(self) -> None:
        """Pulls the cable of a machine whose share hangs with it."""
        folder, begun = self.folder("cable"), time.monotonic()
        driver = self.survey(folder)
        sealed = lambda: list((folder / "pieces").glob("*.piece"))  # noqa: E731
        wait_for(lambda: len(sealed()) >= 3, "the first shards")
        at, pulled, left = NODES[-1], time.monotonic(), self.shards - len(sealed())
        of_node = set(sh("ip", "netns", "pids", at).split())
        for pid in processes("rams"):
            if str(pid) in of_node:
                os.kill(pid, signal.SIGSTOP)
        sh("ip", "-n", at, "link", "set", "eth0", "down")
        before, since = len(sealed()), None
        while driver.poll() is None:
            if since is None and len(sealed()) > before:
                since = time.monotonic() - pulled
            if time.monotonic() - begun > LIMIT_S:
                raise TimeoutError("cable")
            time.sleep(0.05)
        took = time.monotonic() - pulled
        ideal = left * self.loop_s / self.shards / 2
        sh("ip", "-n", at, "link", "set", "eth0", "up")
        sh("ip", "-n", at, "route", "add", "default", "via", GATEWAY, check=False)
        each = self.loop_s / self.shards
        self.check(
            since is not None and since <= 10 + each,
            f"a shard was sealed {since or 0:.1f} s after the pull; one takes {each:.1f} s",
        )
        self.check(
            took <= ideal + 90, f"end {took:.0f} s after it; two machines need {ideal:.0f} s"
        )
        self.check(self.same(folder), "survey.gpkg is that of the plain loop")
        plugged = time.monotonic()
        wait_for(lambda: len(self.workers()) == len(NODES), "the machine that was lost")
        print(f"the machine is back {time.monotonic() - plugged:.0f} s after its cable", flush=True)

    def workers(self) -> list[str]:
        """Hosts of the workers that the scheduler knows."""
        script = (
            "import sys; from pathlib import Path; from rams_cluster import engine\n"
            "engine.set_up(); client = engine.connect(sys.argv[1], Path(sys.argv[2]), 20)\n"
            "print(*{worker['host'] for worker in client.scheduler_info()['workers'].values()})\n"
        )
        words = ["ip", "netns", "exec", HEAD, *PYTHON, "-c", script]
        words += [ADDRESS, str(self.certificates)]
        return subprocess.run(words, check=False, capture_output=True, text=True).stdout.split()

    def strangers(self) -> None:
        """Who has another certificate, or none, is not let in; who has the right one is."""
        other = self.work / "other-certificates"
        subprocess.run([CLUSTER / "certificates", other], check=True, capture_output=True)
        script = (
            "import sys; from pathlib import Path; from rams_cluster import engine\n"
            "engine.set_up()\n"
            "address, folder = sys.argv[1:]\n"
            "try: engine.connect(address, Path(folder) if folder else None, 8).close()\n"
            "except (OSError, TimeoutError) as error: sys.exit(9)\n"
        )
        cases = [
            ("the right certificate", ADDRESS, self.certificates, 0),
            ("another certificate", ADDRESS, other, 9),
            ("no TLS", ADDRESS.replace("tls", "tcp"), "", 9),
        ]
        for name, address, folder, wanted in cases:
            words = ["ip", "netns", "exec", NODES[0], *PYTHON, "-c", script, address, str(folder)]
            code = subprocess.run(words, check=False, stderr=subprocess.DEVNULL).returncode
            self.check(code == wanted, f"{name}: {'let in' if code == 0 else 'refused'}")
        # Bare TLS: who is let in is greeted, who is not is told so or cut off.
        script = (
            "import socket, ssl, sys\n"
            "context = ssl._create_unverified_context()\n"
            "if sys.argv[2:]: context.load_cert_chain(*sys.argv[2:])\n"
            "plain = socket.create_connection((sys.argv[1], 8786), 20)\n"
            "try: got = context.wrap_socket(plain).recv(9)\n"
            "except (ssl.SSLError, ConnectionError): got = b''\n"
            "sys.exit(0 if got else 9)\n"
        )
        pair = [str(self.certificates / name) for name in ("machine.pem", "machine-key.pem")]
        for name, given, wanted in [("with", pair, 0), ("without", [], 9)]:
            words = ["ip", "netns", "exec", NODES[0], *PYTHON, "-c", script, HEAD_IP, *given]
            code = subprocess.run(words, check=False).returncode
            text = f"TLS {name} a certificate: {'let in' if code == 0 else 'refused'}"
            self.check(code == wanted, text)

    def packets(self, counts: Path) -> None:
        seen = json.loads(counts.read_text())
        beyond = seen["beyond"] - self.probed["beyond"]
        others = sorted(set(seen["to"]) - set(self.probed["to"]))
        text = f"{seen['within']} packets among the machines, {beyond} to others {others}"
        self.check(beyond == 0 and seen["within"] > 1000, text)

    def probe(self, counts: Path) -> None:
        """One packet to someone else must be counted, or the count is worth nothing."""
        send = "import socket; socket.socket(2, 2).sendto(b'x', ('192.0.2.1', 9))"
        sh("ip", "netns", "exec", NODES[0], "python3", "-c", send)
        time.sleep(1)
        self.probed = json.loads(counts.read_text())
        self.check("192.0.2.1" in self.probed["to"], "a packet to another host is counted")


def wait_for(holds, what: str) -> None:
    until = time.monotonic() + LIMIT_S / 4
    while not holds():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.1)


def main() -> int:
    if sys.argv[1:2] == ["--watch"]:
        watch(sys.argv[2])
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("ortho", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    args, plan = parser.parse_known_args()
    if os.geteuid() != 0 or shutil.which("ip") is None:
        print("skipped: network namespaces need root and `ip`")
        return 0
    with tempfile.TemporaryDirectory(prefix="rams-nodes-") as work:
        nodes = Nodes(Path(work), [str(args.ortho.resolve())], plan)
        subprocess.run([CLUSTER / "certificates", nodes.certificates], check=True)
        nodes.by_loop()
        counts = Path(work) / "counts"
        try:
            build()
            within(SWITCH, sys.executable, __file__, "--watch", str(counts), log=nodes.log)
            wait_for(counts.exists, "the count of packets")
            nodes.probe(counts)
            nodes.begin()
            nodes.strangers()
            nodes.cable()
            nodes.kills(args.kills, args.seed)
            nodes.packets(counts)
        except BaseException:
            print(nodes.log.read_text()[-6000:], file=sys.stderr)
            raise
        finally:
            clean()
    return 1 if nodes.failed else 0


if __name__ == "__main__":
    sys.exit(main())
