"""Flights, labels and background images, all at the model's ground sampling distance.

Units: `px` are pixels of the resampled flight (GSD_M metres each), x to the right, y down, origin at the
corner of the first pixel. `full px` are pixels of the published orthomosaic. Colours are uint8 RGB.
Source: the orthomosaics and label tables described in the data folder's README (`--data DIR`).
"""
import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import rasterio
from rasterio.enums import Resampling

GSD_M = 0.004
STRIDE = 4  # px per cell of the heat map
CLASSES = ["pfm-1", "ksf-casing"]
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
FILL = np.round(MEAN * 255).astype(np.uint8)

FLIGHTS = {
    "F01": "M600_191105_F01",  # pitch
    "F02": "M600_191105_F02",  # pitch, the same mines as F01
    "F03": "Phan4_200316_F03",  # yard
    "F15": "Phan4_210414_F15",  # court, composited mines
}


@dataclass
class Object:
    """One labelled object. `box` is x0, y0, x1, y1 in px; `full` the same in full px."""

    id: str
    cls: int
    box: np.ndarray
    full: np.ndarray


@dataclass
class Flight:
    """A flight resampled to GSD_M: rgb [h, w, 3] uint8 (invalid pixels = FILL), valid [h, w] uint8 0/1."""

    key: str
    path: Path
    rgb: np.ndarray
    valid: np.ndarray
    scale: np.ndarray  # (sx, sy): px per full px
    full_gsd_m: float  # metres per full px
    objects: list = field(default_factory=list)
    ignore: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))  # boxes in px, neither positive nor negative

    @property
    def valid_ha(self):
        """Valid ground in hectares."""
        return float(self.valid.sum()) * GSD_M**2 / 1e4


def read_labels(gpkg):
    """Labels of one flight in full px: (rows of id, class, x0, y0, x1, y1, is_ignore).

    Truncated slivers and every box of the review table become ignore regions: half a mine is neither a fair
    positive nor ground, and the review table names one mine without a label (F02) and one unclear object.
    """
    with sqlite3.connect(f"file:{gpkg}?mode=ro", uri=True) as db:
        tables = {r[0] for r in db.execute("select table_name from gpkg_contents")}
        rows, doubtful = [], set()
        if "label_review" in tables:
            for cls, label, *box in db.execute("select class, label_id, px_x0, px_y0, px_x1, px_y1 from label_review"):
                rows.append(("review", cls, *box, True))
                doubtful.add(label)
        for name, cls, *box, cut in db.execute("select id, class, px_x0, px_y0, px_x1, px_y1, truncated from labels"):
            rows.append((name, cls, *box, bool(cut) or name in doubtful))
    return rows


def load_flight(data, key, cache):
    """Read one flight, average-resampled to GSD_M; keeps a .npy copy in `cache` (never inside the repository)."""
    path = Path(data) / "pfm1" / f"{FLIGHTS[key]}.tif"
    cache = Path(cache)
    cache.mkdir(parents=True, exist_ok=True)
    rgb_file, valid_file = cache / f"{key}_rgb.npy", cache / f"{key}_valid.npy"
    with rasterio.open(path) as src:
        size = np.array([src.width, src.height])
        full_gsd_m = abs(src.res[0])
        out = np.round(size * np.abs([src.res[0], src.res[1]]) / GSD_M).astype(int)
        if not (rgb_file.exists() and valid_file.exists()):
            shape = (int(out[1]), int(out[0]))
            rgb = src.read(out_shape=(3, *shape), resampling=Resampling.average).transpose(1, 2, 0)
            # One full-resolution invalid pixel makes its cell invalid: no half-filled colours at the edge.
            mask = src.dataset_mask()
            valid = (cv2.resize(mask, shape[::-1], interpolation=cv2.INTER_AREA) == 255).astype(np.uint8)
            rgb = np.where(valid[..., None] > 0, rgb, FILL).astype(np.uint8)
            np.save(rgb_file, rgb)
            np.save(valid_file, valid)
    rgb, valid = np.load(rgb_file, mmap_mode="r"), np.load(valid_file, mmap_mode="r")
    flight = Flight(key, path, rgb, valid, out / size, full_gsd_m)
    ignore = []
    for name, cls, *box, skip in read_labels(path.with_name(f"{FLIGHTS[key]}_labels.gpkg")):
        full = np.array(box, float)
        px = full * np.tile(flight.scale, 2)
        if skip:
            ignore.append(px)
        else:
            flight.objects.append(Object(name, CLASSES.index(cls), px, full))
    flight.ignore = np.array(ignore).reshape(-1, 4)
    return flight


def load_backgrounds(data):
    """Aerial images without known ordnance, as uint8 RGB: texture for negatives and composites at any zoom."""
    images = []
    root = Path(data) / "backgrounds"
    for entry in json.loads((root / "index.json").read_text()):
        file = root / entry["file"]
        # Elevation is not colour, and at metres a pixel nothing resembles ground seen from ten metres.
        if "elevation" in entry["file"] or entry["gsd_mm"] > 1000:
            continue
        image = cv2.imread(str(file), cv2.IMREAD_COLOR)
        if image is not None:
            images.append(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
    return images


def normalise(rgb, valid):
    """uint8 [h, w, 3] and validity [h, w] to float32 [3, h, w]; invalid pixels are exactly 0."""
    x = (rgb.astype(np.float32) / 255 - MEAN) / STD
    return np.ascontiguousarray((x * (valid[..., None] > 0)).transpose(2, 0, 1), dtype=np.float32)
