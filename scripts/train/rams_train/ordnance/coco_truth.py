"""Truth for `rams evaluate` as COCO: of flights, of scenes, of ground without known ordnance.

Ignored (iscrowd) are truncated boxes, the label review table, and scene objects of which little is
in view.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rams_train.common.arrays import Array
from rams_train.common.background_eval import georeference, image_entry
from rams_train.ordnance.classes import LEAVES, SHIPPED, TABLE, Dataset
from rams_train.ordnance.dataset import (
    MIN_VISIBLE,
    Coco,
    leaves_of_categories,
    read_labels,
)

# Side of what is surveyed of an aerial image at its own, coarse pixels: enlarged, the whole is
# costly.
CENTRE_PX = 1024


@dataclass(frozen=True, eq=False)
class TrueObject:
    """Name of the class, box x0, y0, x1, y1 in px, and whether it is to be ignored."""

    cls: str
    box: Array
    ignored: bool


@dataclass(frozen=True, eq=False)
class TrueImage:
    """An orthomosaic and what is on it."""

    path: Path
    objects: Sequence[TrueObject] = ()


def truth_of_flights(data: Path, ground: str, dataset: Dataset = SHIPPED) -> Coco:
    """The flights of a ground."""
    images = []
    for flight in (dataset.flights[key] for key in dataset.flights_of([ground])):
        file = data / flight["labels"]
        objects = [
            TrueObject(dataset.leaves[dataset.leaf(label.cls, file)], label.box, label.ignored)
            for label in read_labels(file)
        ]
        images.append(TrueImage(data / flight["file"], objects))
    return as_coco(images, dataset)


def truth_of_scenes(folder: Path) -> Coco:
    """Scenes of `rams scene --count`."""
    images = []
    for file in sorted(folder.glob("*_truth.json")):
        scene = json.loads(file.read_text())
        leaf = leaves_of_categories(scene, file)
        objects = [
            TrueObject(
                LEAVES[leaf[a["category_id"]]],
                np.add(a["bbox"], [0, 0, *a["bbox"][:2]]),
                a["visibility"] < MIN_VISIBLE,
            )
            for a in scene["annotations"]
            if a["category_id"] in leaf
        ]
        image = file.with_name(file.name.replace("_truth.json", ".tif"))
        images.append(TrueImage(image, objects))
    return as_coco(images)


def truth_of_empty_ground(files: Iterable[Path]) -> Coco:
    """Orthomosaics on which no object is known."""
    return as_coco(TrueImage(file) for file in files)


def as_coco(images: Iterable[TrueImage], dataset: Dataset = SHIPPED) -> Coco:
    """COCO with the ground seen in each image; ids count from 1."""
    out: Coco = {
        "images": [],
        "annotations": [],
        "categories": [{"id": i + 1, "name": n} for i, n in enumerate(dataset.classes)],
    }
    coarse = len(dataset.coarse)
    for cls, family in enumerate(dataset.family_of_class[: len(dataset.classes) - coarse]):
        if family in dataset.split:
            out["categories"][cls]["supercategory"] = dataset.families[family]
    for number, image in enumerate(images, 1):
        out["images"].append(image_entry(number, image.path))
        for item in image.objects:
            x0, y0, x1, y1 = item.box
            box = [float(v) for v in (x0, y0, x1 - x0, y1 - y0)]
            out["annotations"].append(
                {
                    "id": len(out["annotations"]) + 1,
                    "image_id": number,
                    "category_id": dataset.classes.index(dataset.called(item.cls)) + 1,
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": int(item.ignored),
                }
            )
    return out


def georeference_backgrounds(data: Path, folder: Path, gsd_m: float | None = None) -> list[Path]:
    """Write the background images as GeoTIFF at an invented place; returns the files.

    With their own pixel size or one to pretend. At their own size only the middle CENTRE_PX, and
    none whose pixels are too coarse for every class.
    """
    coarsest = max(c["gsd_max_m"] for c in TABLE["class"])
    side_px = CENTRE_PX if gsd_m is None else None
    written = []
    for entry in TABLE["background"]:
        file, pixel_m = Path(entry["file"]), gsd_m or entry["gsd_m"]
        if pixel_m <= coarsest:
            place = folder / f"{file.stem}.tif"
            written.append(georeference(data / file, place, pixel_m, side_px))
    return written
