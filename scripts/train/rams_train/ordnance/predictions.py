"""What surveys found: for calibration, and as COCO results for `rams evaluate`.

A survey folder is DIR/<orthomosaic>/survey.gpkg.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rams_train.common.arrays import Array, F64Array, IntArray
from rams_train.ordnance.classes import SHIPPED, Dataset
from rams_train.ordnance.dataset import Coco

HIT, WRONG, UNCOUNTED = 1, 0, -1


@dataclass(frozen=True, eq=False)
class Predictions:
    """Detections on the images of a truth, one in each row.

    `image` [n] are ids of the truth, `cls` [n] indices in Dataset.classes, `box` [n, 4] x0, y0, x1,
    y1 in px, `score` [n] 0..1.
    """

    image: IntArray
    cls: IntArray
    box: F64Array
    score: F64Array

    @classmethod
    def from_rows(cls, rows: Iterable[Iterable[Any]]) -> "Predictions":
        """Of rows (image, class index, x0, y0, x1, y1, score)."""
        table = np.array([list(row) for row in rows], float).reshape(-1, 7)
        image, classes = table[:, 0].astype(int), table[:, 1].astype(int)
        return cls(image, classes, table[:, 2:6], table[:, 6])

    def __len__(self) -> int:
        """How many there are."""
        return len(self.score)

    def select(self, chosen: Array) -> "Predictions":
        """Those of a mask or of indices, in its order."""
        return Predictions(
            self.image[chosen], self.cls[chosen], self.box[chosen], self.score[chosen]
        )

    def likeliest_first(self) -> IntArray:
        """Indices by falling score."""
        return np.argsort(-self.score, kind="stable")

    def centres(self) -> tuple[F64Array, F64Array]:
        """X and y of the boxes' centres, px."""
        return (
            (self.box[:, 0] + self.box[:, 2]) / 2,
            (self.box[:, 1] + self.box[:, 3]) / 2,
        )


def read_predictions(truth: Coco, folder: Path, dataset: Dataset = SHIPPED) -> Predictions:
    """All detections on the images of a truth.

    An image without its survey is an error, never an empty one.
    """
    query = "select class, px_x0, px_y0, px_x1, px_y1, score from features where orthomosaic = ?"
    rows: list[tuple[Any, ...]] = []
    for image in truth["images"]:
        stem = Path(image["file_name"]).stem
        file = folder / stem / "survey.gpkg"
        if not file.exists():
            raise SystemExit(f"cannot read {file}: survey {image['file_name']} first")
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
            found = db.execute(query, (stem,)).fetchall()
        rows += [
            (image["id"], dataset.classes.index(dataset.called(cls)), *rest) for cls, *rest in found
        ]
    return Predictions.from_rows(rows)


def assessed_truth(truth: Coco, folder: Path) -> Coco:
    """The truth with the ground that its surveys assessed, where that is less.

    No false alarm is raised on the rest.
    """
    images = []
    for image in truth["images"]:
        file = folder / Path(image["file_name"]).stem / "survey.gpkg"
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as db:
            query = "select coalesce(sum(area_m2), 0) from assessed"
            assessed = db.execute(query).fetchone()[0]
        images.append({**image, "valid_m2": min(image["valid_m2"], assessed)})
    return {**truth, "images": images}


@dataclass(frozen=True)
class _Target:
    image: int
    family: int
    bbox: tuple[float, float, float, float]
    ignored: bool

    def holds(self, image: int, cx: float, cy: float) -> bool:
        x, y, w, h = self.bbox
        return self.image == image and x <= cx <= x + w and y <= cy <= y + h


def match_predictions(
    truth: Coco, predictions: Predictions, dataset: Dataset = SHIPPED
) -> IntArray:
    """HIT, WRONG or UNCOUNTED of each prediction.

    A hit's centre lies on an object of its family. The best score takes the object; further
    predictions on it, and those on ignored objects, do not count.
    """
    family_of = dataset.family_of_class
    targets = [
        _Target(
            a["image_id"],
            int(family_of[a["category_id"] - 1]),
            tuple(a["bbox"]),
            bool(a["iscrowd"]),
        )
        for a in truth["annotations"]
    ]
    verdicts = np.full(len(predictions), WRONG)
    xs, ys = predictions.centres()
    taken: set[int] = set()
    for i in predictions.likeliest_first():
        image, family = predictions.image[i], family_of[predictions.cls[i]]
        on = [k for k, target in enumerate(targets) if target.holds(image, xs[i], ys[i])]
        own = [k for k in on if targets[k].family == family and not targets[k].ignored]
        free = [k for k in own if k not in taken]
        if free:
            verdicts[i] = HIT
            taken.add(free[0])
        elif own or any(targets[k].ignored for k in on):
            verdicts[i] = UNCOUNTED
    return verdicts


def coco_results(predictions: Predictions, confidence: Array | None) -> list[dict[str, Any]]:
    """COCO results, with a calibrated `confidence` [n] each where there is one."""
    rows = zip(
        predictions.image.tolist(),
        predictions.cls.tolist(),
        predictions.box.tolist(),
        predictions.score.tolist(),
        strict=True,
    )
    results: list[dict[str, Any]] = [
        {
            "image_id": image,
            "category_id": cls + 1,
            "bbox": [x0, y0, x1 - x0, y1 - y0],
            "score": score,
        }
        for image, cls, (x0, y0, x1, y1), score in rows
    ]
    if confidence is not None:
        for result, c in zip(results, confidence, strict=True):
            result["confidence"] = float(c)
    return results
