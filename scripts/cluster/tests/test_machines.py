"""The driver on machines that join over TLS."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from rams_cluster.engine import greet
from tests.machines import Machines, attempts, command, environment, survey, wait_for


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    with Machines(tmp_path) as machines:
        yield machines


def test_a_machine_that_cannot_is_sent_off_and_told_why(machines: Machines, tmp_path: Path) -> None:
    out = tmp_path / "out"
    machines.join()
    foreign = machines.join(FOREIGN="another build")
    done = machines.survey("x.tif", "-o", out, "--shards", 12, "--behaviour", slow(12))
    assert done.returncode == 0, done.stderr
    assert "takes no further part: this machine cannot work on it: another build" in done.stderr
    assert foreign.wait(20) == 5
    assert foreign.stderr is not None
    assert "another build" in foreign.stderr.read()
    # With no one else, the command says so instead of waiting.
    (out / "pieces/000003-answer.piece").unlink()
    for process in machines.joined:
        process.send_signal(signal.SIGTERM)
        process.wait()
    machines.join(FOREIGN="files differ")
    done = machines.survey("x.tif", "-o", out, "--shards", 12)
    assert done.returncode == 5, done.stderr
    assert "no worker is left that can do this plan" in done.stderr
    assert "files differ" in done.stderr


def test_shards_for_a_gpu_go_to_workers_with_one(machines: Machines, tmp_path: Path) -> None:
    machines.join(workers=1, gpus=2)
    done = machines.survey("x.tif", "-o", tmp_path / "out", "--shards", 8, "--cuda")
    assert done.returncode == 0, done.stderr
    assert {gpu for _, _, _, gpu, *_ in attempts(tmp_path / "out")} <= {"0", "1"}


def test_other_certificates_are_named_at_once(machines: Machines, tmp_path: Path) -> None:
    wait_for(lambda: greeted(machines))
    with Machines(tmp_path / "others") as others:
        words = ["--certificates", others.certificates]
        joined = machines.begin("join", machines.address, *words, "--workers", 1)
        assert joined.wait(20) == 1
        assert joined.stderr is not None
        assert "has other certificates than" in joined.stderr.read()
        asked = ["x.tif", "-o", tmp_path / "out", "--shards", 2, "--scheduler", machines.address]
        done = survey(*asked, *words)
        assert done.returncode == 1
        assert "has other certificates than" in done.stderr


def greeted(machines: Machines) -> bool:
    try:
        greet(machines.address, machines.certificates)
    except OSError:
        return False
    return True


def test_a_lost_worker_is_no_failure_of_its_shard(machines: Machines, tmp_path: Path) -> None:
    out = tmp_path / "out"
    machines.join(workers=2)
    words = ["survey", "x.tif", "-o", out, "--shards", 8, "--behaviour", slow(8)]
    words += ["--scheduler", machines.address, *machines.tls]
    driver = machines.begin(*words[:1], *words[1:])
    for killed in range(1, 5):
        wait_for(lambda: (out / "attempts").exists())
        while len(attempts(out)) < killed * 2:
            assert driver.poll() is None
        os.kill(int(attempts(out)[-1][1]), signal.SIGKILL)
    assert driver.wait(60) == 0
    assert driver.stderr is not None
    assert "failed" not in driver.stderr.read()
    assert (out / "survey.gpkg").exists()


def test_machines_that_do_not_answer_alike_are_found_out(
    machines: Machines, tmp_path: Path
) -> None:
    machines.join(ANSWER="one")
    machines.join(ANSWER="other")
    words = ["x.tif", "-o", tmp_path / "out", "--shards", 8, "--behaviour", slow(8)]
    done = machines.survey(*words)
    assert done.returncode == 1, done.stderr
    assert "do not answer alike on shard 7" in done.stderr
    assert not (tmp_path / "out/survey.gpkg").exists()


def test_a_stranger_is_not_let_in(machines: Machines, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from rams_cluster import engine\n"
        "engine.set_up(); engine.connect(sys.argv[1], Path(sys.argv[2]), 10).close()\n"
    )

    def connect(address: str, certificates: Path) -> int:
        words = [command()[0], "-c", script, address, str(certificates)]
        return subprocess.run(
            words, env=environment(), capture_output=True, check=False, timeout=60
        ).returncode

    wait_for(lambda: connect(machines.address, machines.certificates) == 0)
    with Machines(tmp_path / "others") as others:
        assert connect(machines.address, others.certificates) != 0


def slow(shards: int) -> str:
    """Each takes a moment, so that every machine has its part."""
    return "{" + ", ".join(f'"{number}": [0.4]' for number in range(shards)) + "}"
