"""Pictures of misses and false alarms: `sheet.py TRUTH.json SURVEYS IMAGES --model FOLDER --out DIR`.

TRUTH is truth.py's, SURVEYS holds a survey for each of its images, IMAGES the orthomosaics. The pictures show
third-party pixels: --out must lie outside the repository.
"""
import argparse
import json
import tomllib
from pathlib import Path

import cv2
import numpy as np
import rasterio
from rasterio.windows import Window

from rams_train.ordnance.classes import CLASSES
from rams_train.ordnance.predictions import FAMILY, judge, read

CELL_PX, COLUMNS, MOST = 192, 8, 96


def places(truth, rows, limits):
    """({image id: [(text, box)]} of misses, the same of false alarms), the likeliest first."""
    rows = rows[[r[6] >= limits[CLASSES[int(r[1])]] for r in rows]]
    rows = rows[np.argsort(-rows[:, 6], kind="stable")]
    right = judge(truth, rows)
    missed, wrong = {}, {}
    for r, hit in zip(rows, right):
        if hit == 0:
            wrong.setdefault(int(r[0]), []).append((f"{CLASSES[int(r[1])]} {r[6]:.2f}", r[2:6]))
    for a in truth["annotations"]:
        x, y, w, h = a["bbox"]
        cx, cy = (rows[:, 2] + rows[:, 4]) / 2, (rows[:, 3] + rows[:, 5]) / 2
        on = (rows[:, 0] == a["image_id"]) & (x <= cx) & (cx <= x + w) & (y <= cy) & (cy <= y + h)
        if not a["iscrowd"] and not (FAMILY[rows[on, 1].astype(int)] == FAMILY[a["category_id"] - 1]).any():
            missed.setdefault(a["image_id"], []).append((CLASSES[a["category_id"] - 1], np.array([x, y, x + w, y + h])))
    return missed, wrong


def sheet(image, items, file, side_px=128.0):
    """Contact sheet of places (text, box in px), squares of `side_px` cut from an orthomosaic."""
    cells, half = [], side_px / 2
    with rasterio.open(image) as src:
        for text, box in items[:MOST]:
            corner = np.array([box[0] + box[2], box[1] + box[3]]) / 2 - half
            cut = {"boundless": True, "fill_value": 0, "out_shape": (3, CELL_PX, CELL_PX), "resampling": rasterio.enums.Resampling.cubic}
            rgb = src.read([3, 2, 1], window=Window(*corner, side_px, side_px), **cut)
            cell = np.ascontiguousarray(rgb.transpose(1, 2, 0))
            drawn = ((np.array(box) - [*corner, *corner]) * CELL_PX / side_px).round().astype(int)
            cv2.rectangle(cell, tuple(drawn[:2].tolist()), tuple(drawn[2:].tolist()), (0, 0, 255), 1)
            for tone, width in (((0, 0, 0), 3), ((255, 255, 255), 1)):
                cv2.putText(cell, text, (3, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.38, tone, width, cv2.LINE_AA)
            cells.append(cell)
    cells += [np.zeros_like(cells[0])] * (-len(cells) % COLUMNS)
    cv2.imwrite(str(file), np.vstack([np.hstack(cells[i:i + COLUMNS]) for i in range(0, len(cells), COLUMNS)]))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("truth", "surveys", "images"):
        ap.add_argument(name)
    ap.add_argument("--model", required=True, help="folder of the model.toml with the thresholds")
    ap.add_argument("--out", required=True)
    args = ap.parse_args()
    Path(args.out).mkdir(parents=True, exist_ok=True)
    truth = json.loads(Path(args.truth).read_text())
    limits = {c["name"]: c["threshold"] for c in tomllib.loads((Path(args.model) / "model.toml").read_text())["class"]}
    for kind, found in zip(("missed", "false"), places(truth, read(truth, args.surveys), limits)):
        for image in truth["images"]:
            name = image["file_name"]
            items = found.get(image["id"], [])
            print(f"{name}: {len(items)} {kind}")
            if items:
                sheet(Path(args.images) / name, items, Path(args.out) / f"{Path(name).stem}_{kind}.png")


if __name__ == "__main__":
    main()
