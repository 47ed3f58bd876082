"""Pictures of misses and false alarms.

`python -m rams_train.ordnance.error_sheet TRUTH.json SURVEYS IMAGES --model FOLDER --out DIR`

TRUTH is of coco_truth, SURVEYS holds a survey for each of its images, IMAGES the orthomosaics. The
pictures show third-party pixels: --out must lie outside the repository.
"""

import argparse
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rams_train.common.contact_sheet import Place, contact_sheet
from rams_train.ordnance.classes import CLASSES, FAMILY_OF_CLASS
from rams_train.ordnance.dataset import Coco
from rams_train.ordnance.predictions import WRONG, Predictions, match_predictions, read_predictions


@dataclass
class Errors:
    """The places of misses and of false alarms by image id, the likeliest alarms first."""

    missed: dict[int, list[Place]] = field(default_factory=dict)
    false: dict[int, list[Place]] = field(default_factory=dict)


def find_errors(truth: Coco, predictions: Predictions, limits: Mapping[str, float]) -> Errors:
    """Where predictions and truth differ, at the thresholds `limits` of the classes."""
    names = [CLASSES[c] for c in predictions.cls]
    above = [s >= limits[n] for s, n in zip(predictions.score, names, strict=True)]
    found = predictions.select(np.array(above, bool))
    found = found.select(found.likeliest_first())
    errors = Errors()
    for i, verdict in enumerate(match_predictions(truth, found)):
        if verdict == WRONG:
            text = f"{CLASSES[found.cls[i]]} {found.score[i]:.2f}"
            errors.false.setdefault(int(found.image[i]), []).append(Place(text, found.box[i]))
    cx, cy = found.centres()
    for a in truth["annotations"]:
        x, y, w, h = a["bbox"]
        on = (found.image == a["image_id"]) & (x <= cx) & (cx <= x + w) & (y <= cy) & (cy <= y + h)
        family = FAMILY_OF_CLASS[a["category_id"] - 1]
        if not a["iscrowd"] and not (FAMILY_OF_CLASS[found.cls[on]] == family).any():
            place = Place(CLASSES[a["category_id"] - 1], np.array([x, y, x + w, y + h]))
            errors.missed.setdefault(a["image_id"], []).append(place)
    return errors


def main() -> None:
    """The command line."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("truth", "surveys", "images"):
        ap.add_argument(name)
    ap.add_argument("--model", required=True, help="folder of the model.toml with the thresholds")
    ap.add_argument("--out", required=True)
    args = ap.parse_args()
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    truth = json.loads(Path(args.truth).read_text())
    model = tomllib.loads((Path(args.model) / "model.toml").read_text())
    thresholds = {c["name"]: c["threshold"] for c in model["class"]}
    limits = {n: t["balanced"] if isinstance(t, dict) else t for n, t in thresholds.items()}
    errors = find_errors(truth, read_predictions(truth, Path(args.surveys)), limits)
    for kind, places in (("missed", errors.missed), ("false", errors.false)):
        for image in truth["images"]:
            name, own = image["file_name"], places.get(image["id"], [])
            print(f"{name}: {len(own)} {kind}")
            if own:
                contact_sheet(Path(args.images) / name, own, out / f"{Path(name).stem}_{kind}.png")


if __name__ == "__main__":
    main()
