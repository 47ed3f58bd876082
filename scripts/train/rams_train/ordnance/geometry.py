"""The scale of the model and of its training crops; boxes in a crop.

A box is an array x0, y0, x1, y1 in px, x to the right, y down.
"""

import numpy as np

from rams_train.common.arrays import Array

GSD_M = 0.004  # of the model's input
NATIVE_M = 0.0025  # of the finest imagery that crops stand for
STRIDE = 4  # px per cell of the heat map
HALO = 96  # px of context around the core of a tile
CROP = 192  # px of a training crop
CELLS = CROP // STRIDE
SIDE_M = CROP * GSD_M


def mirror(box: Array) -> Array:
    """The box in the crop mirrored left to right."""
    return np.array([CROP - box[2], box[1], CROP - box[0], box[3]])


def quarter_turn(box: Array) -> Array:
    """The box after numpy.rot90: a quarter turn of the crop against the clock."""
    return np.array([box[1], CROP - box[2], box[3], CROP - box[0]])


def clip(box: Array) -> Array | None:
    """The part of a box within the crop; None where less than 2 px of a side are left."""
    inside = np.clip(box, 0, CROP)
    large = inside[2] - inside[0] > 2 and inside[3] - inside[1] > 2
    return inside if large else None


def is_within(box: Array, side: int) -> bool:
    """Whether all of the box lies in a square of `side` px."""
    return bool(box[0] >= 0 and box[1] >= 0 and box[2] <= side and box[3] <= side)


def area(box: Array) -> float:
    """Square px."""
    square: float = max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])
    return square


def are_apart(a: Array, b: Array) -> bool:
    """Whether two boxes do not touch."""
    return bool(a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1])
