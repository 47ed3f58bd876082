"""Train the detector: `train.py --data DIR --objects both --train-ground pitch court --scenes DIR --out RUN --steps N`.

RUN holds `log.txt`, `log.csv`, `curves.svg`, `last.pt` (to resume), `weights.pt` (averaged weights, what is exported).
The schedule is fixed in advance: no ground outside --train-ground is read, so nothing can be tuned on it.
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
import torch.nn.functional as F
from torch.utils.data import DataLoader, IterableDataset

from classes import FAMILIES, FAMILY_OF, LEAVES, NAMED
from crop import MIX, Crops
from curves import draw
from dataset import FLIGHTS, load_backgrounds, load_flight, load_scenes
from infer import detect
from model import Decoder, Detector, load_fitting

MINED_SCENES = 40  # scenes that are searched for false alarms, besides all flights
COLUMNS = "step,focal,leaf,box,lr,seconds"
# Row: a class with a logit; 0 for the classes of its family, far below for all others.
RIVALS = torch.tensor([[0.0 if FAMILY_OF[a] == FAMILY_OF[b] else -1e4 for b in NAMED] for a in NAMED])


class Stream(IterableDataset):
    """Endless batches. Batch i depends on the seed and i alone, so a resumed run sees what it would have seen."""

    def __init__(self, crops, seed, first, batch):
        self.crops, self.seed, self.first, self.batch = crops, seed, first, batch

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        index, jump = (worker.id, worker.num_workers) if worker else (0, 1)
        step = self.first + index
        while True:
            rng = np.random.default_rng([self.seed, step])
            items = [self.crops.sample(rng) for _ in range(self.batch)]
            yield tuple(torch.from_numpy(np.stack(x)) for x in zip(*items))
            step += jump


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


def mine_negatives(net, grounds, device, score=0.05, most=600):
    """False alarms of the present weights on the training grounds: (index, x, y, w, h) in px, the worst first."""

    def half(x):
        with torch.autocast(device.type, torch.bfloat16):
            return net(x).float()

    decoder = Decoder(half).to(device)
    found = []
    for i, ground in enumerate(grounds):
        truth = np.array([o.box for o in ground.objects] + list(ground.ignore)).reshape(-1, 4)
        for x0, y0, x1, y1, s, _ in detect(lambda x: decoder(x.to(device, memory_format=torch.channels_last)), ground, score):
            cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
            near = (truth[:, 0] - 9 < cx) & (cx < truth[:, 2] + 9) & (truth[:, 1] - 9 < cy) & (cy < truth[:, 3] + 9)
            if not near.any():
                found.append((float(s), i, float(cx), float(cy), float(x1 - x0), float(y1 - y0)))
    found.sort(reverse=True)
    return [f[1:] for f in found[:most]]


def arguments():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", required=True)
    ap.add_argument("--objects", choices=MIX, required=True, help="real: flights only; synthetic: scenes and photographs without ordnance only")
    ap.add_argument("--train-ground", nargs="*", default=[], choices=sorted({f["ground"] for f in FLIGHTS.values()}))
    ap.add_argument("--scenes", nargs="*", default=[], help="folders of `rams scene --count`")
    ap.add_argument("--out", required=True)
    ap.add_argument("--cache", help="folder for decoded flights (default: OUT/../cache)")
    ap.add_argument("--steps", type=int, default=3000)
    ap.add_argument("--batch", type=int, default=16)
    ap.add_argument("--lr", type=float, default=1.2e-3)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--workers", type=int, default=1)
    ap.add_argument("--frozen", type=int, default=3, help="backbone blocks that do not train (3: to 24 channels, 5: to 40)")
    ap.add_argument("--mine", type=float, nargs="*", default=[0.35, 0.7], help="when to look for false alarms, share of the steps")
    ap.add_argument("--init", help="start from the averaged weights of this run, as far as the shapes agree")
    ap.add_argument("--resume", action="store_true")
    args = ap.parse_args()
    if (args.objects != "synthetic") != bool(args.train_ground):
        ap.error("--train-ground goes with --objects real and both, and only with them")
    if (args.objects != "real") != bool(args.scenes):
        ap.error("--scenes goes with --objects synthetic and both, and only with them")
    return args


def main():
    args = arguments()
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    # OpenCV's own threads do not survive the fork into a worker: without this the worker hangs.
    cv2.setNumThreads(0)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = torch.device(args.device)
    cache = args.cache or out.parent / "cache"
    flights = [load_flight(args.data, k, cache) for k, f in FLIGHTS.items() if f["ground"] in args.train_ground]
    scenes = [s for folder in args.scenes for s in load_scenes(folder)]
    crops = Crops(flights, scenes, load_backgrounds(args.data), args.objects)
    mined = list(range(len(flights))) + [len(flights) + i for i in np.random.default_rng(args.seed).permutation(len(scenes))[:MINED_SCENES]]

    log = open(out / "log.txt", "a", buffering=1)

    def say(text):
        print(text, flush=True)
        log.write(text + "\n")

    net = Detector(args.frozen).to(device, memory_format=torch.channels_last)
    body = [p for p in net.blocks.parameters() if p.requires_grad]
    ids = {id(p) for p in body}
    head = [p for p in net.parameters() if p.requires_grad and id(p) not in ids]
    rates = [args.lr * 0.4, args.lr]
    opt = torch.optim.AdamW([{"params": body}, {"params": head}], lr=args.lr, weight_decay=1e-3)
    mean_net = Detector().to(device, memory_format=torch.channels_last)
    first = 0
    if args.resume and (out / "last.pt").exists():
        state = torch.load(out / "last.pt", weights_only=False, map_location=device)
        net.load_state_dict(state["net"])
        mean_net.load_state_dict(state["mean"])
        opt.load_state_dict(state["opt"])
        first = state["step"]
        crops.set_hard(state["hard"])
    else:
        if args.init:
            weights = torch.load(Path(args.init) / "weights.pt", weights_only=True, map_location=device)
            say(f"from {args.init}, without {load_fitting(net, weights)}")
        mean_net.load_state_dict(net.state_dict())
        (out / "log.csv").write_text(COLUMNS + "\n")
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

    counts = {LEAVES[c]: len(real) + len(made) for c, (real, made) in enumerate(zip(crops.real.items, crops.synthetic.items)) if real or made}
    say(f"{args.objects}: {[f.key for f in flights]}, {len(scenes)} scenes, {counts}, {sum(map(len, crops.sprites))} cut-outs, steps {first}..{args.steps}")
    feed = batches(first)
    begun, waited, sums, summed = time.time(), 0.0, np.zeros(3), 0
    mine_at = {int(args.steps * f) for f in args.mine}
    for step in range(first, args.steps):
        if step in mine_at:
            # The averaged weights lag too far behind early on; the present ones know their own mistakes.
            grounds = flights + scenes
            hard = mine_negatives(net, [grounds[i] for i in mined], device)
            crops.set_hard([(mined[i], *rest) for i, *rest in hard])
            say(f"{step}: {len(crops.hard)} false alarms on the training grounds, {len(crops.found)} cut out, {time.time() - begun:.0f} s")
            del feed
            feed = batches(step)
        warm = min(1.0, (step + 1) / 100)
        cool = 0.5 * (1 + np.cos(np.pi * step / args.steps)) * 0.98 + 0.02
        for group, rate in zip(opt.param_groups, rates):
            group["lr"] = rate * warm * cool
        asked = time.time()
        image, *target = next(feed)
        waited += time.time() - asked
        image = image.to(device, memory_format=torch.channels_last)
        # bf16 halves the step on a CPU with AMX; the loss and the weights stay float32.
        with torch.autocast(device.type, torch.bfloat16):
            pred = net(image)
        focal, leaf, box = loss(pred.float(), *(t.to(device) for t in target))
        opt.zero_grad(set_to_none=True)
        (focal + 0.5 * leaf + 0.3 * box).backward()
        torch.nn.utils.clip_grad_norm_(body + head, 10.0)
        opt.step()
        keep = min(0.998, (step + 1) / (step + 20))
        with torch.no_grad():
            for a, b in zip(mean_net.parameters(), net.parameters()):
                a.lerp_(b, 1 - keep)
        sums += [focal.item(), leaf.item(), box.item()]
        summed += 1
        if (step + 1) % 50 == 0:
            seconds = time.time() - begun
            f, n, b = sums / summed
            done = step + 1 - first
            say(f"{step + 1}: focal {f:.3f} leaf {n:.3f} box {b:.3f}, {seconds / done:.3f} s a step, {waited / done:.3f} of it waiting for crops")
            with open(out / "log.csv", "a") as file:
                file.write(f"{step + 1},{f:.4f},{n:.4f},{b:.4f},{opt.param_groups[1]['lr']:.2e},{seconds:.0f}\n")
            sums[:], summed = 0, 0
        if (step + 1) % 250 == 0 or step + 1 == args.steps:
            save(step + 1)
    say(f"done in {time.time() - begun:.0f} s")


if __name__ == "__main__":
    main()
