"""What the network should say of a crop: shares of the classes in cells of STRIDE px."""

from typing import NamedTuple

import cv2
import numpy as np

from rams_train.common.arrays import Array, F32Array, U8Array
from rams_train.earthworks.classes import MASKS
from rams_train.earthworks.dataset import IGNORE
from rams_train.earthworks.geometry import CELLS, SIDE_M, resize_square

SMALL_CLASSES = ("foxhole", "crater")
MIN_SIDE_PX = 6  # of the source, below which a small work cannot be asked for
NARROW_CLASSES = ("trench_fire", "trench_comm", "foxhole")
NARROW_GSD_MAX_M = 0.20  # of the source, above which a narrow work cannot be asked for
FAINT = 8  # grey levels by which a small work must differ from the ground about it


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
    for c in (c for c in classes[1:] if share[c].max() > 0):
        if MASKS[c - 1] in SMALL_CLASSES:
            care *= _large_enough(label == c, source_gsd_m)
        if MASKS[c - 1] in NARROW_CLASSES and source_gsd_m > NARROW_GSD_MAX_M:
            care *= share[c] == 0
    known = np.maximum(share.sum(0), 1e-6)
    return TargetMaps((share / known).astype(np.float32), care.astype(np.float32))


def ignore_faint(label: U8Array, rgb: Array) -> U8Array:
    """Labels [k, k] without the small works that do not show in the picture rgb [n, n, 3].

    What shows of a hole is its shadow and its spoil: it is darker or lighter than the ground about
    it, by FAINT at least.
    """
    small = np.isin(label, [1 + MASKS.index(name) for name in SMALL_CLASSES])
    if not small.any():
        return label
    grey = resize_square(rgb.astype(np.float32).mean(2), label.shape[0])
    shown = label.copy()
    count, part, stats, _ = cv2.connectedComponentsWithStats(small.astype(np.uint8))
    for i in range(1, count):
        x, y, w, h = (int(v) for v in stats[i, :4])
        rim = max(w, h) // 3 + 2
        box = np.s_[max(0, y - rim) : y + h + rim, max(0, x - rim) : x + w + rim]
        inside, ground = part[box] == i, label[box] == 0
        if ground.sum() < inside.sum() / 4:
            continue
        own, other = (np.percentile(grey[box][m], (5, 95)) for m in (inside, ground))
        if other[0] - own[0] < FAINT and own[1] - other[1] < FAINT:
            shown[box][inside] = IGNORE
    return shown


def _large_enough(mask: Array, source_gsd_m: float) -> Array:
    """0 in the cells of the works of a mask that are too small for the source, else 1."""
    keep: Array = np.ones((CELLS, CELLS))
    count, part, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    px_m = SIDE_M / mask.shape[0]
    for i in range(1, count):
        if min(stats[i, 2:4]) * px_m < MIN_SIDE_PX * source_gsd_m:
            keep *= 1 - (resize_square((part == i).astype(np.float32), CELLS) > 0)
    return keep
