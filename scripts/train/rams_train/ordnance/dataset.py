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

from rams_train.ordnance.classes import LEAVES, TABLE, WIDE
from rams_train.earthworks.classes import PLANES

# Photographs have no place on the ground, and need none here.
warnings.filterwarnings("ignore", category=rasterio.errors.NotGeoreferencedWarning)

GSD_M = 0.004  # of the model's input
NATIVE_M = 0.0025  # of the finest imagery that crops stand for
STRIDE = 4  # px per cell of the heat map
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
FILL = np.round(MEAN * 255).astype(np.uint8)
WHOLE = 0.9  # share of an object in view from which it is cut out
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
    outline: np.ndarray | None = None  # [n, 2] in px, of generated objects that are all in view


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
    names = classes_of(coco, truth)
    ground = Ground(path.stem, path, _rgba(path, path.with_suffix(".npy")), gsd_m)
    ignore = []
    for a in coco["annotations"]:
        if a["category_id"] not in names:
            continue
        x, y, w, h = a["bbox"]
        box = np.array([x, y, x + w, y + h], float)
        if a.get("visibility", 1) < MIN_VISIBLE or a.get("iscrowd"):
            ignore.append(box)
            continue
        short, outline = min(w, h), None
        if a.get("segmentation"):
            outline = np.array(a["segmentation"][0], np.float32).reshape(-1, 2)
            short = min(cv2.minAreaRect(outline)[1])
        area = a.get("area") or 0.6 * w * h
        whole = outline if a.get("visibility", 1) >= WHOLE else None
        item = Object(str(a["id"]), names[a["category_id"]], box, float(np.sqrt(area)) * gsd_m, float(short) * gsd_m, whole)
        ground.objects.append(item)
    ground.ignore = np.array(ignore).reshape(-1, 4)
    return ground


def classes_of(coco, file):
    """Category id -> leaf index of a scene's truth, without the earthworks, which are ground here. Any other class that has
    annotations is an error: as ground it would teach that there is none."""
    names = {c["id"]: c["name"] for c in coco["categories"]}
    unknown = {names.get(a["category_id"], f"category {a['category_id']}") for a in coco["annotations"]} - set(LEAVES) - set(PLANES)
    if unknown:
        raise SystemExit(f"cannot use {file}: it has {', '.join(sorted(unknown))}; dataset.toml names {', '.join(LEAVES)}")
    return {i: LEAVES.index(name) for i, name in names.items() if name in LEAVES}


def load_backgrounds(data, cache, wide=False):
    """Aerial images to train on, without known ordnance: negatives and ground for composites, at any zoom."""
    entries = [b for b in TABLE["background"] if not b.get("held_out")]
    if wide:
        entries += [b for b in WIDE["site"]["image"] if b["site"] not in WIDE["run"]["held_out_sites"]]
    return [load_image(data, entry, cache) for entry in entries]


def load_image(data, entry, cache):
    """An aerial image without objects."""
    path = Path(data) / entry["file"]
    return Ground(path.stem, path, _rgba(path, Path(cache) / f"{path.stem}.npy"), entry["gsd_m"])


def load_grounds(folder):
    """All GeoTIFFs of a folder as ground without objects."""
    files = sorted(Path(folder).glob("*.tif"))
    if not files:
        raise SystemExit(f"cannot read ground: no .tif in {folder}; make it with textures.py")
    grounds = []
    for path in files:
        with rasterio.open(path) as src:
            gsd_m = abs(src.res[0])
        grounds.append(Ground(path.stem, path, _rgba(path, path.with_suffix(".npy")), gsd_m))
    return grounds


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
