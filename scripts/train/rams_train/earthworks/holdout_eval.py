"""What segmenters find on ground that the run of recipe.toml never saw.

`python -m rams_train.earthworks.holdout_eval --data DIR --out DIR --rams FILE MODEL ...`

MODEL is a run (RUN/weights.pt) or a model folder's .onnx. The program surveys with each, at low
thresholds and on colours alone: the ground that recipe.toml and dataset.toml hold out, at its own
pixel size and averaged to LEVELS_M, and the held-out scenes. Said of each: false alarms per km² at
the thresholds of the model.toml beside the .onnx (of a run: of the shipped model) and at others,
with exact 95 % intervals, and the share of the length of trenches found on scenes. Only to look at:
nothing is chosen by it. What was surveyed before is not surveyed again. OUT/table.md lays the
models side by side.
"""

import argparse
import hashlib
import shutil
import statistics
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from rams_train.common import background_eval
from rams_train.common.card_tables import table
from rams_train.common.paths import MODELS
from rams_train.common.rasters import invented_place, write_rgb
from rams_train.common.stages import Workspace, gsd_levels, paint_scenes
from rams_train.earthworks import export
from rams_train.earthworks.calibration import Works, recall, sweep
from rams_train.earthworks.classes import FAMILIES, FAMILY, PLANES, TABLE, family_of
from rams_train.earthworks.grounds import HELD_OUT_FOLD, aerial_images, mix_textures
from rams_train.earthworks.surveys import SETS, survey_folder
from rams_train.ordnance.classes import Fold

LEVELS_M = (0.05, 0.10, 0.20)
HELD_OUT: dict[str, Any] = SETS["held-out"]
# The same ground, without the finest pixels.
SIDE_M = HELD_OUT["size_px"] * HELD_OUT["gsd_m"][0]
SCENES = HELD_OUT | {"gsd_m": list(LEVELS_M), "size_px": round(SIDE_M / LEVELS_M[0])}
FINEST_M = 0.01  # flights at millimetres are seen at LEVELS_M alone
SQUARES = 8  # mixed of the kinds of texture held out
TRUTH = "empty_truth.json"
SWEEP = (0.5, 0.6, 0.7, 0.8)
LEAST_KM2 = 0.01  # less ground has no rate worth a row

Thresholds = Mapping[str, float]  # of each family


def place_grounds(
    w: Workspace, fold: Fold = HELD_OUT_FOLD, at: Collection[str] = ()
) -> dict[str, list[str]]:
    """The ground held out as orthomosaics in OUT/ground/SITE/LEVEL: the levels of each site.

    All levels, or those of `at`.
    """
    images = [(e["site"], e) for e in aerial_images(fold, held_out=True)]
    levels: dict[str, list[str]] = {}
    for site, entry in images:
        for level, gsd_m in levels_of(entry["gsd_m"]).items():
            if at and level not in at:
                continue
            if level not in levels.setdefault(site, []):
                levels[site].append(level)
            file = w.path("ground", site, level, f"{Path(entry['file']).stem}.tif")
            if not file.exists():
                background_eval.georeference(
                    w.data / entry["file"], file, entry["gsd_m"], at_m=gsd_m
                )
    textures = f"textures-{fold.name}"
    levels[textures] = ["own"]
    if not w.path("ground", textures, "own", TRUTH).exists():
        for square in mix_textures(w.data, SQUARES, fold, held_out=True):
            file = w.path("ground", textures, "own", f"{square.key}.tif")
            write_rgb(square.rgb.transpose(2, 0, 1), file, *invented_place(square.gsd_m))
    for site, names in levels.items():
        for level in names:
            files = sorted(w.path("ground", site, level, TRUTH).parent.glob("*.tif"))
            truth = background_eval.empty_truth(files, PLANES)
            w.write_json(truth, "ground", site, level, TRUTH)
    return levels


def levels_of(gsd_m: float) -> dict[str, float]:
    """Names and metres per px at which an image is surveyed: its own and those that are coarser."""
    own = {"own": gsd_m} if gsd_m >= FINEST_M else {}
    return own | {f"{m * 1000:g}mm": m for m in LEVELS_M if m > gsd_m * 1.05}


def place_model(w: Workspace, model: Path) -> str:
    """A probe of a model in OUT/models/NAME; NAME has a part of the weights' digest."""
    is_run = model.suffix != ".onnx"
    weights = model / "weights.pt" if is_run else model
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()[:8]
    name = f"{model.stem}-{digest}"
    file = w.path("models", name, f"{export.NAME}.onnx")
    if not file.exists():
        if is_run:
            export.write_model(model, file.parent)
        else:
            shutil.copy(model, file)
            export.describe_model(file)
    return name


def thresholds_of(model: Path) -> Thresholds:
    """The thresholds of the model.toml beside an .onnx, or of the shipped model."""
    beside = model.with_name("model.toml")
    is_described = model.suffix == ".onnx" and beside.exists()
    file = beside if is_described else MODELS / export.NAME / "model.toml"
    classes = tomllib.loads(file.read_text())["class"]
    limits = {family_of(c["name"]): c["threshold"] for c in classes}
    return {n: t["balanced"] if isinstance(t, dict) else t for n, t in limits.items()}


def survey(w: Workspace, name: str, folder: Path, truth: Path, ground: str) -> Works:
    """`works` of the evaluation of a probe on the orthomosaics of a folder."""
    probe, surveys = w.path("models", name), w.path("survey", name, ground)
    out = w.path("eval", name, ground)

    def look() -> None:
        survey_folder(w, folder, surveys, probe, with_heights=False)
        w.call(w.rams, "evaluate", truth, surveys, "--model", probe, "-o", out)

    files = sorted(f.name for f in folder.glob("*.tif"))
    w.once(f"{name}-{ground}", [str(folder), files], look)
    works: Works = w.json("eval", name, ground, "evaluation.json")["works"]
    return works


def false_alarms(works: Works, at: Thresholds) -> dict[str, int]:
    """False alarms of each family with at least its threshold."""
    counts = dict.fromkeys(FAMILIES, 0)
    for find in works["features"]:
        family = family_of(find["class"])
        if find["verdict"] == "false_alarm" and find["score"] >= at[family]:
            counts[family] += 1
    return counts


def ground_km2(works: Works) -> tuple[float, float]:
    """The ground that the images show, and how much of it was assessed, km².

    Finds count wherever they lie, so rates are over the first: plants, shadow and blur are gaps.
    """
    grounds = works["ground"].values()
    shown, assessed = (sum(g[key] for g in grounds) / 1e6 for key in ("truth_m2", "assessed_m2"))
    return shown, assessed


def rate(count: int, km2: float) -> str:
    """False alarms per km², their exact interval, their number."""
    low, high = (bound / km2 for bound in background_eval.poisson_interval(count))
    return f"{count / km2:.0f} [{low:.0f}, {high:.0f}] ({count})"


def describe(works: Works, own: Thresholds) -> str:
    """The words about a ground: all families at the thresholds, which they are, and the sweep."""
    km2, assessed = ground_km2(works)
    counts = false_alarms(works, own)
    which = ", ".join(f"{n} {c}" for n, c in counts.items() if c) or "none"
    swept = ", ".join(
        f"{sum(false_alarms(works, dict.fromkeys(FAMILIES, at)).values()) / km2:.0f} at {at}"
        for at in SWEEP
    )
    ground = f"{km2:.4f} km², {assessed / km2:.0%} assessed"
    return f"{rate(sum(counts.values()), km2)} on {ground}: {which}; {swept}"


def trench_recall(works: Works, at: float) -> float:
    """Share of the length of trenches that is found with at least a confidence."""
    steps = [s for s in sweep(works, FAMILY) if s["confidence"] <= at + 1e-6]
    return recall(steps[-1])


def report(w: Workspace, model: Path, sites: Mapping[str, Sequence[str]]) -> list[str]:
    """The lines about a model."""
    name, own = place_model(w, model), thresholds_of(model)
    lines, rates = [f"{model} ({name})", "  false alarms per km²"], []
    for site, levels in sites.items():
        for level in levels:
            folder = w.path("ground", site, level)
            works = survey(w, name, folder, folder / TRUTH, f"{site}-{level}")
            rates.append(sum(false_alarms(works, own).values()) / ground_km2(works)[0])
            lines.append(f"    {site} {level}: {describe(works, own)}")
    middle, worst = statistics.median(rates), max(rates)
    lines.append(f"    median of all {middle:.0f}, worst {worst:.0f}")
    paint_scenes(w, [SCENES], TABLE["background"], "earthworks")
    lines.append("  held-out scenes: recall of the length of trenches, false alarms per km²")
    for folder_name in gsd_levels(SCENES):
        folder = w.path("scenes", folder_name)
        works = survey(w, name, folder, folder, folder_name)
        recalls = ", ".join(f"{trench_recall(works, at):.2f} at {at}" for at in SWEEP)
        found = f"{trench_recall(works, own[FAMILY]):.2f}; {recalls}"
        lines.append(f"    {folder_name}: {found}; {describe(works, own)}")
    return lines


def side_by_side(w: Workspace, models: Sequence[Path], sites: Mapping[str, Sequence[str]]) -> str:
    """A Markdown table of all models at the thresholds of SWEEP, of ground large enough for it."""
    names = [place_model(w, model) for model in models]
    rows = []
    for site, levels in sites.items():
        for level in levels:
            folder = w.path("ground", site, level)
            works = [survey(w, n, folder, folder / TRUTH, f"{site}-{level}") for n in names]
            if ground_km2(works[0])[0] >= LEAST_KM2:
                rows.append(
                    [f"{site}, {level}", *(cell for found in works for cell in swept(found))]
                )
    for folder_name in gsd_levels(SCENES):
        folder = w.path("scenes", folder_name)
        works = [survey(w, n, folder, folder, folder_name) for n in names]
        rows.append([folder_name, *(cell for found in works for cell in swept(found))])
        recalls = [f"{trench_recall(found, at):.2f}" for found in works for at in SWEEP]
        rows.append([f"{folder_name}: recall of trench length", *recalls])
    called = [model.parent.name if model.suffix else model.name for model in models]
    head = [f"{name} at {at}" for name in called for at in SWEEP]
    return table(["ground, pixels", *head], rows) + "\n"


def swept(works: Works) -> list[str]:
    """False alarms per km² at each threshold of SWEEP."""
    km2 = ground_km2(works)[0]
    counts = [sum(false_alarms(works, dict.fromkeys(FAMILIES, at)).values()) for at in SWEEP]
    return [rate(count, km2) for count in counts]


def main() -> None:
    """The command line."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--rams", default="rams", help="the survey program")
    ap.add_argument("models", nargs="+")
    args = ap.parse_args()
    w = Workspace(Path(args.data), Path(args.out), args.rams, None)
    sites = place_grounds(w)
    models = [Path(model) for model in args.models]
    for model in models:
        print("\n".join(report(w, model, sites)), flush=True)
    w.path("table.md").write_text(side_by_side(w, models, sites))


if __name__ == "__main__":
    main()
