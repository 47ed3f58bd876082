"""The run of wide.toml, from its material to its weights.

`python -m rams_train.earthworks.wide --data DIR --out RUNS [--stage NAME ...]`

Stages in order: digests, scenes, train. The training is stopped and begun again at will: the same
command goes on from its last checkpoint, which is at most 250 steps or ten minutes old. What RUNS
holds, and how a step is done once: common/stages.py.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rams_train.common.paths import MODELS
from rams_train.common.stages import (
    Stage,
    Workspace,
    check_digest,
    check_digests,
    paint_scenes,
    run_stages,
)
from rams_train.earthworks import export
from rams_train.earthworks.classes import TABLE, WIDE
from rams_train.earthworks.grounds import SITES, TEXTURES
from rams_train.earthworks.retrain import train_run

RUN: dict[str, Any] = WIDE["run"]
SCENES: list[dict[str, Any]] = WIDE["scenes"]


def stage_digests(w: Workspace) -> None:
    """Check the files of the data folder."""
    files = [(e["file"], e["sha256"]) for e in [*TABLE["background"], *SITES, *TEXTURES]]
    heights = [(t["height"], t["height_sha256"]) for t in TEXTURES if "height" in t]
    check_digests(w, files + heights)


def stage_scenes(w: Workspace) -> None:
    """Paint the scene sets."""

    def photographs(entry: Mapping[str, Any]) -> list[Path]:
        return [w.data / e["file"] for e in SITES if e["site"] in entry.get("site", [])]

    paint_scenes(w, SCENES, TABLE["background"], "earthworks", photographs)


def copy_start(w: Workspace) -> None:
    """The weights that the run starts from, in RUNS, so that it goes on wherever this lies."""
    check_digest(MODELS / export.NAME / RUN["init"], RUN["init_sha256"])
    shutil.copy(MODELS / export.NAME / RUN["init"], w.path("start", RUN["init"]))


def stage_train(w: Workspace) -> None:
    """Train the run, or go on with it."""
    w.once("start", RUN["init_sha256"], copy_start, w)
    steps, every = RUN["steps"], RUN["mine_every_steps"]
    options = [
        *("--wide", "--init", w.path("start", RUN["init"])),
        *("--steps", steps, "--seed", RUN["seed"], "--lr", RUN["lr"], "--works", RUN["works"]),
        *("--mine", *[step / steps for step in range(0, steps, every)]),
        *("--scenes", *[w.path("scenes", s["name"]) for s in SCENES]),
    ]
    if w.device:
        options += ["--device", w.device]
    stamps = [
        w.stamp("digests"),
        w.stamp("start"),
        *[w.stamp(f"scenes-{s['name']}") for s in SCENES],
    ]
    w.once(f"train-{RUN['name']}", [options, *stamps], train_run, w, RUN["name"], options)


STAGES: dict[str, Stage] = {
    "digests": stage_digests,
    "scenes": stage_scenes,
    "train": stage_train,
}


if __name__ == "__main__":
    run_stages(__doc__, STAGES)
