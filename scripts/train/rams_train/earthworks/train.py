"""Train the segmenter; from scripts/train, with RUN, DIR and N filled in:

`python -m rams_train.earthworks.train --data DIR --scenes DIR ... --out RUN --steps N`

What RUN holds: common/loop.py.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from rams_train.common import loop
from rams_train.earthworks.classes import MASKS
from rams_train.earthworks.crops import Crops
from rams_train.earthworks.dataset import load_scenes
from rams_train.earthworks.grounds import HELD_OUT_FOLD, load_grounds
from rams_train.earthworks.losses import TERMS, segmentation_loss
from rams_train.earthworks.model import Segmenter
from rams_train.ordnance.classes import FOLDS


class Options(loop.Options):
    """The options of a run of the segmenter."""

    scenes: list[str]
    works: float
    fold: str | None  # None of a run that was begun when there was one


def parse_options(argv: Sequence[str] | None = None) -> Options:
    """The options of the command line."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument(
        "--scenes",
        nargs="+",
        required=True,
        help="folders of `rams scene --layout earthworks --count`",
    )
    ap.add_argument(
        "--works", type=float, default=0.6, help="share of the crops that lie on an earthwork"
    )
    ap.add_argument(
        "--fold",
        choices=FOLDS,
        help="of the other model's recipe.toml, whose sites are not read "
        "[default: that of the run]",
    )
    loop.add_options(ap, batch=8, mine=[0.4, 0.7])
    return ap.parse_args(argv, namespace=Options())


def load_crops(options: Options) -> Crops:
    """All that the run draws its crops from."""
    scenes = [s for folder in options.scenes for s in load_scenes(Path(folder))]
    fold = FOLDS[options.fold] if options.fold else HELD_OUT_FOLD
    return Crops(scenes, load_grounds(Path(options.data), fold), options.works)


def main() -> None:
    """The command line."""
    options = parse_options()
    crops = load_crops(options)

    def search(net: nn.Module, device: torch.device, step: int) -> None:
        rng = np.random.default_rng([options.seed, step])
        crops.search(net, device, options.search_steps().index(step), rng)

    counts = dict(zip(MASKS, map(len, crops.by_class), strict=True))
    photographs = len(crops.photographs)
    description = f"{len(crops.scenes)} scenes, {photographs} photographs, {counts} places"
    loop.train(options, loop.Task(Segmenter, crops, segmentation_loss, TERMS, search, description))


if __name__ == "__main__":
    main()
