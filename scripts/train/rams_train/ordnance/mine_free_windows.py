"""Mine-free ground of the flights as photographs to lay scenes on.

`python -m rams_train.ordnance.mine_free_windows --data DIR --out FOLDER`

A window of SIDE_PX full px counts when all of it is valid and no labelled or doubtful object
touches it. Each becomes FOLDER/<ground>/<flight>_<x>_<y>.tif with its pixel size. The windows hold
third-party pixels: keep FOLDER outside the repository.
"""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window

from rams_train.common.rasters import write_rgb
from rams_train.ordnance.classes import SHIPPED
from rams_train.ordnance.dataset import read_labels

SIDE_PX = 1024  # 2.6 m
MARGIN_PX = 24  # kept between a window and an object: its shadow


def mine_free_windows(path: Path, labels: Path) -> Iterator[tuple[int, int]]:
    """Origins x, y of the usable windows of a flight, full px."""
    margin = np.array([-MARGIN_PX, -MARGIN_PX, MARGIN_PX, MARGIN_PX])
    boxes = np.array([label.box for label in read_labels(labels)]) + margin
    with rasterio.open(path) as src:
        mask = src.dataset_mask() > 0
    for y in range(0, mask.shape[0] - SIDE_PX + 1, SIDE_PX // 2):
        for x in range(0, mask.shape[1] - SIDE_PX + 1, SIDE_PX // 2):
            touched = (
                (boxes[:, 0] < x + SIDE_PX)
                & (boxes[:, 2] > x)
                & (boxes[:, 1] < y + SIDE_PX)
                & (boxes[:, 3] > y)
            )
            if not touched.any() and mask[y : y + SIDE_PX, x : x + SIDE_PX].all():
                yield x, y


def write_windows(flight: Mapping[str, Any], data: Path, folder: Path) -> int:
    """Write the windows of a flight; returns how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    path, count = data / flight["file"], 0
    with rasterio.open(path) as src:
        for x, y in mine_free_windows(path, data / flight["labels"]):
            window = Window(x, y, SIDE_PX, SIDE_PX)
            file = folder / f"{flight['key']}_{x}_{y}.tif"
            rgb = src.read([1, 2, 3], window=window)
            write_rgb(rgb, file, src.crs, src.window_transform(window))
            count += 1
    return count


def main() -> None:
    """The command line: the windows of all flights."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    args = ap.parse_args()
    for flight in SHIPPED.flights.values():
        count = write_windows(flight, Path(args.data), Path(args.out) / flight["ground"])
        print(f"{flight['key']}: {count} windows")


if __name__ == "__main__":
    main()
