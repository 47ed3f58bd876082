"""Ground without known objects, to count false alarms on: as orthomosaics to survey and as COCO."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rasterio
from rasterio.windows import Window

from rams_train.common.rasters import invented_place, write_rgb


def georeference(
    image: Path, file: Path, gsd_m: float, side_px: int | None = None, at_m: float | None = None
) -> Path:
    """Write an aerial image as GeoTIFF with square pixels of `gsd_m` at an invented place.

    With `side_px` only the middle so many pixels of each side; with `at_m` averaged to that size.
    """
    with rasterio.open(image) as src:
        w, h = min(src.width, side_px or src.width), min(src.height, side_px or src.height)
        middle = Window((src.width - w) // 2, (src.height - h) // 2, w, h)
        at_m = at_m or gsd_m
        shape = (3, *(round(n * gsd_m / at_m) for n in (h, w)))
        average = rasterio.enums.Resampling.average
        rgb = src.read([1, 2, 3], window=middle, out_shape=shape, resampling=average)
    write_rgb(rgb, file, *invented_place(at_m))
    return file


def empty_truth(files: Sequence[Path], names: Sequence[str]) -> dict[str, Any]:
    """COCO of orthomosaics without objects: the ground seen in each, and the possible classes."""
    return {
        "images": [image_entry(i, f) for i, f in enumerate(files, 1)],
        "annotations": [],
        "categories": [{"id": i, "name": n} for i, n in enumerate(names, 1)],
    }


def image_entry(number: int, path: Path) -> dict[str, Any]:
    """The COCO entry of an orthomosaic, with its pixel size and the ground that it shows."""
    with rasterio.open(path) as src:
        gsd_m = abs(src.res[0])
        seen = int((src.dataset_mask() > 0).sum())
        return {
            "id": number,
            "file_name": path.name,
            "width": src.width,
            "height": src.height,
            "gsd_m": gsd_m,
            "valid_m2": seen * gsd_m**2,
        }


def poisson_interval(count: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of the mean of a Poisson distribution of which `count` was drawn."""
    tail = (1 - level) / 2

    def at_most(n: int, mean: float) -> float:
        """The chance of at most `n`."""
        return math.fsum(
            math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(n + 1)
        )

    def solve(n: int, chance: float) -> float:
        """The mean with which at most `n` has that chance: less, the larger the mean."""
        low, high = 1e-12, 10.0 * (n + 10)
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if at_most(n, middle) > chance else (low, middle)
        return low

    return (solve(count - 1, 1 - tail) if count else 0.0), solve(count, tail)
