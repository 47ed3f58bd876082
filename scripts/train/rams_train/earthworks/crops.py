"""Training crops: all ground, turned by any angle, at any distance and in any light.

And the search for false alarms on it, each time at other distances and pixel sizes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np
import torch
from torch import nn

from rams_train.common.arrays import Array, Rng
from rams_train.common.images import shrink
from rams_train.common.loop import HardRow
from rams_train.common.sampling import pick
from rams_train.earthworks.classes import MASKS
from rams_train.earthworks.dataset import LabelledImage
from rams_train.earthworks.geometry import GSD_M, SIDE_M, cut_window
from rams_train.earthworks.hard_negatives import VIEW_PX, search_view
from rams_train.earthworks.planes import make_crop
from rams_train.earthworks.targets import NARROW_CLASSES, NARROW_GSD_MAX_M

ON_HARD = 0.4  # share of false alarms among the crops that are not drawn from an earthwork
ON_GROUND = 0.7  # of the rest, share on real ground
ZOOM_OF_GROUND, ZOOM_OF_SCENE = (0.5, 2.5), (0.8, 1.25)
OFFSET = 0.35  # how far off the middle a place is, in sides of a crop
EDGE = 0.4  # the least distance of a crop's middle from an image's edge, in sides of a crop
FINEST_M, COARSEST_M = 0.03, 0.35  # metres a px of the imagery that a crop stands for
SEARCHED_SOURCES_M = (0.03, 0.05, 0.10, 0.20, 0.35)
SCENE_TURNS = 8  # a search looks at all real ground and at one scene in so many
MOST_VIEWS = 6  # of an image in a search
MOST, MOST_OF_ONE = 600, 25  # false alarms kept in all, and new ones of one image


@dataclass(frozen=True)
class HardNegative:
    """A false alarm: index into scenes + photographs, and its place in px.

    With the distance and the source's metres per px at which it was seen.
    """

    index: int
    x: float
    y: float
    zoom: float
    source_gsd_m: float

    def row(self) -> HardRow:
        """As last.pt keeps it."""
        return astuple(self)


@dataclass(frozen=True)
class Spot:
    """A place on an earthwork: index of the scene, x and y in px."""

    scene: int
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class View:
    """Where a crop is cut, how much closer than it is, and the source's metres per px."""

    image: LabelledImage
    x: float
    y: float
    zoom: float
    source_gsd_m: float


class Crops:
    """Draws crops."""

    def __init__(
        self,
        scenes: Sequence[LabelledImage],
        photographs: Sequence[LabelledImage],
        works: float,
    ) -> None:
        """`works` is the share of crops on an earthwork.

        A photograph is drawn as often as its ground is wide.
        """
        self.scenes, self.photographs, self.works = list(scenes), list(photographs), works
        self.by_class: list[list[Spot]] = [[] for _ in MASKS]
        for index, scene in enumerate(scenes):
            for cls, x, y in scene.spots:
                self.by_class[int(cls)].append(Spot(index, x, y))
        self.used = [c for c, spots in enumerate(self.by_class) if spots]
        self.hard: list[HardNegative] = []
        self.halves = {image.key: _half(image) for image in self.images}
        sides = np.array([p.gsd_m * np.sqrt((p.label == 0).sum()) for p in photographs])
        self.often: Array = sides / sides.sum()

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
        view = self._view(rng)
        image, x, y = view.image, view.x, view.y
        if 2 * image.gsd_m * view.zoom <= view.source_gsd_m:
            image, x, y = self.halves[image.key], x / 2, y / 2
        window = cut_window(image, x, y, view.zoom, rng.uniform(0, 2 * np.pi))
        is_photograph = image.height is None
        return make_crop(rng, window, view.source_gsd_m, is_photograph)

    def _view(self, rng: Rng) -> View:
        if rng.random() < self.works and self.used:
            cls = pick(rng, self.used)
            spot = pick(rng, self.by_class[cls])
            narrow = MASKS[cls] in NARROW_CLASSES
            source = _log_uniform(rng, FINEST_M, NARROW_GSD_MAX_M if narrow else COARSEST_M)
            place = near(rng, self.scenes[spot.scene], spot.x, spot.y)
            return View(*place, _log_uniform(rng, *ZOOM_OF_SCENE), source)
        if self.hard and rng.random() < ON_HARD:
            alarm = pick(rng, self.hard)
            place = near(rng, self.images[alarm.index], alarm.x, alarm.y)
            zoom, source = alarm.zoom * rng.uniform(0.85, 1.18), alarm.source_gsd_m
            return View(*place, zoom, source * rng.uniform(0.8, 1.25))
        image, zooms = self._anywhere(rng)
        zoom = _log_uniform(rng, *zooms)
        rim = EDGE * SIDE_M / zoom / image.gsd_m
        y, x = (rng.uniform(min(rim, n / 2), max(n - rim, n / 2)) for n in image.label.shape)
        return View(image, x, y, zoom, _log_uniform(rng, FINEST_M, COARSEST_M))

    def _anywhere(self, rng: Rng) -> tuple[LabelledImage, tuple[float, float]]:
        """An image, and the least and greatest zoom of its crops."""
        if self.photographs and rng.random() < ON_GROUND:
            return self.photographs[int(rng.choice(len(self.often), p=self.often))], ZOOM_OF_GROUND
        return pick(rng, self.scenes), ZOOM_OF_SCENE

    @torch.no_grad()
    def search(self, net: nn.Module, device: torch.device, turn: int, rng: Rng) -> None:
        """Look for false alarms; the new ones come first, older ones stay while there is room."""
        scenes = len(self.scenes)
        due = [i for i in range(scenes) if (turn - i) % SCENE_TURNS == 0]
        found: list[tuple[int, HardNegative]] = []
        for index in [*due, *range(scenes, len(self.images))]:
            own = list(self._search_image(net, device, index, rng))
            found += sorted(own, key=_by_cells, reverse=True)[:MOST_OF_ONE]
        found.sort(key=_by_cells, reverse=True)
        self.set_hard([*(alarm for _, alarm in found), *self.hard][:MOST])

    def _search_image(
        self, net: nn.Module, device: torch.device, index: int, rng: Rng
    ) -> Iterator[tuple[int, HardNegative]]:
        image, is_scene = self.images[index], index < len(self.scenes)
        zoom = _log_uniform(rng, *(ZOOM_OF_SCENE if is_scene else ZOOM_OF_GROUND))
        source = pick(rng, SEARCHED_SOURCES_M)
        centres = _view_centres(image, zoom)
        for i in rng.permutation(len(centres))[:MOST_VIEWS].tolist():
            for cells, x, y in search_view(net, image, centres[i], device, zoom, source):
                yield cells, HardNegative(index, x, y, zoom, source)


def near(rng: Rng, image: LabelledImage, x: float, y: float) -> tuple[LabelledImage, float, float]:
    """The image, and the middle of a crop on which (x, y) px lies."""
    x, y = np.array([x, y]) + rng.uniform(-OFFSET, OFFSET, 2) * SIDE_M / image.gsd_m
    return image, x, y


def _by_cells(alarm: tuple[int, HardNegative]) -> tuple[float, ...]:
    """By size, and so that equal sizes have an order too."""
    return alarm[0], *alarm[1].row()


def _half(image: LabelledImage) -> LabelledImage:
    """The image in a quarter of the pixels: coarse crops are cut from it sooner."""
    h, w = (n // 2 for n in image.label.shape)
    rgb = shrink(image.rgb[: 2 * h, : 2 * w], w, h)
    label = np.ascontiguousarray(image.label[: 2 * h : 2, : 2 * w : 2])
    return replace(image, rgb=rgb, label=label, gsd_m=2 * image.gsd_m)


def _view_centres(image: LabelledImage, zoom: float) -> list[tuple[float, float]]:
    """The middles of views, px, as few as cover an image."""
    side = VIEW_PX * GSD_M / image.gsd_m / zoom

    def middles(length: int) -> list[float]:
        count = int(np.ceil(length / side))
        return [length * (i + 0.5) / count for i in range(count)]

    h, w = image.label.shape
    return [(x, y) for y in middles(h) for x in middles(w)]


def _log_uniform(rng: Rng, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
