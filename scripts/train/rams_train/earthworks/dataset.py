"""Ground to train on: scenes with masks and a surface model, aerial photographs without known earthworks.

Units: `px` are pixels of the ground's own raster (`gsd_m` metres each). Labels: 0 ground, 1 + index in MASKS, IGNORE.
Rasters decoded once are kept as .npy beside the scenes, outside the repository.
"""
import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.features import rasterize

from .classes import MASKS, TABLE

warnings.filterwarnings("ignore", category=rasterio.errors.NotGeoreferencedWarning)

IGNORE = 255
MIN_VISIBLE = 0.25  # what hardly shows any more is neither an earthwork to learn nor ground


@dataclass
class Ground:
    """A raster: rgb [h, w, 3] uint8, label [h, w] uint8, height [h', w'] float32 in m with NaN holes, or None."""

    key: str
    rgb: np.ndarray
    label: np.ndarray
    height: np.ndarray | None
    gsd_m: float
    spots: np.ndarray  # [n, 3]: class index, x, y in px: places on earthworks


def load_scenes(folder):
    files = sorted(Path(folder).glob("*_truth.json"))
    if not files:
        raise SystemExit(f"cannot read scenes: no *_truth.json in {folder}; make them with `rams scene {folder} --layout earthworks --count N`")
    return [load_scene(f) for f in files]


def load_scene(truth):
    """A scene of `rams scene --layout earthworks --count`: <seed>.tif, <seed>_dsm.tif, <seed>_truth.json."""
    stem = truth.with_name(truth.name.replace("_truth.json", ""))
    coco = json.loads(truth.read_text())
    label, spots = draw(coco)
    rgb = _kept(stem.with_suffix(".tif"), lambda src: np.ascontiguousarray(src.read([1, 2, 3]).transpose(1, 2, 0)))
    mask = _kept(stem.with_suffix(".tif"), lambda src: src.dataset_mask(), "_mask")
    height = _kept(stem.with_name(stem.name + "_dsm.tif"), _height)
    label[np.asarray(mask) == 0] = IGNORE
    return Ground(stem.name, rgb, label, height, coco["images"][0]["gsd_m"], spots)


def draw(coco):
    """Labels of an image from its COCO outlines, and places on its earthworks. A work of an unknown class is an error: as
    ground it would teach that there is none."""
    image = coco["images"][0]
    shapes = []
    names = {c["id"]: c["name"] for c in coco["categories"]}
    spots = []
    # Small works last: a foxhole in a parapet is a foxhole.
    for a in sorted(coco["annotations"], key=lambda a: -a["area"]):
        name = names[a["category_id"]]
        if name not in MASKS:
            raise SystemExit(f"cannot use a scene with {name}: dataset.toml names {', '.join(MASKS)}")
        hidden = a.get("visibility", 1) < MIN_VISIBLE
        value = IGNORE if hidden else 1 + MASKS.index(name)
        ring = np.array(a["segmentation"][0], np.float32).reshape(-1, 2)
        shapes.append(({"type": "Polygon", "coordinates": [[*map(tuple, ring.tolist()), tuple(ring[0].tolist())]]}, value))
        if not hidden:
            spots += [(MASKS.index(name), *p) for p in ring[:: max(1, len(ring) // 12)]]
    size = (image["height"], image["width"])
    label = rasterize(shapes, size, dtype=np.uint8) if shapes else np.zeros(size, np.uint8)
    return label, np.array(spots, np.float32).reshape(-1, 3)


def load_photos(data, held_out=False):
    """Aerial photographs without known earthworks."""
    grounds = []
    for entry in (b for b in TABLE["background"] if b.get("held_out", False) == held_out):
        with rasterio.open(Path(data) / entry["file"]) as src:
            # Millimetre pixels say nothing at a tenth of a metre.
            shrink = max(1, int(0.05 / entry["gsd_m"]))
            shape = (3, src.height // shrink, src.width // shrink)
            rgb = np.ascontiguousarray(src.read([1, 2, 3], out_shape=shape, resampling=rasterio.enums.Resampling.average).transpose(1, 2, 0))
            label = np.where(src.dataset_mask(out_shape=shape[1:]) > 0, 0, IGNORE).astype(np.uint8)
        grounds.append(Ground(Path(entry["file"]).stem, rgb, label, None, entry["gsd_m"] * shrink, np.zeros((0, 3), np.float32)))
    return grounds


def _height(src):
    h = src.read(1).astype(np.float32)
    h[src.dataset_mask() == 0] = np.nan
    return h


def _kept(path, read, ending=""):
    file = path.with_name(path.stem + ending + ".npy")
    if not file.exists() or file.stat().st_mtime < path.stat().st_mtime:
        with rasterio.open(path) as src:
            array = read(src)
        part = file.with_suffix(".part.npy")
        np.save(part, array)
        part.replace(file)
    return np.load(file, mmap_mode="r")
