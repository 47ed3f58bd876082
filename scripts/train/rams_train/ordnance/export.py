"""Write a model folder.

`python -m rams_train.ordnance.export --weights RUN --out FOLDER [--fit fit.json] [--probe]`

Contract of the .onnx: input `image` float32 [batch, 3, H, W] (H, W multiples of 32), output `boxes`
float32 [batch, 100, 6] of x0, y0, x1, y1 in input px, score, class (classes.CLASSES), output
`embedding` float32 [batch, 100, 64]: how the object in each box looks, not normalised. `fit.json`
is that of the calibration; without it thresholds are those of --probe: PROBE for every class and no
limit on the input's GSD, to measure where the limits are.
"""

import argparse
import json
from collections.abc import Mapping
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
    write_onnx,
)
from rams_train.common.normalisation import MEAN, STD
from rams_train.ordnance.classes import CLASSES, TABLE
from rams_train.ordnance.geometry import GSD_M
from rams_train.ordnance.model import TOP_K, WIDTH, Decoder, Detector, EmbeddingDecoder
from rams_train.ordnance.tiled_inference import HALO, TILE

NAME, VERSION = "surface-ordnance", TABLE["dataset"]["version"]
PROBE = {"threshold": 0.1, "slope": 1.0, "intercept": 0.0}
PROBE_GSD_M = 0.04
EMBEDDING = "embedding"  # the output

FamilyFits = Mapping[str, Mapping[str, Any]]  # {family: {threshold, slope, intercept}}


def model_toml(file: Path, fit: FamilyFits, probe: bool, has_embedding: bool = False) -> str:
    """The text of model.toml for the .onnx `file`; a class has the values of its family."""
    used = TABLE["flight"] + [b for b in TABLE["background"] if not b.get("held_out")]
    lines = header_lines(file, NAME, VERSION, "detect", used, probe) + _input_and_output_lines()
    if has_embedding:
        lines.append(f'embedding = "{EMBEDDING}"          # [batch, n, {WIDTH}]: how each looks')
    for name in CLASSES:
        lines += _class_lines(name, fit, probe)
    return "\n".join(lines) + "\n"


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


def _class_lines(name: str, fit: FamilyFits, probe: bool) -> list[str]:
    """A [[class]] of model.toml: a leaf, or a family with the widest limits of its classes."""
    leaf = next((c for c in TABLE["class"] if c["name"] == name), None)
    kin = [leaf] if leaf else [c for c in TABLE["class"] if c["family"] == name]
    family = next(f for f in TABLE["family"] if f["name"] == kin[0]["family"])
    size = [min(c["size_m"][0] for c in kin), max(c["size_m"][1] for c in kin)]
    gsd = PROBE_GSD_M if probe else max(c["gsd_max_m"] for c in kin)
    own = PROBE if probe and family["name"] not in fit else fit[family["name"]]
    threshold = PROBE["threshold"] if probe else own["threshold"]
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


def load_detector(run: Path) -> Detector:
    """The averaged weights of a run, to run with."""
    net = Detector()
    weights = torch.load(run / "weights.pt", weights_only=True, map_location="cpu")
    net.load_state_dict(weights)
    return net.eval()


def load_decoder(run: Path) -> Decoder:
    """The boxes of the averaged weights of a run."""
    return Decoder(load_detector(run)).eval()


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


def write_model(run: Path, out: Path, fit: FamilyFits | None = None, probe: bool = False) -> None:
    """A model folder from a run; to measure with if `probe` or if `fit` is not given."""
    out.mkdir(parents=True, exist_ok=True)
    file, decoder = out / f"{NAME}.onnx", EmbeddingDecoder(load_detector(run)).eval()
    outputs = ("boxes", EMBEDDING)
    axes = {"image": {0: "batch", 2: "height", 3: "width"}, **{o: {0: "batch"} for o in outputs}}
    metadata = {"name": NAME, "version": VERSION, "classes": CLASSES}
    example = torch.zeros(1, 3, TILE, TILE)
    write_onnx(decoder, example, file, ("image", *outputs), axes, metadata)
    check_against_torch(decoder, file)
    describe_model(file, fit, probe or not fit)


def describe_model(file: Path, fit: FamilyFits | None, probe: bool) -> None:
    """Write model.toml beside a finished .onnx."""
    # What was exported before there were embeddings has none.
    has_embedding = EMBEDDING in (output.name for output in onnx.load(str(file)).graph.output)
    file.with_name("model.toml").write_text(model_toml(file, fit or {}, probe, has_embedding))


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
    fit = json.loads(Path(args.fit).read_text())["families"] if args.fit else None
    write_model(Path(args.weights), Path(args.out), fit, args.probe)
    print(args.out)


if __name__ == "__main__":
    main()
