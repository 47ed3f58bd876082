"""The real program, where it was built, with a toy model on a painted scene."""

import filecmp
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.machines import survey
from tests.real import RAMS, ROOT, rams_environment


@pytest.mark.skipif(RAMS is None, reason="rams is not built")
def test_the_map_is_that_of_a_plain_loop(tmp_path: Path) -> None:
    assert RAMS is not None
    environment = rams_environment()

    def rams(*words: object) -> int:
        command = [RAMS, *map(str, words)]
        return subprocess.run(command, env=environment, capture_output=True, check=False).returncode

    scene, out, loop = tmp_path / "scene.tif", tmp_path / "out", tmp_path / "loop"
    assert rams("scene", scene, "--seed", 1, "--size", "900x900") == 0
    flags = ["--model", ROOT / "tests/models/red-boxes", "--shard-mp", "0.1", "--device", "cpu"]
    assert rams("plan", scene, "-o", out, *flags) == 0
    shutil.copytree(out, loop)
    done = survey(
        scene,
        "-o",
        out,
        *flags,
        "--workers",
        2,
        RAMS=RAMS,
        ORT_DYLIB_PATH=environment["ORT_DYLIB_PATH"],
    )
    assert done.returncode in (0, 3), done.stderr
    shards = len((loop / "shards.jsonl").read_text().splitlines())
    assert shards > 1
    assert all(rams("shard", loop, number) == 0 for number in range(shards))
    assert rams("gather", loop) == done.returncode
    assert filecmp.cmp(out / "survey.gpkg", loop / "survey.gpkg", shallow=False)
