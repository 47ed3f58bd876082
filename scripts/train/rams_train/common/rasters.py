"""Decoded rasters as memory-mapped arrays: runs share the pages, workers fork at no cost.

The arrays hold third-party pixels: they must lie outside the repository.
"""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import rasterio

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
