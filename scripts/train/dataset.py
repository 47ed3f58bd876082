"""Grounds to train on: flights with labels, synthetic scenes with truth, background images.

Units: `px` are pixels of the ground's own raster (`gsd_m` metres each), x to the right, y down, origin at the corner
of the first pixel. Colours are RGB. Rasters are kept as .npy beside nothing that is published: `cache` and the scene
folder must lie outside the repository.
"""
import json
import sqlite3
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import rasterio

from classes import LEAVES, TABLE

# Photographs have no place on the ground, and need none here.
warnings.filterwarnings("ignore", category=rasterio.errors.NotGeoreferencedWarning)

GSD_M = 0.004  # of the model's input
STRIDE = 4  # px per cell of the heat map
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
FILL = np.round(MEAN * 255).astype(np.uint8)
MIN_VISIBLE = 0.25  # less of an object in view is neither a fair positive nor ground
FLIGHTS = {f["key"]: f for f in TABLE["flight"]}


@dataclass
class Object:
    """One labelled object: class index, box x0, y0, x1, y1 in px, root of its outline's area and short side in m."""

    id: str
    cls: int
    box: np.ndarray
    root_m: float
    short_m: float


@dataclass
class Ground:
    """A raster with its objects: rgba [h, w, 4] uint8, alpha 0 = nothing was seen there."""

    key: str
    path: Path
    rgba: np.ndarray
    gsd_m: float
    objects: list = field(default_factory=list)
    ignore: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))  # boxes in px, neither positive nor ground

    def window(self, cx, cy, side, out):
        """The square of `side` px about (cx, cy), as `out` pixels a side: rgb, valid 0/1, its top left corner in px."""
        x0, y0 = int(round(cx - side / 2)), int(round(cy - side / 2))
        h, w = self.rgba.shape[:2]
        part = np.zeros((side, side, 4), np.uint8)
        part[..., :3] = FILL
        ax0, ay0, ax1, ay1 = max(0, x0), max(0, y0), min(w, x0 + side), min(h, y0 + side)
        if ax1 > ax0 and ay1 > ay0:
            part[ay0 - y0:ay1 - y0, ax0 - x0:ax1 - x0] = self.rgba[ay0:ay1, ax0:ax1]
        if side != out:
            part = cv2.resize(part, (out, out), interpolation=cv2.INTER_AREA if out < side else cv2.INTER_LINEAR)
        # One invalid pixel makes its cell invalid: no half-filled colours at the edge.
        return np.ascontiguousarray(part[..., :3]), (part[..., 3] == 255).astype(np.uint8), (x0, y0)


def load_flight(data, key, cache):
    """A flight at full resolution, with the classes of its label table."""
    entry = FLIGHTS[key]
    path = Path(data) / entry["file"]
    with rasterio.open(path) as src:
        gsd_m = abs(src.res[0])
    ground = Ground(key, path, _rgba(path, Path(cache) / f"{key}.npy"), gsd_m)
    ignore = []
    for name, cls, box, skip in read_labels(Path(data) / entry["labels"]):
        if skip:
            ignore.append(box)
            continue
        w, h = (box[2:] - box[:2]) * gsd_m
        # No outline is given: a body fills about 0.6 of its upright box.
        ground.objects.append(Object(name, LEAVES.index(cls), box, float(np.sqrt(0.6 * w * h)), float(min(w, h))))
    ground.ignore = np.array(ignore).reshape(-1, 4)
    return ground


def read_labels(gpkg):
    """Labels of one flight: (id, class, box in px, is_ignore).

    Truncated slivers and every box of the review table become ignore regions: half a mine is neither a fair
    positive nor ground, and the review table names one mine without a label (F02) and one unclear object.
    """
    with sqlite3.connect(f"file:{gpkg}?mode=ro", uri=True) as db:
        tables = {r[0] for r in db.execute("select table_name from gpkg_contents")}
        rows, doubtful = [], set()
        if "label_review" in tables:
            for cls, label, *box in db.execute("select class, label_id, px_x0, px_y0, px_x1, px_y1 from label_review"):
                rows.append(("review", cls, np.array(box, float), True))
                doubtful.add(label)
        for name, cls, *box, cut in db.execute("select id, class, px_x0, px_y0, px_x1, px_y1, truncated from labels"):
            rows.append((name, cls, np.array(box, float), bool(cut) or name in doubtful))
    return rows


def load_scenes(folder):
    """All scenes of `rams scene --count`: <seed>.tif with <seed>_truth.json (COCO)."""
    files = sorted(Path(folder).glob("*_truth.json"))
    if not files:
        raise SystemExit(f"cannot read scenes: no *_truth.json in {folder}; make them with `rams scene {folder} --count N`")
    return [load_scene(f) for f in files]


def load_scene(truth):
    path = truth.with_name(truth.name.replace("_truth.json", ".tif"))
    coco = json.loads(truth.read_text())
    gsd_m = coco["images"][0]["gsd_m"]
    names = {c["id"]: LEAVES.index(c["name"]) for c in coco["categories"]}
    ground = Ground(path.stem, path, _rgba(path, path.with_suffix(".npy")), gsd_m)
    ignore = []
    for a in coco["annotations"]:
        x, y, w, h = a["bbox"]
        box = np.array([x, y, x + w, y + h], float)
        if a.get("visibility", 1) < MIN_VISIBLE or a.get("iscrowd"):
            ignore.append(box)
            continue
        short = min(w, h)
        if a.get("segmentation"):
            outline = np.array(a["segmentation"][0], np.float32).reshape(-1, 2)
            short = min(cv2.minAreaRect(outline)[1])
        area = a.get("area") or 0.6 * w * h
        ground.objects.append(Object(str(a["id"]), names[a["category_id"]], box, float(np.sqrt(area)) * gsd_m, float(short) * gsd_m))
    ground.ignore = np.array(ignore).reshape(-1, 4)
    return ground


def load_backgrounds(data):
    """Aerial images to train on, without known ordnance, as uint8 RGB: negatives and ground for composites, at any zoom."""
    images = []
    for entry in (b for b in TABLE["background"] if not b.get("held_out")):
        with rasterio.open(Path(data) / entry["file"]) as src:
            images.append(np.ascontiguousarray(src.read([1, 2, 3]).transpose(1, 2, 0)))
    return images


def normalise(rgb, valid):
    """uint8 [h, w, 3] and validity [h, w] to float32 [3, h, w]; invalid pixels are exactly 0."""
    x = (rgb.astype(np.float32) / 255 - MEAN) / STD
    return np.ascontiguousarray((x * (valid[..., None] > 0)).transpose(2, 0, 1), dtype=np.float32)


def _rgba(path, file):
    """The raster as a memory-mapped array, written on first use: runs share the pages, workers fork at no cost."""
    if not file.exists() or file.stat().st_mtime < path.stat().st_mtime:
        file.parent.mkdir(parents=True, exist_ok=True)
        with rasterio.open(path) as src:
            rgb, mask = src.read([1, 2, 3]), src.dataset_mask()
        rgba = np.concatenate([rgb, mask[None]]).transpose(1, 2, 0)
        rgba[mask == 0, :3] = FILL
        part = file.with_suffix(".part.npy")
        np.save(part, rgba)
        part.replace(file)
    return np.load(file, mmap_mode="r")
