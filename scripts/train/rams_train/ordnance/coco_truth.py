"""Truth for `rams evaluate` as COCO: of the flights of a ground, of generated scenes, of ground without known ordnance.

Ignored (iscrowd) are truncated boxes, the label review table, and scene objects of which little is in view.
"""
import json
from pathlib import Path

import numpy as np

from rams_train.common import background_eval as empty
from rams_train.ordnance.classes import CLASSES, FAMILIES, FAMILY_OF, LEAVES, TABLE
from rams_train.ordnance.dataset import FLIGHTS, MIN_VISIBLE, classes_of, read_labels

CENTRE_PX = 1024  # side of what is surveyed of an aerial image at its own, coarse pixels: enlarged, the whole is costly


def of_ground(data, ground):
    """The flights of a ground."""
    entries = [f for f in FLIGHTS.values() if f["ground"] == ground]
    return coco((Path(data) / f["file"], [(cls, box, skip) for _, cls, box, skip in read_labels(Path(data) / f["labels"])]) for f in entries)


def of_scenes(folder):
    """Scenes of `rams scene --count`."""
    found = []
    for file in sorted(Path(folder).glob("*_truth.json")):
        scene = json.loads(file.read_text())
        leaf = classes_of(scene, file)
        rows = [(LEAVES[leaf[a["category_id"]]], np.array(a["bbox"]) + [0, 0, *a["bbox"][:2]], a["visibility"] < MIN_VISIBLE)
                for a in scene["annotations"] if a["category_id"] in leaf]
        found.append((file.with_name(file.name.replace("_truth.json", ".tif")), rows))
    return coco(found)


def of_empty(files):
    """Orthomosaics on which no object is known."""
    return coco((Path(f), []) for f in files)


def coco(images):
    """COCO of (file, [(class, box x0 y0 x1 y1 in px, is_ignore)]), with the ground seen in each image."""
    out = {"images": [], "annotations": [], "categories": [{"id": i + 1, "name": n} for i, n in enumerate(CLASSES)]}
    for leaf, family in enumerate(FAMILY_OF):
        if FAMILIES[family] in CLASSES[len(FAMILY_OF):]:
            out["categories"][leaf]["supercategory"] = FAMILIES[family]
    for number, (path, rows) in enumerate(images, 1):
        out["images"].append(empty.image(number, path))
        for cls, (x0, y0, x1, y1), skip in rows:
            box = [float(v) for v in (x0, y0, x1 - x0, y1 - y0)]
            out["annotations"].append({"id": len(out["annotations"]) + 1, "image_id": number, "category_id": CLASSES.index(cls) + 1, "bbox": box,
                                       "area": box[2] * box[3], "iscrowd": int(skip)})
    return out


def georeference(data, folder, gsd_m=None):
    """The background images as GeoTIFF, at an invented place, with their own pixel size or one to pretend: the files.

    At their own size only the middle CENTRE_PX, and none whose pixels are too coarse for every class.
    """
    sides = [(Path(e["file"]), gsd_m or e["gsd_m"]) for e in TABLE["background"]]
    coarsest = max(c["gsd_max_m"] for c in TABLE["class"])
    side_px = CENTRE_PX if gsd_m is None else None
    return [empty.georeference(Path(data) / f, Path(folder) / f"{f.stem}.tif", side, side_px) for f, side in sides if side <= coarsest]
