"""Everything from the dataset's description to the card.

`python -m rams_train.earthworks.retrain --data DIR --out RUNS [--stage NAME ...]`

Stages in order: digests, scenes, train, survey, calibrate, evaluate, folds, variants, model,
card. What RUNS holds, and how a step is done once: common/stages.py. A run that was stopped goes on
from its last checkpoint.

Each test ground is surveyed twice: `rgb`, on colours alone, and `dsm`, with the surface model of a
scene.
"""

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rams_train.common import background_eval
from rams_train.common.paths import MODELS
from rams_train.common.stages import (
    Stage,
    Workspace,
    check_digest,
    check_digests,
    gsd_levels,
    paint_scenes,
    run_stages,
)
from rams_train.earthworks import card, export, quantise
from rams_train.earthworks.calibration import RULES, calibrate
from rams_train.earthworks.classes import PLANES, RECIPE, TABLE
from rams_train.earthworks.folds import judge_fold, scenes_without
from rams_train.earthworks.geometry import GSD_M
from rams_train.earthworks.grounds import HELD_OUT_FOLD, SITES, TEXTURES
from rams_train.earthworks.surveys import SETS, survey_folder
from rams_train.ordnance.classes import FOLDS, Fold

MODEL = MODELS / export.NAME
RUN: dict[str, Any] = RECIPE["run"]
HELD_OUT = gsd_levels(SETS["held-out"])  # folder -> metres per px
NATIVE = next(folder for folder, gsd in HELD_OUT.items() if gsd == GSD_M)
MODES = ("rgb", "dsm")
TUNE, EMPTY = "tune", "empty"
TESTS = [
    *((mode, folder) for folder in HELD_OUT for mode in MODES),
    *((mode, "sun") for mode in MODES),
    ("rgb", TUNE),
    ("rgb", EMPTY),
]
# What the thresholds are fitted to, and what they are checked on.
CALIBRATION_GROUNDS = (TUNE, EMPTY, NATIVE)
COUNTRY_SEED, COUNTRY_SIDE_PX = 990001, 6000


def stage_digests(w: Workspace) -> None:
    """Check the files of the data folder."""
    files = [(e["file"], e["sha256"]) for e in [*TABLE["background"], *SITES, *TEXTURES]]
    heights = [(t["height"], t["height_sha256"]) for t in TEXTURES if "height" in t]
    check_digests(w, files + heights)


def stage_scenes(w: Workspace) -> None:
    """Paint the scene sets."""

    def photographs(entry: Mapping[str, Any]) -> list[Path]:
        return [w.data / e["file"] for e in SITES if e["site"] in entry.get("site", [])]

    paint_scenes(w, SETS.values(), TABLE["background"], "earthworks", photographs)


def copy_start(w: Workspace) -> None:
    """The weights that the run starts from, in RUNS, so that it goes on wherever this lies."""
    check_digest(MODELS / export.NAME / RUN["init"], RUN["init_sha256"])
    shutil.copy(MODELS / export.NAME / RUN["init"], w.path("start", RUN["init"]))


def stage_train(w: Workspace) -> None:
    """Train the run, and the short ones of the other folds; or go on with one."""
    w.once("start", RUN["init_sha256"], copy_start, w)
    options = [
        *("--init", w.path("start", RUN["init"])),
        *run_options(w, RUN, [s["name"] for s in RECIPE["scenes"]]),
    ]
    stamps = [
        w.stamp("digests"),
        w.stamp("start"),
        *[w.stamp(f"scenes-{s['name']}") for s in RECIPE["scenes"]],
    ]
    w.once(f"train-{RUN['name']}", [options, *stamps], train_run, w, RUN["name"], options)
    for fold in FOLDS.values():
        if fold != HELD_OUT_FOLD:
            train_fold(w, fold)


def train_fold(w: Workspace, fold: Fold) -> None:
    """The short run of a fold."""
    run, scenes = run_of(fold), scenes_without(fold)
    options = [*run_options(w, RECIPE["fold_run"], scenes), "--fold", fold.name]
    stamps = [w.stamp("digests"), *(w.stamp(f"scenes-{s}") for s in scenes)]
    w.once(f"train-{run}", [options, *stamps], train_run, w, run, options)


def run_of(fold: Fold) -> str:
    """The run that read nothing of a fold: a short one, or the model's own."""
    return str(RUN["name"]) if fold == HELD_OUT_FOLD else f"fold-{fold.name}"


def run_options(w: Workspace, run: Mapping[str, Any], scenes: Sequence[str]) -> list[object]:
    """Options of rams_train.earthworks.train, of a run of recipe.toml."""
    steps, every = run["steps"], run["mine_every_steps"]
    options: list[object] = [
        *("--steps", steps, "--seed", run["seed"], "--lr", run["lr"], "--works", run["works"]),
        *("--mine", *[step / steps for step in range(0, steps, every)]),
        *("--scenes", *[w.path("scenes", s) for s in scenes]),
    ]
    return [*options, "--device", w.device] if w.device else options


def train_run(w: Workspace, name: str, options: list[object]) -> None:
    """One run, from its last checkpoint if there is one."""
    places = ["--data", w.data, "--out", w.path("runs", name)]
    w.python("rams_train.earthworks.train", *places, "--resume", *options)


def stage_survey(w: Workspace) -> None:
    """Probe the final run.

    On the held-out scenes at each GSD, with and without heights, and on ground without earthworks.
    """
    run, probe = w.path("runs", RUN["name"]), w.path("probe")
    w.once("probe", w.stamp(f"train-{RUN['name']}"), export.write_model, run, probe)
    w.once(EMPTY, w.stamp("digests"), place_photographs, w)
    for mode, ground in TESTS:
        stamps = [w.stamp("probe"), w.stamp(EMPTY if ground == EMPTY else f"scenes-{ground}")]
        out = w.path("survey", mode, ground)
        w.once(f"survey-{mode}-{ground}", stamps, survey_all, w, probe, mode, ground, out)


def place_photographs(w: Workspace) -> None:
    """The aerial images as orthomosaics, flights as they are, and a truth without earthworks."""
    files = []
    for entry in [*TABLE["background"], *SITES]:
        image, file = w.data / entry["file"], w.path(EMPTY, f"{Path(entry['file']).stem}.tif")
        if entry["file"].startswith("pfm1/"):
            file.unlink(missing_ok=True)
            file.symlink_to(image.resolve())
        else:
            background_eval.georeference(image, file, entry["gsd_m"])
        files.append(file)
    w.write_json(background_eval.empty_truth(files, PLANES), EMPTY, "empty_truth.json")


def survey_all(w: Workspace, model: Path, mode: str, ground: str, out: Path) -> None:
    """The orthomosaics of a ground, surveyed with a model."""
    folder = w.path(EMPTY) if ground == EMPTY else w.path("scenes", ground)
    survey_folder(w, folder, out, model, mode == "dsm")


def evaluate_surveys(w: Workspace, model: Path, surveys: Path, ground: str, name: str) -> None:
    """Score surveys with `rams evaluate`, in RUNS/eval/<name>."""
    truth = w.path(EMPTY, "empty_truth.json") if ground == EMPTY else w.path("scenes", ground)
    w.call(w.rams, "evaluate", truth, surveys, "--model", model, "-o", w.path("eval", name))


def stage_calibrate(w: Workspace) -> None:
    """Fit thresholds and probabilities."""
    stamps = [w.stamp(f"survey-rgb-{ground}") for ground in CALIBRATION_GROUNDS]
    w.once("calibrate", [*stamps, RULES], write_calibration, w)


def write_calibration(w: Workspace) -> None:
    """fit.json, from what the probe kept at its own, low threshold."""
    works = []
    for ground in CALIBRATION_GROUNDS:
        name = f"probe-{ground}"
        evaluate_surveys(w, w.path("probe"), w.path("survey", "rgb", ground), ground, name)
        works.append(w.json("eval", name, "evaluation.json")["works"])
    scenes, empty, other = works
    w.write_json(calibrate(scenes, empty, other), "fit.json", indent=1)


def stage_evaluate(w: Workspace) -> None:
    """Evaluate all surveys with the fitted thresholds."""
    w.once("fitted", [w.stamp("calibrate"), TABLE["class"]], write_fitted_model, w)
    fitted = w.path("fitted")
    for mode, ground in TESTS:
        if ground in (TUNE, EMPTY):
            continue  # fitted to
        stamps = [w.stamp("fitted"), w.stamp(f"survey-{mode}-{ground}")]
        step, surveys = f"{mode}-{ground}", w.path("survey", mode, ground)
        w.once(f"evaluate-{step}", stamps, evaluate_surveys, w, fitted, surveys, ground, step)
    for ground in (NATIVE, EMPTY):
        w.once(f"shipped-{ground}", w.stamp("fitted"), evaluate_as_shipped, w, ground)


def write_fitted_model(w: Workspace) -> None:
    """The final run with its thresholds and probabilities."""
    export.write_model(w.path("runs", RUN["name"]), w.path("fitted"), w.json("fit.json"))


def evaluate_as_shipped(w: Workspace, ground: str) -> None:
    """Survey and evaluate with the limits and the calibrated probabilities."""
    model, surveys = w.path("fitted"), w.path("survey", "shipped", ground)
    survey_all(w, model, "rgb", ground, surveys)
    evaluate_surveys(w, model, surveys, ground, f"shipped-{ground}")


def stage_folds(w: Workspace) -> None:
    """Judge each fold by the run that read nothing of it."""
    for fold in FOLDS.values():
        run = run_of(fold)
        of = w.stamp(f"train-{run}")
        w.once(f"judge-{fold.name}", of, judge_fold, w, fold, w.path("runs", run))


def stage_variants(w: Workspace) -> None:
    """int8: what it changes on the held-out scenes, what a tile costs; how fast a survey is."""
    w.once("variants", w.stamp("fitted"), compare_variants, w)


def compare_variants(w: Workspace) -> None:
    """The evaluations of int8, variants.json, speed.json and the scene for the card's picture."""
    fp32 = w.path("fitted", f"{export.NAME}.onnx")
    int8 = w.path("int8", f"{export.NAME}_int8.onnx")
    quantise.quantise(fp32, w.path("scenes", "wide-kinds"), int8)
    export.describe_model(int8, w.json("fit.json"))
    for mode in MODES:
        surveys = w.path("survey", f"int8-{mode}", NATIVE)
        survey_all(w, w.path("int8"), mode, NATIVE, surveys)
        evaluate_surveys(w, w.path("int8"), surveys, NATIVE, f"int8-{mode}-{NATIVE}")
    survey_country(w)
    seconds = {n: quantise.seconds_a_tile(f) for n, f in (("fp32", fp32), ("int8", int8))}
    w.write_json(seconds, "variants.json", indent=1)


def survey_country(w: Workspace) -> None:
    """What a survey of one large scene costs from its start to its end, and its evaluation."""
    scene, side = w.path("country", "country.tif"), COUNTRY_SIDE_PX
    look = ["--layout", "earthworks", "--camera", "varied", "--ground", "stubble"]
    size = ["--seed", COUNTRY_SEED, "--size", f"{side}x{side}", "--gsd", GSD_M]
    w.call(w.rams, "scene", scene, *look, *size)
    survey, model, begun = w.path("country", "survey"), w.path("fitted"), time.perf_counter()
    w.survey(scene, survey, model)
    spent = time.perf_counter() - begun
    figures = {"seconds": spent, "gsd_m": GSD_M, "cores": os.cpu_count()}
    w.write_json(figures, "speed.json")
    truth, out = w.path("country", "country_truth.gpkg"), w.path("eval", "country")
    w.call(w.rams, "evaluate", truth, survey, "--model", model, "-o", out)


def stage_model(w: Workspace) -> None:
    """Put the fitted model into models/earthworks."""
    w.once("model", w.stamp("fitted"), copy_model, w)


def copy_model(w: Workspace) -> None:
    """Copy the .onnx and its model.toml."""
    MODEL.mkdir(exist_ok=True)
    for name in (f"{export.NAME}.onnx", "model.toml"):
        shutil.copy(w.path("fitted", name), MODEL / name)


def stage_card(w: Workspace) -> None:
    """Write the card."""
    card.write_card(w.out, MODEL)


STAGES: dict[str, Stage] = {
    "digests": stage_digests,
    "scenes": stage_scenes,
    "train": stage_train,
    "survey": stage_survey,
    "calibrate": stage_calibrate,
    "evaluate": stage_evaluate,
    "folds": stage_folds,
    "variants": stage_variants,
    "model": stage_model,
    "card": stage_card,
}

if __name__ == "__main__":
    run_stages(__doc__, STAGES)
