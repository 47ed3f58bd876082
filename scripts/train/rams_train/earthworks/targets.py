"""What the network should say of a crop: shares of the classes in cells of STRIDE px."""

from typing import NamedTuple

import cv2
import numpy as np

from rams_train.common.arrays import Array, F32Array
from rams_train.earthworks.classes import MASKS
from rams_train.earthworks.dataset import IGNORE
from rams_train.earthworks.geometry import CELLS, SIDE_M, resize_square

SMALL_CLASSES = ("foxhole", "crater")
MIN_SIDE_PX = 6  # of the source, below which a small work cannot be asked for


class TargetMaps(NamedTuple):
    """share [1 + masks, n, n]: of each class in a cell; care [n, n]: 1 where a cell counts."""

    share: F32Array
    care: F32Array


def target_maps(label: Array, source_gsd_m: float) -> TargetMaps:
    """Targets of labels [k, k] that a crop shows as imagery of `source_gsd_m` metres a px would."""
    classes = range(1 + len(MASKS))
    share = np.stack([resize_square((label == c).astype(np.float32), CELLS) for c in classes])
    unsure = resize_square((label == IGNORE).astype(np.float32), CELLS)
    care: Array = (unsure < 0.25).astype(np.float32)
    for c in classes[1:]:
        if share[c].max() > 0 and MASKS[c - 1] in SMALL_CLASSES:
            care *= _large_enough(label == c, source_gsd_m)
    known = np.maximum(share.sum(0), 1e-6)
    return TargetMaps((share / known).astype(np.float32), care.astype(np.float32))


def _large_enough(mask: Array, source_gsd_m: float) -> Array:
    """0 in the cells of the works of a mask that are too small for the source, else 1."""
    keep: Array = np.ones((CELLS, CELLS))
    count, part, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    px_m = SIDE_M / mask.shape[0]
    for i in range(1, count):
        if min(stats[i, 2:4]) * px_m < MIN_SIDE_PX * source_gsd_m:
            keep *= 1 - (resize_square((part == i).astype(np.float32), CELLS) > 0)
    return keep
