"""Thresholds and calibration from withheld grounds: `calibrate.py EVAL_DIR ... [--floor 0.05]`.

Reads detections_<flight>.json and report.json of evaluations on flights the run was not trained on. Fits, per
class, p = sigmoid(slope * logit(score) + intercept) to "the detection's centre is on an object" (Platt), over all
detections of at least --floor; prints recall and false alarms per hectare over thresholds and a reliability table.
"""
import argparse
import json
from pathlib import Path

import numpy as np

from dataset import CLASSES

PRIOR = 0.5  # precision of a Gaussian prior that holds the slope near 1: few detections, no runaway fit


def logit(p):
    p = np.clip(p, 1e-4, 1 - 1e-4)
    return np.log(p / (1 - p))


def platt(score, hit):
    """Newton steps of logistic regression on logit(score): (slope, intercept)."""
    x = np.stack([logit(score), np.ones_like(score)], 1)
    w = np.array([1.0, 0.0])
    prior = np.diag([PRIOR, 1e-3])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        grad = x.T @ (p - hit) + prior @ (w - [1.0, 0.0])
        hess = (x * (p * (1 - p))[:, None]).T @ x + prior
        w = w - np.linalg.solve(hess, grad)
    return float(w[0]), float(w[1])


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("evaluations", nargs="+")
    ap.add_argument("--floor", type=float, default=0.05)
    ap.add_argument("--out", help="write the fit as JSON")
    args = ap.parse_args()
    found = {n: [] for n in CLASSES}
    fit = {}
    for folder in map(Path, args.evaluations):
        report = json.loads((folder / "report.json").read_text())
        for key, classes in report.items():
            rows = json.loads((folder / f"detections_{key}.json").read_text())
            for name, figures in classes.items():
                part = [(r["score"], r["match"] >= 0) for r in rows if r["class"] == name and r["match"] >= -1]
                found[name].append((f"{folder.name}/{key}", figures["objects"], figures["hectares"], np.array(part, float).reshape(-1, 2)))
    for name, sets in found.items():
        print(f"\n{name}\nthreshold  " + "  ".join(f"{s[0]}: recall, false/ha" for s in sets))
        for t in (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7):
            cells = []
            for _, n, ha, part in sets:
                on = part[part[:, 0] >= t]
                cells.append(f"{on[:, 1].sum() / n:.2f} {(on[:, 1] == 0).sum() / ha:6.0f}")
            print(f"{t:9.2f}  " + "   ".join(cells))
        every = np.concatenate([s[3] for s in sets])
        every = every[every[:, 0] >= args.floor]
        slope, intercept = platt(every[:, 0], every[:, 1])
        fit[name] = {"slope": round(slope, 3), "intercept": round(intercept, 3), "detections": len(every), "hits": int(every[:, 1].sum())}
        print("fit", fit[name])
        p = 1 / (1 + np.exp(-(slope * logit(every[:, 0]) + intercept)))
        for low, high in zip((0, 0.1, 0.3, 0.5, 0.7, 0.9), (0.1, 0.3, 0.5, 0.7, 0.9, 1.01)):
            on = (p >= low) & (p < high)
            if on.any():
                print(f"  p {low:.1f}-{min(high, 1):.1f}: {on.sum()} detections, mean p {p[on].mean():.2f}, hit {every[on, 1].mean():.2f}")
    if args.out:
        Path(args.out).write_text(json.dumps(fit, indent=1))


if __name__ == "__main__":
    main()
