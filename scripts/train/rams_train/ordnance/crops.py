"""Training crops: generated scenes, real ground, cut-outs pasted on it; seen from any height.

A crop has a source pixel size of its own: it is averaged down to that, goes through the optics
there, and is brought to the model's as a survey would bring an input of that pixel size.
"""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from rams_train.common import augment
from rams_train.common.arrays import Array, Rng
from rams_train.common.images import resize, shrink
from rams_train.common.loop import HardRow
from rams_train.common.sampling import pick
from rams_train.ordnance.classes import SHIPPED, Dataset
from rams_train.ordnance.dataset import AnnotatedImage, normalise
from rams_train.ordnance.domain_randomisation import turn_hues
from rams_train.ordnance.geometry import CROP, GSD_M, NATIVE_M, SIDE_M
from rams_train.ordnance.hard_negatives import HardNegative
from rams_train.ordnance.object_pool import ObjectPool, PlacedObject
from rams_train.ordnance.pasting import Canvas, Paster
from rams_train.ordnance.targets import target_maps
from rams_train.ordnance.textures import Texture, paint_ground
from rams_train.ordnance.views import (
    PHOTO_SCALES,
    SCENE_SCALES,
    View,
    paint_size,
    view_anywhere,
    view_at,
    view_of_aerial_image,
)

# Shares of the crops: around an object of a scene, around a real object, cut-outs on real ground;
# the rest holds nothing.
MIX = {
    "real": (0.0, 0.4, 0.4),
    "wide": (0.35, 0.13, 0.32),
}
SCENE_OFFSET_M, REAL_OFFSET_M, ALARM_OFFSET_M = 0.3, 0.28, 0.24  # how far off the middle


class Crops:
    """Draws crops.

    `mix` is a key of MIX. With "wide" there are also `material`, the textures, and `mixed`, ground
    made of them; objects and distractors then come in any appearance.
    """

    def __init__(
        self,
        flights: Sequence[AnnotatedImage],
        scenes: Sequence[AnnotatedImage],
        backgrounds: Sequence[AnnotatedImage],
        mix: str,
        material: Sequence[Texture] = (),
        mixed: Sequence[AnnotatedImage] = (),
        dataset: Dataset = SHIPPED,
    ) -> None:
        """Cut out the objects of the flights; with "wide" those of the scenes as well."""
        self.flights, self.scenes, self.backgrounds = flights, scenes, backgrounds
        self.material, self.dataset = list(material), dataset
        self.wide = mix == "wide"
        # What is searched for false alarms. Aerial images as if their pixels were the model's.
        as_the_model = [replace(b, gsd_m=GSD_M) for b in backgrounds]
        self.images = {i.key: i for i in [*flights, *scenes, *mixed, *as_the_model]}
        self.mix = np.cumsum(MIX[mix])
        self.paster = Paster(flights, scenes, self.wide, dataset)
        self.real, self.synthetic = ObjectPool(flights, dataset), ObjectPool(scenes, dataset)
        self.hard: list[HardNegative] = []

    def set_hard(self, hard: Sequence[HardNegative]) -> None:
        """Take false alarms: as negative crops, and cut out to paste on other ground."""
        self.hard = list(hard)
        boxes = [
            (a.key, np.array([a.x - a.w / 2, a.y - a.h / 2, a.x + a.w / 2, a.y + a.h / 2]))
            for a in hard
        ]
        self.paster.set_look_alikes(boxes)

    def hard_rows(self) -> list[HardRow]:
        """The false alarms as last.pt keeps them."""
        return [alarm.row() for alarm in self.hard]

    def set_hard_rows(self, rows: Sequence[HardRow]) -> None:
        """Take the false alarms of last.pt."""
        self.set_hard([HardNegative(*row) for row in rows])

    def sample(self, rng: Rng) -> tuple[Array, ...]:
        """A crop, float32 [3, CROP, CROP], and its targets in the order of targets.TargetMaps."""
        source_gsd_m = draw_source_gsd(rng)
        view, wanted = self._view(rng, source_gsd_m)
        rgb: Array = view.rgb.astype(np.float32)
        if rng.random() < 0.5:
            # The ground alone first, so that object and ground do not always share one cast.
            rgb = augment.tint(rng, rgb, strong=not view.objects)
        canvas = Canvas(rgb, view.valid, list(view.objects), list(view.ignore), view.gsd_m)
        self.paster.paste_some(rng, canvas, wanted)
        crop = self._photograph(rng, canvas.rgb, canvas.gsd_m, source_gsd_m)
        valid = _valid_mask(rng, view.valid)
        maps = target_maps(canvas.objects, canvas.ignore, valid, source_gsd_m, self.dataset)
        return normalise(crop, valid), *maps

    def _photograph(self, rng: Rng, crop: Array, gsd_m: float, source_gsd_m: float) -> Array:
        """The crop in some light, through the optics at the source's pixel size: CROP px a side."""
        if rng.random() < 0.12:
            crop = augment.cast_shadow(rng, crop)
        if rng.random() < 0.8:
            crop = augment.tint(rng, crop, strong=rng.random() < 0.3)
        if self.wide and rng.random() < 0.2:
            crop = turn_hues(rng, crop)
        if source_gsd_m > gsd_m:
            n = max(8, round(SIDE_M / source_gsd_m))
            crop = shrink(crop, n, n)
        crop = augment.optics(rng, crop, 0.16 if self.wide else 0.08)
        return crop if crop.shape[0] == CROP else resize(crop, CROP, CROP)

    # --- ground ---

    def _view(self, rng: Rng, source_gsd_m: float) -> tuple[View, int]:
        """The ground of a crop, and how many objects are to be pasted on it."""
        roll = rng.random()
        if roll < self.mix[0]:
            return self._scene(rng, source_gsd_m), 0
        if roll < self.mix[1]:
            placed = self.real.draw(rng, source_gsd_m)
            view = self._around(rng, source_gsd_m, placed, REAL_OFFSET_M)
            return view, int(rng.random() < 0.3)
        if roll < self.mix[2]:
            view = self._ground(rng, source_gsd_m)
            return view, int(1 + rng.binomial(3, 0.4))
        if self.hard and rng.random() < 0.6:
            return self._around_alarm(rng, source_gsd_m), 0
        return self._ground(rng, source_gsd_m), 0

    def _scene(self, rng: Rng, source_gsd_m: float) -> View:
        if rng.random() < 0.7:
            placed = self.synthetic.draw(rng, source_gsd_m)
            return self._around(rng, source_gsd_m, placed, SCENE_OFFSET_M, SCENE_SCALES)
        scene = pick(rng, self.scenes)
        return view_anywhere(rng, source_gsd_m, scene, SCENE_SCALES)

    @staticmethod
    def _around(
        rng: Rng,
        source_gsd_m: float,
        placed: PlacedObject,
        offset_m: float,
        scales: tuple[float, float] = PHOTO_SCALES,
    ) -> View:
        """A view of an object, up to `offset_m` off the middle."""
        box, image = placed.item.box, placed.image
        cx, cy = (box[:2] + box[2:]) / 2 + rng.uniform(-offset_m, offset_m, 2) / image.gsd_m
        return view_at(rng, source_gsd_m, image, cx, cy, scales)

    def _around_alarm(self, rng: Rng, source_gsd_m: float) -> View:
        """A view of a false alarm."""
        alarm = pick(rng, self.hard)
        image = self.images[alarm.key]
        offset = rng.uniform(-ALARM_OFFSET_M, ALARM_OFFSET_M, 2) / image.gsd_m
        x, y = np.array([alarm.x, alarm.y]) + offset
        return view_at(rng, source_gsd_m, image, x, y)

    def _ground(self, rng: Rng, source_gsd_m: float) -> View:
        """Ground without generated objects: flights, textures, or aerial images at any zoom."""
        if self.wide and rng.random() < 0.5:
            _, n = paint_size(source_gsd_m)
            rgb = paint_ground(rng, self.material, n, SIDE_M / n)
            return View(rgb, np.ones((n, n), np.uint8), [], [], SIDE_M / n)
        if self.flights and (not self.backgrounds or rng.random() < 0.65):
            flight = pick(rng, self.flights)
            return view_anywhere(rng, source_gsd_m, flight)
        if self.scenes and not self.flights and (not self.backgrounds or rng.random() < 0.3):
            scene = pick(rng, self.scenes)
            return view_anywhere(rng, source_gsd_m, scene, SCENE_SCALES)
        image = pick(rng, self.backgrounds)
        return view_of_aerial_image(rng, source_gsd_m, image, true_sizes=self.wide)


def draw_source_gsd(rng: Rng) -> float:
    """Metres per px of the imagery a crop stands for: mostly fine, some hardly enough to see."""
    spans = ((NATIVE_M, GSD_M), (GSD_M, 0.010), (0.010, 0.030))
    low, high = spans[rng.choice(3, p=[0.6, 0.25, 0.15])]
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _valid_mask(rng: Rng, valid: Array) -> Array:
    """The validity of a view at the crop's size; now and then with a missing tile or edge."""
    if valid.shape[0] != CROP:
        valid = cv2.resize(valid, (CROP, CROP), interpolation=cv2.INTER_NEAREST)
    if rng.random() >= 0.04:
        return valid
    valid = valid.copy()
    cut = int(rng.uniform(0.1, 0.6) * CROP)
    sides = (valid[:cut], valid[CROP - cut :], valid[:, :cut], valid[:, CROP - cut :])
    sides[rng.integers(4)][:] = 0
    return valid
