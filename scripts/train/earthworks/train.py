"""Train the segmenter, from scripts/train: `python -m earthworks.train --data DIR --scenes DIR ... --out RUN --steps N`.

RUN holds `log.txt`, `log.csv`, `curves.svg`, `last.pt` (to resume), `weights.pt` (averaged weights, what is exported).
"""
import argparse
import json
import os
import time
from pathlib import Path

# Waiting threads must not spin on a machine that also does other work. Read when torch loads, hence here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader

from curves import draw
from model import load_fitting
from train import Stream

from .classes import KINDS, MASKS
from .crop import GSD_M, SIDE_M, Crops, plain, window
from .grounds import load_photos, load_scenes
from .model import Segmenter

WEIGHT = torch.tensor([1.0] + [2.0] * len(MASKS))
MINED = 60  # grounds that are searched for false alarms
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
def mine(net, grounds, rng, device, most=400):
    """False alarms of the present weights, the largest first: (ground, x, y) px."""
    found = []
    side_m = VIEW_PX * GSD_M
    for index in rng.permutation(len(grounds))[:MINED]:
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


def arguments():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", required=True)
    ap.add_argument("--scenes", nargs="+", required=True, help="folders of `rams scene --layout earthworks --count`")
    ap.add_argument("--out", required=True)
    ap.add_argument("--steps", type=int, default=3000)
    ap.add_argument("--batch", type=int, default=8)
    ap.add_argument("--lr", type=float, default=1.2e-3)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--workers", type=int, default=1)
    ap.add_argument("--frozen", type=int, default=3, help="backbone blocks that do not train")
    ap.add_argument("--mine", type=float, nargs="*", default=[0.4, 0.7], help="when to look for false alarms, share of the steps")
    ap.add_argument("--init", help="start from the averaged weights of this run, as far as the shapes agree")
    ap.add_argument("--resume", action="store_true")
    return ap.parse_args()


def main():
    args = arguments()
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    # OpenCV's own threads do not survive the fork into a worker: without this the worker hangs.
    cv2.setNumThreads(0)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = torch.device(args.device)
    crops = Crops([s for folder in args.scenes for s in load_scenes(folder)], load_photos(args.data))
    grounds = crops.scenes + crops.photos
    log = open(out / "log.txt", "a", buffering=1)

    def say(text):
        print(text, flush=True)
        log.write(text + "\n")

    net = Segmenter(args.frozen).to(device, memory_format=torch.channels_last)
    parts = [p for p in net.parameters() if p.requires_grad]
    body = {id(p) for p in net.blocks.parameters()}
    rates = [args.lr * 0.4, args.lr]
    groups = [[p for p in parts if id(p) in body], [p for p in parts if id(p) not in body]]
    opt = torch.optim.AdamW([{"params": g} for g in groups], lr=args.lr, weight_decay=1e-3)
    mean_net = Segmenter().to(device, memory_format=torch.channels_last)
    first = 0
    if args.resume and (out / "last.pt").exists():
        state = torch.load(out / "last.pt", weights_only=False, map_location=device)
        net.load_state_dict(state["net"])
        mean_net.load_state_dict(state["mean"])
        opt.load_state_dict(state["opt"])
        first, crops.hard = state["step"], state["hard"]
    else:
        if args.init:
            weights = torch.load(Path(args.init) / "weights.pt", weights_only=True, map_location=device)
            say(f"from {args.init}, without {load_fitting(net, weights)}")
        mean_net.load_state_dict(net.state_dict())
        (out / "log.csv").write_text("step,entropy,dice,lr,seconds\n")
    (out / "args.json").write_text(json.dumps(vars(args), indent=1))

    def save(step):
        state = {"net": net.state_dict(), "mean": mean_net.state_dict(), "opt": opt.state_dict(), "step": step, "hard": crops.hard}
        torch.save(state, out / "last.tmp")
        (out / "last.tmp").replace(out / "last.pt")
        torch.save(mean_net.state_dict(), out / "weights.pt")
        draw(out / "log.csv", out / "curves.svg")

    def batches(step):
        stream = Stream(crops, args.seed, step, args.batch)
        return iter(DataLoader(stream, batch_size=None, num_workers=args.workers, prefetch_factor=4 if args.workers else None))

    say(f"{len(crops.scenes)} scenes, {len(crops.photos)} photographs, {dict(zip(MASKS, map(len, crops.by_class)))} places, steps {first}..{args.steps}")
    feed = batches(first)
    begun, waited, sums, summed = time.time(), 0.0, np.zeros(2), 0
    mine_at = {int(args.steps * f) for f in args.mine}
    for step in range(first, args.steps):
        if step in mine_at:
            net.eval()
            crops.hard = mine(net, grounds, np.random.default_rng([args.seed, step]), device)
            net.train()
            say(f"{step}: {len(crops.hard)} false alarms on the training grounds, {time.time() - begun:.0f} s")
            del feed
            feed = batches(step)
        warm = min(1.0, (step + 1) / 100)
        cool = 0.5 * (1 + np.cos(np.pi * step / args.steps)) * 0.98 + 0.02
        for group, rate in zip(opt.param_groups, rates):
            group["lr"] = rate * warm * cool
        asked = time.time()
        image, share, care = next(feed)
        waited += time.time() - asked
        with torch.autocast(device.type, torch.bfloat16):
            pred = net(image.to(device, memory_format=torch.channels_last))
        entropy, dice = loss(pred.float(), share.to(device), care.to(device))
        opt.zero_grad(set_to_none=True)
        (entropy + 0.5 * dice).backward()
        torch.nn.utils.clip_grad_norm_(parts, 10.0)
        opt.step()
        keep = min(0.998, (step + 1) / (step + 20))
        with torch.no_grad():
            for a, b in zip(mean_net.parameters(), net.parameters()):
                a.lerp_(b, 1 - keep)
        sums += [entropy.item(), dice.item()]
        summed += 1
        if (step + 1) % 50 == 0:
            seconds, (e, d), done = time.time() - begun, sums / summed, step + 1 - first
            say(f"{step + 1}: entropy {e:.3f} dice {d:.3f}, {seconds / done:.3f} s a step, {waited / done:.3f} of it waiting for crops")
            with open(out / "log.csv", "a") as file:
                file.write(f"{step + 1},{e:.4f},{d:.4f},{opt.param_groups[1]['lr']:.2e},{seconds:.0f}\n")
            sums[:], summed = 0, 0
        if (step + 1) % 250 == 0 or step + 1 == args.steps:
            save(step + 1)
    say(f"done in {time.time() - begun:.0f} s")


if __name__ == "__main__":
    main()
