"""Write a model folder, from scripts/train: `python -m earthworks.export --weights RUN --out FOLDER [--fit fit.json]`.

Contract of the .onnx: input `planes` float32 [batch, 5, H, W] (H, W multiples of 64), output `masks` float32
[batch, planes, H/4, W/4], disjoint probabilities in the order of classes.PLANES. Without `fit.json` the thresholds
are those to measure with: PROBE for every class and no limit on the input's GSD.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch

from rams_train.common.model_folder import calibration, head, hidden_by, write_onnx

from .classes import CLASS, PLANES, TABLE
from .crops import GSD_M, MEAN, STD, STRIDE
from .model import Planes, Segmenter

NAME, VERSION = "earthworks", TABLE["dataset"]["version"]
TILE, HALO = 768, 128  # px: cores of 51 m, 12.8 m of context around
HEIGHT_GSD_MAX_M = 0.5
PIXEL = 0.3  # least probability of a cell of a mask
PROBE = {"threshold": PIXEL, "slope": 1.0, "intercept": 0.0}
PROBE_GSD_M = 0.25


def model_toml(file, fit):
    """The text of model.toml. `fit`: {class: {threshold, slope, intercept}}, None to measure with."""
    used = [b for b in TABLE["background"] if not b.get("held_out")]
    text = head(file, NAME, VERSION, "segment", used, fit is None) + [
        "[input]", f"gsd_m = {GSD_M}", f"tile_px = {TILE}", f"halo_px = {HALO}                   # {HALO * GSD_M:.1f} m of ground around what a tile answers for",
        'bands = ["red", "green", "blue", "height", "height_valid"]', f"height_gsd_max_m = {HEIGHT_GSD_MAX_M}", f"mean = {[round(float(v), 3) for v in MEAN]}",
        f"std = {[round(float(v), 3) for v in STD]}", "", "[output]", f'layout = "mask"                 # [batch, classes, h, w]: probability of each class, one cell in {STRIDE} x {STRIDE} px',
    ]
    for name in PLANES:
        c, s = CLASS[name], (fit or {}).get(name, PROBE)
        text += ["", "[[class]]", f'name = "{name}"', f'indicator = "{c["indicator"]}"', f'eo_category = "{c["eo_category"]}"', f'geometry = "{c["geometry"]}"']
        if "parent" in c:
            text += [f'parent = "{c["parent"]}"', f"gsd_name_m = {c['gsd_name_m'] if fit else PROBE_GSD_M}"]
        text += [f"size_m = {c['size_m']}", f"gsd_max_m = {c['gsd_max_m'] if fit else PROBE_GSD_M}", f"threshold = {s['threshold']}",
                 f"pixel_threshold = {PIXEL}", hidden_by(), calibration(s)]
    return "\n".join(text) + "\n"


def load(run):
    net = Segmenter()
    net.load_state_dict(torch.load(Path(run) / "weights.pt", weights_only=True, map_location="cpu"))
    return Planes(net).eval()


def write(run, out, fit=None):
    """A model folder from a run; to measure with if `fit` is not given."""
    file, planes = Path(out) / f"{NAME}.onnx", load(run)
    file.parent.mkdir(parents=True, exist_ok=True)
    axes = {"planes": {0: "batch", 2: "height", 3: "width"}, "masks": {0: "batch", 2: "rows", 3: "cols"}}
    write_onnx(planes, torch.zeros(1, 5, TILE, TILE), file, ["planes", "masks"], axes, {"name": NAME, "version": VERSION, "classes": PLANES})
    check(planes, file)
    describe(file, fit)


def describe(file, fit=None):
    """model.toml beside a finished .onnx."""
    Path(file).with_name("model.toml").write_text(model_toml(file, fit))


def check(planes, file):
    """The .onnx must say what PyTorch says, with and without height."""
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
        print(f"{batch} x {side} px: differs by {gap.max():.1e} at most, by over 1e-3 in {(gap > 1e-3).mean():.1e} of the cells")
        if (gap > 1e-3).mean() > 1e-4:
            raise SystemExit(f"cannot use {file}: it differs from PyTorch")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--weights", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--fit")
    args = ap.parse_args()
    write(args.weights, args.out, json.loads(Path(args.fit).read_text())["classes"] if args.fit else None)
    print(args.out)


if __name__ == "__main__":
    main()
