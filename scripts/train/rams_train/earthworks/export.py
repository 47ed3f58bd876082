"""Write a model folder.

`python -m rams_train.earthworks.export --weights RUN --out FOLDER [--fit fit.json]`

Contract of the .onnx: input `planes` float32 [batch, 5, H, W] (H, W multiples of 64), output
`masks` float32 [batch, planes, H/4, W/4], disjoint probabilities in the order of classes.PLANES.
Without `fit.json` the thresholds are those to measure with: PIXEL for every class and no limit on
the input's GSD.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import torch

from rams_train.common.backbone import read_weights
from rams_train.common.model_folder import (
    calibration_line,
    header_lines,
    hidden_by_line,
    operating_point_lines,
    threshold_table,
    write_onnx,
)
from rams_train.common.normalisation import MEAN, STD
from rams_train.earthworks.classes import CLASS, PLANES, TABLE
from rams_train.earthworks.geometry import GSD_M, STRIDE
from rams_train.earthworks.grounds import trained_on
from rams_train.earthworks.model import Planes, Segmenter

NAME, VERSION = "earthworks", TABLE["dataset"]["version"]
LICENCE: str = TABLE["dataset"]["weights_licence"]
TILE, HALO = 768, 128  # px: cores of 51 m, 12.8 m of context around
HEIGHT_GSD_MAX_M = 0.5
MEASURED_ON = "length of trenches on held-out scenes at 10 cm, false alarms on all aerial images"
PIXEL = 0.3  # least probability of a cell of a mask
PROBE = {"slope": 1.0, "intercept": 0.0}
PROBE_GSD_M = 0.4

# fit.json: `classes` with threshold, slope and intercept, `points` with what was measured.
Fit = Mapping[str, Mapping[str, Mapping[str, Any]]]


def model_toml(file: Path, fit: Fit | None) -> str:
    """The text of model.toml for the .onnx `file`; without `fit` one to measure with."""
    about = (NAME, VERSION, LICENCE)
    lines = header_lines(file, about, "segment", trained_on(), True, fit is None)
    lines += _input_and_output_lines()
    for point, measured in (fit["points"] if fit else {}).items():
        rate = f"{measured['false_alarms_per_ha']:.2g}"
        lines += operating_point_lines(point, measured["recall"], rate, MEASURED_ON)
    for name in PLANES:
        lines += _class_lines(name, fit)
    return "\n".join(lines) + "\n"


def _input_and_output_lines() -> list[str]:
    halo = f"halo_px = {HALO}                   "
    layout = 'layout = "mask"                 '
    return [
        "[input]",
        f"gsd_m = {GSD_M}",
        f"tile_px = {TILE}",
        f"{halo}# {HALO * GSD_M:.1f} m of ground around what a tile answers for",
        'bands = ["red", "green", "blue", "height", "height_valid"]',
        f"height_gsd_max_m = {HEIGHT_GSD_MAX_M}",
        f"mean = {[round(float(v), 3) for v in MEAN]}",
        f"std = {[round(float(v), 3) for v in STD]}",
        "",
        "[output]",
        f"{layout}# [batch, classes, h, w]: probability of each class, "
        f"one cell in {STRIDE} x {STRIDE} px",
    ]


def _class_lines(name: str, fit: Fit | None) -> list[str]:
    """A [[class]] of model.toml."""
    entry = CLASS[name]
    own: Mapping[str, Any] = fit["classes"][name] if fit else PROBE
    threshold = threshold_table(own["threshold"]) if fit else str(PIXEL)
    lines = [
        "",
        "[[class]]",
        f'name = "{name}"',
        f'label = "{entry["label"]}"',
        f'indicator = "{entry["indicator"]}"',
        f'eo_category = "{entry["eo_category"]}"',
        f'geometry = "{entry["geometry"]}"',
    ]
    if "parent" in entry:
        gsd_name = entry["gsd_name_m"] if fit else PROBE_GSD_M
        lines += [f'parent = "{entry["parent"]}"', f"gsd_name_m = {gsd_name}"]
    return [
        *lines,
        f"size_m = {entry['size_m']}",
        f"gsd_max_m = {entry['gsd_max_m'] if fit else PROBE_GSD_M}",
        f"threshold = {threshold}",
        f"pixel_threshold = {PIXEL}",
        hidden_by_line(),
        calibration_line(own),
    ]


def load_planes(run: Path) -> Planes:
    """The averaged weights of a run, or those of an .onnx, as exported."""
    net = Segmenter()
    net.load_state_dict(read_weights(run, torch.device("cpu")))
    return Planes(net).eval()


def write_model(run: Path, out: Path, fit: Fit | None = None) -> None:
    """A model folder from a run; to measure with if `fit` is not given."""
    file, planes = out / f"{NAME}.onnx", load_planes(run)
    file.parent.mkdir(parents=True, exist_ok=True)
    axes = {
        "planes": {0: "batch", 2: "height", 3: "width"},
        "masks": {0: "batch", 2: "rows", 3: "cols"},
    }
    metadata = {"name": NAME, "version": VERSION, "classes": PLANES}
    example = torch.zeros(1, 5, TILE, TILE)
    write_onnx(planes, example, file, ("planes", "masks"), axes, metadata)
    check_against_torch(planes, file)
    describe_model(file, fit)


def describe_model(file: Path, fit: Fit | None = None) -> None:
    """Write model.toml beside a finished .onnx."""
    file.with_name("model.toml").write_text(model_toml(file, fit))


def check_against_torch(planes: Planes, file: Path) -> None:
    """End the program if the .onnx says other than PyTorch, with and without height."""
    session = ort.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(0)
    for batch, side, known in ((1, TILE, 1), (2, 256, 0)):
        x = rng.normal(0, 1, (batch, 5, side, side)).astype(np.float32)
        x[:, 4] = known
        x[:, 3] *= known
        with torch.no_grad():
            a = planes(torch.from_numpy(x)).numpy()
        gap = np.abs(a - session.run(None, {"planes": x})[0])
        # A cell where two classes are equally likely may fall to either.
        share = (gap > 1e-3).mean()
        print(
            f"{batch} x {side} px: differs by {gap.max():.1e} at most, "
            f"by over 1e-3 in {share:.1e} of the cells"
        )
        if share > 1e-4:
            raise SystemExit(f"cannot use {file}: it differs from PyTorch")


def main() -> None:
    """The command line."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--weights", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--fit")
    args = ap.parse_args()
    fit = json.loads(Path(args.fit).read_text()) if args.fit else None
    write_model(Path(args.weights), Path(args.out), fit)
    print(args.out)


if __name__ == "__main__":
    main()
