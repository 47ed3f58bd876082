"""Everything from the dataset's description to the card.

`python -m rams_train.ordnance.retrain --data DIR --out RUNS [--stage NAME ...]`

Stages in order: digests, ground, scenes, truth, train, survey, calibrate, evaluate, variants,
model, card. What RUNS holds, and how a step is done once: common/stages.py. A run that was stopped
goes on from its last checkpoint.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rams_train.common.paths import MODELS
from rams_train.common.stages import (
    Stage,
    Workspace,
    check_digests,
    gsd_levels,
    paint_scenes,
    run_stages,
)
from rams_train.ordnance import card, coco_truth, export, quantise
from rams_train.ordnance.calibration import RULES, SurveyedTruth, calibrate
from rams_train.ordnance.card import RUNS, TESTS
from rams_train.ordnance.classes import TABLE
from rams_train.ordnance.predictions import assessed_truth, coco_results, read_predictions

MODEL = MODELS / "surface-ordnance"
# The pixel size that the aerial images are surveyed at, None for their own.
EMPTY = {"own": None, "as-4mm": 0.004}
SETS: dict[str, dict[str, Any]] = {s["name"]: s for s in TABLE["scenes"]}
HELD_OUT = list(gsd_levels(SETS["held-out"]))
NATIVE = HELD_OUT[0]  # the held-out scenes at their finest pixels
BOTH = [(name, ground) for name, ground in TESTS if RUNS[name]["objects"] == "both"]
FINAL = "final"


def stage_digests(w: Workspace) -> None:
    """Check the files of the data folder."""
    files = [(e["file"], e["sha256"]) for e in TABLE["flight"] + TABLE["background"]]
    labels = [(f["labels"], f["labels_sha256"]) for f in TABLE["flight"]]
    check_digests(w, files + labels)


def stage_ground(w: Workspace) -> None:
    """Cut mine-free windows of the flights."""
    w.once("ground", w.stamp("digests"), cut_windows, w)


def cut_windows(w: Workspace) -> None:
    """Mine-free windows of all flights, in RUNS/ground."""
    out = w.path("ground")
    w.python("rams_train.ordnance.mine_free_windows", "--data", w.data, "--out", out)


def stage_scenes(w: Workspace) -> None:
    """Paint the scene sets."""

    def windows(entry: Mapping[str, Any]) -> list[Path]:
        folders = [w.path("ground", g) for g in entry.get("flight", [])]
        return [f for folder in folders for f in sorted(folder.glob("*.tif"))]

    paint_scenes(w, TABLE["scenes"], TABLE["background"], "dense", windows)


def stage_truth(w: Workspace) -> None:
    """Write the truth of all ground that is tested on."""
    for ground in sorted({g for _, g in TESTS}):
        w.once(f"truth-{ground}", w.stamp("digests"), write_flight_truth, w, ground)
    for folder in HELD_OUT:
        w.once(f"truth-{folder}", w.stamp(f"scenes-{folder}"), write_scene_truth, w, folder)
    for name in EMPTY:
        w.once(f"truth-empty-{name}", w.stamp("digests"), write_empty_truth, w, name)


def write_flight_truth(w: Workspace, ground: str) -> None:
    """The truth of the flights of a ground."""
    w.write_json(coco_truth.truth_of_flights(w.data, ground), "truth", f"{ground}.json")


def write_scene_truth(w: Workspace, folder: str) -> None:
    """The truth of a scene set."""
    truth = coco_truth.truth_of_scenes(w.path("scenes", folder))
    w.write_json(truth, "truth", f"{folder}.json")


def write_empty_truth(w: Workspace, name: str) -> None:
    """The aerial images as orthomosaics, and their truth."""
    files = coco_truth.georeference_backgrounds(w.data, w.path("empty", name), EMPTY[name])
    truth = coco_truth.truth_of_empty_ground(files)
    w.write_json(truth, "truth", f"empty-{name}.json")


def stage_train(w: Workspace) -> None:
    """Train every run, or go on with it."""
    for name, run in RUNS.items():
        options = training_options(w, run)
        scenes = [w.stamp(f"scenes-{s}") for s in run["scenes"]]
        start = w.stamp(f"train-{run['init']}") if "init" in run else None
        w.once(f"train-{name}", [options, *scenes, start], train_run, w, name, options)


def training_options(w: Workspace, run: Mapping[str, Any]) -> list[object]:
    """The options of a run as dataset.toml describes it."""
    options = ["--objects", run["objects"], "--steps", run["steps"], "--seed", run["seed"]]
    if run["ground"]:
        options += ["--train-ground", *run["ground"]]
    if run["scenes"]:
        options += ["--scenes", *[w.path("scenes", s) for s in run["scenes"]]]
    if "init" in run:
        options += ["--init", w.path("runs", run["init"])]
    if "frozen" in run:
        options += ["--frozen", run["frozen"]]
    if "mine" in run:
        options += ["--mine", *run["mine"]]
    if w.device:
        options += ["--device", w.device]
    return options


def train_run(w: Workspace, name: str, options: list[object]) -> None:
    """One run, from its last checkpoint if there is one."""
    places = ["--data", w.data, "--out", w.path("runs", name), "--cache", w.path("cache")]
    w.python("rams_train.ordnance.train", *places, "--resume", *options)


def stage_survey(w: Workspace) -> None:
    """Probe every run on its test grounds, the final one on the held-out scenes at each GSD."""
    jobs = [(name, ground, w.data / "pfm1") for name, ground in TESTS]
    jobs += [(FINAL, folder, w.path("scenes", folder)) for folder in HELD_OUT]
    for name in dict.fromkeys(name for name, _, _ in jobs):
        run, probe = w.path("runs", name), w.path("probe", name)
        w.once(
            f"probe-{name}", w.stamp(f"train-{name}"), export.write_model, run, probe, probe=True
        )
    for name, place, folder in jobs:
        made_from = [w.stamp(f"probe-{name}"), w.stamp(f"truth-{place}")]
        model, out = w.path("probe", name), w.path("survey", name, place)
        w.once(f"survey-{name}-{place}", made_from, survey_all, w, model, place, folder, out)


def survey_all(w: Workspace, model: Path, place: str, folder: Path, out: Path) -> None:
    """Each image of a truth in a survey of its own: their invented places overlap."""
    for image in w.json("truth", f"{place}.json")["images"]:
        file = Path(image["file_name"])
        w.survey(folder / file, out / file.stem, model)


def surveyed(w: Workspace, run: str, place: str) -> SurveyedTruth:
    """The truth of a place as far as it was assessed, and what a run found there."""
    truth, folder = w.json("truth", f"{place}.json"), w.path("survey", run, place)
    predictions = read_predictions(truth, folder)
    return SurveyedTruth(assessed_truth(truth, folder), predictions)


def stage_calibrate(w: Workspace) -> None:
    """Fit thresholds and probabilities to what was found on ground that no run saw."""
    steps = [f"survey-{name}-{ground}" for name, ground in by_ground(BOTH)]
    steps.append(f"survey-{FINAL}-{NATIVE}")
    w.once("calibrate", [*map(w.stamp, steps), RULES], write_calibration, w)


def by_ground(tests: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Tests with those of a ground side by side, the grounds in the order of their first test."""
    grounds = list(dict.fromkeys(ground for _, ground in tests))
    return sorted(tests, key=lambda test: grounds.index(test[1]))


def write_calibration(w: Workspace) -> None:
    """fit.json, and the results of calibrated surveys with their confidences."""
    names: dict[str, list[str]] = {}
    for name, ground in by_ground(BOTH):
        names.setdefault(ground, []).append(name)
    real = {g: [surveyed(w, name, g) for name in many] for g, many in names.items()}
    scenes = surveyed(w, FINAL, NATIVE)
    calibration = calibrate(real, scenes)
    w.write_json(calibration.fit, "fit.json", indent=1)
    for ground, many in names.items():
        for part, name in enumerate(many):
            confidence = calibration.real[ground, part]
            results = coco_results(real[ground][part].predictions, confidence)
            w.write_json(results, "results", f"{name}-{ground}.json")
    results = coco_results(scenes.predictions, calibration.scenes)
    w.write_json(results, "results", f"{FINAL}-{NATIVE}.json")


def stage_evaluate(w: Workspace) -> None:
    """Evaluate all surveys with the fitted thresholds."""
    families = w.json("fit.json")["families"]
    run, fitted = w.path("runs", FINAL), w.path("fitted")
    made_from = [w.stamp("calibrate"), TABLE["class"]]
    w.once("fitted", made_from, export.write_model, run, fitted, families)
    for name in EMPTY:
        # With its limits on the input's pixels and its thresholds, as shipped.
        place, folder = f"empty-{name}", w.path("empty", name)
        stamps = [w.stamp("fitted"), w.stamp(f"truth-{place}")]
        out = w.path("survey", FINAL, place)
        w.once(f"survey-{FINAL}-{place}", stamps, survey_all, w, fitted, place, folder, out)
    places = [*HELD_OUT, *(f"empty-{name}" for name in EMPTY)]
    for name, place in [*TESTS, *((FINAL, place) for place in places)]:
        stamps = [w.stamp("fitted"), w.stamp(f"survey-{name}-{place}")]
        w.once(f"evaluate-{name}-{place}", stamps, evaluate_survey, w, name, place)


def evaluate_survey(w: Workspace, name: str, place: str) -> None:
    """Score what a run found at a place with `rams evaluate`."""
    results = w.path("results", f"{name}-{place}.json")
    found = surveyed(w, name, place)
    truth = w.path("truth", "looked-at", f"{name}-{place}.json")
    w.write_json(found.truth, "truth", "looked-at", f"{name}-{place}.json")
    if (name, place) not in [*BOTH, (FINAL, NATIVE)]:
        # The calibration wrote the others, with their confidences.
        w.write_json(coco_results(found.predictions, None), "results", f"{name}-{place}.json")
    out = w.path("eval", f"{name}-{place}")
    w.call(w.rams, "evaluate", truth, results, "--model", w.path("fitted"), "-o", out)


def stage_variants(w: Workspace) -> None:
    """int8 and bf16: what they change, and the figures of int8 on the held-out scenes."""
    w.once("variants", w.stamp("fitted"), compare_variants, w)


def compare_variants(w: Workspace) -> None:
    """variants.json, and the evaluation of int8."""
    model, small = (
        w.path("fitted", f"{export.NAME}.onnx"),
        w.path("int8", f"{export.NAME}_int8.onnx"),
    )
    quantise.quantise(model, w.path("scenes", "train"), small)
    bf16 = quantise.run_bf16(export.load_decoder(w.path("runs", FINAL)))
    others = {"int8": quantise.run_onnx(small), "bf16": bf16}
    figures = quantise.compare_variants(model, others, w.path("scenes", NATIVE))
    w.write_json(figures, "variants.json", indent=1)
    export.describe_model(small, None, probe=True)
    scenes, out = w.path("scenes", NATIVE), w.path("survey", "int8", NATIVE)
    survey_all(w, w.path("int8"), NATIVE, scenes, out)
    evaluate_survey(w, "int8", NATIVE)


def stage_model(w: Workspace) -> None:
    """Put the fitted model into models/surface-ordnance."""
    w.once("model", w.stamp("fitted"), copy_model, w)


def copy_model(w: Workspace) -> None:
    """Copy the .onnx and its model.toml."""
    for name in (f"{export.NAME}.onnx", "model.toml"):
        shutil.copy(w.path("fitted", name), MODEL / name)


def stage_card(w: Workspace) -> None:
    """Write the card."""
    card.write_card(w.out, MODEL)


STAGES: dict[str, Stage] = {
    "digests": stage_digests,
    "ground": stage_ground,
    "scenes": stage_scenes,
    "truth": stage_truth,
    "train": stage_train,
    "survey": stage_survey,
    "calibrate": stage_calibrate,
    "evaluate": stage_evaluate,
    "variants": stage_variants,
    "model": stage_model,
    "card": stage_card,
}


if __name__ == "__main__":
    run_stages(__doc__, STAGES)
