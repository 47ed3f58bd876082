"""Pictures of the likeliest false alarms, from scripts/train: `python -m earthworks.sheet RUNS EVALUATION SURVEYS IMAGES --out DIR`.

EVALUATION is a folder of RUNS/eval, SURVEYS the surveys it is of, IMAGES their orthomosaics: shipped-empty,
RUNS/survey/shipped/empty and RUNS/empty, or probe-empty and RUNS/survey/rgb/empty for what lies below the thresholds. The pictures show third-party pixels: --out must lie outside the repository.
"""
import argparse
import sqlite3
from pathlib import Path

import numpy as np
import rasterio

from rams_train.common.card_tables import evaluation
from rams_train.ordnance.error_sheet import sheet

SIDE_M = 30.0


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("runs", "evaluation", "surveys", "images"):
        ap.add_argument(name)
    ap.add_argument("--out", required=True)
    ap.add_argument("--most", type=int, default=48)
    args = ap.parse_args()
    Path(args.out).mkdir(parents=True, exist_ok=True)
    works = evaluation(args.runs, args.evaluation)["works"]
    wrong = [f for f in works["features"] if f["verdict"] == "false_alarm" and f["score"] >= works["thresholds"][f["class"]]]
    worst = sorted(wrong, key=lambda f: -f["confidence"])[:args.most]
    for flight in sorted({f["flight"] for f in worst}):
        image = Path(args.images) / f"{flight}.tif"
        with sqlite3.connect(f"file:{Path(args.surveys) / flight / 'survey.gpkg'}?mode=ro", uri=True) as db:
            boxes = {row[0]: np.array(row[1:]) for row in db.execute("select id, px_x0, px_y0, px_x1, px_y1 from features")}
        with rasterio.open(image) as src:
            side_px = SIDE_M / abs(src.res[0])
        items = [(f"{f['class']} {f['confidence']:.2f}", boxes[f["id"]]) for f in worst if f["flight"] == flight]
        sheet(image, items, Path(args.out) / f"{flight}.png", side_px)
        print(f"{flight}: {len(items)}")


if __name__ == "__main__":
    main()
