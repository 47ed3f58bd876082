"""All real ground of recipe.toml, without known earthworks: to train on, or held out."""

from pathlib import Path
from typing import Any

import numpy as np

from rams_train.earthworks.classes import RECIPE, TABLE
from rams_train.earthworks.dataset import (
    PHOTO_GSD_M,
    LabelledImage,
    load_photograph,
    without_works,
)
from rams_train.ordnance.classes import FOLDS, Fold
from rams_train.ordnance.classes import RECIPE as ORDNANCE
from rams_train.ordnance.textures import load_textures, paint_ground

RUN: dict[str, Any] = RECIPE["run"]
HELD_OUT_FOLD = FOLDS[RUN["fold"]]  # what the shipped model never saw
# The lists of aerial images and of textures are those of the other model's recipe.
SITES: list[dict[str, Any]] = ORDNANCE["site"]["image"]
TEXTURES: list[dict[str, Any]] = ORDNANCE["texture"]["image"]
MIXED_PX = 768  # of PHOTO_GSD_M: a square of textures
MIXED_GSD_M = (0.01, 0.05)  # of the textures on it: as they are, or up to five times as large


def trained_on() -> list[dict[str, Any]]:
    """The entries of all files that the model was trained on."""
    return [
        *(b for b in TABLE["background"] if not b.get("held_out")),
        *(s for s in SITES if s["site"] not in HELD_OUT_FOLD.sites),
        *(t for t in TEXTURES if t["kind"] not in HELD_OUT_FOLD.kinds),
    ]


def aerial_images(fold: Fold, held_out: bool) -> list[dict[str, Any]]:
    """The entries of aerial images and flights that a fold holds out, or may be trained on."""
    sites = fold.grounds + fold.sites
    return [e for e in [*TABLE["background"], *SITES] if (e["site"] in sites) == held_out]


def load_grounds(data: Path, fold: Fold) -> list[LabelledImage]:
    """What a run trains on: aerial images, flights, squares of textures."""
    entries = [e for e in aerial_images(fold, held_out=False) if not e.get("held_out")]
    photographs = [load_photograph(data, entry) for entry in entries]
    return [*photographs, *mix_textures(data, RUN["mixed_grounds"], fold, held_out=False)]


def mix_textures(data: Path, count: int, fold: Fold, held_out: bool) -> list[LabelledImage]:
    """Squares of textures to train on, or of those of the kinds that a fold holds out."""
    textures = load_textures(data, fold, held_out)
    squares = []
    for number in range(count):
        rng = np.random.default_rng([RUN["seed"], number])
        gsd_m = float(np.exp(rng.uniform(*np.log(MIXED_GSD_M))))
        rgb = paint_ground(rng, textures, MIXED_PX, gsd_m)
        label = np.zeros(rgb.shape[:2], np.uint8)
        squares.append(without_works(f"mixed-{number}", rgb, label, PHOTO_GSD_M))
    return squares
