"""Images to train on: scenes with masks and a surface model, photographs without earthworks.

Units: `px` are pixels of the image's own raster (`gsd_m` metres each). Labels: 0 ground, 1 + index
in MASKS, IGNORE. Rasters decoded once are kept as .npy beside the scenes, outside the repository.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.features import rasterize

from rams_train.common.arrays import Array, F32Array, U8Array
from rams_train.common.rasters import cached_array, truth_files
from rams_train.earthworks.classes import MASKS

IGNORE = 255
MIN_VISIBLE = 0.25  # what hardly shows any more is neither an earthwork to learn nor ground
PHOTO_GSD_M = 0.05  # millimetre pixels say nothing at a tenth of a metre


@dataclass(frozen=True, eq=False)
class LabelledImage:
    """A raster with the class of each pixel.

    `rgb` is uint8 [h, w, 3], `label` uint8 [h, w], `height` float32 [h', w'] in m with NaN holes,
    or None. `spots` [n, 3] are places on earthworks: index in MASKS, x, y in px.
    """

    key: str
    rgb: U8Array
    label: U8Array
    height: F32Array | None
    gsd_m: float
    spots: F32Array


@dataclass(frozen=True, eq=False)
class LabelMap:
    """The labels [h, w] of a scene, and places on its earthworks as in LabelledImage."""

    label: U8Array
    spots: F32Array


def load_scenes(folder: Path) -> list[LabelledImage]:
    """All scenes of `rams scene --layout earthworks --count`."""
    files = truth_files(folder, f"rams scene {folder} --layout earthworks --count N")
    return [load_scene(f) for f in files]


def load_scene(truth: Path) -> LabelledImage:
    """The scene of a truth file: <seed>.tif, <seed>_dsm.tif, <seed>_truth.json."""
    stem = truth.with_name(truth.name.replace("_truth.json", ""))
    coco = json.loads(truth.read_text())
    drawn = draw_labels(coco)
    picture, surface = stem.with_suffix(".tif"), stem.with_name(stem.name + "_dsm.tif")
    rgb = cached_array(picture, picture.with_suffix(".npy"), _read_rgb)
    mask = cached_array(picture, stem.with_name(stem.name + "_mask.npy"), _read_mask)
    height = cached_array(surface, surface.with_suffix(".npy"), _read_height)
    drawn.label[np.asarray(mask) == 0] = IGNORE
    gsd_m = coco["images"][0]["gsd_m"]
    return LabelledImage(stem.name, rgb, drawn.label, height, gsd_m, drawn.spots)


def draw_labels(coco: Mapping[str, Any]) -> LabelMap:
    """Labels of an image from its COCO outlines.

    An earthwork of an unknown class is an error: as ground it would teach that there is none.
    """
    image = coco["images"][0]
    names = {c["id"]: c["name"] for c in coco["categories"]}
    shapes, spots = [], []
    # Small works last: a foxhole in a parapet is a foxhole.
    for a in sorted(coco["annotations"], key=lambda a: -a["area"]):
        name = names[a["category_id"]]
        if name not in MASKS:
            raise SystemExit(
                f"cannot use a scene with {name}: dataset.toml names {', '.join(MASKS)}"
            )
        hidden = a.get("visibility", 1) < MIN_VISIBLE
        ring = np.array(a["segmentation"][0], np.float32).reshape(-1, 2)
        points = [tuple(p) for p in ring.tolist()]
        outline = {"type": "Polygon", "coordinates": [[*points, points[0]]]}
        shapes.append((outline, IGNORE if hidden else 1 + MASKS.index(name)))
        if not hidden:
            spots += [(MASKS.index(name), *p) for p in ring[:: max(1, len(ring) // 12)]]
    size = (image["height"], image["width"])
    label = rasterize(shapes, size, dtype=np.uint8) if shapes else np.zeros(size, np.uint8)
    return LabelMap(label, np.array(spots, np.float32).reshape(-1, 3))


def load_photograph(data: Path, entry: Mapping[str, Any]) -> LabelledImage:
    """The photograph of an entry of dataset.toml, at PHOTO_GSD_M or as it is if that is coarser."""
    with rasterio.open(data / entry["file"]) as src:
        factor = max(1, int(PHOTO_GSD_M / entry["gsd_m"]))
        shape = (3, src.height // factor, src.width // factor)
        average = rasterio.enums.Resampling.average
        bands = src.read([1, 2, 3], out_shape=shape, resampling=average)
        rgb = np.ascontiguousarray(bands.transpose(1, 2, 0))
        seen = src.dataset_mask(out_shape=shape[1:]) > 0
    label = np.where(seen, 0, IGNORE).astype(np.uint8)
    return without_works(Path(entry["file"]).stem, rgb, label, entry["gsd_m"] * factor)


def without_works(key: str, rgb: U8Array, label: U8Array, gsd_m: float) -> LabelledImage:
    """An image of ground without known earthworks and without heights."""
    return LabelledImage(key, rgb, label, None, gsd_m, np.zeros((0, 3), np.float32))


def _read_rgb(src: rasterio.DatasetReader) -> Array:
    return np.ascontiguousarray(src.read([1, 2, 3]).transpose(1, 2, 0))


def _read_mask(src: rasterio.DatasetReader) -> Array:
    mask: Array = src.dataset_mask()
    return mask


def _read_height(src: rasterio.DatasetReader) -> Array:
    height: Array = src.read(1).astype(np.float32)
    height[src.dataset_mask() == 0] = np.nan
    return height
