"""Training crops: a window of a scene or a photograph, seen from any height.

With or without a surface model. The planes of a crop are float32 [5, CROP, CROP]: normalised
colours, height in m less its mean, 1 where there is a height.

A crop has a source pixel size of its own: it is averaged down to that, goes through the optics
there, and is brought to the model's as a survey would bring an input of that pixel size.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np

from rams_train.common import augment
from rams_train.common.arrays import Array, BoolArray, F32Array, Rng
from rams_train.common.images import blur, shrink
from rams_train.common.loop import HardRow
from rams_train.common.normalisation import MEAN, STD
from rams_train.common.sampling import pick
from rams_train.earthworks.classes import MASKS
from rams_train.earthworks.dataset import IGNORE, LabelledImage
from rams_train.earthworks.geometry import (
    CROP,
    GSD_M,
    SIDE_M,
    Window,
    cut_window,
    resize_square,
)
from rams_train.earthworks.targets import ignore_faint, target_maps

ON_HARD = 0.35  # share of false alarms among the crops that are not drawn from an earthwork
WITH_HEIGHT = 0.5
BAD_LIGHT = 0.4  # share of the crops with `any_light`
LEVEL_UNDER_PHOTO = 0.2  # chance of a level surface model under a photograph
OFFSET = 0.35  # how far off the middle a place is, in sides of a crop


@dataclass(frozen=True)
class HardNegative:
    """A false alarm: index into scenes + photographs, and its place in px."""

    index: int
    x: float
    y: float

    def row(self) -> HardRow:
        """As last.pt keeps it."""
        return astuple(self)


@dataclass(frozen=True)
class Spot:
    """A place on an earthwork: index of the scene, x and y in px."""

    scene: int
    x: float
    y: float


class Crops:
    """Draws crops."""

    def __init__(
        self,
        scenes: Sequence[LabelledImage],
        photographs: Sequence[LabelledImage],
        works: float,
    ) -> None:
        """`works` is the share of crops on an earthwork.

        Of the rest, as many lie anywhere in a scene as on a photograph.
        """
        self.scenes, self.photographs, self.works = list(scenes), list(photographs), works
        self.by_class: list[list[Spot]] = [[] for _ in MASKS]
        for index, scene in enumerate(scenes):
            for cls, x, y in scene.spots:
                self.by_class[int(cls)].append(Spot(index, x, y))
        self.used = [c for c, spots in enumerate(self.by_class) if spots]
        self.hard: list[HardNegative] = []

    @property
    def images(self) -> list[LabelledImage]:
        """The scenes, then the photographs."""
        return self.scenes + self.photographs

    def set_hard(self, hard: Sequence[HardNegative]) -> None:
        """Take false alarms, as negative crops."""
        self.hard = list(hard)

    def hard_rows(self) -> list[HardRow]:
        """The false alarms as last.pt keeps them."""
        return [alarm.row() for alarm in self.hard]

    def set_hard_rows(self, rows: Sequence[HardRow]) -> None:
        """Take the false alarms of last.pt."""
        self.set_hard([HardNegative(*row) for row in rows])

    def sample(self, rng: Rng) -> tuple[Array, ...]:
        """The planes of a crop, and its targets in the order of targets.TargetMaps."""
        source_gsd_m = draw_source_gsd(rng)
        image, x, y = self._place(rng)
        is_photograph = image.height is None
        zoom = rng.uniform(0.5, 2.0) if is_photograph else rng.uniform(0.85, 1.2)
        return make_crop(rng, cut_window(image, x, y, zoom), source_gsd_m, is_photograph)

    def _place(self, rng: Rng) -> tuple[LabelledImage, float, float]:
        """An image, and the middle of the crop in its px."""
        if rng.random() < self.works and self.used:
            spot = pick(rng, self.by_class[pick(rng, self.used)])
            return near(rng, self.scenes[spot.scene], spot.x, spot.y)
        if self.hard and rng.random() < ON_HARD:
            alarm = pick(rng, self.hard)
            return near(rng, self.images[alarm.index], alarm.x, alarm.y)
        some = self.scenes if rng.random() < 0.5 or not self.photographs else self.photographs
        image = pick(rng, some)
        h, w = image.label.shape
        return image, rng.uniform(0, w), rng.uniform(0, h)


def near(rng: Rng, image: LabelledImage, x: float, y: float) -> tuple[LabelledImage, float, float]:
    """The image, and the middle of a crop on which (x, y) px lies."""
    x, y = np.array([x, y]) + rng.uniform(-OFFSET, OFFSET, 2) * SIDE_M / image.gsd_m
    return image, x, y


def draw_source_gsd(rng: Rng) -> float:
    """Metres per px of the imagery a crop stands for: 3 to 20 cm, mostly about the model's."""
    spans = ((0.03, 0.08), (0.08, 0.12), (0.12, 0.20))
    low, high = spans[rng.choice(3, p=[0.3, 0.4, 0.3])]
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def make_crop(
    rng: Rng,
    window: Window,
    source_gsd_m: float,
    is_photograph: bool = False,
    any_light: bool = False,
) -> tuple[F32Array, F32Array, F32Array]:
    """The planes, shares and cells that count of a window: turned, lit, photographed.

    With `any_light` it may be far too dark or too light, or hazy, and small works that do not show
    do not count.
    """
    turns, mirrored = int(rng.integers(4)), bool(rng.random() < 0.5)
    rgb = see_from(_move(window.rgb, mirrored, turns), source_gsd_m)
    label = _move(window.label, mirrored, turns)
    seen = _seen(label, CROP)
    planes: F32Array = np.zeros((5, CROP, CROP), np.float32)
    if any_light:
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
