"""What the network should say of a crop: target maps of n x n cells, n = CROP / STRIDE."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rams_train.common.arrays import Array, F32Array, IntArray
from rams_train.ordnance.classes import SHIPPED, Dataset
from rams_train.ordnance.geometry import CELLS, STRIDE

ROOT_PX = 6  # root of the outline's area, in source px, below which an object is ignored
NAME_PX = 8  # short side in source px from which its class is learned
MIN_VALID = 0.6  # share of an object's box that must be valid


@dataclass(frozen=True, eq=False)
class CropObject:
    """An object in a crop.

    `cls` is the leaf index, `box` x0, y0, x1, y1 in px of the finished crop, `root_m` the root of
    its outline's area and `short_m` its short side in m.
    """

    cls: int
    box: Array
    root_m: float
    short_m: float


class TargetMaps(NamedTuple):
    """Target maps of a crop, or of a batch with one more axis in front.

    heat [families, n, n]: 1 at the centre of an object of the family, a bell around it.
    reg [4, n, n]: offset of the box centre from the cell's corner (cells), log size (cells).
    weight [n, n]: the cells whose box is learned, and how much.
    care [n, n]: 0 where neither object nor ground is learned.
    leaf int64 [n, n], leaf_weight [n, n]: index in Dataset.named, and where it is learned.
    """

    heat: F32Array
    reg: F32Array
    weight: F32Array
    care: F32Array
    leaf: IntArray
    leaf_weight: F32Array


def target_maps(
    objects: Sequence[CropObject],
    ignore: Sequence[Array],
    valid: Array,
    gsd_m: float,
    dataset: Dataset = SHIPPED,
) -> TargetMaps:
    """Target maps of a crop whose source has `gsd_m` metres a px.

    `ignore` are boxes that are neither positive nor ground, `valid` [CROP, CROP] is 0 where nothing
    was seen. What is too small for the source, or hardly valid, is ignored as well.
    """
    maps = _blank_maps(len(dataset.families))
    learned = [o for o in objects if _is_learned(o, valid, gsd_m)]
    unsure = [*ignore, *(o.box for o in objects if o not in learned)]
    for box in unsure:
        x0, y0, x1, y1 = box / STRIDE
        rows = slice(int(max(0, y0 - 1)), int(y1 + 2))
        maps.care[rows, int(max(0, x0 - 1)) : int(x1 + 2)] = 0
    for item in learned:
        _draw_object(maps, item, gsd_m, dataset)
    return maps


def _blank_maps(families: int) -> TargetMaps:
    n = CELLS
    return TargetMaps(
        heat=np.zeros((families, n, n), np.float32),
        reg=np.zeros((4, n, n), np.float32),
        weight=np.zeros((n, n), np.float32),
        care=np.ones((n, n), np.float32),
        leaf=np.zeros((n, n), np.int64),
        leaf_weight=np.zeros((n, n), np.float32),
    )


def _is_learned(item: CropObject, valid: Array, gsd_m: float) -> bool:
    if item.root_m < ROOT_PX * gsd_m:
        return False
    x0, y0, x1, y1 = item.box.astype(int)
    return not valid[y0 : y1 + 1, x0 : x1 + 1].mean() < MIN_VALID


def _draw_object(maps: TargetMaps, item: CropObject, gsd_m: float, dataset: Dataset) -> None:
    n = CELLS
    cy, cx = np.mgrid[0:n, 0:n].astype(np.float32)
    x0, y0, x1, y1 = item.box / STRIDE
    mx, my = (x0 + x1) / 2, (y0 + y1) / 2
    w, h = max(x1 - x0, 1.0), max(y1 - y0, 1.0)
    px, py = min(int(mx), n - 1), min(int(my), n - 1)
    spread = max(0.8, np.sqrt(w * h) / 6)
    bell = np.exp(-((cx - px) ** 2 + (cy - py) ** 2) / (2 * spread**2))
    family = dataset.family_of[item.cls]
    maps.heat[family] = np.maximum(maps.heat[family], bell)
    # Where objects meet, a cell belongs to the nearer one.
    near = bell > np.maximum(maps.weight, 0.4)
    maps.weight[near] = bell[near]
    for k, v in enumerate((mx - cx, my - cy, np.log(w) + 0 * cx, np.log(h) + 0 * cx)):
        maps.reg[k][near] = v[near]
    named = item.cls in dataset.named and item.short_m >= NAME_PX * gsd_m
    maps.leaf[near] = dataset.named.index(item.cls) if named else 0
    maps.leaf_weight[near] = bell[near] if named else 0
    maps.care[max(0, py - 3) : py + 4, max(0, px - 3) : px + 4] = 1
