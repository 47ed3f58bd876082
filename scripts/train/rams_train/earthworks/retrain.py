"""Everything from the dataset's description to the card, from scripts/train:
`python -m earthworks.retrain --data DIR --out RUNS [--stage NAME ...]`.

Stages in order: digests, scenes, train, survey, calibrate, evaluate, variants, model, card. What RUNS holds, and how a
piece is done once: work.py. A run that was stopped goes on from its last checkpoint.

Each test ground is surveyed twice: `rgb`, on colours alone, and `dsm`, with the surface model of a scene.
"""
import json
import os
import shutil
import sys
import time
from pathlib import Path

from rams_train.common import background_eval as empty
from rams_train.common import stages as work
from rams_train.common.stages import HERE, levels

from . import card, export, quantise
from .classes import PLANES, TABLE
from .calibration import RULES, fit

MODEL = HERE.parents[1] / "models" / export.NAME
SETS = {s["name"]: s for s in TABLE["scenes"]}
RUNS = {r["name"]: r for r in TABLE["run"]}
HELD_OUT = dict(levels(SETS["held-out"]))  # folder -> metres per px
NATIVE = next(folder for folder, gsd in HELD_OUT.items() if gsd == export.GSD_M)
MODES = ("rgb", "dsm")
TESTS = [(mode, folder) for folder in HELD_OUT for mode in MODES] + [(mode, "sun") for mode in MODES] + [("rgb", "tune"), ("rgb", "empty")]


def digests(w):
    work.digests(w, [(e["file"], e["sha256"]) for e in TABLE["background"]])


def scenes(w):
    work.paint(w, TABLE, "earthworks")


def train(w):
    for name, run in RUNS.items():
        command = ["--scenes", *[w.path("scenes", s) for s in run["scenes"]], "--steps", run["steps"], "--seed", run["seed"], "--works", run["works"],
                   "--mine", *run["mine"]]
        if "init" in run:
            command += ["--init", w.path("runs", run["init"])]
        if w.args.device:
            command += ["--device", w.args.device]
        made_from = [command, *[w.stamp(f"scenes-{s}") for s in run["scenes"]], w.stamp(f"train-{run['init']}") if "init" in run else None]
        start = [sys.executable, "-m", "rams_train.earthworks.train", "--data", w.data, "--out", w.path("runs", name), "--resume"]
        w.once(f"train-{name}", made_from, lambda: w.call(*start, *command))


def survey(w):
    """Probes: the final run on the held-out scenes at each GSD, with and without heights, and on ground without works."""
    w.once("probe", w.stamp("train-final"), lambda: export.write(w.path("runs", "final"), w.path("probe")))
    w.once("empty", w.stamp("digests"), lambda: place(w))
    for mode, ground in TESTS:
        made_from = [w.stamp("probe"), w.stamp("empty" if ground == "empty" else f"scenes-{ground}")]
        w.once(f"survey-{mode}-{ground}", made_from, lambda: survey_all(w, w.path("probe"), mode, ground, w.path("survey", mode, ground)))


def place(w):
    """The aerial images as orthomosaics, flights as they are, and a truth that says that nothing is known there."""
    files = []
    for entry in TABLE["background"]:
        image, file = w.data / entry["file"], w.path("empty", f"{Path(entry['file']).stem}.tif")
        if entry["file"].startswith("pfm1/"):
            file.unlink(missing_ok=True)
            file.symlink_to(image.resolve())
        else:
            empty.georeference(image, file, entry["gsd_m"])
        files.append(file)
    w.path("empty", "empty_truth.json").write_text(json.dumps(empty.coco(files, PLANES)))


def survey_all(w, model, mode, ground, out):
    """Each orthomosaic in a survey of its own: their invented places overlap."""
    folder = w.path("empty") if ground == "empty" else w.path("scenes", ground)
    for file in sorted(f for f in folder.glob("*.tif") if not f.stem.endswith("_dsm")):
        height = ["--dsm", file.with_name(f"{file.stem}_dsm.tif")] if mode == "dsm" else []
        w.survey(file, out / file.stem, model, *height)


def compare(w, model, surveys, ground, name):
    truth = w.path("empty", "empty_truth.json") if ground == "empty" else w.path("scenes", ground)
    w.call(w.rams, "evaluate", truth, surveys, "--model", model, "-o", w.path("eval", name))


def calibrate(w):
    grounds = ("tune", "empty", NATIVE)

    def act():
        # What the probe kept, at its own, low threshold.
        for ground in grounds:
            compare(w, w.path("probe"), w.path("survey", "rgb", ground), ground, f"probe-{ground}")
        w.path("fit.json").write_text(json.dumps(fit(*(w.json("eval", f"probe-{g}", "evaluation.json")["works"] for g in grounds)), indent=1))

    w.once("calibrate", [*(w.stamp(f"survey-rgb-{g}") for g in grounds), RULES], act)


def evaluate(w):
    w.once("fitted", [w.stamp("calibrate"), TABLE["class"]],
           lambda: export.write(w.path("runs", "final"), w.path("fitted"), w.json("fit.json")["classes"]))
    for mode, ground in TESTS:
        if ground in ("tune", "empty"):
            continue  # fitted to
        w.once(f"evaluate-{mode}-{ground}", [w.stamp("fitted"), w.stamp(f"survey-{mode}-{ground}")],
               lambda: compare(w, w.path("fitted"), w.path("survey", mode, ground), ground, f"{mode}-{ground}"))
    # With its limits and its calibrated probabilities, as shipped.
    for ground in (NATIVE, "empty"):
        def act():
            survey_all(w, w.path("fitted"), "rgb", ground, w.path("survey", "shipped", ground))
            compare(w, w.path("fitted"), w.path("survey", "shipped", ground), ground, f"shipped-{ground}")

        w.once(f"shipped-{ground}", w.stamp("fitted"), act)


def variants(w):
    """int8: what it changes on the held-out scenes, what a tile costs; how fast a survey is."""
    def act():
        small = w.path("int8", f"{export.NAME}_int8.onnx")
        quantise.quantise(w.path("fitted", f"{export.NAME}.onnx"), w.path("scenes", "train"), small)
        export.describe(small, w.json("fit.json")["classes"])
        for mode in MODES:
            survey_all(w, w.path("int8"), mode, NATIVE, w.path("survey", f"int8-{mode}", NATIVE))
            compare(w, w.path("int8"), w.path("survey", f"int8-{mode}", NATIVE), NATIVE, f"int8-{mode}-{NATIVE}")
        # What a survey costs from its start to its end, and a picture for the card.
        side, big = 6000, w.path("country", "country.tif")
        w.call(w.rams, "scene", big, "--layout", "earthworks", "--camera", "varied", "--ground", "stubble", "--seed", 990001, "--size", f"{side}x{side}", "--gsd", export.GSD_M)
        begun = time.perf_counter()
        w.survey(big, w.path("country", "survey"), w.path("fitted"))
        w.path("speed.json").write_text(json.dumps({"seconds": time.perf_counter() - begun, "gsd_m": export.GSD_M, "cores": os.cpu_count()}))
        w.call(w.rams, "evaluate", w.path("country", "country_truth.gpkg"), w.path("country", "survey"), "--model", w.path("fitted"), "-o", w.path("eval", "country"))
        files = {"fp32": w.path("fitted", f"{export.NAME}.onnx"), "int8": small}
        w.path("variants.json").write_text(json.dumps({n: quantise.seconds_a_tile(f) for n, f in files.items()}, indent=1))

    w.once("variants", w.stamp("fitted"), act)


def model(w):
    def act():
        MODEL.mkdir(exist_ok=True)
        for name in (f"{export.NAME}.onnx", "model.toml"):
            shutil.copy(w.path("fitted", name), MODEL / name)

    w.once("model", w.stamp("fitted"), act)


STAGES = {"digests": digests, "scenes": scenes, "train": train, "survey": survey, "calibrate": calibrate, "evaluate": evaluate,
          "variants": variants, "model": model, "card": lambda w: card.write(w.out, MODEL)}

if __name__ == "__main__":
    work.main(__doc__, STAGES)
