"""Pictures of the likeliest false alarms.

`python -m rams_train.earthworks.error_sheet RUNS EVALUATION SURVEYS IMAGES --out DIR`

EVALUATION is a folder of RUNS/eval, SURVEYS the surveys it is of, IMAGES their orthomosaics:
shipped-empty, RUNS/survey/shipped/empty and RUNS/empty, or probe-empty and RUNS/survey/rgb/empty
for what lies below the thresholds. The pictures show third-party pixels: --out must lie outside the
repository.
"""

import argparse
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from rams_train.common.card_tables import read_evaluation
from rams_train.common.contact_sheet import Place, contact_sheet

SIDE_M = 30.0


def worst_false_alarms(works: Mapping[str, Any], most: int) -> list[dict[str, Any]]:
    """The likeliest false alarms above the thresholds of an evaluation."""
    limits = works["thresholds"]
    wrong = [
        f
        for f in works["features"]
        if f["verdict"] == "false_alarm" and f["score"] >= limits[f["class"]]
    ]
    return sorted(wrong, key=lambda f: -f["confidence"])[:most]


def main() -> None:
    """The command line."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("runs", "evaluation", "surveys", "images"):
        ap.add_argument(name)
    ap.add_argument("--out", required=True)
    ap.add_argument("--most", type=int, default=48)
    args = ap.parse_args()
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    works = read_evaluation(Path(args.runs), args.evaluation)["works"]
    worst = worst_false_alarms(works, args.most)
    query = "select id, px_x0, px_y0, px_x1, px_y1 from features"
    for flight in sorted({f["flight"] for f in worst}):
        image, survey = Path(args.images) / f"{flight}.tif", Path(args.surveys) / flight
        with sqlite3.connect(f"file:{survey / 'survey.gpkg'}?mode=ro", uri=True) as db:
            boxes = {row[0]: np.array(row[1:]) for row in db.execute(query)}
        with rasterio.open(image) as src:
            side_px = SIDE_M / abs(src.res[0])
        places = [
            Place(f"{f['class']} {f['confidence']:.2f}", boxes[f["id"]])
            for f in worst
            if f["flight"] == flight
        ]
        contact_sheet(image, places, out / f"{flight}.png", side_px)
        print(f"{flight}: {len(places)}")


if __name__ == "__main__":
    main()
