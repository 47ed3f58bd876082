"""The scale of the model and of its training crops; windows of images at that scale."""

from dataclasses import dataclass

import cv2
import numpy as np

from rams_train.common.arrays import Array, F32Array, U8Array
from rams_train.common.images import resize
from rams_train.common.normalisation import MEAN
from rams_train.earthworks.dataset import IGNORE, LabelledImage

GSD_M = 0.10  # of the model's input
STRIDE = 4  # px per cell of the masks
CROP = 256  # px of a training crop
CELLS = CROP // STRIDE
SIDE_M = CROP * GSD_M


@dataclass(frozen=True, eq=False)
class Window:
    """A square of an image: rgb [n, n, 3], label [n, n], and height [m, m] in m or None."""

    rgb: U8Array
    label: U8Array
    height: F32Array | None


def cut_window(image: LabelledImage, x: float, y: float, zoom: float, turn: float = 0.0) -> Window:
    """A square of SIDE_M / zoom metres about (x, y) px, turned by `turn` radians.

    What lies outside the image is IGNORE.
    """
    side = max(16, round(SIDE_M / zoom / image.gsd_m))
    rgb = _cut(image.rgb, x, y, side, turn, (MEAN * 255).astype(np.uint8))
    label = _cut(image.label, x, y, side, turn, IGNORE)
    if image.height is None:
        return Window(rgb, label, None)
    k = image.height.shape[1] / image.label.shape[1]
    height = _cut(image.height, x * k, y * k, max(8, round(side * k)), turn, np.nan)
    # Seen closer, everything is higher.
    scaled: Array = height * zoom
    return Window(rgb, label, scaled)


def _cut(array: Array, x: float, y: float, side: int, turn: float, fill: Array | float) -> Array:
    if turn == 0:
        return _cut_upright(array, x, y, side, fill)
    wide = int(np.ceil(side * (abs(np.cos(turn)) + abs(np.sin(turn))))) + 2
    upright = _cut_upright(array, x, y, wide, fill)
    place = cv2.getRotationMatrix2D(((wide - 1) / 2, (wide - 1) / 2), float(np.degrees(turn)), 1)
    place[:, 2] += np.full(2, (side - wide) / 2)
    # Labels and heights with holes cannot be averaged.
    how = cv2.INTER_LINEAR if array.ndim == 3 else cv2.INTER_NEAREST
    turned: Array = cv2.warpAffine(
        upright, place, (side, side), flags=how, borderMode=cv2.BORDER_REPLICATE
    )
    return turned


def _cut_upright(array: Array, x: float, y: float, side: int, fill: Array | float) -> Array:
    x0, y0 = round(x - side / 2), round(y - side / 2)
    h, w = array.shape[:2]
    part: Array = np.empty((side, side, *array.shape[2:]), array.dtype)
    part[:] = fill
    ax0, ay0, ax1, ay1 = max(0, x0), max(0, y0), min(w, x0 + side), min(h, y0 + side)
    if ax1 > ax0 and ay1 > ay0:
        part[ay0 - y0 : ay1 - y0, ax0 - x0 : ax1 - x0] = array[ay0:ay1, ax0:ax1]
    return part


def resize_square(array: Array, n: int) -> Array:
    """A square array at n x n: averaged where it gets smaller."""
    return array if array.shape[0] == n else resize(array, n, n)
