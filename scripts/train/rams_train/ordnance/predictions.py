"""What surveys found, as rows for calibration and as COCO results for `rams evaluate`.

A survey folder is DIR/<orthomosaic>/survey.gpkg. A row is (image id of the truth, class index, box x0 y0 x1 y1 in px,
score).
"""
import sqlite3
from pathlib import Path

import numpy as np

from rams_train.ordnance.classes import CLASSES, FAMILIES, FAMILY_OF, LEAVES, SPLIT

# Class index -> family index, coarse classes included.
FAMILY = np.array(FAMILY_OF + SPLIT)
assert len(FAMILY) == len(CLASSES) and [FAMILIES[f] for f in SPLIT] == CLASSES[len(LEAVES):]


def read(truth, folder):
    """All finds on the images of a truth: [n, 7]. An image without its survey is an error, never an empty one."""
    rows = []
    for image in truth["images"]:
        stem = Path(image["file_name"]).stem
        file = Path(folder) / stem / "survey.gpkg"
        if not file.exists():
            raise SystemExit(f"cannot read {file}: survey {image['file_name']} first")
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
            found = db.execute("select class, px_x0, px_y0, px_x1, px_y1, score from features where orthomosaic = ?", (stem,)).fetchall()
        rows += [(image["id"], CLASSES.index(cls), *rest) for cls, *rest in found]
    return np.array(rows, float).reshape(-1, 7)


def looked_at(truth, folder):
    """The truth with the ground that its surveys assessed, where that is less: no false alarm is raised on the rest."""
    images = []
    for image in truth["images"]:
        file = Path(folder) / Path(image["file_name"]).stem / "survey.gpkg"
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
            assessed = db.execute("select coalesce(sum(area_m2), 0) from assessed").fetchone()[0]
        images.append({**image, "valid_m2": min(image["valid_m2"], assessed)})
    return {**truth, "images": images}


def judge(truth, rows):
    """Per find: 1 its centre lies on an object of its family, 0 on nothing of the kind, -1 it does not count.

    The best score takes the object; further finds on it, and finds on ignored objects, do not count.
    """
    objects = [(a["image_id"], FAMILY[a["category_id"] - 1], np.array(a["bbox"]), a["iscrowd"]) for a in truth["annotations"]]
    right = np.zeros(len(rows), int)
    taken = set()
    for i in np.argsort(-rows[:, 6], kind="stable"):
        image, cls, x0, y0, x1, y1, _ = rows[i]
        cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
        on = [(k, fam, crowd) for k, (im, fam, (x, y, w, h), crowd) in enumerate(objects) if im == image and x <= cx <= x + w and y <= cy <= y + h]
        own = [k for k, fam, crowd in on if fam == FAMILY[int(cls)] and not crowd]
        fresh = [k for k in own if k not in taken]
        if fresh:
            right[i] = 1
            taken.add(fresh[0])
        elif own or any(crowd for _, _, crowd in on):
            right[i] = -1
    return right


def results(rows, confidence):
    """COCO results with a calibrated `confidence` each."""
    return [{"image_id": int(r[0]), "category_id": int(r[1]) + 1, "bbox": [r[2], r[3], r[4] - r[2], r[5] - r[3]], "score": r[6], "confidence": float(c)}
            for r, c in zip(rows.tolist(), confidence)]
