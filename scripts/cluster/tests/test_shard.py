import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rams_cluster.shard import FOREIGN, run
from tests.machines import STAND_IN, attempts, environment, is_there, wait_for


@pytest.fixture
def planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAMS", str(STAND_IN))
    folder = tmp_path / "out"
    behaviour = '{"0": [60.0], "1": [2], "3": [1]}'
    words = ["plan", "x.tif", "-o", str(folder), "--shards", "4", "--behaviour", behaviour]
    subprocess.run([str(STAND_IN), *words], check=True)
    return folder


def test_the_child_dies_with_its_worker(planned: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from rams_cluster.shard import run\n"
        "run(Path(sys.argv[1]), 0, False)"
    )
    worker = subprocess.Popen([sys.executable, "-c", script, planned], env=environment())
    wait_for((planned / "attempts").exists)
    wait_for(lambda: attempts(planned))
    [[_, parent, child, *_]] = attempts(planned)
    assert int(parent) == worker.pid
    assert is_there(int(child))
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    wait_for(lambda: not is_there(int(child)))


def test_a_failure_has_its_code_and_its_words(planned: Path) -> None:
    assert run(planned, 2, False) == (0, "")
    assert run(planned, 3, False) == (1, "error: shard 3 ends with 1")


def test_a_machine_without_folder_or_program_is_foreign(
    planned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, text = run(planned / "elsewhere", 2, False)
    assert (code, "mount the shared folder" in text) == (FOREIGN, True)
    assert run(planned, 1, False)[0] == FOREIGN, "a build that does not know what it is asked"
    monkeypatch.setenv("RAMS", "/no/such/rams")
    code, text = run(planned, 2, False)
    assert (code, "/no/such/rams" in text) == (FOREIGN, True)


def test_a_child_that_is_killed_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dying = tmp_path / "rams"
    dying.write_text("#!/bin/sh\nkill -9 $$\n")
    dying.chmod(0o755)
    (tmp_path / "plan.json").touch()
    monkeypatch.setenv("RAMS", str(dying))
    code, text = run(tmp_path, 0, False)
    assert code == -signal.SIGKILL
    assert "memory" in text
