"""Write a model folder.

`python -m rams_train.ordnance.export --weights RUN --out FOLDER [--fit fit.json] [--probe]`

Contract of the .onnx: input `image` float32 [batch, 3, H, W] (H, W multiples of 32), output `boxes`
float32 [batch, 100, 6] of x0, y0, x1, y1 in input px, score, class (classes.CLASSES). `fit.json` is
that of the calibration; without it thresholds are those of --probe: PROBE for every class and no
limit on the input's GSD, to measure where the limits are.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import torch

from rams_train.common.model_folder import (
    calibration_line,
    header_lines,
    hidden_by_line,
    write_onnx,
)
from rams_train.common.normalisation import MEAN, STD
from rams_train.ordnance.classes import CLASSES, RECIPE, TABLE
from rams_train.ordnance.geometry import GSD_M
from rams_train.ordnance.model import TOP_K, Decoder, Detector
from rams_train.ordnance.tiled_inference import HALO, TILE

NAME, VERSION = "surface-ordnance", TABLE["dataset"]["version"]
PROBE: dict[str, Any] = {"threshold": 0.1, "slope": 1.0, "intercept": 0.0}
PROBE_GSD_M = 0.04

Fit = Mapping[str, Any]  # fit.json of the calibration


def model_toml(file: Path, fit: Fit | None, probe: bool) -> str:
    """The text of model.toml for the .onnx `file`; a class has the values of its family."""
    lines = header_lines(file, NAME, VERSION, "detect", trained_on(), probe)
    lines += _input_and_output_lines()
    if fit:
        lines += _operating_point_lines(fit)
    for name in CLASSES:
        lines += _class_lines(name, fit["families"] if fit else {}, probe)
    return "\n".join(lines) + "\n"


def trained_on() -> list[dict[str, Any]]:
    """The entries of all files that the model was trained on."""
    run = RECIPE["run"]
    return [
        *(f for f in TABLE["flight"] if f["ground"] in run["ground"]),
        *(b for b in TABLE["background"] if not b.get("held_out")),
        *(i for i in RECIPE["site"]["image"] if i["site"] not in run["held_out_sites"]),
        *(t for t in RECIPE["texture"]["image"] if t["kind"] not in run["held_out_kinds"]),
    ]


def _input_and_output_lines() -> list[str]:
    halo = f"halo_px = {HALO}                    "
    return [
        "[input]",
        f"gsd_m = {GSD_M}",
        f"tile_px = {TILE}",
        f"{halo}# {HALO * GSD_M:.3f} m, more than the largest object's 0.36",
        'bands = ["red", "green", "blue"]',
        f"mean = {[round(float(v), 3) for v in MEAN]}",
        f"std = {[round(float(v), 3) for v in STD]}",
        "",
        "[output]",
        'layout = "boxes"                # [batch, n, 6]: x0, y0, x1, y1, score, class',
    ]


def _operating_point_lines(fit: Fit) -> list[str]:
    """What was measured at each operating point on real ground that the model never saw."""
    lines = []
    for name, point in fit["points"].items():
        real = [point["found"][site] for site in point["left_out"]]
        found, objects = (sum(s["pfm-1"][i] for s in real if "pfm-1" in s) for i in (0, 1))
        sites = ", ".join(point["left_out"])
        lines += [
            "",
            f"[operating_point.{name}]",
            f"recall = {found / objects:.2f}",
            f"false_alarms_per_ha = {point['false_alarms_per_ha']:.0f}",
            f'measured_on = "ground not trained on: {objects} PFM-1, false alarms on {sites}"',
        ]
    return lines


def _class_lines(name: str, fit: Mapping[str, Any], probe: bool) -> list[str]:
    """A [[class]] of model.toml: a leaf, or a family with the widest limits of its classes."""
    leaf = next((c for c in TABLE["class"] if c["name"] == name), None)
    kin = [leaf] if leaf else [c for c in TABLE["class"] if c["family"] == name]
    family = next(f for f in TABLE["family"] if f["name"] == kin[0]["family"])
    size = [min(c["size_m"][0] for c in kin), max(c["size_m"][1] for c in kin)]
    gsd = PROBE_GSD_M if probe else max(c["gsd_max_m"] for c in kin)
    own = PROBE if probe and family["name"] not in fit else fit[family["name"]]
    threshold = str(PROBE["threshold"]) if probe else _threshold_table(own["threshold"])
    lines = [
        "",
        "[[class]]",
        f'name = "{name}"',
        f'label = "{(leaf or family)["label"]}"',
        f'indicator = "{family["indicator"]}"',
        f'eo_category = "{(leaf or family)["eo_category"]}"',
        'geometry = "point"',
    ]
    if leaf and "gsd_name_m" in leaf:
        gsd_name = PROBE_GSD_M if probe else leaf["gsd_name_m"]
        lines += [f'parent = "{family["name"]}"', f"gsd_name_m = {gsd_name}"]
    return [
        *lines,
        f"size_m = {size}",
        f"gsd_max_m = {gsd}",
        f"threshold = {threshold}",
        hidden_by_line(),
        calibration_line(own),
    ]


def _threshold_table(by_point: Mapping[str, float]) -> str:
    return "{ " + ", ".join(f"{point} = {t}" for point, t in by_point.items()) + " }"


def load_decoder(run: Path) -> Decoder:
    """The averaged weights of a run, as exported."""
    net = Detector()
    weights = torch.load(run / "weights.pt", weights_only=True, map_location="cpu")
    net.load_state_dict(weights)
    return Decoder(net).eval()


def check_against_torch(decoder: Decoder, file: Path) -> None:
    """End the program if the .onnx says other than PyTorch, at several batches and sizes."""
    session = ort.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    for shape in ((1, 640, 640), (2, 320, 416), (3, 64, 96)):
        rng = np.random.default_rng(0)
        x = rng.normal(0, 1, (shape[0], 3, *shape[1:])).astype(np.float32)
        with torch.no_grad():
            a = decoder(torch.from_numpy(x)).numpy()
        b = session.run(None, {"image": x})[0]
        # Scores in order; boxes only where the score is not tied, since the order of equal scores
        # is free.
        gap = np.abs(a[..., 4] - b[..., 4]).max()
        same = (a[..., 4] > 1e-3) & (np.abs(a[..., 4] - b[..., 4]) < 1e-5)
        box = np.abs(a[..., :4] - b[..., :4])[same].max() if same.any() else 0.0
        print(f"{shape}: scores differ by {gap:.1e}, boxes by {box:.1e} px over {same.sum()} peaks")
        if b.shape != (shape[0], TOP_K, 6) or gap > 1e-3:
            raise SystemExit(f"cannot use {file}: it differs from PyTorch by {gap:.1e} at {shape}")


def write_model(run: Path, out: Path, fit: Fit | None = None, probe: bool = False) -> None:
    """A model folder from a run; to measure with if `probe` or if `fit` is not given."""
    out.mkdir(parents=True, exist_ok=True)
    file, decoder = out / f"{NAME}.onnx", load_decoder(run)
    axes = {"image": {0: "batch", 2: "height", 3: "width"}, "boxes": {0: "batch"}}
    metadata = {"name": NAME, "version": VERSION, "classes": CLASSES}
    example = torch.zeros(1, 3, TILE, TILE)
    write_onnx(decoder, example, file, ("image", "boxes"), axes, metadata)
    check_against_torch(decoder, file)
    describe_model(file, fit, probe or not fit)


def describe_model(file: Path, fit: Fit | None, probe: bool) -> None:
    """Write model.toml beside a finished .onnx."""
    file.with_name("model.toml").write_text(model_toml(file, fit, probe))


def main() -> None:
    """The command line."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--weights", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--fit")
    ap.add_argument("--probe", action="store_true")
    args = ap.parse_args()
    fit = json.loads(Path(args.fit).read_text()) if args.fit else None
    write_model(Path(args.weights), Path(args.out), fit, args.probe)
    print(args.out)


if __name__ == "__main__":
    main()
