"""Train the detector on some flights: `train.py --data DIR --train F01 F02 F15 --out RUN --steps N [--resume]`.

RUN holds `log.txt`, `last.pt` (to resume), `weights.pt` (averaged weights, what is evaluated and exported). The
schedule is fixed in advance: no flight outside --train is read, so nothing can be tuned on it.
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
from torch.utils.data import DataLoader, IterableDataset

from dataset import load_backgrounds, load_flight
from infer import detect
from model import Decoder, Detector
from scene import Scenes


class Stream(IterableDataset):
    """Endless batches. Batch i depends on the seed and i alone, so a resumed run sees what it would have seen."""

    def __init__(self, scenes, seed, first, batch):
        self.scenes, self.seed, self.first, self.batch = scenes, seed, first, batch

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        index, jump = (worker.id, worker.num_workers) if worker else (0, 1)
        step = self.first + index
        while True:
            rng = np.random.default_rng([self.seed, step])
            items = [self.scenes.sample(rng) for _ in range(self.batch)]
            yield tuple(torch.from_numpy(np.stack(x)) for x in zip(*items))
            step += jump


def loss(out, heat, reg, weight, care):
    """Focal loss on the heat map (peaks count 1, the slope around them little), L1 on offset and log size."""
    n = heat.shape[1]
    logit = out[:, :n]
    p = torch.sigmoid(logit).clamp(1e-5, 1 - 1e-5)
    is_peak = (heat == 1).float()
    pos = -((1 - p) ** 2) * torch.log(p) * is_peak
    neg = -((1 - heat) ** 4) * p**2 * torch.log(1 - p) * (1 - is_peak)
    peaks = is_peak.sum().clamp(min=1)
    focal = ((pos + neg) * care[:, None]).sum() / peaks
    l1 = ((out[:, n:] - reg).abs() * weight[:, None]).sum((0, 2, 3)) / weight.sum().clamp(min=1)
    return focal, l1[:2].sum() + l1[2:].sum()


def mine_negatives(net, flights, score=0.05, most=400):
    """False alarms of the present weights on the training grounds: (flight index, x, y, w, h), the worst first."""
    run = Decoder(net).eval()
    found = []
    for i, flight in enumerate(flights):
        truth = np.array([o.box for o in flight.objects] + list(flight.ignore)).reshape(-1, 4)
        for x0, y0, x1, y1, s, _ in detect(run, flight, score):
            cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
            near = (truth[:, 0] - 6 < cx) & (cx < truth[:, 2] + 6) & (truth[:, 1] - 6 < cy) & (cy < truth[:, 3] + 6)
            if not near.any():
                found.append((float(s), i, float(cx), float(cy), float(x1 - x0), float(y1 - y0)))
    found.sort(reverse=True)
    return [f[1:] for f in found[:most]]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", required=True)
    ap.add_argument("--train", nargs="+", required=True, help="flight keys, e.g. F01 F02 F15")
    ap.add_argument("--out", required=True)
    ap.add_argument("--cache", help="folder for resampled flights (default: OUT/../cache)")
    ap.add_argument("--steps", type=int, default=3000)
    ap.add_argument("--batch", type=int, default=16)
    ap.add_argument("--lr", type=float, default=1.2e-3)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--workers", type=int, default=1)
    ap.add_argument("--frozen", type=int, default=5, help="backbone blocks that do not train (3: to 24 channels, 5: to 40)")
    ap.add_argument("--mine", type=float, nargs="*", default=[0.35, 0.8], help="when to look for false alarms, share of the steps (0: at once)")
    ap.add_argument("--init", help="start from the averaged weights of this run")
    ap.add_argument("--resume", action="store_true")
    args = ap.parse_args()

    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    # OpenCV's own threads do not survive the fork into a worker: without this the worker hangs.
    cv2.setNumThreads(0)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    cache = args.cache or out.parent / "cache"
    flights = [load_flight(args.data, k, cache) for k in args.train]
    scenes = Scenes(flights, load_backgrounds(args.data), args.seed)

    net = Detector(args.frozen).to(memory_format=torch.channels_last)
    if args.init:
        net.load_state_dict(torch.load(Path(args.init) / "weights.pt", weights_only=True))
    body = [p for p in net.blocks.parameters() if p.requires_grad]
    ids = {id(p) for p in body}
    head = [p for p in net.parameters() if p.requires_grad and id(p) not in ids]
    rates = [args.lr * 0.4, args.lr]
    opt = torch.optim.AdamW([{"params": body}, {"params": head}], lr=args.lr, weight_decay=1e-3)
    mean_net = Detector().to(memory_format=torch.channels_last)
    mean_net.load_state_dict(net.state_dict())
    mine_at = {int(args.steps * f) for f in args.mine}
    first = 0
    if args.resume and (out / "last.pt").exists():
        state = torch.load(out / "last.pt", weights_only=False)
        net.load_state_dict(state["net"])
        mean_net.load_state_dict(state["mean"])
        opt.load_state_dict(state["opt"])
        first = state["step"]
        scenes.set_hard(state["hard"])
    (out / "args.json").write_text(json.dumps(vars(args), indent=1))
    log = open(out / "log.txt", "a", buffering=1)

    def say(text):
        print(text, flush=True)
        log.write(text + "\n")

    def save(step):
        state = {"net": net.state_dict(), "mean": mean_net.state_dict(), "opt": opt.state_dict(), "step": step, "hard": scenes.hard}
        torch.save(state, out / "last.tmp")
        (out / "last.tmp").replace(out / "last.pt")
        torch.save(mean_net.state_dict(), out / "weights.pt")

    def batches(step):
        stream = Stream(scenes, args.seed, step, args.batch)
        return iter(DataLoader(stream, batch_size=None, num_workers=args.workers, prefetch_factor=4 if args.workers else None))

    say(f"train {args.train}: {len(scenes.objects)} objects, cut-outs {[len(s) for s in scenes.sprites]}, steps {first}..{args.steps}")
    feed = batches(first)
    begun, sums = time.time(), np.zeros(2)
    for step in range(first, args.steps):
        if step in mine_at:
            # The averaged weights lag too far behind early on; the present ones know their own mistakes.
            scenes.set_hard(mine_negatives(net, flights))
            say(f"{step}: {len(scenes.hard)} false alarms on the training grounds, {len(scenes.found)} cut out, {time.time() - begun:.0f} s")
            del feed
            feed = batches(step)
        warm = min(1.0, (step + 1) / 100)
        cool = 0.5 * (1 + np.cos(np.pi * step / args.steps)) * 0.98 + 0.02
        for group, rate in zip(opt.param_groups, rates):
            group["lr"] = rate * warm * cool
        image, *target = next(feed)
        image = image.to(memory_format=torch.channels_last)
        # bf16 halves the step on a CPU with AMX; the loss and the weights stay float32.
        with torch.autocast("cpu", torch.bfloat16):
            pred = net(image)
        focal, box = loss(pred.float(), *target)
        opt.zero_grad(set_to_none=True)
        (focal + 0.3 * box).backward()
        torch.nn.utils.clip_grad_norm_(body + head, 10.0)
        opt.step()
        keep = min(0.998, (step + 1) / (step + 20))
        with torch.no_grad():
            for a, b in zip(mean_net.parameters(), net.parameters()):
                a.lerp_(b, 1 - keep)
        sums += [focal.item(), box.item()]
        if (step + 1) % 50 == 0:
            rate = (time.time() - begun) / (step + 1 - first)
            say(f"{step + 1}: focal {sums[0] / 50:.3f} box {sums[1] / 50:.3f}, {rate:.3f} s a step")
            sums[:] = 0
        if (step + 1) % 250 == 0 or step + 1 == args.steps:
            save(step + 1)
    say(f"done in {time.time() - begun:.0f} s")


if __name__ == "__main__":
    main()
