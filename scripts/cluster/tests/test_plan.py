import json
from pathlib import Path

import pytest

from rams_cluster import plan
from rams_cluster.kernels import kernel_class
from rams_cluster.plan import PlanError, Shard
from tests.machines import STAND_IN


def write(folder: Path, kernels: str) -> None:
    identity = [
        ["model a: runs on", "CUDA"],
        ["model b: runs on", "ONNX Runtime fp32"],
        ["model a: version", "1"],
    ]
    (folder / "plan.json").write_text(json.dumps({"kernels": kernels, "identity": identity}))
    lines = [
        {"shard": 0, "model": "a", "megapixels": 2.5},
        {"shard": 1, "model": "b", "megapixels": 1},
    ]
    (folder / "shards.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_shards_and_what_they_ask_for(tmp_path: Path) -> None:
    write(tmp_path, "same")
    read = plan.read(tmp_path)
    assert read.shards == {0: Shard(0, 2.5, "a", True), 1: Shard(1, 1.0, "b", False)}
    assert (read.megapixels, read.any_kernels) == (3.5, False)
    write(tmp_path, "any")
    assert plan.read(tmp_path).any_kernels


def test_a_folder_without_a_plan_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=str(tmp_path)):
        plan.read(tmp_path)


def test_runs_of_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "rams"
    told.write_text('#!/bin/sh\necho \'{"missing": "3 7-9", "unsettled": "11"}\'\nexit 3\n')
    told.chmod(0o755)
    monkeypatch.setenv("RAMS", str(told))
    assert plan.open_shards(tmp_path) == ({3, 7, 8, 9}, {11})
    monkeypatch.setenv("RAMS", str(STAND_IN))


@pytest.mark.parametrize(
    ("flags", "label"),
    [
        ("fpu sse2", "kernels-sse"),
        ("sse2 avx", "kernels-avx"),
        ("sse2 avx avx2 fma", "kernels-avx2"),
        ("avx avx2 fma avx512f avx512bw avx512dq avx512vl", "kernels-avx512"),
        ("avx2 fma avx512f avx512bw avx512dq avx512vl amx_tile", "kernels-amx"),
        ("avx2 fma avx512f", "kernels-avx2"),
    ],
)
def test_classes_of_processors(tmp_path: Path, flags: str, label: str) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor : 0\nflags\t\t: {flags}\n")
    assert kernel_class(cpuinfo) == label
