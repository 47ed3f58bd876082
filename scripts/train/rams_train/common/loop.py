"""The training loop that the detector and the segmenter share.

RUN holds `log.txt`, `log.csv`, `curves.svg`, `last.pt` (to resume), `weights.pt` (averaged weights, what is exported).
"""
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

from rams_train.common.curves import draw
from rams_train.ordnance.model import load_fitting


SAVE_S = 600  # a step may take long where others work too


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


def options(ap, batch, mine):
    """The options of every run; `batch` and `mine` are defaults."""
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--steps", type=int, default=3000)
    ap.add_argument("--batch", type=int, default=batch)
    ap.add_argument("--lr", type=float, default=1.2e-3)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    ap.add_argument("--threads", type=int, default=2)
    ap.add_argument("--workers", type=int, default=1)
    ap.add_argument("--frozen", type=int, default=3, help="backbone blocks that do not train (3: to 24 channels, 5: to 40)")
    ap.add_argument("--mine", type=float, nargs="*", default=mine, help="when to look for false alarms, share of the steps")
    ap.add_argument("--init", help="start from the averaged weights of this run, as far as the shapes agree")
    ap.add_argument("--resume", action="store_true")


def refuse_another(out, args):
    """A run goes on only as what it was begun as: else old weights would pass for those of a new description."""
    begun, now = json.loads((out / "args.json").read_text()), vars(args)
    same = {"device", "threads", "workers", "resume", "data", "cache", "out"}  # these change nothing, or places alone
    other = [k for k in now if k not in same and begun.get(k) != now[k]]
    if other:
        raise SystemExit(f"cannot resume {out}: it was begun with another {', '.join(other)}; delete {out / 'last.pt'} to begin again")


def fit(args, make, crops, loss, terms, mine, what):
    """Train `make(frozen)` on batches of `crops`; the schedule is fixed in advance.

    `loss(prediction, *targets)` gives as many parts as `terms`, {name: weight}, has. `mine(net, device, step)` finds
    false alarms for `crops.set_hard`. `what` is said of the run's data.
    """
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    # OpenCV's own threads do not survive the fork into a worker: without this the worker hangs.
    cv2.setNumThreads(0)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = torch.device(args.device)
    log = open(out / "log.txt", "a", buffering=1)

    def say(text):
        print(text, flush=True)
        log.write(text + "\n")

    net = make(args.frozen).to(device, memory_format=torch.channels_last)
    body = [p for p in net.blocks.parameters() if p.requires_grad]
    ids = {id(p) for p in body}
    head = [p for p in net.parameters() if p.requires_grad and id(p) not in ids]
    rates = [args.lr * 0.4, args.lr]
    opt = torch.optim.AdamW([{"params": body}, {"params": head}], lr=args.lr, weight_decay=1e-3)
    mean_net = make(args.frozen).to(device, memory_format=torch.channels_last)
    first = 0
    if args.resume and (out / "last.pt").exists():
        refuse_another(out, args)
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
        (out / "log.csv").write_text(f"step,{','.join(terms)},lr,seconds\n")
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

    say(f"{what}, steps {first}..{args.steps}")
    feed = batches(first)
    saved = time.time()
    begun, waited, sums, summed = time.time(), 0.0, np.zeros(len(terms)), 0
    mine_at = {int(args.steps * f) for f in args.mine}
    for step in range(first, args.steps):
        if step in mine_at:
            # The averaged weights lag too far behind early on; the present ones know their own mistakes.
            crops.set_hard(mine(net, device, step))
            say(f"{step}: {len(crops.hard)} false alarms on the training grounds, {time.time() - begun:.0f} s")
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
        # bf16 halves the step on a CPU that has it; the loss and the weights stay float32.
        with torch.autocast(device.type, torch.bfloat16):
            pred = net(image)
        parts = loss(pred.float(), *(t.to(device) for t in target))
        opt.zero_grad(set_to_none=True)
        sum(weight * part for weight, part in zip(terms.values(), parts)).backward()
        torch.nn.utils.clip_grad_norm_(body + head, 10.0)
        opt.step()
        keep = min(0.998, (step + 1) / (step + 20))
        with torch.no_grad():
            for a, b in zip(mean_net.parameters(), net.parameters()):
                a.lerp_(b, 1 - keep)
        sums += [part.item() for part in parts]
        summed += 1
        if (step + 1) % 50 == 0:
            seconds, mean, done = time.time() - begun, sums / summed, step + 1 - first
            losses = " ".join(f"{name} {value:.3f}" for name, value in zip(terms, mean))
            say(f"{step + 1}: {losses}, {seconds / done:.3f} s a step, {waited / done:.3f} of it waiting for crops")
            with open(out / "log.csv", "a") as file:
                file.write(f"{step + 1},{','.join(f'{value:.4f}' for value in mean)},{opt.param_groups[1]['lr']:.2e},{seconds:.0f}\n")
            sums[:], summed = 0, 0
        if (step + 1) % 250 == 0 or step + 1 == args.steps or time.time() - saved > SAVE_S:
            save(step + 1)
            saved = time.time()
    say(f"done in {time.time() - begun:.0f} s")
