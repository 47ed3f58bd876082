"""The run of wide.toml, from its material to its weights.

`python -m rams_train.ordnance.wide --data DIR --out RUNS [--stage NAME ...]`

Stages in order: digests, ground, scenes, train. The training is stopped and begun again at will:
the same command goes on from its last checkpoint, which is at most 250 steps or ten minutes old.
What RUNS holds, and how a step is done once: common/stages.py.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rams_train.common.stages import Stage, Workspace, check_digests, paint_scenes, run_stages
from rams_train.ordnance.classes import TABLE, WIDE
from rams_train.ordnance.retrain import cut_windows, train_run

RUN: dict[str, Any] = WIDE["run"]
SCENES: list[dict[str, Any]] = WIDE["scenes"]


def stage_digests(w: Workspace) -> None:
    """Check the files of the data folder."""
    textures, sites = WIDE["texture"]["image"], WIDE["site"]["image"]
    entries = TABLE["flight"] + TABLE["background"] + sites + textures
    files = [(e["file"], e["sha256"]) for e in entries]
    labels = [(f["labels"], f["labels_sha256"]) for f in TABLE["flight"]]
    heights = [(t["height"], t["height_sha256"]) for t in textures if "height" in t]
    check_digests(w, files + labels + heights)


def stage_ground(w: Workspace) -> None:
    """Cut mine-free windows of the flights, and mix squares of textures."""
    w.once("ground", w.stamp("digests"), cut_windows, w)
    options = ["--count", RUN["mixed_grounds"], "--seed", RUN["seed"]]
    made_from = [w.stamp("digests"), options, RUN["held_out_kinds"]]
    w.once("mixed", made_from, mix_textures, w, options)


def mix_textures(w: Workspace, options: Sequence[object]) -> None:
    """Squares of textures, in RUNS/mixed."""
    places = ["--data", w.data, "--out", w.path("mixed")]
    w.python("rams_train.ordnance.textures", *places, *options)


def stage_scenes(w: Workspace) -> None:
    """Paint the scene sets."""

    def photographs(entry: Mapping[str, Any]) -> list[Path]:
        folders = [w.path("ground", g) for g in entry.get("flight", [])]
        if entry.get("mixed"):
            folders.append(w.path("mixed"))
        return [f for folder in folders for f in sorted(folder.glob("*.tif"))]

    paint_scenes(w, SCENES, TABLE["background"], "dense", photographs)


def stage_train(w: Workspace) -> None:
    """Train the run, or go on with it."""
    steps, every = RUN["steps"], RUN["mine_every_steps"]
    search_at = [step / steps for step in range(every, steps, every)]
    scenes = [w.path("scenes", s["name"]) for s in SCENES]
    options = [
        *("--objects", "wide", "--steps", steps, "--seed", RUN["seed"]),
        *("--train-ground", *RUN["ground"], "--mine", *search_at),
        *("--scenes", *scenes, "--mixed", w.path("mixed")),
    ]
    if w.device:
        options += ["--device", w.device]
    stamps = [w.stamp("mixed"), *[w.stamp(f"scenes-{s['name']}") for s in SCENES]]
    w.once(f"train-{RUN['name']}", [options, *stamps], train_run, w, RUN["name"], options)


STAGES: dict[str, Stage] = {
    "digests": stage_digests,
    "ground": stage_ground,
    "scenes": stage_scenes,
    "train": stage_train,
}


if __name__ == "__main__":
    run_stages(__doc__, STAGES)
