"""The planes of a crop, float32 [5, CROP, CROP]: colours, heights, and where heights are known.

Normalised colours, height in m less its mean, 1 where there is a height. A crop has a source pixel
size of its own: it is averaged down to that, goes through the optics there, and is brought to the
model's as a survey would bring an input of that pixel size.
"""

import numpy as np

from rams_train.common import augment
from rams_train.common.arrays import Array, BoolArray, F32Array, Rng
from rams_train.common.images import blur, shrink
from rams_train.common.normalisation import MEAN, STD
from rams_train.earthworks.dataset import IGNORE
from rams_train.earthworks.geometry import CROP, GSD_M, SIDE_M, Window, resize_square
from rams_train.earthworks.targets import ignore_faint, target_maps

WITH_HEIGHT = 0.5
BAD_LIGHT = 0.4  # share of the crops that are far too dark or too light, or hazy
LEVEL_UNDER_PHOTO = 0.2  # chance of a level surface model under a photograph


def make_crop(
    rng: Rng,
    window: Window,
    source_gsd_m: float,
    is_photograph: bool = False,
) -> tuple[F32Array, F32Array, F32Array]:
    """The planes, shares and cells that count of a window: turned, lit, photographed.

    It may be far too dark or too light, or hazy; small works that do not show do not count.
    """
    turns, mirrored = int(rng.integers(4)), bool(rng.random() < 0.5)
    rgb = see_from(_move(window.rgb, mirrored, turns), source_gsd_m)
    label = _move(window.label, mirrored, turns)
    seen = _seen(label, CROP)
    planes: F32Array = np.zeros((5, CROP, CROP), np.float32)
    label = ignore_faint(label, rgb)
    if rng.random() < BAD_LIGHT:
        rgb = augment.expose(rng, rgb)
    crop = _photograph(rng, rgb)
    planes[:3] = _normalise(crop, seen)
    if window.height is not None and rng.random() < WITH_HEIGHT:
        planes[3:] = make_surface(rng, _move(window.height, mirrored, turns), seen)
    elif is_photograph and rng.random() < LEVEL_UNDER_PHOTO:
        # Height without earthworks is evidence against them.
        planes[3:] = make_surface(rng, np.zeros((CROP, CROP), np.float32), seen)
    return planes, *target_maps(label, source_gsd_m)


def _move(array: Array, mirrored: bool, turns: int) -> Array:
    """Mirrored, and turned by quarters."""
    return np.ascontiguousarray(np.rot90(array[:, ::-1] if mirrored else array, turns))


def _seen(label: Array, n: int) -> BoolArray:
    """Where n x n px were seen."""
    known: BoolArray = resize_square((label != IGNORE).astype(np.float32), n) > 0.99
    return known


def _normalise(rgb: Array, seen: BoolArray) -> F32Array:
    """RGB 0..255 [n, n, 3] as planes [3, n, n], 0 where nothing was seen."""
    colours: Array = ((np.asarray(rgb, np.float32) / 255 - MEAN) / STD) * seen[..., None]
    return colours.transpose(2, 0, 1)


def see_from(rgb: Array, source_gsd_m: float, side_m: float = SIDE_M) -> F32Array:
    """A square of `side_m` metres averaged to the source's pixels, if those are the coarser."""
    crop: Array = rgb.astype(np.float32)
    n = max(16, round(side_m / source_gsd_m))
    return shrink(crop, n, n) if n < crop.shape[0] else crop


def _photograph(rng: Rng, crop: Array) -> Array:
    """The source's pixels in some light and through its optics, CROP px a side."""
    if rng.random() < 0.85:
        crop = augment.tint(rng, crop, strong=rng.random() < 0.3)
    if rng.random() < 0.1:
        crop = augment.cast_shadow(rng, crop)
    return resize_square(augment.optics(rng, crop), CROP)


def plain_planes(window: Window, n: int, source_gsd_m: float = 0.0) -> tuple[F32Array, BoolArray]:
    """Planes of a window, n px a side, without height; where they were seen.

    As it is, or averaged first to `source_gsd_m` metres a px.
    """
    seen = _seen(window.label, n)
    planes = np.zeros((5, n, n), np.float32)
    rgb = window.rgb.astype(np.float32)
    if source_gsd_m > 0:
        rgb = see_from(rgb, source_gsd_m, n * GSD_M)
    planes[:3] = _normalise(resize_square(rgb, n), seen)
    return planes, seen


def make_surface(rng: Rng, height: Array, seen: BoolArray) -> F32Array:
    """Height less its mean and where it is known [2, CROP, CROP].

    As another flight's software might have made it: coarser, noisy, tilted, shifted, with a hole.
    """
    finite = np.isfinite(height)
    known = resize_square(finite.astype(np.float32), CROP) > 0.99
    filler = np.nanmean(height) if finite.any() else 0.0
    h: Array = np.where(finite, height, filler).astype(np.float32)
    n = max(16, round(SIDE_M / rng.uniform(0.1, 0.45)))  # m per px of the surface model
    if n < h.shape[0]:
        h = shrink(h, n, n)
    noise = rng.standard_normal(h.shape).astype(np.float32)
    h = h + blur(noise, rng.uniform(0.6, 2.5)) * rng.uniform(0.0, 0.12)
    h = resize_square(h, CROP)
    yy, xx = np.mgrid[0:CROP, 0:CROP].astype(np.float32) * GSD_M
    h = h + xx * rng.normal(0, 0.04) + yy * rng.normal(0, 0.04)
    down, right = rng.integers(-2, 3, 2)
    h = np.roll(h, (int(down), int(right)), (0, 1))
    if rng.random() < 0.2:
        x, y, r = *rng.integers(0, CROP, 2), int(rng.integers(10, 90))
        known[max(0, y - r) : y + r, max(0, x - r) : x + r] = False
    known &= seen
    if not known.any():
        return np.zeros((2, CROP, CROP), np.float32)
    return np.stack([np.where(known, h - h[known].mean(), 0), known]).astype(np.float32)
