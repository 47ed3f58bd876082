"""Ground without known objects, to count false alarms on: as orthomosaics to survey and as COCO."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rasterio
from rasterio.windows import Window

from rams_train.common.rasters import invented_place, write_rgb


def georeference(image: Path, file: Path, gsd_m: float, side_px: int | None = None) -> Path:
    """Write an aerial image as GeoTIFF with square pixels of `gsd_m` at an invented place.

    With `side_px` only the middle so many pixels of each side.
    """
    with rasterio.open(image) as src:
        w, h = min(src.width, side_px or src.width), min(src.height, side_px or src.height)
        middle = Window((src.width - w) // 2, (src.height - h) // 2, w, h)
        rgb = src.read([1, 2, 3], window=middle)
    write_rgb(rgb, file, *invented_place(gsd_m))
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
