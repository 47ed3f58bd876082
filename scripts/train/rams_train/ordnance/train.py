"""Train the detector; from scripts/train, with RUN, DIR and N filled in:

`python -m rams_train.ordnance.train --data DIR --objects wide --train-ground pitch court
--scenes DIR --mixed DIR --out RUN --steps N`

No ground outside --train-ground is read, so nothing can be tuned on it. What RUN holds:
common/loop.py.
"""

import argparse
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from rams_train.common import loop
from rams_train.ordnance.classes import (
    FOLDS,
    HELD_OUT,
    Dataset,
    add_dataset_option,
    chosen_dataset,
)
from rams_train.ordnance.crops import MIX, Crops
from rams_train.ordnance.dataset import (
    AnnotatedImage,
    load_backgrounds,
    load_flight,
    load_folder,
    load_scenes,
)
from rams_train.ordnance.hard_negatives import due_images, find_false_alarms
from rams_train.ordnance.losses import TERMS, detection_loss
from rams_train.ordnance.model import Detector
from rams_train.ordnance.textures import load_textures

SEARCHED_SCENES = 40  # scenes that are searched for false alarms, besides all flights
MOST_OF_ONE = 25  # "wide": false alarms kept of one image, so that none drowns the others


class Options(loop.Options):
    """The options of a run of the detector."""

    objects: str
    train_ground: list[str]
    scenes: list[str]
    mixed: list[str]
    fold: str | None  # None of a run that was begun when there was one
    cache: str | None
    dataset: str | None

    @property
    def wide(self) -> bool:
        """Whether objects come in any appearance, on all ground of recipe.toml."""
        return self.objects == "wide"


def parse_options(argv: Sequence[str] | None = None) -> Options:
    """The options of the command line."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument(
        "--objects",
        choices=MIX,
        required=True,
        help="real: those of the flights; wide: those of scenes as well, on all ground of "
        "recipe.toml and in any appearance",
    )
    ap.add_argument(
        "--train-ground",
        nargs="+",
        required=True,
        help="the sites that flights of the dataset lie on, without those held out",
    )
    add_dataset_option(ap)
    ap.add_argument("--scenes", nargs="*", default=[], help="folders of `rams scene --count`")
    ap.add_argument(
        "--mixed",
        nargs="*",
        default=[],
        help="folders of rams_train.ordnance.textures, for --objects wide",
    )
    ap.add_argument(
        "--fold",
        choices=FOLDS,
        help="of recipe.toml, whose sites are not read [default: that of the run]",
    )
    ap.add_argument("--cache", help="folder for decoded flights (default: OUT/../cache)")
    loop.add_options(ap, batch=16, mine=[0.35, 0.7])
    options = ap.parse_args(argv, namespace=Options())
    if options.wide != bool(options.scenes):
        ap.error("--scenes goes with --objects wide, and only with it")
    if options.wide != bool(options.mixed):
        ap.error("--mixed goes with --objects wide, and only with it")
    if options.fold and not options.wide:
        ap.error("--fold goes with --objects wide, and only with it")
    dataset = chosen_dataset(options.dataset)
    grounds = {f["ground"] for f in dataset.flights.values()}
    unknown = sorted(set(options.train_ground) - grounds)
    if unknown:
        flown = ", ".join(sorted(grounds))
        ap.error(f"--train-ground {unknown[0]}: {dataset.file} has flights over {flown}")
    return options


def load_crops(options: Options, dataset: Dataset) -> Crops:
    """All that the run draws its crops from."""
    data = Path(options.data)
    cache = Path(options.cache or Path(options.out).parent / "cache")
    keys = dataset.flights_of(options.train_ground)
    flights = [load_flight(data, k, cache, dataset) for k in keys]
    if flights and not any(f.objects for f in flights):
        raise SystemExit(f"cannot train: no flight of {', '.join(keys)} has a labelled object")
    scenes = [s for folder in options.scenes for s in load_scenes(Path(folder), dataset)]
    fold = (FOLDS[options.fold] if options.fold else HELD_OUT) if options.wide else None
    material = load_textures(data, fold) if fold else []
    mixed = [image for folder in options.mixed for image in load_folder(Path(folder))]
    backgrounds = load_backgrounds(data, cache, fold, dataset)
    return Crops(flights, scenes, backgrounds, options.objects, material, mixed, dataset)


class FalseAlarmSearch:
    """What is searched for false alarms, and when."""

    def __init__(self, options: Options, crops: Crops) -> None:
        """With "wide" all ground in turn, else the flights and some scenes each time."""
        self.options, self.crops = options, crops
        self._find = partial(find_false_alarms, dataset=crops.dataset)
        order = np.random.default_rng(options.seed).permutation(len(crops.scenes))
        some_scenes = [crops.scenes[i] for i in order[:SEARCHED_SCENES]]
        self.always: list[AnnotatedImage] = [*crops.flights, *some_scenes]

    def __call__(self, net: nn.Module, device: torch.device, step: int) -> None:
        """Search before `step`, and hand what is found to the crops."""
        if self.options.wide:
            self._search_in_turn(net, device, step)
        else:
            self.crops.set_hard(self._find(net, self.always, device))

    def _search_in_turn(self, net: nn.Module, device: torch.device, step: int) -> None:
        """Search a part of all ground, and keep what was found on the rest before."""
        crops = self.crops
        turn = self.options.search_steps().index(step)
        images = list(crops.images.values())
        due = due_images(turn, len(crops.flights), len(crops.scenes), len(images))
        now = [images[i] for i in due]
        keys = {image.key for image in now}
        kept = [alarm for alarm in crops.hard if alarm.key not in keys]
        new = self._find(net, now, device, most_of_one=MOST_OF_ONE)
        crops.set_hard([*kept, *new])


def describe(options: Options, crops: Crops) -> str:
    """What the log says of the run's data."""
    pairs = enumerate(zip(crops.real.by_class, crops.synthetic.by_class, strict=True))
    counts = {
        crops.dataset.leaves[c]: len(real) + len(made) for c, (real, made) in pairs if real or made
    }
    text = (
        f"{options.objects}: {[f.key for f in crops.flights]}, {len(crops.scenes)} scenes, "
        f"{counts}, {crops.paster.count()} cut-outs"
    )
    if options.wide:
        text += f", {len(crops.material)} textures, {len(crops.images)} images searched"
    return text


def main(argv: Sequence[str] | None = None) -> None:
    """The command line."""
    options = parse_options(argv)
    dataset = chosen_dataset(options.dataset)
    crops = load_crops(options, dataset)
    search = FalseAlarmSearch(options, crops)
    net, loss = partial(Detector, dataset=dataset), partial(detection_loss, dataset=dataset)
    task = loop.Task(net, crops, loss, TERMS, search, describe(options, crops))
    loop.train(options, task)


if __name__ == "__main__":
    main()
