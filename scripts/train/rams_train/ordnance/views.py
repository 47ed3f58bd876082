"""Windows of images as the ground of a crop, with the objects in view."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from rams_train.common.arrays import Array, Rng, U8Array
from rams_train.ordnance.dataset import AnnotatedImage
from rams_train.ordnance.geometry import (
    CROP,
    GSD_M,
    NATIVE_M,
    SIDE_M,
    area,
    clip,
    mirror,
    quarter_turn,
)
from rams_train.ordnance.targets import CropObject

MIN_IN_VIEW = 0.6  # share of an object's box in the crop from which it counts
PHOTO_SCALES, SCENE_SCALES = (0.85, 1.2), (0.95, 1.05)  # smaller or larger than life


@dataclass(frozen=True, eq=False)
class View:
    """The ground of a crop: rgb uint8 [k, k, 3] and valid 0/1 [k, k], `gsd_m` metres a px.

    The boxes of `objects` and `ignore` are in px of the finished crop, whatever k is.
    """

    rgb: U8Array
    valid: U8Array
    objects: list[CropObject]
    ignore: list[Array]
    gsd_m: float


def view_at(
    rng: Rng,
    source_gsd_m: float,
    image: AnnotatedImage,
    cx: float,
    cy: float,
    scales: tuple[float, float] = PHOTO_SCALES,
) -> View:
    """A view of an image about (cx, cy) px: scaled, flipped, in quarter turns.

    `source_gsd_m` is the pixel size that the crop stands for.
    """
    zoom = rng.uniform(*scales)
    side = int(SIDE_M / image.gsd_m / zoom)
    fine = max(SIDE_M / side, min(source_gsd_m, GSD_M))
    patch = image.patch(cx, cy, side, min(side, round(SIDE_M / fine)))
    x0, y0, k = patch.x0, patch.y0, CROP / side
    shift = np.array([x0, y0, x0, y0])

    def is_near(box: Array) -> bool:
        return bool(box[2] > x0 and box[3] > y0 and box[0] < x0 + side and box[1] < y0 + side)

    objects = [
        CropObject(o.cls, (o.box - shift) * k, o.root_m * zoom, o.short_m * zoom)
        for o in image.objects
        if is_near(o.box)
    ]
    ignore = [(b - shift) * k for b in image.ignore if is_near(b)]
    mirrored, turns = rng.random() < 0.5, int(rng.integers(4))
    rgb = _move_pixels(patch.rgb, mirrored, turns)
    valid = _move_pixels(patch.valid, mirrored, turns)
    objects = [
        CropObject(o.cls, _move_box(o.box, mirrored, turns), o.root_m, o.short_m) for o in objects
    ]
    ignore = [_move_box(b, mirrored, turns) for b in ignore]
    seen, unseen = _in_view(objects)
    clipped = [part for part in map(clip, [*ignore, *unseen]) if part is not None]
    return View(rgb, valid, seen, clipped, SIDE_M / rgb.shape[0])


def _move_pixels(pixels: U8Array, mirrored: bool, turns: int) -> U8Array:
    return np.ascontiguousarray(np.rot90(pixels[:, ::-1] if mirrored else pixels, turns))


def _move_box(box: Array, mirrored: bool, turns: int) -> Array:
    if mirrored:
        box = mirror(box)
    for _ in range(turns):
        box = quarter_turn(box)
    return box


def _in_view(objects: Sequence[CropObject]) -> tuple[list[CropObject], list[Array]]:
    """The objects of which most is in the crop, clipped to it; the boxes of the others."""
    seen, unseen = [], []
    for o in objects:
        part = clip(o.box)
        if part is not None and area(part) >= MIN_IN_VIEW * area(o.box):
            seen.append(CropObject(o.cls, part, o.root_m, o.short_m))
        else:
            unseen.append(o.box)
    return seen, unseen


def view_anywhere(
    rng: Rng,
    source_gsd_m: float,
    image: AnnotatedImage,
    scales: tuple[float, float] = PHOTO_SCALES,
) -> View:
    """A view of an image about some valid pixel."""
    h, w = image.rgba.shape[:2]
    for _ in range(20):
        x, y = rng.integers(w), rng.integers(h)
        if image.rgba[y, x, 3]:
            break
    return view_at(rng, source_gsd_m, image, float(x), float(y), scales)


def view_of_aerial_image(
    rng: Rng, source_gsd_m: float, image: AnnotatedImage, true_sizes: bool
) -> View:
    """A view of an image without objects at any zoom and turn, as if its pixels were finer.

    `true_sizes`: now and then at its own size, where the source is coarse enough for that.
    """
    fine, n = paint_size(source_gsd_m)
    zoom = rng.uniform(0.5, 2.5) * GSD_M / fine
    if true_sizes and source_gsd_m > image.gsd_m / 2 and rng.random() < 0.5:
        zoom = rng.uniform(0.85, 1.2) * image.gsd_m / fine
    h, w = image.rgba.shape[:2]
    centre = float(rng.uniform(0.1, 0.9) * w), float(rng.uniform(0.1, 0.9) * h)
    spin: Array = cv2.getRotationMatrix2D(centre, rng.uniform(0, 360), zoom)
    px, py = spin @ np.array([rng.uniform(0.1, 0.9) * w, rng.uniform(0.1, 0.9) * h, 1])
    spin[:, 2] += n / 2 - np.array([px, py])
    rgba: Array = cv2.warpAffine(
        image.rgba, spin, (n, n), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    valid = (rgba[..., 3] == 255).astype(np.uint8)
    return View(np.ascontiguousarray(rgba[..., :3]), valid, [], [], SIDE_M / n)


def paint_size(source_gsd_m: float) -> tuple[float, int]:
    """Metres per px, and px, of ground that is rendered for a crop."""
    fine = max(NATIVE_M, min(source_gsd_m, GSD_M))
    return fine, round(SIDE_M / fine)
