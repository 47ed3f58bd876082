"""Write the .onnx and its model.toml: `export.py --weights RUN --out models/surface-ordnance --settings FILE`.

Contract: input `image` float32 [batch, 3, H, W] (H, W multiples of 32), output `boxes` float32 [batch, 100, 6] of
x0, y0, x1, y1 in input px, score, class. FILE is JSON: {class: {threshold, slope, intercept}}.
"""
import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch

from dataset import CLASSES, GSD_M, MEAN, STD
from infer import HALO, TILE
from model import Decoder, Detector

NAME, VERSION, OPSET = "surface-ordnance", "0.1.0", 17
# indicator, EO category, range of the longer side (m), coarsest input (m): 8 px over the short side of 61 or 76 mm
FACTS = {
    "pfm-1": ("mine_surface", "AP_MINE", [0.04, 0.16], 0.0076),
    # A KSF dispenser carries PFM-1 mines, so it points to AP mines, not to submunitions. At most the
    # halo of 64 px at 4 mm, since a box is whole in one tile only if the halo holds it.
    "ksf-casing": ("cm_carrier", "AP_MINE", [0.06, 0.256], 0.0095),
}
DATA = [
    "de Smet, Nikulin, Baur: Scatterable Landmine Detection Project Dataset 1-8 (2020), Binghamton University, "
    "flights M600_191105_F01, M600_191105_F02, Phan4_200316_F03, Phan4_210414_F15, as tiled by joelUSD/PFM1-Detection",
    "pierotofy/drone_dataset_brighton_beach (background only)",
    "weecology/DeepForest sample images (background only)",
]
LICENCE = "Apache-2.0"


def write_toml(folder, digest, settings):
    text = [
        f'name = "{NAME}"', f'version = "{VERSION}"', 'task = "detect"                 # detect | segment',
        f'licence = "{LICENCE}"           # of the weights; the licences of the data are in CARD.md', "training_data = [", *[f'  "{d}",' for d in DATA], "]",
        f'onnx = "{NAME}.onnx"', f'digest = "sha256:{digest}"', "", "[input]", f"gsd_m = {GSD_M}", f"tile_px = {TILE}",
        f"halo_px = {HALO}                    # the largest object, 0.25 m, is 63 px", 'bands = ["red", "green", "blue"]',
        f"mean = {[round(float(v), 3) for v in MEAN]}", f"std = {[round(float(v), 3) for v in STD]}", "", "[output]",
        'layout = "boxes"                # [batch, n, 6]: x0, y0, x1, y1, score, class',
    ]
    for name in CLASSES:
        indicator, category, size, gsd = FACTS[name]
        s = settings[name]
        text += [
            "", "[[class]]", f'name = "{name}"', f'indicator = "{indicator}"', f'eo_category = "{category}"', 'geometry = "point"',
            f"size_m = {size}", f"gsd_max_m = {gsd}", f"threshold = {s['threshold']}",
            f"calibration = {{ slope = {float(s['slope'])}, intercept = {float(s['intercept'])} }}",
        ]
    (folder / "model.toml").write_text("\n".join(text) + "\n")


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--weights", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--settings", required=True)
    args = ap.parse_args()
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{NAME}.onnx"

    net = Detector()
    net.load_state_dict(torch.load(Path(args.weights) / "weights.pt", weights_only=True))
    net = Decoder(net).eval()
    axes = {"image": {0: "batch", 2: "height", 3: "width"}, "boxes": {0: "batch"}}
    torch.onnx.export(net, (torch.zeros(1, 3, TILE, TILE),), str(file), input_names=["image"], output_names=["boxes"],
                      dynamic_axes=axes, opset_version=OPSET, dynamo=False)
    graph = onnx.load(str(file))
    for key, value in (("name", NAME), ("version", VERSION), ("classes", json.dumps(CLASSES))):
        entry = graph.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(graph)
    onnx.save(graph, str(file))

    session = ort.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    for shape in ((1, 640, 640), (2, 320, 416), (3, 64, 96)):
        x = np.random.default_rng(0).normal(0, 1, (shape[0], 3, *shape[1:])).astype(np.float32)
        with torch.no_grad():
            a = net(torch.from_numpy(x)).numpy()
        b = session.run(None, {"image": x})[0]
        # Scores in order; boxes only where the score is not tied, since the order of equal scores is free.
        gap = np.abs(a[..., 4] - b[..., 4]).max()
        clear = a[..., 4] > 1e-3
        box = np.abs(a[..., :4] - b[..., :4])[clear].max() if clear.any() else 0.0
        print(f"{shape}: scores differ by {gap:.1e}, boxes by {box:.1e} px over {clear.sum()} peaks")
        assert b.shape == (shape[0], 100, 6) and gap < 1e-3
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    write_toml(out, digest, json.loads(Path(args.settings).read_text()))
    print(file, file.stat().st_size, digest)


if __name__ == "__main__":
    main()
