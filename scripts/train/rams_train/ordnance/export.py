"""Write a model folder.

`python -m rams_train.ordnance.export --weights RUN --out FOLDER [--fit fit.json] [--probe]`

Contract of the .onnx: input `image` float32 [batch, 3, H, W] (H, W multiples of 32), output `boxes`
float32 [batch, 100, 6] of x0, y0, x1, y1 in input px, score, class (Dataset.classes), output
`embedding` float32 [batch, 100, 64]: how the object in each box looks, not normalised. `fit.json`
is that of the calibration; without it thresholds are those of --probe: PROBE for every class and no
limit on the input's GSD, to measure where the limits are. The classes are those of the dataset that
the run was trained with; --dataset names it where it has moved.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch

from rams_train.common.model_folder import (
    calibration_line,
    header_lines,
    hidden_by_line,
    operating_point_lines,
    quoted,
    threshold_table,
    write_onnx,
)
from rams_train.common.normalisation import MEAN, STD
from rams_train.ordnance.classes import (
    FOLDS,
    HELD_OUT,
    RECIPE,
    SHIPPED,
    Dataset,
    Entry,
    Fold,
    add_dataset_option,
    chosen_dataset,
)
from rams_train.ordnance.geometry import GSD_M, HALO
from rams_train.ordnance.model import TOP_K, WIDTH, Decoder, Detector, EmbeddingDecoder
from rams_train.ordnance.tiled_inference import TILE

NAME = SHIPPED.name
PROBE: Entry = {"threshold": 0.1, "slope": 1.0, "intercept": 0.0}
PROBE_GSD_M = 0.04
EMBEDDING = "embedding"  # the output

Fit = Mapping[str, Any]  # fit.json of the calibration


def model_toml(
    file: Path,
    fit: Fit | None,
    probe: bool,
    dataset: Dataset = SHIPPED,
    run: Path | None = None,
    has_embedding: bool = False,
) -> str:
    """The text of model.toml for the .onnx `file`; a class has the values of its family.

    The training data are those of `run`, without one all of the dataset.
    """
    about = (dataset.name, dataset.version, dataset.weights_licence)
    lines = header_lines(file, about, "detect", *_trained_on(dataset, run), probe)
    lines += _input_and_output_lines(dataset)
    if has_embedding:
        lines.append(f'embedding = "{EMBEDDING}"          # [batch, n, {WIDTH}]: how each looks')
    if fit:
        lines += _operating_point_lines(fit)
    for name in dataset.classes:
        lines += _class_lines(name, fit["families"] if fit else {}, probe, dataset)
    return "\n".join(lines) + "\n"


def _trained_on(dataset: Dataset, run: Path | None) -> tuple[list[Entry], bool]:
    """The entries that a run and those it started from were trained on, and whether on scenes.

    All that the dataset has, where that is no longer known.
    """
    grounds, scenes = {f["ground"] for f in dataset.flights.values()}, True
    line: list[dict[str, Any]] = []
    while run is not None and (run / "args.json").exists():
        line.append(run_options(run))
        before = line[-1].get("cool_from") or line[-1]["init"]
        run = Path(before) if before else None
    if line and run is None:
        grounds = {ground for options in line for ground in options["train_ground"]}
        scenes = any(options["scenes"] for options in line)
    used = [dataset.flights[k] for k in dataset.flights_of(grounds)]
    used += [b for b in dataset.backgrounds if not b.get("held_out")]
    wide = [options for options in line if options["objects"] == "wide"]
    if wide:
        used += recipe_material(FOLDS[wide[0]["fold"]] if wide[0].get("fold") else HELD_OUT)
    return used, scenes


def recipe_material(fold: Fold) -> list[Entry]:
    """The entries of recipe.toml that a fold trains on."""
    return [
        *(i for i in RECIPE["site"]["image"] if i["site"] not in fold.sites),
        *(t for t in RECIPE["texture"]["image"] if t["kind"] not in fold.kinds),
    ]


def run_options(run: Path) -> dict[str, Any]:
    """What a run was begun as."""
    file = run / "args.json"
    if not file.exists():
        raise SystemExit(f"cannot read {file}: {run} is not the folder of a run")
    options: dict[str, Any] = json.loads(file.read_text())
    return options


def _input_and_output_lines(dataset: Dataset) -> list[str]:
    halo = f"halo_px = {HALO}                    "
    largest = max(c["size_m"][1] for c in dataset.class_of.values())
    return [
        "[input]",
        f"gsd_m = {GSD_M}",
        f"tile_px = {TILE}",
        f"{halo}# {HALO * GSD_M:.3f} m, the largest object is {largest} m long",
        'bands = ["red", "green", "blue"]',
        f"mean = {[round(float(v), 3) for v in MEAN]}",
        f"std = {[round(float(v), 3) for v in STD]}",
        "",
        "[output]",
        'layout = "boxes"                # [batch, n, 6]: x0, y0, x1, y1, score, class',
    ]


def _operating_point_lines(fit: Fit) -> list[str]:
    """What was measured at each operating point on real ground that the model never saw.

    Nothing, where no object was to be found there, or the point is not another than `balanced`.
    """
    lines = []
    for name, point in fit["points"].items():
        real = [point["found"][site] for site in fit["sites"]]
        found, objects = (sum(n[i] for site in real for n in site.values()) for i in (0, 1))
        thresholds = [family["threshold"] for family in fit["families"].values()]
        is_own = name == "balanced" or any(t[name] != t["balanced"] for t in thresholds)
        if not objects or not is_own:
            continue
        sites = ", ".join(fit["sites"])
        on = f"ground not trained on: {objects} objects, false alarms on {sites}"
        rate = f"{point['false_alarms_per_ha']:.0f}"
        lines += operating_point_lines(name, found / objects, rate, on)
    return lines


def _class_lines(name: str, fit: Mapping[str, Any], probe: bool, dataset: Dataset) -> list[str]:
    """A [[class]] of model.toml: a leaf, or a family with the widest limits of its classes."""
    leaf = dataset.class_of.get(name)
    kin = [leaf] if leaf else [c for c in dataset.class_of.values() if c["family"] == name]
    family = dataset.family[kin[0]["family"]]
    size = [min(c["size_m"][0] for c in kin), max(c["size_m"][1] for c in kin)]
    gsd = PROBE_GSD_M if probe else max(c["gsd_max_m"] for c in kin)
    own = PROBE if probe and family["name"] not in fit else fit[family["name"]]
    threshold = str(PROBE["threshold"]) if probe else threshold_table(own["threshold"])
    lines = [
        "",
        "[[class]]",
        f"name = {quoted(name)}",
        f"label = {quoted((leaf or family)['label'])}",
        f'indicator = "{(leaf or family)["indicator"]}"',
        f'eo_category = "{(leaf or family)["eo_category"]}"',
        'geometry = "point"',
    ]
    if leaf and "gsd_name_m" in leaf:
        gsd_name = PROBE_GSD_M if probe else leaf["gsd_name_m"]
        lines += [f"parent = {quoted(family['name'])}", f"gsd_name_m = {gsd_name}"]
    return [
        *lines,
        f"size_m = {size}",
        f"gsd_max_m = {gsd}",
        f"threshold = {threshold}",
        hidden_by_line(),
        calibration_line(own),
    ]


def load_detector(run: Path, dataset: Dataset = SHIPPED) -> Detector:
    """The averaged weights of a run, to run with."""
    net = Detector(dataset=dataset)
    weights = torch.load(run / "weights.pt", weights_only=True, map_location="cpu")
    try:
        net.load_state_dict(weights)
    except RuntimeError as error:
        count = len(dataset.families), len(dataset.leaves)
        raise SystemExit(
            f"cannot use {run}: its weights are not for the {count[0]} families and {count[1]} "
            f"classes of {dataset.file}; name the one it was trained with (--dataset)"
        ) from error
    return net.eval()


def load_decoder(run: Path, dataset: Dataset = SHIPPED) -> Decoder:
    """The boxes of the averaged weights of a run."""
    return Decoder(load_detector(run, dataset), dataset).eval()


def check_against_torch(decoder: EmbeddingDecoder, file: Path) -> None:
    """End the program if the .onnx says other than PyTorch, at several batches and sizes."""
    session = ort.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    for shape in ((1, 640, 640), (2, 320, 416), (3, 64, 96)):
        rng = np.random.default_rng(0)
        x = rng.normal(0, 1, (shape[0], 3, *shape[1:])).astype(np.float32)
        with torch.no_grad():
            a, a_looks = (t.numpy() for t in decoder(torch.from_numpy(x)))
        b, b_looks = session.run(["boxes", EMBEDDING], {"image": x})
        # Scores in order; boxes only where the score is not tied, since the order of equal scores
        # is free.
        gap = np.abs(a[..., 4] - b[..., 4]).max()
        same = (a[..., 4] > 1e-3) & (np.abs(a[..., 4] - b[..., 4]) < 1e-5)
        box = np.abs(a[..., :4] - b[..., :4])[same].max() if same.any() else 0.0
        # Of the peaks that are the same ones beyond doubt.
        same &= np.abs(a[..., :4] - b[..., :4]).max(2) < 0.1
        looks = np.abs(a_looks - b_looks)[same].max(initial=0) / np.abs(a_looks).max()
        print(
            f"{shape}: scores differ by {gap:.1e}, boxes by {box:.1e} px, "
            f"embeddings by {looks:.1e} of their largest value over {same.sum()} peaks"
        )
        shapes = [(shape[0], TOP_K, 6), (shape[0], TOP_K, WIDTH)]
        if [b.shape, b_looks.shape] != shapes or max(gap, looks) > 1e-3:
            raise SystemExit(
                f"cannot use {file}: its scores differ from PyTorch by {gap:.1e}, its embeddings "
                f"by {looks:.1e} at {shape}"
            )


def write_model(
    run: Path,
    out: Path,
    fit: Fit | None = None,
    probe: bool = False,
    dataset: Dataset = SHIPPED,
) -> None:
    """A model folder from a run; to measure with if `probe` or if `fit` is not given."""
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{dataset.name}.onnx"
    decoder = EmbeddingDecoder(load_detector(run, dataset), dataset).eval()
    outputs = ("boxes", EMBEDDING)
    axes = {"image": {0: "batch", 2: "height", 3: "width"}, **{o: {0: "batch"} for o in outputs}}
    metadata = {"name": dataset.name, "version": dataset.version, "classes": dataset.classes}
    example = torch.zeros(1, 3, TILE, TILE)
    write_onnx(decoder, example, file, ("image", *outputs), axes, metadata)
    check_against_torch(decoder, file)
    describe_model(file, fit, probe or not fit, dataset, run)


def describe_model(
    file: Path,
    fit: Fit | None,
    probe: bool,
    dataset: Dataset = SHIPPED,
    run: Path | None = None,
) -> None:
    """Write model.toml beside a finished .onnx."""
    # What was exported before there were embeddings has none.
    has_embedding = EMBEDDING in (output.name for output in onnx.load(str(file)).graph.output)
    text = model_toml(file, fit, probe, dataset, run, has_embedding)
    file.with_name("model.toml").write_text(text)


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--weights", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--fit")
    ap.add_argument("--probe", action="store_true")
    add_dataset_option(ap)
    args = ap.parse_args(argv)
    run = Path(args.weights)
    dataset = chosen_dataset(args.dataset or run_options(run).get("dataset"))
    fit = json.loads(Path(args.fit).read_text()) if args.fit else None
    write_model(run, Path(args.out), fit, args.probe, dataset)
    print(args.out)


if __name__ == "__main__":
    main()
