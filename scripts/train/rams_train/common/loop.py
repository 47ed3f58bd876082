"""The training loop that the detector and the segmenter share.

RUN holds `args.json` (what the run was begun as), `log.txt`, `log.csv`, `curves.svg`, `last.pt` (to
resume) and `weights.pt` (averaged weights, what is exported).
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TextIO

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from rams_train.common.arrays import Array, F64Array, Rng
from rams_train.common.backbone import load_fitting, read_weights
from rams_train.common.curves import draw_curves

SAVE_S = 600  # a step may take long where others work too
SAVE_STEPS, LOG_STEPS = 250, 50
WARM_UP_STEPS = 100
BACKBONE_RATE = 0.4  # share of the learning rate that the pretrained layers have
# Options that change nothing of a run, or are places alone.
FREE_OPTIONS = {"device", "threads", "workers", "until", "resume", "data", "cache", "out"}
LOWEST_RATE = 0.02  # of the rate that a schedule begins with

HardRow = tuple[Any, ...]  # a hard negative as last.pt keeps it


class CropSource(Protocol):
    """Where a run's crops come from."""

    def sample(self, rng: Rng) -> tuple[Array, ...]:
        """One crop, its image [c, h, w] first, then its targets."""

    def hard_rows(self) -> list[HardRow]:
        """The false alarms that are drawn as negative crops, for the checkpoint."""

    def set_hard_rows(self, rows: Sequence[HardRow]) -> None:
        """Take the false alarms of a checkpoint."""


Loss = Callable[..., Sequence[Tensor]]


@dataclass(frozen=True)
class Task:
    """What a model brings to the loop.

    `make_net(frozen)` builds the network, `frozen` blocks of which do not train. `loss(prediction,
    *targets)` gives as many parts as `terms`, the weights of the parts by name.
    `search_hard(net, device, step)` looks for false alarms and hands them to `crops`.
    `description` is said of the run's data.
    """

    make_net: Callable[[int], nn.Module]
    crops: CropSource
    loss: Loss
    terms: Mapping[str, float]
    search_hard: Callable[[nn.Module, torch.device, int], None]
    description: str


class Options(argparse.Namespace):
    """The options of every run, by the names that args.json has: a checkpoint depends on them."""

    data: str
    out: str
    steps: int
    batch: int
    lr: float
    seed: int
    device: str
    threads: int
    workers: int
    frozen: int
    mine: list[float]
    init: str | None
    until: int | None
    cool_from: str | None
    resume: bool

    def search_steps(self) -> list[int]:
        """The steps before which false alarms are looked for, in order."""
        return sorted(int(self.steps * share) for share in self.mine)


def add_options(ap: argparse.ArgumentParser, batch: int, mine: Sequence[float]) -> None:
    """Declare the options of every run; `batch` and `mine` are defaults."""
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--steps", type=int, default=3000)
    ap.add_argument("--batch", type=int, default=batch)
    ap.add_argument("--lr", type=float, default=1.2e-3)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    ap.add_argument("--threads", type=int, default=torch.get_num_threads())
    ap.add_argument("--workers", type=int, default=1)
    ap.add_argument(
        "--frozen",
        type=int,
        default=3,
        help="backbone blocks that do not train (3: to 24 channels, 5: to 40)",
    )
    ap.add_argument(
        "--mine",
        type=float,
        nargs="*",
        default=mine,
        help="when to look for false alarms, share of the steps",
    )
    ap.add_argument(
        "--init",
        help="start from the averaged weights of this run, or from those of an .onnx, as far as "
        "the names and shapes agree",
    )
    ap.add_argument("--until", type=int, help="stop after so many of the steps [default: all]")
    ap.add_argument(
        "--cool-from",
        help="end another run early: begin with all that its last.pt holds, the learning rate "
        "falling in a straight line from where it stands there",
    )
    ap.add_argument("--resume", action="store_true")


class Stream(IterableDataset[tuple[Tensor, ...]]):
    """Endless batches. Batch i depends on the seed and i alone, so a resumed run sees the same."""

    def __init__(self, crops: CropSource, seed: int, first: int, batch: int) -> None:
        """`first` is the number of the first batch."""
        self.crops, self.seed, self.first, self.batch = crops, seed, first, batch

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        """The batches of this worker: each worker makes every n-th."""
        worker = torch.utils.data.get_worker_info()
        index, jump = (worker.id, worker.num_workers) if worker else (0, 1)
        step = self.first + index
        while True:
            rng = np.random.default_rng([self.seed, step])
            items = [self.crops.sample(rng) for _ in range(self.batch)]
            yield tuple(torch.from_numpy(np.stack(x)) for x in zip(*items, strict=True))
            step += jump


def refuse_another(out: Path, options: argparse.Namespace) -> None:
    """End the program if the run in `out` was begun with other options.

    A run goes on only as what it was begun as: else old weights would pass for those of a new
    description.
    """
    begun, now = json.loads((out / "args.json").read_text()), vars(options)
    other = [k for k in now if k not in FREE_OPTIONS and begun.get(k) != now[k]]
    if other:
        raise SystemExit(
            f"cannot resume {out}: it was begun with another {', '.join(other)}; "
            f"delete {out / 'last.pt'} to begin again"
        )


@dataclass
class Progress:
    """Seconds and losses: since the run began or went on, and since the last line of the log."""

    first: int
    terms: Sequence[str]
    begun: float = field(default_factory=time.time)
    saved: float = field(default_factory=time.time)
    waited: float = 0.0
    sums: F64Array = field(init=False)
    summed: int = 0

    def __post_init__(self) -> None:
        self.sums = np.zeros(len(self.terms))

    @property
    def seconds(self) -> float:
        """Since the run began or went on."""
        return time.time() - self.begun

    def add(self, parts: Sequence[Tensor]) -> None:
        """Count the losses of a step."""
        self.sums += [part.item() for part in parts]
        self.summed += 1

    def take_means(self) -> F64Array:
        """The mean losses since the last call."""
        means = self.sums / self.summed
        self.sums[:], self.summed = 0, 0
        return means


class Trainer:
    """One run: its networks, its optimiser, its files."""

    def __init__(self, options: Options, task: Task, log: TextIO) -> None:
        """Build the networks; `Trainer.restore` or `Trainer.begin` must follow."""
        self.options, self.task, self.log, self.out = options, task, log, Path(options.out)
        # OpenCV's own threads do not survive the fork into a worker: without this it hangs.
        cv2.setNumThreads(0)
        torch.set_num_threads(options.threads)
        torch.manual_seed(options.seed)
        self.device = torch.device(options.device)
        self.net = self._make_net()
        blocks = self.net.get_submodule("blocks")
        self.body = [p for p in blocks.parameters() if p.requires_grad]
        ids = {id(p) for p in self.body}
        self.head = [p for p in self.net.parameters() if p.requires_grad and id(p) not in ids]
        self.rates = [options.lr * BACKBONE_RATE, options.lr]
        self.optimiser = torch.optim.AdamW(
            [{"params": self.body}, {"params": self.head}], lr=options.lr, weight_decay=1e-3
        )
        self.mean_net = self._make_net()
        self.first = 0

    def _make_net(self) -> nn.Module:
        net = self.task.make_net(self.options.frozen)
        # The overload of `to` with a memory format is not annotated for modules.
        moved: nn.Module = net.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return moved

    def say(self, text: str) -> None:
        """Print a line and write it to log.txt."""
        print(text, flush=True)
        self.log.write(text + "\n")

    # --- from where it starts, and what it leaves ---

    def start(self) -> None:
        """Go on from last.pt if that is wanted and there is one, else begin; write args.json."""
        if self.options.resume and (self.out / "last.pt").exists():
            refuse_another(self.out, self.options)
            self.first = self.restore(self.out)
        else:
            self.begin()
        (self.out / "args.json").write_text(json.dumps(vars(self.options), indent=1))

    def restore(self, run: Path) -> int:
        """Take networks, optimiser and false alarms from a run's last.pt; returns its step."""
        state = torch.load(run / "last.pt", weights_only=False, map_location=self.device)
        self.net.load_state_dict(state["net"])
        self.mean_net.load_state_dict(state["mean"])
        self.optimiser.load_state_dict(state["opt"])
        self.task.crops.set_hard_rows(state["hard"])
        step: int = state["step"]
        return step

    def begin(self) -> None:
        """Start from ImageNet's weights or from another run, with an empty log.csv."""
        if self.options.cool_from:
            step = self.restore(Path(self.options.cool_from))
            self.say(f"from step {step} of {self.options.cool_from}")
            # Kept with the optimiser: the other run may have gone on when this one is resumed.
            for group in self.optimiser.param_groups:
                group["initial_lr"] = group["lr"]
        if self.options.init:
            weights = read_weights(Path(self.options.init), self.device)
            self.say(f"from {self.options.init}, without {load_fitting(self.net, weights)}")
        self.mean_net.load_state_dict(self.net.state_dict())
        columns = ",".join(self.task.terms)
        (self.out / "log.csv").write_text(f"step,{columns},lr,seconds\n")

    def save(self, step: int) -> None:
        """Write last.pt (whole or not at all), weights.pt and curves.svg after `step` steps."""
        state = {
            "net": self.net.state_dict(),
            "mean": self.mean_net.state_dict(),
            "opt": self.optimiser.state_dict(),
            "step": step,
            "hard": self.task.crops.hard_rows(),
        }
        torch.save(state, self.out / "last.tmp")
        (self.out / "last.tmp").replace(self.out / "last.pt")
        torch.save(self.mean_net.state_dict(), self.out / "weights.pt")
        draw_curves(self.out / "log.csv", self.out / "curves.svg")

    # --- the steps ---

    def run(self) -> None:
        """All steps from the first on; the schedule is fixed in advance."""
        steps = min(self.options.steps, self.options.until or self.options.steps)
        self.say(f"{self.task.description}, steps {self.first}..{steps}")
        feed = self.batches(self.first)
        progress = Progress(self.first, list(self.task.terms))
        search_at = set(self.options.search_steps())
        for step in range(self.first, steps):
            if step in search_at:
                self.search(step, progress)
                # The old workers end before the new ones begin.
                del feed
                feed = self.batches(step)
            self.set_rates(step)
            asked = time.time()
            batch = next(feed)
            progress.waited += time.time() - asked
            progress.add(self.step(step, batch))
            done = step + 1
            if done % LOG_STEPS == 0:
                self.report(done, progress)
            late = time.time() - progress.saved > SAVE_S
            if done % SAVE_STEPS == 0 or done == steps or late:
                self.save(done)
                progress.saved = time.time()
        self.say(f"done in {progress.seconds:.0f} s")

    def batches(self, first: int) -> Iterator[tuple[Tensor, ...]]:
        """Batches from number `first` on, made by the workers."""
        stream = Stream(self.task.crops, self.options.seed, first, self.options.batch)
        workers = self.options.workers
        prefetch = 4 if workers else None
        return iter(
            DataLoader(stream, batch_size=None, num_workers=workers, prefetch_factor=prefetch)
        )

    def search(self, step: int, progress: Progress) -> None:
        """Look for false alarms on the training grounds.

        The averaged weights lag too far behind early on; the present ones know their own mistakes.
        """
        self.task.search_hard(self.net, self.device, step)
        count = len(self.task.crops.hard_rows())
        self.say(f"{step}: {count} false alarms on the training grounds, {progress.seconds:.0f} s")

    def set_rates(self, step: int) -> None:
        """The learning rates: warm-up and cosine, or a line down from where another run was."""
        done = step / self.options.steps
        if self.options.cool_from:
            rates = [group["initial_lr"] for group in self.optimiser.param_groups]
            warm, falls = 1.0, 1 - done
        else:
            rates, warm = self.rates, min(1.0, (step + 1) / WARM_UP_STEPS)
            falls = 0.5 * (1 + np.cos(np.pi * done))
        for group, rate in zip(self.optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * warm * (falls * (1 - LOWEST_RATE) + LOWEST_RATE)

    def step(self, step: int, batch: Sequence[Tensor]) -> Sequence[Tensor]:
        """One step on a batch; returns the parts of the loss."""
        image, *targets = batch
        image = image.to(self.device, memory_format=torch.channels_last)
        # bf16 halves the step on a CPU that has it; the loss and the weights stay float32.
        with torch.autocast(self.device.type, torch.bfloat16):
            prediction = self.net(image)
        parts = self.task.loss(prediction.float(), *(t.to(self.device) for t in targets))
        self.optimiser.zero_grad(set_to_none=True)
        terms = self.task.terms.values()
        total = sum(weight * part for weight, part in zip(terms, parts, strict=True))
        assert isinstance(total, Tensor)
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.body + self.head, 10.0)
        self.optimiser.step()
        self.average(step)
        return parts

    @torch.no_grad()
    def average(self, step: int) -> None:
        """Move the averaged weights towards the present ones, by less and less."""
        keep = min(0.998, (step + 1) / (step + 20))
        for a, b in zip(self.mean_net.parameters(), self.net.parameters(), strict=True):
            a.lerp_(b, 1 - keep)

    def report(self, done: int, progress: Progress) -> None:
        """Write the mean losses since the last report to log.txt and log.csv."""
        seconds, means, count = progress.seconds, progress.take_means(), done - self.first
        losses = " ".join(
            f"{name} {value:.3f}" for name, value in zip(self.task.terms, means, strict=True)
        )
        self.say(
            f"{done}: {losses}, {seconds / count:.3f} s a step, "
            f"{progress.waited / count:.3f} of it waiting for crops"
        )
        columns = ",".join(f"{value:.4f}" for value in means)
        rate = self.optimiser.param_groups[1]["lr"]
        with open(self.out / "log.csv", "a") as file:
            file.write(f"{done},{columns},{rate:.2e},{seconds:.0f}\n")


def train(options: Options, task: Task) -> None:
    """Train a network as its options say, from the beginning or from its last checkpoint."""
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "log.txt", "a", buffering=1) as log:
        trainer = Trainer(options, task, log)
        trainer.start()
        trainer.run()
