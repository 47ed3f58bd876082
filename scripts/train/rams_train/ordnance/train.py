"""Train the detector: `train.py --data DIR --objects both --train-ground pitch court --scenes DIR --out RUN --steps N`.

No ground outside --train-ground is read, so nothing can be tuned on it. What RUN holds: loop.py.
"""
import argparse
from pathlib import Path

from rams_train.common import loop  # before torch: it says how waiting threads wait

import numpy as np
import torch
import torch.nn.functional as F

from rams_train.ordnance.classes import FAMILIES, FAMILY_OF, LEAVES, NAMED
from rams_train.ordnance.crops import MIX, Crops
from rams_train.ordnance.dataset import FLIGHTS, load_backgrounds, load_flight, load_grounds, load_scenes
from rams_train.ordnance.tiled_inference import detect
from rams_train.ordnance.model import Decoder, Detector
from rams_train.ordnance.textures import load_textures

MINED_SCENES = 40  # scenes that are searched for false alarms, besides all flights
REAL_TURNS, SCENE_TURNS = 3, 12  # "wide": all ground is searched, a third of the real and a twelfth of the scenes at a time
MOST_OF_ONE = 25  # "wide": false alarms kept of one ground, so that none drowns the others
TERMS = {"focal": 1.0, "leaf": 0.5, "box": 0.3}
# Row: a class with a logit; 0 for the classes of its family, far below for all others.
RIVALS = torch.tensor([[0.0 if FAMILY_OF[a] == FAMILY_OF[b] else -1e4 for b in NAMED] for a in NAMED])


def loss(out, heat, reg, weight, care, leaf, leaf_weight):
    """Focal loss on the heat maps (peaks count 1, the slope around them little), cross-entropy within the family, L1.

    The focal loss is taken crop by crop: a scene's crop holds several objects, a real one hardly more than one, and over
    the whole batch the many would drown the false alarms on real ground.
    """
    n, m = len(FAMILIES), len(NAMED)
    logit = out[:, :n]
    p = torch.sigmoid(logit).clamp(1e-5, 1 - 1e-5)
    is_peak = (heat == 1).float()
    pos = -((1 - p) ** 2) * torch.log(p) * is_peak
    neg = -((1 - heat) ** 4) * p**2 * torch.log(1 - p) * (1 - is_peak)
    focal = (((pos + neg) * care[:, None]).sum((1, 2, 3)) / is_peak.sum((1, 2, 3)).clamp(min=1)).mean()
    at = leaf_weight > 0
    name = out[:, n:n + m].permute(0, 2, 3, 1)[at] + RIVALS.to(out.device)[leaf[at]]
    named = (F.cross_entropy(name, leaf[at], reduction="none") * leaf_weight[at]).sum() / leaf_weight.sum().clamp(min=1)
    l1 = ((out[:, n + m:] - reg).abs() * weight[:, None]).sum((0, 2, 3)) / weight.sum().clamp(min=1)
    return focal, named, l1[:2].sum() + l1[2:].sum()


def mine_negatives(net, grounds, device, score=0.05, most=600, most_of_one=600):
    """False alarms of the present weights on the training grounds: (key, x, y, w, h) in px, the worst first."""

    def half(x):
        with torch.autocast(device.type, torch.bfloat16):
            return net(x).float()

    decoder = Decoder(half).to(device)
    found = []
    for ground in grounds:
        first = len(found)
        truth = np.array([o.box for o in ground.objects] + list(ground.ignore)).reshape(-1, 4)
        for x0, y0, x1, y1, s, _ in detect(lambda x: decoder(x.to(device, memory_format=torch.channels_last)), ground, score):
            cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
            near = (truth[:, 0] - 9 < cx) & (cx < truth[:, 2] + 9) & (truth[:, 1] - 9 < cy) & (cy < truth[:, 3] + 9)
            if not near.any():
                found.append((float(s), ground.key, float(cx), float(cy), float(x1 - x0), float(y1 - y0)))
        found[first:] = sorted(found[first:], reverse=True)[:most_of_one]
    found.sort(reverse=True)
    return [f[1:] for f in found[:most]]


def turns(turn, flights, scenes, grounds):
    """Which of all grounds, of which the scenes come after the flights, are searched this time."""
    period = lambda i: SCENE_TURNS if flights <= i < flights + scenes else REAL_TURNS
    return [i for i in range(grounds) if (turn - i) % period(i) == 0]


def arguments():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--objects", choices=MIX, required=True, help="real: flights only; synthetic: scenes and photographs without ordnance only; wide: both, on all "
                    "ground of wide.toml and in every guise")
    ap.add_argument("--train-ground", nargs="*", default=[], choices=sorted({f["ground"] for f in FLIGHTS.values()}))
    ap.add_argument("--scenes", nargs="*", default=[], help="folders of `rams scene --count`")
    ap.add_argument("--mixed", help="folder of textures.py, for --objects wide")
    ap.add_argument("--cache", help="folder for decoded flights (default: OUT/../cache)")
    loop.options(ap, batch=16, mine=[0.35, 0.7])
    args = ap.parse_args()
    if (args.objects != "synthetic") != bool(args.train_ground):
        ap.error("--train-ground goes with --objects real, both and wide, and only with them")
    if (args.objects != "real") != bool(args.scenes):
        ap.error("--scenes goes with --objects synthetic, both and wide, and only with them")
    if (args.objects == "wide") != bool(args.mixed):
        ap.error("--mixed goes with --objects wide, and only with it")
    return args


def main():
    args = arguments()
    cache = args.cache or Path(args.out).parent / "cache"
    flights = [load_flight(args.data, k, cache) for k, f in FLIGHTS.items() if f["ground"] in args.train_ground]
    scenes = [s for folder in args.scenes for s in load_scenes(folder)]
    wide = args.objects == "wide"
    material, mixed = (load_textures(args.data), load_grounds(args.mixed)) if wide else ([], [])
    crops = Crops(flights, scenes, load_backgrounds(args.data, cache, wide), args.objects, material, mixed)
    searched = flights + [scenes[i] for i in np.random.default_rng(args.seed).permutation(len(scenes))[:MINED_SCENES]]

    def mine(net, device, _):
        return mine_negatives(net, searched, device)

    def mine_a_part(net, device, step):
        turn = sorted(int(args.steps * f) for f in args.mine).index(step)
        grounds = list(crops.grounds.values())
        now = [grounds[i] for i in turns(turn, len(flights), len(scenes), len(grounds))]
        searched_now = {g.key for g in now}
        return [h for h in crops.hard if h[0] not in searched_now] + mine_negatives(net, now, device, most_of_one=MOST_OF_ONE)

    counts = {LEAVES[c]: len(real) + len(made) for c, (real, made) in enumerate(zip(crops.real.items, crops.synthetic.items)) if real or made}
    what = f"{args.objects}: {[f.key for f in flights]}, {len(scenes)} scenes, {counts}, {sum(map(len, crops.sprites))} cut-outs"
    if wide:
        what += f", {len(material)} textures, {len(crops.grounds)} grounds searched"
    loop.fit(args, Detector, crops, loss, TERMS, mine_a_part if wide else mine, what)


if __name__ == "__main__":
    main()
