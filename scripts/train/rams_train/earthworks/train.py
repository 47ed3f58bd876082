"""Train the segmenter, from scripts/train: `python -m earthworks.train --data DIR --scenes DIR ... --out RUN --steps N`.

What RUN holds: loop.py.
"""
import argparse

from rams_train.common import loop  # before torch: it says how waiting threads wait

import cv2
import numpy as np
import torch

from .classes import KINDS, MASKS
from .crops import GSD_M, SIDE_M, Crops, plain, window
from .dataset import load_photos, load_scenes
from .model import Segmenter

TERMS = {"entropy": 1.0, "dice": 0.5}
WEIGHT = torch.tensor([1.0] + [2.0] * len(MASKS))
MINED = 70  # scenes that are searched for false alarms, and every photograph
VIEW_PX = 512


def loss(out, share, care):
    """Cross-entropy with the share of each class in a cell; and 1 - Dice, of trenches of any kind and of each other class."""
    logp = torch.log_softmax(out, 1)
    weight = WEIGHT.to(out.device)[None, :, None, None]
    entropy = (-(share * logp * weight).sum(1) * care).sum() / care.sum().clamp(min=1)
    others = [1 + i for i in range(len(MASKS)) if i not in KINDS]
    group = lambda p: torch.cat([p[:, 1:][:, KINDS].sum(1, keepdim=True), p[:, others]], 1) * care[:, None]
    p, t = group(logp.exp()), group(share)
    both, each, present = (p * t).sum((0, 2, 3)), (p * p + t * t).sum((0, 2, 3)), t.sum((0, 2, 3)) > 1
    dice = 1 - ((2 * both + 1) / (each + 1))[present].mean() if present.any() else out.sum() * 0
    return entropy, dice


@torch.no_grad()
def mine(net, crops, rng, device, most=500):
    """False alarms of the present weights, the largest first: (index into scenes + photos, x, y) px."""
    found = []
    side_m = VIEW_PX * GSD_M
    grounds, scenes = crops.scenes + crops.photos, len(crops.scenes)
    for index in [*rng.permutation(scenes)[:MINED], *range(scenes, len(grounds))]:
        ground = grounds[index]
        side = side_m / ground.gsd_m
        h, w = ground.label.shape
        for cy in np.arange(side / 2, max(h, side / 2 + 1), side):
            for cx in np.arange(side / 2, max(w, side / 2 + 1), side):
                rgb, label, _ = window(ground, cx, cy, SIDE_M / side_m)
                planes, seen = plain(rgb, label, VIEW_PX)
                with torch.autocast(device.type, torch.bfloat16):
                    out = net(torch.from_numpy(planes)[None].to(device)).float()
                works = 1 - torch.softmax(out, 1)[0, 0].cpu().numpy()
                n = works.shape[0]
                near = cv2.dilate((label > 0).astype(np.uint8), np.ones((9, 9), np.uint8))
                alarm = (works > 0.4) & (cv2.resize(near, (n, n), interpolation=cv2.INTER_AREA) == 0) & (cv2.resize(seen.astype(np.uint8), (n, n)) > 0)
                count, _, stats, middle = cv2.connectedComponentsWithStats(alarm.astype(np.uint8))
                k = side / n
                found += [(int(stats[i, 4]), int(index), cx - side / 2 + middle[i, 0] * k, cy - side / 2 + middle[i, 1] * k)
                          for i in range(1, count) if stats[i, 4] >= 6]
    found.sort(reverse=True)
    return [f[1:] for f in found[:most]]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--scenes", nargs="+", required=True, help="folders of `rams scene --layout earthworks --count`")
    ap.add_argument("--works", type=float, default=0.6, help="share of the crops that lie on an earthwork")
    loop.options(ap, batch=8, mine=[0.4, 0.7])
    args = ap.parse_args()
    crops = Crops([s for folder in args.scenes for s in load_scenes(folder)], load_photos(args.data), args.works)
    what = f"{len(crops.scenes)} scenes, {len(crops.photos)} photographs, {dict(zip(MASKS, map(len, crops.by_class)))} places"
    search = lambda net, device, step: mine(net, crops, np.random.default_rng([args.seed, step]), device)
    loop.fit(args, Segmenter, crops, loss, TERMS, search, what)


if __name__ == "__main__":
    main()
