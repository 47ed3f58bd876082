"""The objects of some images by class, to draw one that can be seen at a pixel size."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rams_train.common.arrays import Rng
from rams_train.ordnance.classes import SHIPPED, Dataset
from rams_train.ordnance.dataset import AnnotatedImage, LabelledObject
from rams_train.ordnance.targets import ROOT_PX


@dataclass(frozen=True, eq=False)
class PlacedObject:
    """An object and the image that it lies in."""

    image: AnnotatedImage
    item: LabelledObject


class ObjectPool:
    """`by_class[leaf]` are the objects of a class, the largest first."""

    def __init__(self, images: Sequence[AnnotatedImage], dataset: Dataset = SHIPPED) -> None:
        """The objects of all `images`."""
        self.weights = dataset.weights
        self.by_class: list[list[PlacedObject]] = [[] for _ in dataset.leaves]
        for image in images:
            for item in image.objects:
                self.by_class[item.cls].append(PlacedObject(image, item))
        for placed in self.by_class:
            placed.sort(key=lambda p: -p.item.root_m)
        # Negative, so that they ascend, as a search in them needs.
        self._roots_m = [np.array([-p.item.root_m for p in placed]) for placed in self.by_class]

    def draw(self, rng: Rng, gsd_m: float) -> PlacedObject:
        """An object large enough for `gsd_m`, of any class that has one."""
        count = np.array([np.searchsorted(r, -ROOT_PX * gsd_m) for r in self._roots_m])
        if not count.any():
            count = np.array([len(r) for r in self._roots_m])
        weight = self.weights * (count > 0)
        cls = int(rng.choice(len(count), p=weight / weight.sum()))
        return self.by_class[cls][int(rng.integers(count[cls]))]
