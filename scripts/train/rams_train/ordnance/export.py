"""Write a model folder: `export.py --weights RUN --out FOLDER [--fit fit.json] [--probe]`.

Contract of the .onnx: input `image` float32 [batch, 3, H, W] (H, W multiples of 32), output `boxes` float32
[batch, 100, 6] of x0, y0, x1, y1 in input px, score, class (classes.CLASSES). `fit.json` is calibrate.py's; without it
thresholds are those of --probe: PROBE for every class and no limit on the input's GSD, to measure where the limits are.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch

from rams_train.ordnance.classes import CLASSES, TABLE
from rams_train.ordnance.dataset import GSD_M, MEAN, STD
from rams_train.ordnance.tiled_inference import HALO, TILE
from rams_train.ordnance.model import Decoder, Detector
from rams_train.common.model_folder import calibration, head, hidden_by, write_onnx

NAME, VERSION = "surface-ordnance", TABLE["dataset"]["version"]
PROBE = {"threshold": 0.1, "slope": 1.0, "intercept": 0.0}
PROBE_GSD_M = 0.04


def model_toml(file, fit, probe):
    """The text of model.toml. `fit`: {family: {threshold, slope, intercept}}; a class has its family's."""
    text = head(file, NAME, VERSION, "detect", TABLE["flight"] + [b for b in TABLE["background"] if not b.get("held_out")], probe) + [
        "[input]", f"gsd_m = {GSD_M}", f"tile_px = {TILE}",
        f"halo_px = {HALO}                    # {HALO * GSD_M:.3f} m, more than the largest object's 0.36", 'bands = ["red", "green", "blue"]',
        f"mean = {[round(float(v), 3) for v in MEAN]}", f"std = {[round(float(v), 3) for v in STD]}", "", "[output]",
        'layout = "boxes"                # [batch, n, 6]: x0, y0, x1, y1, score, class',
    ]
    families = {f["name"]: f for f in TABLE["family"]}
    leaves = {c["name"]: c for c in TABLE["class"]}
    for name in CLASSES:
        leaf = leaves.get(name)
        kin = [leaf] if leaf else [c for c in TABLE["class"] if c["family"] == name]
        family = families[kin[0]["family"]]
        size = [min(c["size_m"][0] for c in kin), max(c["size_m"][1] for c in kin)]
        gsd = PROBE_GSD_M if probe else max(c["gsd_max_m"] for c in kin)
        s = PROBE if probe and family["name"] not in fit else fit[family["name"]]
        threshold = PROBE["threshold"] if probe else s["threshold"]
        text += ["", "[[class]]", f'name = "{name}"', f'indicator = "{family["indicator"]}"', f'eo_category = "{(leaf or family)["eo_category"]}"', 'geometry = "point"']
        if leaf and "gsd_name_m" in leaf:
            text += [f'parent = "{family["name"]}"', f"gsd_name_m = {PROBE_GSD_M if probe else leaf['gsd_name_m']}"]
        text += [f"size_m = {size}", f"gsd_max_m = {gsd}", f"threshold = {threshold}", hidden_by(), calibration(s)]
    return "\n".join(text) + "\n"


def load(run):
    """The averaged weights of a run, as exported."""
    net = Detector()
    net.load_state_dict(torch.load(Path(run) / "weights.pt", weights_only=True, map_location="cpu"))
    return Decoder(net).eval()


def check(decoder, file):
    """The .onnx must say what PyTorch says, whatever the batch and the size."""
    session = ort.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    for shape in ((1, 640, 640), (2, 320, 416), (3, 64, 96)):
        x = np.random.default_rng(0).normal(0, 1, (shape[0], 3, *shape[1:])).astype(np.float32)
        with torch.no_grad():
            a = decoder(torch.from_numpy(x)).numpy()
        b = session.run(None, {"image": x})[0]
        # Scores in order; boxes only where the score is not tied, since the order of equal scores is free.
        gap = np.abs(a[..., 4] - b[..., 4]).max()
        same = (a[..., 4] > 1e-3) & (np.abs(a[..., 4] - b[..., 4]) < 1e-5)
        box = np.abs(a[..., :4] - b[..., :4])[same].max() if same.any() else 0.0
        print(f"{shape}: scores differ by {gap:.1e}, boxes by {box:.1e} px over {same.sum()} peaks")
        if b.shape != (shape[0], 100, 6) or gap > 1e-3:
            raise SystemExit(f"cannot use {file}: it differs from PyTorch by {gap:.1e} at {shape}")


def write(run, out, fit=None, probe=False, graph=None):
    """A model folder from a run, or from a finished .onnx `graph` (the quantised one)."""
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    file = out / (Path(graph).name if graph else f"{NAME}.onnx")
    if graph:
        if Path(graph) != file:
            file.write_bytes(Path(graph).read_bytes())
    else:
        decoder = load(run)
        axes = {"image": {0: "batch", 2: "height", 3: "width"}, "boxes": {0: "batch"}}
        write_onnx(decoder, torch.zeros(1, 3, TILE, TILE), file, ["image", "boxes"], axes, {"name": NAME, "version": VERSION, "classes": CLASSES})
        check(decoder, file)
    (out / "model.toml").write_text(model_toml(file, fit or {}, probe or not fit))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--weights", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--fit")
    ap.add_argument("--probe", action="store_true")
    args = ap.parse_args()
    write(args.weights, args.out, json.loads(Path(args.fit).read_text())["families"] if args.fit else None, args.probe)
    print(args.out)


if __name__ == "__main__":
    main()
