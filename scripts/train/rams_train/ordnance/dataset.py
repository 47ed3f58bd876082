"""Images to train on: flights with labels, generated scenes with truth, aerial images without.

Units: `px` are pixels of the image's own raster (`gsd_m` metres each), x to the right, y down,
origin at the corner of the first pixel. Colours are RGB. Decoded rasters are kept as .npy beside
nothing that is published: `cache` and the scene folder must lie outside the repository.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import rasterio

from rams_train.common.arrays import Array, F32Array, F64Array, U8Array
from rams_train.common.images import resize
from rams_train.common.normalisation import MEAN, STD
from rams_train.common.rasters import cached_array, truth_files
from rams_train.earthworks.classes import PLANES
from rams_train.ordnance.classes import RECIPE, SHIPPED, Dataset, Fold

FILL = np.round(MEAN * 255).astype(np.uint8)  # the colour of what nobody saw
CUT_OUT_FROM = 0.9  # share of an object in view from which it is cut out
MIN_VISIBLE = 0.25  # less of an object in view is neither a fair positive nor ground
Coco = dict[str, Any]


@dataclass(frozen=True, eq=False)
class LabelledObject:
    """One labelled object.

    `cls` is the leaf index, `box` x0, y0, x1, y1 in px, `root_m` the root of its outline's area and
    `short_m` its short side in m. `outline` [n, 2] in px is of generated objects that are all in
    view.
    """

    id: str
    cls: int
    box: Array
    root_m: float
    short_m: float
    outline: F32Array | None = None


@dataclass(frozen=True, eq=False)
class Patch:
    """A square of an image: rgb uint8 [n, n, 3], valid 0/1 [n, n], its top left corner in px."""

    rgb: U8Array
    valid: U8Array
    x0: int
    y0: int


@dataclass(frozen=True, eq=False)
class AnnotatedImage:
    """A raster with its objects.

    `rgba` is uint8 [h, w, 4], alpha 0 where nothing was seen; `ignore` [n, 4] are boxes in px that
    are neither positive nor ground.
    """

    key: str
    path: Path
    rgba: U8Array
    gsd_m: float
    objects: Sequence[LabelledObject] = ()
    ignore: F64Array = field(default_factory=lambda: np.zeros((0, 4)))

    def patch(self, cx: float, cy: float, side: int, out: int) -> Patch:
        """The square of `side` px about (cx, cy), as `out` pixels a side."""
        x0, y0 = round(cx - side / 2), round(cy - side / 2)
        h, w = self.rgba.shape[:2]
        part: Array = np.zeros((side, side, 4), np.uint8)
        part[..., :3] = FILL
        ax0, ay0, ax1, ay1 = max(0, x0), max(0, y0), min(w, x0 + side), min(h, y0 + side)
        if ax1 > ax0 and ay1 > ay0:
            part[ay0 - y0 : ay1 - y0, ax0 - x0 : ax1 - x0] = self.rgba[ay0:ay1, ax0:ax1]
        if side != out:
            part = resize(part, out, out)
        # One invalid pixel makes its cell invalid: no half-filled colours at the edge.
        valid = (part[..., 3] == 255).astype(np.uint8)
        return Patch(np.ascontiguousarray(part[..., :3]), valid, x0, y0)


@dataclass(frozen=True, eq=False)
class Label:
    """A row of a flight's label table: class, box in px, whether it is to be ignored."""

    id: str
    cls: str
    box: F64Array
    ignored: bool


def load_flight(data: Path, key: str, cache: Path, dataset: Dataset = SHIPPED) -> AnnotatedImage:
    """A flight at full resolution, with the classes of its label table."""
    entry = dataset.flights[key]
    path = data / entry["file"]
    with rasterio.open(path) as src:
        gsd_m = abs(src.res[0])
    rgba = _rgba(path, cache / f"{key}.npy")
    objects, ignore = [], []
    labels = data / entry["labels"]
    for label in read_labels(labels):
        if label.ignored:
            ignore.append(label.box)
            continue
        w, h = (label.box[2:] - label.box[:2]) * gsd_m
        # No outline is given: a body fills about 0.6 of its upright box.
        root_m, short_m = float(np.sqrt(0.6 * w * h)), float(min(w, h))
        leaf = dataset.leaf(label.cls, labels)
        objects.append(LabelledObject(label.id, leaf, label.box, root_m, short_m))
    return AnnotatedImage(key, path, rgba, gsd_m, objects, np.array(ignore).reshape(-1, 4))


def read_labels(gpkg: Path) -> list[Label]:
    """Labels of one flight: the layer `labels` of a GeoPackage.

    Its fields are id, class, px_x0, px_y0, px_x1, px_y1, and ignored or truncated. What is ignored,
    truncated slivers and every box of a review table become ignore regions: half a mine is neither
    a fair positive nor ground, and the review table names one mine without a label (F02) and one
    unclear object.
    """
    if not gpkg.exists():
        raise SystemExit(f"cannot read {gpkg}: write it with rams_train.ordnance.import_labels")
    with sqlite3.connect(f"file:{gpkg}?mode=ro", uri=True) as db:
        tables = {r[0] for r in db.execute("select table_name from gpkg_contents")}
        if "labels" not in tables:
            raise SystemExit(
                f"cannot use {gpkg}: it has no layer labels, but {', '.join(sorted(tables))}; "
                "make one of it with rams_train.ordnance.import_labels"
            )
        labels, doubtful = [], set()
        if "label_review" in tables:
            reviewed = "select class, label_id, px_x0, px_y0, px_x1, px_y1 from label_review"
            for cls, label, *box in db.execute(reviewed):
                labels.append(Label("review", cls, np.array(box, float), True))
                doubtful.add(label)
        fields = {r[1] for r in db.execute("pragma table_info(labels)")}
        ignored = " or ".join(sorted(fields & {"ignored", "truncated"})) or "0"
        labelled = f"select id, class, px_x0, px_y0, px_x1, px_y1, {ignored} from labels"
        for name, cls, *box, cut in db.execute(labelled):
            labels.append(Label(name, cls, np.array(box, float), bool(cut) or name in doubtful))
    return labels


def load_scenes(folder: Path, dataset: Dataset = SHIPPED) -> list[AnnotatedImage]:
    """All scenes of `rams scene --count`: <seed>.tif with <seed>_truth.json (COCO)."""
    files = truth_files(folder, f"rams scene {folder} --count N")
    return [load_scene(f, dataset) for f in files]


def load_scene(truth: Path, dataset: Dataset = SHIPPED) -> AnnotatedImage:
    """The scene of a truth file."""
    path = truth.with_name(truth.name.replace("_truth.json", ".tif"))
    coco: Coco = json.loads(truth.read_text())
    gsd_m = coco["images"][0]["gsd_m"]
    leaf_of = leaves_of_categories(coco, truth, dataset)
    rgba = _rgba(path, path.with_suffix(".npy"))
    objects, ignore = [], []
    for a in coco["annotations"]:
        if a["category_id"] not in leaf_of:
            continue
        x, y, w, h = a["bbox"]
        box = np.array([x, y, x + w, y + h], float)
        if a.get("visibility", 1) < MIN_VISIBLE or a.get("iscrowd"):
            ignore.append(box)
        else:
            objects.append(_scene_object(a, leaf_of[a["category_id"]], box, gsd_m))
    boxes = np.array(ignore).reshape(-1, 4)
    return AnnotatedImage(path.stem, path, rgba, gsd_m, objects, boxes)


def _scene_object(a: Mapping[str, Any], leaf: int, box: F64Array, gsd_m: float) -> LabelledObject:
    _, _, w, h = a["bbox"]
    short: float = min(w, h)
    outline = None
    if a.get("segmentation"):
        outline = np.array(a["segmentation"][0], np.float32).reshape(-1, 2)
        short = min(cv2.minAreaRect(outline)[1])
    area = a.get("area") or 0.6 * w * h
    all_in_view = a.get("visibility", 1) >= CUT_OUT_FROM
    return LabelledObject(
        str(a["id"]),
        leaf,
        box,
        float(np.sqrt(area)) * gsd_m,
        float(short) * gsd_m,
        outline if all_in_view else None,
    )


def leaves_of_categories(coco: Coco, file: Path, dataset: Dataset = SHIPPED) -> dict[int, int]:
    """Category id -> leaf index of a scene's truth, without the earthworks, which are ground here.

    Any other class that has annotations is an error: as ground it would teach that there is none.
    """
    leaves = dataset.leaves
    names = {c["id"]: c["name"] for c in coco["categories"]}
    used = {a["category_id"] for a in coco["annotations"]}
    unknown = {names.get(i, f"category {i}") for i in used} - set(leaves) - set(PLANES)
    if unknown:
        raise SystemExit(
            f"cannot use {file}: it has {', '.join(sorted(unknown))}; "
            f"{dataset.file} names {', '.join(leaves)}"
        )
    return {i: leaves.index(name) for i, name in names.items() if name in leaves}


def load_backgrounds(
    data: Path, cache: Path, fold: Fold | None = None, dataset: Dataset = SHIPPED
) -> list[AnnotatedImage]:
    """Aerial images to train on, without known ordnance: negatives and ground, at any zoom.

    With those of recipe.toml if `fold` says what is held out of them.
    """
    entries = [b for b in dataset.backgrounds if not b.get("held_out")]
    if fold:
        every = [*entries, *RECIPE["site"]["image"]]
        entries = [b for b in every if b.get("site") not in fold.sites]
    return [load_image(data, entry, cache) for entry in entries]


def load_image(data: Path, entry: Mapping[str, Any], cache: Path) -> AnnotatedImage:
    """An aerial image without objects."""
    path = data / entry["file"]
    rgba = _rgba(path, cache / f"{path.stem}.npy")
    return AnnotatedImage(path.stem, path, rgba, entry["gsd_m"])


def load_folder(folder: Path) -> list[AnnotatedImage]:
    """All GeoTIFFs of a folder as ground without objects."""
    files = sorted(folder.glob("*.tif"))
    if not files:
        raise SystemExit(
            f"cannot read ground: no .tif in {folder}; make it with rams_train.ordnance.textures"
        )
    images = []
    for path in files:
        with rasterio.open(path) as src:
            gsd_m = abs(src.res[0])
        rgba = _rgba(path, path.with_suffix(".npy"))
        images.append(AnnotatedImage(path.stem, path, rgba, gsd_m))
    return images


def normalise(rgb: Array, valid: Array) -> F32Array:
    """uint8 [h, w, 3] and validity [h, w] to float32 [3, h, w]; invalid pixels are exactly 0."""
    x = (rgb.astype(np.float32) / 255 - MEAN) / STD
    masked = (x * (valid[..., None] > 0)).transpose(2, 0, 1)
    return np.ascontiguousarray(masked, dtype=np.float32)


def _rgba(path: Path, file: Path) -> U8Array:
    """The raster as uint8 [h, w, 4], from the .npy `file` where that is newer."""
    return cached_array(path, file, _read_rgba)


def _read_rgba(src: rasterio.DatasetReader) -> U8Array:
    rgb, mask = src.read([1, 2, 3]), src.dataset_mask()
    rgba: U8Array = np.concatenate([rgb, mask[None]]).transpose(1, 2, 0)
    rgba[mask == 0, :3] = FILL
    return rgba
