"""Cut-out objects and distractors, laid on the ground of a crop."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rams_train.common.arrays import Array, F32Array, Rng
from rams_train.common.sampling import pick
from rams_train.ordnance.classes import SHIPPED, Dataset
from rams_train.ordnance.cutouts import CutOut, cut_boxes, cut_generated, cut_labelled
from rams_train.ordnance.dataset import AnnotatedImage
from rams_train.ordnance.domain_randomisation import draw_distractor, occlude, randomise_appearance
from rams_train.ordnance.geometry import CROP, GSD_M, are_apart, area, is_within
from rams_train.ordnance.sprites import Sun, draw_sun, make_sprite, paste, recolour
from rams_train.ordnance.targets import CropObject

MIN_CONTRAST = 6  # grey levels by which a box differs from the bare ground, with "wide"
GENERATED_CUT_OUTS = 150  # of each class
PLACE_TRIALS = 8


@dataclass(eq=False)
class Canvas:
    """A crop that is pasted on, changed in place: rgb float [k, k, 3], valid 0/1 [k, k].

    The boxes of `objects` and `ignore` are in px of the finished crop, those of `taken` in px of
    the canvas, of which each has `gsd_m` metres.
    """

    rgb: Array
    valid: Array
    objects: list[CropObject]
    ignore: list[Array]
    gsd_m: float

    def __post_init__(self) -> None:
        self.side = self.rgb.shape[0]
        self.scale = CROP / self.side
        boxes = [*(o.box for o in self.objects), *self.ignore]
        self.taken = [b / self.scale for b in boxes]

    def free_place(self, rng: Rng, w: int, h: int) -> F32Array | None:
        """A box of w x h px that touches nothing, up to a sixth of it beyond the rim."""
        n = self.side
        for _ in range(PLACE_TRIALS):
            x = int(rng.integers(-w // 6, max(1, n - w + w // 6)))
            y = int(rng.integers(-h // 6, max(1, n - h + h // 6)))
            box = np.array([x, y, x + w, y + h], np.float32)
            if all(are_apart(box, t) for t in self.taken):
                return box
        return None

    def window(self, box: Array) -> tuple[slice, slice]:
        """The part of a box on the canvas, as an index."""
        x0, y0, x1, y1 = np.clip(box, 0, self.side).astype(int)
        return slice(y0, y1), slice(x0, x1)


class Paster:
    """The cut-outs of the training images, and how they get on a crop."""

    def __init__(
        self,
        flights: Sequence[AnnotatedImage],
        scenes: Sequence[AnnotatedImage],
        wide: bool,
        dataset: Dataset = SHIPPED,
    ) -> None:
        """`wide`: objects in any appearance, distractors, and cut-outs of generated objects."""
        self.flights, self.wide, self.weights = flights, wide, dataset.weights
        self.by_class: list[list[CutOut]] = [[] for _ in dataset.leaves]
        for flight in flights:
            for cls, cut in cut_labelled(flight):
                self.by_class[cls].append(cut)
        self.generated = cut_generated(scenes, GENERATED_CUT_OUTS) if wide else {}
        # Cut-outs of false alarms on flights, to paste as look-alikes on other ground.
        self.look_alikes: list[CutOut] = []

    def count(self) -> int:
        """How many labelled objects were cut out."""
        return sum(map(len, self.by_class))

    def set_look_alikes(self, boxes: Sequence[tuple[str, Array]]) -> None:
        """Cut out boxes in px of flights, named by key, as look-alikes."""
        self.look_alikes = []
        for flight in self.flights:
            own = [box for key, box in boxes if key == flight.key]
            self.look_alikes += cut_boxes(flight, own)

    def paste_some(self, rng: Rng, canvas: Canvas, wanted: int) -> None:
        """Lay `wanted` objects and some distractors on the canvas."""
        distractors = 0
        if self.look_alikes or self.wide:
            distractors = int(rng.choice([0, 1, 3], p=[0.4, 0.3, 0.3]))
        if not wanted and not distractors:
            return
        sun = draw_sun(rng, GSD_M / canvas.gsd_m)
        classes = [c for c, cuts in enumerate(self.by_class) if cuts or self.generated.get(c)]
        if classes:
            weights = self.weights[classes] / self.weights[classes].sum()
            for _ in range(wanted):
                self._paste_one(rng, canvas, sun, int(rng.choice(classes, p=weights)))
        for _ in range(distractors):
            self._paste_one(rng, canvas, sun, None)
        canvas.rgb = np.clip(canvas.rgb, 0, 255)

    def _paste_one(self, rng: Rng, canvas: Canvas, sun: Sun, cls: int | None) -> None:
        """Lay one object of a class, or (None) a distractor, where there is room for it."""
        sprite = self._sprite(rng, cls, canvas.gsd_m)
        if sprite is None:
            return
        h, w = sprite.shape[:2]
        box = canvas.free_place(rng, w, h)
        if box is None:
            return
        window = canvas.window(box)
        if not canvas.valid[window].all():
            return
        dressed = self._dress(rng, sprite, canvas.rgb[window].reshape(-1, 3).mean(0))
        bare = canvas.rgb[window].copy()
        grass = 0.2 if cls is None else 0.4
        seen = paste(rng, canvas.rgb, dressed, int(box[0]), int(box[1]), sun, grass)
        if seen is None:
            return
        canvas.taken.append(box)
        if cls is None:
            return
        whole, part = _opaque_px(sprite), _opaque_px(dressed)
        most_in_view = area(seen) >= 0.6 * (w - 4) * (h - 4)
        inside = most_in_view or (part < whole and is_within(box, canvas.side))
        # What nobody could see is no object to learn.
        visible = not self.wide or np.abs(canvas.rgb[window] - bare).mean() > MIN_CONTRAST
        if inside and visible and part >= 0.3 * whole:
            root_m, short_m = float(np.sqrt(part)) * canvas.gsd_m, min(w, h) * canvas.gsd_m
            canvas.objects.append(CropObject(cls, seen * canvas.scale, root_m, short_m))
        else:
            canvas.ignore.append(seen * canvas.scale)

    def _sprite(self, rng: Rng, cls: int | None, gsd_m: float) -> F32Array | None:
        """A sprite of an object of a class, or (None) of a look-alike, at `gsd_m` metres a px."""
        tilt = rng.uniform(0.9, 1) if self.wide else 1.0
        if cls is None:
            if self.wide and (not self.look_alikes or rng.random() < 0.6):
                return draw_distractor(rng, gsd_m)
            cuts = self.look_alikes
        else:
            cuts = self.by_class[cls]
            if self.generated.get(cls) and (not cuts or rng.random() < 0.5):
                cuts = self.generated[cls]
        cut = pick(rng, cuts)
        return make_sprite(rng, cut, gsd_m * 1000, rng.uniform(0.85, 1.2), tilt)

    def _dress(self, rng: Rng, sprite: Array, tone: Array) -> Array:
        """A sprite as it might look on ground of a mean colour `tone`."""
        if self.wide and rng.random() < 0.75:
            sprite = randomise_appearance(rng, sprite, tone)
        else:
            sprite = recolour(rng, sprite, tone, strong=rng.random() < 0.6)
        if self.wide and rng.random() < 0.2:
            sprite = occlude(rng, sprite)
        return sprite


def _opaque_px(sprite: Array) -> int:
    return int((sprite[..., 3] > 0.5).sum())
