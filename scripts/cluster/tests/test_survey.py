"""The driver on a cluster of this machine."""

import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from rams_cluster import drive, survey
from rams_cluster.plan import Plan, Shard
from rams_cluster.survey import SurveyConfig
from tests import machines
from tests.machines import STAND_IN, attempts, command, environment, is_there, wait_for


def run(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return machines.survey("x.tif", "-o", folder, "--workers", 2, *words)


def test_the_largest_go_first(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert machines.survey("x.tif", "-o", out, "--workers", 1, "--shards", 6).returncode == 0
    assert [number for number, *_ in attempts(out)] == list("543210")


def test_all_shards_are_done_and_gathered(tmp_path: Path) -> None:
    done = run(tmp_path / "out", "--shards", 12)
    assert done.returncode == 0, done.stderr
    numbers = [int(number) for number, *_ in attempts(tmp_path / "out")]
    assert sorted(numbers) == list(range(12))
    assert len((tmp_path / "out/survey.gpkg").read_text().split()) == 12


def test_the_same_command_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(out, "--shards", 6).returncode == 0
    (out / "pieces/000003-answer.piece").unlink()
    (out / "attempts").unlink()
    assert run(out, "--shards", 6).returncode == 0
    assert [number for number, *_ in attempts(out)] == ["3"]
    (out / "attempts").unlink()
    assert run(out, "--shards", 6).returncode == 0
    assert not (out / "attempts").exists()


def test_a_shard_that_fails_is_named_and_nothing_is_gathered(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(out, "--shards", 6, "--behaviour", '{"2": [1], "4": [1, 1, 0], "1": [3]}')
    assert done.returncode == 1
    assert Counter(number for number, *_ in attempts(out)) == Counter("011222" + "3444" + "5")
    assert "error: shard 2 failed 3 times: error: shard 2 ends with 1" in done.stderr
    assert f"rams gather {out} --partial" in done.stderr
    assert "shard 1 is sealed with tiles that are not settled" in done.stderr
    assert not (out / "survey.gpkg").exists()


def test_what_the_plan_refuses_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path / "out", "--shards", 6, "--bad").returncode == 2


def test_a_late_shard_is_done_once_more_elsewhere(tmp_path: Path) -> None:
    out = tmp_path / "out"
    begun = time.monotonic()
    done = run(out, "--shards", 12, "--behaviour", '{"5": [50.0, 0]}')
    assert done.returncode == 0, done.stderr
    assert Counter(number for number, *_ in attempts(out))["5"] == 2
    assert time.monotonic() - begun < 25
    assert not any(is_there(int(child)) for _, _, child, *_ in attempts(out))


def test_children_die_with_a_killed_driver_and_the_same_command_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["survey", "x.tif", "-o", out, "--workers", 2, "--shards", 6]
    words += ["--behaviour", '{"5": [50.0, 0], "4": [50.0, 0]}']
    driver = subprocess.Popen(command(*words), env=environment(), stderr=subprocess.DEVNULL)
    wait_for(lambda: (out / "attempts").exists() and len(attempts(out)) == 2)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    wait_for(lambda: not any(is_there(int(child)) for _, _, child, *_ in attempts(out)))
    assert run(out, "--shards", 6).returncode == 0


def test_a_listing_that_is_old_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pieces").mkdir()
    planned = Plan(tmp_path, {7: Shard(7, 1.0, "toy", needs_gpu=False)}, any_kernels=False)
    piece = tmp_path / "pieces/000007-answer.piece"
    threading.Timer(1.0, piece.touch).start()
    survey._see_pieces(planned)
    assert piece.exists()
    piece.unlink()
    monkeypatch.setattr(survey, "_LISTING_S", 0.2)
    survey._see_pieces(planned)


def test_a_gpu_that_no_one_has_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAMS", str(STAND_IN))
    monkeypatch.setattr(drive, "PATIENCE_S", 0.5)
    words = ["x.tif", "--shards", "2", "--cuda"]
    config = SurveyConfig(tmp_path / "out", words, None, None, 1, json=False)
    assert survey.survey(config) == 1
    assert "the plan asks for a GPU and no worker has one" in capfd.readouterr().err
