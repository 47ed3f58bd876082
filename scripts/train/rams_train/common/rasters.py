"""Rasters and truth files of scenes, read and written.

Decoded rasters are memory-mapped arrays: runs share the pages, workers fork at no cost. They hold
third-party pixels and must lie outside the repository.
"""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import Affine, from_origin

from rams_train.common.arrays import Array

# Photographs have no place on the ground, and need none here.
warnings.filterwarnings("ignore", category=rasterio.errors.NotGeoreferencedWarning)


def cached_array(path: Path, file: Path, read: Callable[[rasterio.DatasetReader], Array]) -> Array:
    """What `read` makes of the raster at `path`, kept in the .npy `file` until it changes."""
    if not file.exists() or file.stat().st_mtime < path.stat().st_mtime:
        file.parent.mkdir(parents=True, exist_ok=True)
        with rasterio.open(path) as src:
            array = read(src)
        part = file.with_suffix(".part.npy")
        np.save(part, array)
        part.replace(file)
    loaded: Array = np.load(file, mmap_mode="r")
    return loaded


def truth_files(folder: Path, how: str) -> list[Path]:
    """The truth files of the scenes in a folder; `how` is the command that would make some."""
    files = sorted(folder.glob("*_truth.json"))
    if not files:
        raise SystemExit(f"cannot read scenes: no *_truth.json in {folder}; make them with `{how}`")
    return files


def invented_place(gsd_m: float) -> tuple[str, Affine]:
    """CRS and transform, square pixels of `gsd_m` metres, for a picture that has no place."""
    return "EPSG:32631", from_origin(500000, 1000, gsd_m, gsd_m)


def write_rgb(rgb: Array, file: Path, crs: object, transform: Affine) -> None:
    """Write uint8 [3, h, w] as a tiled GeoTIFF, and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    profile = {
        "driver": "GTiff",
        "width": rgb.shape[2],
        "height": rgb.shape[1],
        "count": 3,
        "dtype": "uint8",
        "crs": crs,
        "transform": transform,
        "tiled": True,
        "compress": "deflate",
    }
    with rasterio.open(file, "w", **profile) as out:
        out.write(rgb)
