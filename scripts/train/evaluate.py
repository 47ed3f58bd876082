"""Score a run on withheld flights: `evaluate.py --data DIR --test F03 --weights RUN --out DIR`.

Three sources of detections, one scoring core (score.py):
  --weights RUN   the PyTorch weights, tile by tile (tiles 640, halo 64)
  --onnx FILE     the exported model, the same tiles
  --survey DIR    what the survey program wrote: DIR/survey.gpkg, table `features`, px_ columns in full px
Writes report.json, detections_<flight>.json and, as a picture, every miss and every false alarm. The pictures show
third-party pixels: --out must lie outside the repository.
"""
import argparse
import json
import sqlite3
import tomllib
from pathlib import Path

import cv2
import numpy as np
import rasterio
from rasterio.windows import Window

from dataset import CLASSES, FLIGHTS, load_flight
from infer import detect
from score import match, score


def runner(args):
    """A function from a tile [1, 3, H, W] to boxes [1, K, 6], both torch tensors on the CPU."""
    import torch

    torch.set_num_threads(args.threads)
    if args.onnx:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = args.threads
        session = ort.InferenceSession(args.onnx, options, providers=["CPUExecutionProvider"])
        return lambda x: torch.from_numpy(session.run(None, {"image": x.numpy()})[0])
    from model import Decoder, Detector

    net = Detector()
    net.load_state_dict(torch.load(Path(args.weights) / "weights.pt", weights_only=True))
    net = Decoder(net).eval().to(memory_format=torch.channels_last)
    return lambda x: net(x.to(memory_format=torch.channels_last))


def from_survey(folder, stem):
    """Detections of one orthomosaic from a survey's GeoPackage, full px."""
    with sqlite3.connect(f"file:{Path(folder) / 'survey.gpkg'}?mode=ro", uri=True) as db:
        columns = [r[1] for r in db.execute("pragma table_info(features)")]
        where = " where orthomosaic like ?" if "orthomosaic" in columns else ""
        query = f"select px_x0, px_y0, px_x1, px_y1, score, class from features{where}"
        rows = db.execute(query, (f"%{stem}%",) if where else ()).fetchall()
    # Features of other models (and layers without a score) are not this model's business.
    rows = [(*r[:5], CLASSES.index(r[5])) for r in rows if r[5] in CLASSES and r[4] is not None]
    return np.array(rows, float).reshape(-1, 6)


def sheet(flight, items, file, half=64, columns=8):
    """Contact sheet of places (label, cx, cy, box) in full px, cut from the published orthomosaic."""
    if not items:
        return
    cells = []
    with rasterio.open(flight.path) as src:
        for text, box in items:
            cx, cy = int((box[0] + box[2]) / 2), int((box[1] + box[3]) / 2)
            rgb = src.read(window=Window(cx - half, cy - half, 2 * half, 2 * half), boundless=True, fill_value=0)
            cell = np.ascontiguousarray(rgb[::-1].transpose(1, 2, 0))
            cell = cv2.resize(cell, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
            corner = ((np.array(box) - [cx - half, cy - half] * 2) * 1.5).round().astype(int)
            cv2.rectangle(cell, tuple(corner[:2].tolist()), tuple(corner[2:].tolist()), (0, 0, 255), 1)
            for tone, width in (((0, 0, 0), 3), ((255, 255, 255), 1)):
                cv2.putText(cell, text, (3, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.38, tone, width, cv2.LINE_AA)
            cells.append(cell)
    cells += [np.zeros_like(cells[0])] * (-len(cells) % columns)
    rows = [np.hstack(cells[i:i + columns]) for i in range(0, len(cells), columns)]
    cv2.imwrite(str(file), np.vstack(rows))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--data", required=True)
    ap.add_argument("--test", nargs="+", required=True, help="flight keys")
    ap.add_argument("--weights")
    ap.add_argument("--onnx")
    ap.add_argument("--survey")
    ap.add_argument("--survey-gsd", type=float, help="pixel size (m) of the surveyed orthomosaic, if resampled before the survey")
    ap.add_argument("--out", required=True)
    ap.add_argument("--cache", help="folder for resampled flights (default: OUT/../cache)")
    ap.add_argument("--model", help="model.toml to take the thresholds from")
    ap.add_argument("--threshold", type=float, default=0.3, help="for every class, without --model")
    ap.add_argument("--floor", type=float, default=0.02, help="lowest score kept")
    ap.add_argument("--threads", type=int, default=2)
    args = ap.parse_args()
    if sum(bool(x) for x in (args.weights, args.onnx, args.survey)) != 1:
        ap.error("give one of --weights, --onnx, --survey")
    limits = [args.threshold] * len(CLASSES)
    if args.model:
        spec = tomllib.loads(Path(args.model).read_text())
        limits = [next(c["threshold"] for c in spec["class"] if c["name"] == n) for n in CLASSES]

    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    run = None if args.survey else runner(args)
    report = {}
    for key in args.test:
        flight = load_flight(args.data, key, args.cache or out.parent / "cache")
        if args.survey:
            rows = from_survey(args.survey, FLIGHTS[key])
            if args.survey_gsd:
                rows[:, :4] *= args.survey_gsd / flight.full_gsd_m
        else:
            rows = detect(run, flight, args.floor)
            rows[:, :4] /= np.tile(flight.scale, 2)
        ignore = flight.ignore / np.tile(flight.scale, 2)
        kept, missed, wrong = [], [], []
        for c, name in enumerate(CLASSES):
            objects = [o for o in flight.objects if o.cls == c]
            truth = np.array([o.full for o in objects]).reshape(-1, 4)
            part = rows[rows[:, 5] == c]
            figures = score(part, truth, ignore, flight.valid_ha, limits[c])
            report.setdefault(key, {})[name] = figures
            m = match(part, truth, ignore, "centre")
            kept += [{"class": name, "score": float(r[4]), "box": [float(v) for v in r[:4]], "match": int(k)} for r, k in zip(part, m)]
            found = set(m[(part[:, 4] >= limits[c]) & (m >= 0)].tolist())
            best = {int(k): float(r[4]) for r, k in zip(part, m) if k >= 0}
            lost = [(o, best.get(i, 0.0)) for i, o in enumerate(objects) if i not in found]
            figures["missed"] = [{"id": o.id, "px": o.full.tolist(), "best_score": s} for o, s in lost]
            missed += [(f"{o.id[-3:]} {name[0]} {s:.2f}", o.full) for o, s in lost]
            bad = sorted((r for r, k in zip(part, m) if k == -1 and r[4] >= limits[c]), key=lambda r: -r[4])
            figures["false_alarms"] = [{"score": float(r[4]), "px": [round(float(v), 1) for v in r[:4]]} for r in bad]
            wrong += [(f"{name[0]} {r[4]:.2f}", r[:4]) for r in bad]
            a, i = figures["centre"], figures["iou"]
            print(f"{key} {name}: centre {a['hits']}/{len(truth)}, {a['false']} false ({a['false_per_ha']:.0f}/ha), IoU {i['hits']}/{len(truth)}, "
                  f"{i['false']} false, AP50 {figures['ap50']:.3f}, at recall 0.8: {a['at_recall_0.8']}")
        sheet(flight, missed, out / f"misses_{key}.png")
        sheet(flight, wrong[:96], out / f"false_alarms_{key}.png")
        (out / f"detections_{key}.json").write_text(json.dumps(kept))
    (out / "report.json").write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
