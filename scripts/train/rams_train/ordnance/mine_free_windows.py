"""Mine-free ground of the flights as photographs to lay scenes on: `ground.py --data DIR --out FOLDER`.

A window of SIDE full px counts when all of it is valid and no labelled or doubtful object touches it. Each becomes
FOLDER/<ground>/<flight>_<x>_<y>.tif with its pixel size. The windows hold third-party pixels: keep FOLDER outside
the repository.
"""
import argparse
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from rams_train.ordnance.dataset import FLIGHTS, read_labels

SIDE = 1024  # px: 2.6 m
MARGIN = 24  # px kept between a window and an object: its shadow


def windows(path, labels):
    """Origins x, y of the usable windows of a flight, full px."""
    boxes = np.array([box for _, _, box, _ in read_labels(labels)]) + np.array([-MARGIN, -MARGIN, MARGIN, MARGIN])
    with rasterio.open(path) as src:
        mask = src.dataset_mask() > 0
    for y in range(0, mask.shape[0] - SIDE + 1, SIDE // 2):
        for x in range(0, mask.shape[1] - SIDE + 1, SIDE // 2):
            touched = (boxes[:, 0] < x + SIDE) & (boxes[:, 2] > x) & (boxes[:, 1] < y + SIDE) & (boxes[:, 3] > y)
            if not touched.any() and mask[y:y + SIDE, x:x + SIDE].all():
                yield x, y


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", required=True)
    ap.add_argument("--out", required=True)
    args = ap.parse_args()
    for flight in FLIGHTS.values():
        folder = Path(args.out) / flight["ground"]
        folder.mkdir(parents=True, exist_ok=True)
        path = Path(args.data) / flight["file"]
        with rasterio.open(path) as src:
            count = 0
            for x, y in windows(path, Path(args.data) / flight["labels"]):
                window = Window(x, y, SIDE, SIDE)
                profile = {"driver": "GTiff", "width": SIDE, "height": SIDE, "count": 3, "dtype": "uint8", "crs": src.crs,
                           "transform": src.window_transform(window), "compress": "deflate"}
                with rasterio.open(folder / f"{flight['key']}_{x}_{y}.tif", "w", **profile) as out:
                    out.write(src.read([1, 2, 3], window=window))
                count += 1
        print(f"{flight['key']}: {count} windows")


if __name__ == "__main__":
    main()
