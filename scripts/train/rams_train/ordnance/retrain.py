"""Everything from the dataset's description to the card.

`python -m rams_train.ordnance.retrain --data DIR --out RUNS [--stage NAME ...]`

Stages in order: digests, ground, scenes, truth, train, survey, calibrate, evaluate, folds,
recolour, variants, model, card. What RUNS holds, and how a step is done once: common/stages.py. The
training is stopped and begun again at will: the same command goes on from its last checkpoint,
which is at most 250 steps or ten minutes old.
"""

import shutil
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rams_train.common.arrays import Array
from rams_train.common.background_eval import georeference
from rams_train.common.calibration import PlattScaling
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
from rams_train.ordnance.calibration import RULES, SurveyedTruth, calibrate, found_by_family
from rams_train.ordnance.classes import (
    FAMILIES,
    FAMILY_OF_CLASS,
    FOLDS,
    HELD_OUT,
    RECIPE,
    TABLE,
)
from rams_train.ordnance.dataset import Coco
from rams_train.ordnance.geometry import GSD_M
from rams_train.ordnance.predictions import (
    Predictions,
    assessed_truth,
    coco_results,
    read_predictions,
)
from rams_train.ordnance.textures import mm_per_px
from rams_train.ordnance.training_stages import COOL, RUN, stage_folds, stage_train

MODEL = MODELS / "surface-ordnance"
SETS: dict[str, dict[str, Any]] = {s["name"]: s for s in TABLE["scenes"] + RECIPE["scenes"]}
LEVELS = list(gsd_levels(SETS["held-out"]))
NATIVE = LEVELS[0]  # the held-out scenes at their finest pixels
GROUND = f"ground-{HELD_OUT.name}"  # scenes on photographs of ground that are held out
# The model that this one follows, on the same places; and this one.
BEFORE, AFTER = "before", "after"


def stage_digests(w: Workspace) -> None:
    """Check the files of the data folder."""
    textures, sites = RECIPE["texture"]["image"], RECIPE["site"]["image"]
    entries = TABLE["flight"] + TABLE["background"] + sites + textures
    files = [(e["file"], e["sha256"]) for e in entries]
    labels = [(f["labels"], f["labels_sha256"]) for f in TABLE["flight"]]
    heights = [(t["height"], t["height_sha256"]) for t in textures if "height" in t]
    check_digests(w, files + labels + heights)


def stage_ground(w: Workspace) -> None:
    """Cut mine-free windows of the flights, and mix squares of textures."""
    w.once("ground", w.stamp("digests"), cut_windows, w)
    options = ["--count", RUN["mixed_grounds"], "--seed", RUN["seed"]]
    made_from = [w.stamp("digests"), options, HELD_OUT.kinds]
    w.once("mixed", made_from, mix_textures, w, "mixed", options)
    for fold in FOLDS.values():
        options = ["--count", RUN["held_out_grounds"], "--seed", RUN["seed"]]
        options += ["--held-out", fold.name]
        made_from = [w.stamp("digests"), options, fold.kinds]
        w.once(f"mixed-{fold.name}", made_from, mix_textures, w, f"mixed-{fold.name}", options)


def cut_windows(w: Workspace) -> None:
    """Mine-free windows of all flights, in RUNS/ground."""
    out = w.path("ground")
    w.python("rams_train.ordnance.mine_free_windows", "--data", w.data, "--out", out)


def mix_textures(w: Workspace, folder: str, options: Sequence[object]) -> None:
    """Squares of textures, in a folder of RUNS."""
    places = ["--data", w.data, "--out", w.path(folder)]
    w.python("rams_train.ordnance.textures", *places, *options)


def stage_scenes(w: Workspace) -> None:
    """Paint the scene sets."""

    def photographs(entry: Mapping[str, Any]) -> list[Path]:
        folders = [w.path("ground", g) for g in entry.get("flight", [])]
        if "mixed" in entry:
            of = entry["mixed"]
            folders.append(w.path(f"mixed-{of}" if of in FOLDS else "mixed"))
        return [f for folder in folders for f in sorted(folder.glob("*.tif"))]

    paint_scenes(w, SETS.values(), TABLE["background"], "dense", photographs)


# --- Where the model is judged: ground that no run saw ---


def empty_sites() -> dict[str, list[tuple[str, float]]]:
    """Held-out ground without known ordnance: files and metres per px, by site.

    Of textures at their own size; of aerial images as if their pixels were the model's.
    """
    sites: dict[str, list[tuple[str, float]]] = {}
    for t in RECIPE["texture"]["image"]:
        if t["kind"] in HELD_OUT.kinds:
            sites.setdefault(t["kind"], []).append((t["file"], 0.0))
    for image in RECIPE["site"]["image"]:
        if image["site"] in HELD_OUT.sites:
            sites.setdefault(image["site"], []).append((image["file"], GSD_M))
    aerial = [(b["file"], GSD_M) for b in TABLE["background"] if b.get("held_out")]
    return {**sites, "aerial": aerial}


EMPTY = empty_sites()
SITES = [*HELD_OUT.grounds, *EMPTY]
# Those whose pixels are as large as they are taken for: on the others a roof is as small as a mine.
AT_SCALE = [*HELD_OUT.grounds, *HELD_OUT.kinds]
PLACES = [*SITES, GROUND, *LEVELS]
# Where each model is judged: the one before at the finest pixels only.
JUDGED = {AFTER: PLACES, BEFORE: [*SITES, GROUND, NATIVE]}


def stage_truth(w: Workspace) -> None:
    """Write the truth of all ground that is tested on."""
    for site in HELD_OUT.grounds:
        w.once(f"truth-{site}", w.stamp("digests"), write_flight_truth, w, site)
    for folder in (GROUND, *LEVELS):
        w.once(f"truth-{folder}", w.stamp(f"scenes-{folder}"), write_scene_truth, w, folder)
    for site, files in EMPTY.items():
        w.once(f"truth-{site}", [w.stamp("digests"), files], write_empty_truth, w, site)


def write_flight_truth(w: Workspace, site: str) -> None:
    """The truth of the flights of a ground."""
    w.write_json(coco_truth.truth_of_flights(w.data, site), "truth", f"{site}.json")


def write_scene_truth(w: Workspace, folder: str) -> None:
    """The truth of a scene set."""
    truth = coco_truth.truth_of_scenes(w.path("scenes", folder))
    w.write_json(truth, "truth", f"{folder}.json")


def write_empty_truth(w: Workspace, site: str) -> None:
    """Images without known ordnance as orthomosaics, and their truth."""
    files = []
    for name, gsd_m in EMPTY[site]:
        image, file = w.data / name, w.path("sites", site, f"{Path(name).stem}.tif")
        files.append(georeference(image, file, gsd_m or mm_per_px(w.data, name) / 1000))
    w.write_json(coco_truth.truth_of_empty_ground(files), "truth", f"{site}.json")


def folder_of(w: Workspace, place: str) -> Path:
    """Where the orthomosaics of a place are."""
    if place in HELD_OUT.grounds:
        return w.data / "pfm1"
    return w.path("sites" if place in EMPTY else "scenes", place)


# --- Surveys, thresholds, figures ---


def stage_survey(w: Workspace) -> None:
    """Look at all places for whatever scores at all: the model, and the one before it."""
    w.once(BEFORE, None, keep_model, w)
    w.once(f"probe-{BEFORE}", w.stamp(BEFORE), probe_kept_model, w)
    run, probe = w.path("runs", COOL["name"]), w.path("probe", AFTER)
    made_from = w.stamp(f"train-{COOL['name']}")
    w.once(f"probe-{AFTER}", made_from, export.write_model, run, probe, probe=True)
    for name, places in JUDGED.items():
        for place in places:
            of = [w.stamp(f"probe-{name}"), w.stamp(f"truth-{place}")]
            model = w.path("probe", name)
            w.once(f"survey-{name}-{place}", of, survey_all, w, name, model, place)


def keep_model(w: Workspace) -> None:
    """The model as it was before this retraining, in RUNS/before."""
    shutil.copytree(MODEL, w.path(BEFORE), dirs_exist_ok=True)


def probe_kept_model(w: Workspace) -> None:
    """The model before with thresholds and limits to measure with."""
    file = w.path("probe", BEFORE, f"{export.NAME}.onnx")
    file.parent.mkdir(exist_ok=True)
    shutil.copy(w.path(BEFORE, file.name), file)
    export.describe_model(file, None, probe=True)


def survey_all(w: Workspace, name: str, model: Path, place: str) -> None:
    """Each image of a truth in a survey of its own: their invented places overlap."""
    for image in w.json("truth", f"{place}.json")["images"]:
        file = Path(image["file_name"])
        out = w.path("survey", name, place, file.stem)
        w.survey(folder_of(w, place) / file, out, model)


def surveyed(w: Workspace, name: str, place: str) -> SurveyedTruth:
    """The truth of a place as far as it was assessed, and what a model found there."""
    truth: Coco = w.json("truth", f"{place}.json")
    folder = w.path("survey", name, place)
    return SurveyedTruth(assessed_truth(truth, folder), read_predictions(truth, folder))


def stage_calibrate(w: Workspace) -> None:
    """Fit thresholds and probabilities to what was found on ground that no run saw."""
    steps = [f"survey-{AFTER}-{place}" for place in (*SITES, GROUND, NATIVE)]
    w.once("calibrate", [*map(w.stamp, steps), RULES], write_calibration, w)


def write_calibration(w: Workspace) -> None:
    """fit.json."""
    found = {place: surveyed(w, AFTER, place) for place in (*SITES, GROUND, NATIVE)}
    sites = {site: found.pop(site) for site in AT_SCALE}
    w.write_json(calibrate(sites, found[NATIVE], found), "fit.json", indent=1)


def stage_evaluate(w: Workspace) -> None:
    """Evaluate all surveys: the model with the fitted thresholds, the one before with its own."""
    fit = w.json("fit.json")
    run, fitted = w.path("runs", COOL["name"]), w.path("fitted")
    made_from = [w.stamp("calibrate"), TABLE["class"]]
    w.once("fitted", made_from, export.write_model, run, fitted, fit)
    for name, model in ((AFTER, fitted), (BEFORE, w.path(BEFORE))):
        for place in JUDGED[name]:
            of = [w.stamp("fitted"), w.stamp(f"survey-{name}-{place}")]
            w.once(f"evaluate-{name}-{place}", of, evaluate_survey, w, name, model, place)


def evaluate_survey(w: Workspace, name: str, model: Path, place: str) -> None:
    """Score what a model found at a place with `rams evaluate`."""
    found = surveyed(w, name, place)
    truth = w.path("truth", "assessed", f"{name}-{place}.json")
    w.write_json(found.truth, "truth", "assessed", truth.name)
    results = w.path("results", f"{name}-{place}.json")
    confidence = confidences(model, found.predictions)
    w.write_json(coco_results(found.predictions, confidence), "results", results.name)
    out = w.path("eval", f"{name}-{place}")
    w.call(w.rams, "evaluate", truth, results, "--model", model, "-o", out)


# What is done to the colours of the withheld flight, and what the card calls it.
RECOLOURED: dict[str, tuple[str, list[object]]] = {
    "as-flown": ("as flown", ["--hue", 0]),
    **{
        f"{part}-{hue}": (f"hue of {words} turned by {hue} degrees", ["--hue", hue, *more])
        for part, words, more in (
            ("mines", "the mines", ["--objects-only"]),
            ("image", "the whole image", []),
        )
        for hue in (60, 120, 180)
    },
    "grey": ("grey", ["--grey"]),
}


def stage_recolour(w: Workspace) -> None:
    """Survey the withheld flight in other colours: what is found by shape is found again."""
    for key in RECOLOURED:
        w.once(f"recoloured-{key}", [w.stamp("digests"), RECOLOURED[key]], recolour, w, key)
        for name in (AFTER, BEFORE):
            of = [w.stamp(f"probe-{name}"), w.stamp(f"recoloured-{key}")]
            w.once(f"survey-{name}-{key}", of, survey_recoloured, w, name, key)
    stamps = [w.stamp(f"survey-{name}-{key}") for name in (AFTER, BEFORE) for key in RECOLOURED]
    w.once("recoloured", [w.stamp("calibrate"), *stamps], count_recoloured, w)


def recolour(w: Workspace, key: str) -> None:
    """The flight in other colours, and its truth under the new file's name."""
    (flight,) = (f for f in TABLE["flight"] if f["ground"] in HELD_OUT.grounds)
    file = w.path("sites", "recoloured", f"{key}.tif")
    places = [w.data / flight["file"], w.data / flight["labels"], file]
    w.python("rams_train.ordnance.recolour", *places, *RECOLOURED[key][1])
    truth = coco_truth.truth_of_flights(w.data, flight["ground"])
    truth["images"][0]["file_name"] = file.name
    w.write_json(truth, "truth", f"{key}.json")


def survey_recoloured(w: Workspace, name: str, key: str) -> None:
    """One recoloured flight, for whatever scores at all."""
    file = w.path("sites", "recoloured", f"{key}.tif")
    w.survey(file, w.path("survey", name, key, key), w.path("probe", name))


def count_recoloured(w: Workspace) -> None:
    """recoloured.json: what was found of PFM-1 at the thresholds, by model and colours."""
    families = w.json("fit.json")["families"]
    thresholds = {
        AFTER: {name: family["threshold"]["balanced"] for name, family in families.items()},
        BEFORE: thresholds_of(w.path(BEFORE)),
    }
    found: dict[str, Any] = {"words": {key: words for key, (words, _) in RECOLOURED.items()}}
    for name, limits in thresholds.items():
        for key in RECOLOURED:
            hits, objects = found_by_family(surveyed(w, name, key), limits)["pfm-1"]
            found[f"{name}-{key}"] = f"{hits} of {objects}"
    w.write_json(found, "recoloured.json", indent=1)


def thresholds_of(folder: Path) -> dict[str, float]:
    """The thresholds by family of a model, balanced where it has several."""
    model = tomllib.loads((folder / "model.toml").read_text())
    limits = {c["name"]: c["threshold"] for c in model["class"]}
    return {f: t["balanced"] if isinstance(t := limits[f], dict) else t for f in FAMILIES}


def confidences(folder: Path, found: Predictions) -> Array:
    """The probabilities [n] of detections by a model's calibration."""
    model = tomllib.loads((folder / "model.toml").read_text())
    fits = {c["name"]: PlattScaling(**c["calibration"]) for c in model["class"]}
    p = np.zeros(len(found))
    for family, name in enumerate(FAMILIES):
        chosen = FAMILY_OF_CLASS[found.cls] == family
        p[chosen] = fits[name].probability(found.score[chosen])
    return p


def stage_variants(w: Workspace) -> None:
    """int8 and bf16: what they change, and the figures of int8 on the held-out scenes."""
    w.once("variants", w.stamp("fitted"), compare_variants, w)


def compare_variants(w: Workspace) -> None:
    """variants.json, and the evaluation of int8."""
    model = w.path("fitted", f"{export.NAME}.onnx")
    small = w.path("int8", f"{export.NAME}_int8.onnx")
    quantise.quantise(model, w.path("scenes", "wide-kinds"), small)
    bf16 = quantise.run_bf16(export.load_decoder(w.path("runs", COOL["name"])))
    others = {"int8": quantise.run_onnx(small), "bf16": bf16}
    figures = quantise.compare_variants(model, others, w.path("scenes", NATIVE))
    w.write_json(figures, "variants.json", indent=1)
    export.describe_model(small, None, probe=True)
    survey_all(w, "int8", w.path("int8"), NATIVE)
    evaluate_survey(w, "int8", w.path("fitted"), NATIVE)


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
    "folds": stage_folds,
    "recolour": stage_recolour,
    "variants": stage_variants,
    "model": stage_model,
    "card": stage_card,
}


if __name__ == "__main__":
    run_stages(__doc__, STAGES)
