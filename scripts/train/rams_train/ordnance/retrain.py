"""Everything from the dataset's description to the card: `retrain.py --data DIR --out RUNS [--stage NAME ...]`.

Stages in order: digests, ground, scenes, truth, train, survey, calibrate, evaluate, variants, model, card. What RUNS
holds, and how a piece is done once: work.py. A run that was stopped goes on from its last checkpoint.
"""
import json
import shutil
import sys
from pathlib import Path

from rams_train.ordnance import card
from rams_train.ordnance import export
from rams_train.ordnance import predictions as found
from rams_train.ordnance import quantise
from rams_train.ordnance import coco_truth as truth
from rams_train.common import stages as work
from rams_train.ordnance.calibration import RULES, calibrate
from rams_train.ordnance.classes import TABLE
from rams_train.common.stages import HERE, levels

MODEL = HERE.parents[1] / "models" / "surface-ordnance"
HELD_OUT = "held-out"
EMPTY = {"own": None, "as-4mm": 0.004}  # the pixel size that the aerial images are surveyed at
SETS = {s["name"]: s for s in TABLE["scenes"]}
RUNS = {r["name"]: r for r in TABLE["run"]}
TESTS = [(name, ground) for name, run in RUNS.items() for ground in run["test"]]


def digests(w):
    labels = [(f["labels"], f["labels_sha256"]) for f in TABLE["flight"]]
    work.digests(w, [(e["file"], e["sha256"]) for e in TABLE["flight"] + TABLE["background"]] + labels)


def ground(w):
    w.once("ground", w.stamp("digests"), lambda: w.call(sys.executable, "-m", "rams_train.ordnance.mine_free_windows", "--data", w.data, "--out", w.path("ground")))


def scenes(w):
    work.paint(w, TABLE, "dense", lambda entry: [f for g in entry.get("flight", []) for f in sorted(w.path("ground", g).glob("*.tif"))])


def truths(w):
    def write(name, coco):
        w.path("truth", f"{name}.json").write_text(json.dumps(coco))

    for place in sorted({g for _, g in TESTS}):
        w.once(f"truth-{place}", w.stamp("digests"), lambda: write(place, truth.of_ground(w.data, place)))
    for folder, _ in levels(SETS[HELD_OUT]):
        w.once(f"truth-{folder}", w.stamp(f"scenes-{folder}"), lambda: write(folder, truth.of_scenes(w.path("scenes", folder))))
    for name, gsd in EMPTY.items():
        w.once(f"truth-empty-{name}", w.stamp("digests"),
               lambda: write(f"empty-{name}", truth.of_empty(truth.georeference(w.data, w.path("empty", name), gsd))))


def train(w):
    for name, run in RUNS.items():
        command = ["--objects", run["objects"], "--steps", run["steps"], "--seed", run["seed"]]
        if run["ground"]:
            command += ["--train-ground", *run["ground"]]
        if run["scenes"]:
            command += ["--scenes", *[w.path("scenes", s) for s in run["scenes"]]]
        if "init" in run:
            command += ["--init", w.path("runs", run["init"])]
        if "frozen" in run:
            command += ["--frozen", run["frozen"]]
        if "mine" in run:
            command += ["--mine", *run["mine"]]
        if w.args.device:
            command += ["--device", w.args.device]
        made_from = [command, *[w.stamp(f"scenes-{s}") for s in run["scenes"]], w.stamp(f"train-{run['init']}") if "init" in run else None]
        start = [sys.executable, "-m", "rams_train.ordnance.train", "--data", w.data, "--out", w.path("runs", name), "--cache", w.path("cache"), "--resume"]
        w.once(f"train-{name}", made_from, lambda: w.call(*start, *command))


def survey(w):
    """Probes: every run on its test grounds, the final one on the held-out scenes at each GSD."""
    jobs = [(name, place, w.data / "pfm1") for name, place in TESTS]
    jobs += [("final", folder, w.path("scenes", folder)) for folder, _ in levels(SETS[HELD_OUT])]
    for name in {job[0] for job in jobs}:
        w.once(f"probe-{name}", w.stamp(f"train-{name}"), lambda: export.write(w.path("runs", name), w.path("probe", name), probe=True))
    for name, place, folder in jobs:
        w.once(f"survey-{name}-{place}", [w.stamp(f"probe-{name}"), w.stamp(f"truth-{place}")],
               lambda: survey_all(w, w.path("probe", name), place, folder, w.path("survey", name, place)))


def survey_all(w, model, place, folder, out):
    """Each image of a truth in a survey of its own: their invented places overlap."""
    for image in w.json("truth", f"{place}.json")["images"]:
        file = Path(image["file_name"])
        w.survey(folder / file, out / file.stem, model)


def finds(w, run, place):
    coco, folder = w.json("truth", f"{place}.json"), w.path("survey", run, place)
    rows = found.read(coco, folder)
    return found.looked_at(coco, folder), rows


def native():
    return levels(SETS[HELD_OUT])[0][0]


def fit(w):
    real = {}
    for name, place in TESTS:
        if RUNS[name]["objects"] == "both":
            real.setdefault(place, []).append((name, *finds(w, name, place)))

    def act():
        fitted, confidence = calibrate({p: [(t, r) for _, t, r in many] for p, many in real.items()}, finds(w, "final", native()))
        w.path("fit.json").write_text(json.dumps(fitted, indent=1))
        for place, many in real.items():
            for part, (name, _, rows) in enumerate(many):
                w.path("results", f"{name}-{place}.json").write_text(json.dumps(found.results(rows, confidence[place, part])))
        _, rows = finds(w, "final", native())
        w.path("results", f"final-{native()}.json").write_text(json.dumps(found.results(rows, confidence["scenes"])))

    pieces = [f"survey-{name}-{place}" for place, many in real.items() for name, _, _ in many] + [f"survey-final-{native()}"]
    w.once("calibrate", [*map(w.stamp, pieces), RULES], act)


def evaluate(w):
    families = w.json("fit.json")["families"]
    w.once("fitted", [w.stamp("calibrate"), TABLE["class"]], lambda: export.write(w.path("runs", "final"), w.path("fitted"), families))
    for name in EMPTY:
        # With its limits on the input's pixels and its thresholds, as shipped.
        w.once(f"survey-final-empty-{name}", [w.stamp("fitted"), w.stamp(f"truth-empty-{name}")],
               lambda: survey_all(w, w.path("fitted"), f"empty-{name}", w.path("empty", name), w.path("survey", "final", f"empty-{name}")))
    jobs = [*TESTS, *(("final", folder) for folder, _ in levels(SETS[HELD_OUT])), *(("final", f"empty-{name}") for name in EMPTY)]
    for name, place in jobs:
        w.once(f"evaluate-{name}-{place}", [w.stamp("fitted"), w.stamp(f"survey-{name}-{place}")], lambda: compare(w, name, place))


def compare(w, name, place):
    results = w.path("results", f"{name}-{place}.json")
    calibrated = {f"{n}-{p}" for n, p in TESTS if RUNS[n]["objects"] == "both"} | {f"final-{native()}"}
    coco, rows = finds(w, name, place)
    truth_file = w.path("truth", "looked-at", f"{name}-{place}.json")
    truth_file.write_text(json.dumps(coco))
    if f"{name}-{place}" not in calibrated:
        results.write_text(json.dumps([{k: v for k, v in r.items() if k != "confidence"} for r in found.results(rows, rows[:, 6])]))
    w.call(w.rams, "evaluate", truth_file, results, "--model", w.path("fitted"), "-o", w.path("eval", f"{name}-{place}"))


def variants(w):
    """int8 and bf16: what they change, and the figures of int8 on the held-out scenes."""
    def act():
        model, small = w.path("fitted", f"{export.NAME}.onnx"), w.path("int8", f"{export.NAME}_int8.onnx")
        quantise.quantise(model, w.path("scenes", "train"), small)
        others = {"int8": quantise.session(small), "bf16": quantise.bf16(export.load(w.path("runs", "final")))}
        w.path("variants.json").write_text(json.dumps(quantise.compare(model, others, w.path("scenes", native())), indent=1))
        export.write(None, w.path("int8"), probe=True, graph=small)
        survey_all(w, w.path("int8"), native(), w.path("scenes", native()), w.path("survey", "int8", native()))
        compare(w, "int8", native())

    w.once("variants", w.stamp("fitted"), act)


def model(w):
    w.once("model", w.stamp("fitted"), lambda: [shutil.copy(w.path("fitted", f), MODEL / f) for f in (f"{export.NAME}.onnx", "model.toml")])


STAGES = {"digests": digests, "ground": ground, "scenes": scenes, "truth": truths, "train": train, "survey": survey, "calibrate": fit,
          "evaluate": evaluate, "variants": variants, "model": model, "card": lambda w: card.write(w.out, MODEL)}


if __name__ == "__main__":
    work.main(__doc__, STAGES)
