"""The run of wide.toml, from its material to its weights: `wide.py --data DIR --out RUNS [--stage NAME ...]`.

Stages in order: digests, ground, scenes, train. The training is stopped and begun again at will: the same command goes on
from its last checkpoint, which is at most 250 steps or ten minutes old. What RUNS holds, and how a piece is done once: work.py.
"""
import sys

from rams_train.common import stages as work
from rams_train.ordnance.classes import TABLE, WIDE
from rams_train.common.stages import HERE

RUN = WIDE["run"]
SCENES = WIDE["scenes"]


def digests(w):
    entries = TABLE["flight"] + TABLE["background"] + WIDE["site"]["image"] + WIDE["texture"]["image"]
    labels = [(f["labels"], f["labels_sha256"]) for f in TABLE["flight"]]
    heights = [(t["height"], t["height_sha256"]) for t in WIDE["texture"]["image"] if "height" in t]
    work.digests(w, [(e["file"], e["sha256"]) for e in entries] + labels + heights)


def ground(w):
    w.once("ground", w.stamp("digests"), lambda: w.call(sys.executable, "-m", "rams_train.ordnance.mine_free_windows", "--data", w.data, "--out", w.path("ground")))
    mix = ["--count", RUN["mixed_grounds"], "--seed", RUN["seed"]]
    w.once("mixed", [w.stamp("digests"), mix, RUN["held_out_kinds"]],
           lambda: w.call(sys.executable, "-m", "rams_train.ordnance.textures", "--data", w.data, "--out", w.path("mixed"), *mix))


def photos(w, entry):
    """Ground of a scene set besides kinds and aerial images."""
    folders = [w.path("ground", g) for g in entry.get("flight", [])] + ([w.path("mixed")] if entry.get("mixed") else [])
    return [f for folder in folders for f in sorted(folder.glob("*.tif"))]


def scenes(w):
    work.paint(w, {**TABLE, "scenes": SCENES}, "dense", lambda entry: photos(w, entry))


def train(w):
    mine = [step / RUN["steps"] for step in range(RUN["mine_every_steps"], RUN["steps"], RUN["mine_every_steps"])]
    command = ["--objects", "wide", "--steps", RUN["steps"], "--seed", RUN["seed"], "--train-ground", *RUN["ground"], "--mine", *mine,
               "--scenes", *[w.path("scenes", s["name"]) for s in SCENES], "--mixed", w.path("mixed")]
    if w.args.device:
        command += ["--device", w.args.device]
    made_from = [command, w.stamp("mixed"), *[w.stamp(f"scenes-{s['name']}") for s in SCENES]]
    start = [sys.executable, "-m", "rams_train.ordnance.train", "--data", w.data, "--out", w.path("runs", RUN["name"]), "--cache", w.path("cache"), "--resume"]
    w.once(f"train-{RUN['name']}", made_from, lambda: w.call(*start, *command))


STAGES = {"digests": digests, "ground": ground, "scenes": scenes, "train": train}


if __name__ == "__main__":
    work.main(__doc__, STAGES)
