"""A scheduler and machines that join it, on this one, with a `rams` that does as it is told."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rams_cluster import engine

CLUSTER = Path(__file__).resolve().parents[1]
STAND_IN = Path(__file__).with_name("rams_stand_in.py")


def environment(**more: str) -> dict[str, str]:
    own = {"RAMS": str(STAND_IN), "PYTHONPATH": str(CLUSTER)}
    return os.environ | own | {"DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "critical"} | more


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "rams_cluster", *map(str, words)]


def survey(*words: object, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("survey", *words),
        env=environment(**more),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def attempts(folder: Path) -> list[list[str]]:
    """Number of the shard, process id of the worker, process id, GPU, `again`: of each."""
    return [line.split() for line in (folder / "attempts").read_text().splitlines()]


def wait_for(holds: Callable[[], object]) -> None:
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until, "it does not come"
        time.sleep(0.05)


def is_there(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


class Machines:
    """Begun in a folder; ended with the block."""

    def __init__(self, folder: Path) -> None:
        self.certificates = folder / "certificates"
        make = [str(CLUSTER / "certificates"), str(self.certificates)]
        subprocess.run(make, check=True, capture_output=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tls://127.0.0.1:{port}"
        self.tls = ["--certificates", str(self.certificates)]
        self._begun: list[subprocess.Popen[str]] = []
        self.joined: list[subprocess.Popen[str]] = []
        self._workers: list[int] = []
        self.head = self.begin("head", "--port", port, *self.tls)

    def begin(self, *words: object, **more: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command(*words),
            env=environment(**more),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._begun.append(process)
        return process

    def join(self, workers: int = 1, gpus: int = 0, **more: str) -> subprocess.Popen[str]:
        words = ["join", self.address, *self.tls, "--workers", workers, "--gpus", gpus]
        self.joined.append(self.begin(*words, **more))
        self._workers.append(workers + gpus)
        return self.joined[-1]

    def survey(self, *words: object) -> subprocess.CompletedProcess[str]:
        self._wait_for_workers()
        return survey(*words, "--scheduler", self.address, *self.tls)

    def _wait_for_workers(self) -> None:
        """Of all that joined: on a busy machine, the first may else have done all there is."""
        joined = zip(self.joined, self._workers, strict=True)
        workers = sum(of for process, of in joined if process.poll() is None)
        with engine.connect(self.address, self.certificates, 30) as client:
            client.wait_for_workers(workers, timeout=60)

    def __enter__(self) -> "Machines":
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self._begun):
            process.send_signal(signal.SIGKILL)
            process.wait()
