"""The scoring core: detections against labels of one flight, all boxes in full px of the published orthomosaic.

A detection is a row (x0, y0, x1, y1, score, class index). Rules of a hit: `iou` (IoU >= 0.5) and `centre` (the
detection's centre lies in the labelled box: in the field, the point is on the mine). Truncated objects and those of
the review table are ignore regions: a detection there is neither right nor wrong.
"""
import contextlib
import io

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from scipy.stats import beta, chi2

from infer import iou

MAX_DETS = 1000


def clopper_pearson(k, n, level=0.95):
    """Exact binomial interval of k in n."""
    if n == 0:
        return None
    a = (1 - level) / 2
    low = 0.0 if k == 0 else float(beta.ppf(a, k, n - k + 1))
    high = 1.0 if k == n else float(beta.ppf(1 - a, k + 1, n - k))
    return [low, high]


def poisson(k, exposure, level=0.95):
    """Exact interval of the rate of k events over an exposure."""
    a = (1 - level) / 2
    low = 0.0 if k == 0 else float(chi2.ppf(a, 2 * k)) / 2
    return [low / exposure, float(chi2.ppf(1 - a, 2 * k + 2)) / 2 / exposure]


def in_ignore(rows, ignore):
    """Which detections lie in an ignore region: centre inside, or half of the detection over it."""
    out = np.zeros(len(rows), bool)
    cx, cy = (rows[:, 0] + rows[:, 2]) / 2, (rows[:, 1] + rows[:, 3]) / 2
    area = (rows[:, 2] - rows[:, 0]) * (rows[:, 3] - rows[:, 1])
    for x0, y0, x1, y1 in ignore:
        inside = (x0 <= cx) & (cx <= x1) & (y0 <= cy) & (cy <= y1)
        w = np.clip(np.minimum(rows[:, 2], x1) - np.maximum(rows[:, 0], x0), 0, None)
        h = np.clip(np.minimum(rows[:, 3], y1) - np.maximum(rows[:, 1], y0), 0, None)
        out |= inside | (w * h > 0.5 * area)
    return out


def match(rows, truth, ignore, rule):
    """Match one class, best score first. Returns for each detection the truth index, -1 false, -2 ignored, -3 duplicate.

    A duplicate (a second detection of a mine that is found already) counts as false under `iou` as AP counts it, and
    is set apart under `centre`: it sends nobody to other ground.
    """
    order = np.argsort(-rows[:, 4], kind="stable")
    result = np.full(len(rows), -1)
    used = np.zeros(len(truth), bool)
    skip = in_ignore(rows, ignore)
    overlap = iou(rows[:, :4], truth) if len(truth) else np.zeros((len(rows), 0))
    cx, cy = (rows[:, 0] + rows[:, 2]) / 2, (rows[:, 1] + rows[:, 3]) / 2
    for i in order:
        if rule == "iou":
            fit = np.nonzero((overlap[i] >= 0.5) & ~used)[0]
        else:
            on = (truth[:, 0] <= cx[i]) & (cx[i] <= truth[:, 2]) & (truth[:, 1] <= cy[i]) & (cy[i] <= truth[:, 3])
            fit = np.nonzero(on & ~used)[0]
        if len(fit):
            best = fit[np.argmax(overlap[i, fit])]
            result[i], used[best] = best, True
        elif rule == "centre" and on.any():
            result[i] = -3
        elif skip[i]:
            result[i] = -2
    return result


def ap50(rows, truth, ignore):
    """AP at IoU 0.5 by pycocotools: the whole mosaic as one image, at most MAX_DETS detections, ignore as crowd."""
    if not len(truth):
        return None
    anns = [(b, 0) for b in truth] + [(b, 1) for b in ignore]
    box = lambda b: [float(b[0]), float(b[1]), float(b[2] - b[0]), float(b[3] - b[1])]
    data = {
        "info": {}, "images": [{"id": 1, "width": 1, "height": 1}], "categories": [{"id": 1, "name": "x"}],
        "annotations": [{"id": i + 1, "image_id": 1, "category_id": 1, "bbox": box(b), "area": box(b)[2] * box(b)[3], "iscrowd": c}
                        for i, (b, c) in enumerate(anns)],
    }
    if not len(rows):
        return 0.0
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO()
        gt.dataset = data
        gt.createIndex()
        dt = gt.loadRes([{"image_id": 1, "category_id": 1, "bbox": box(r), "score": float(r[4])} for r in rows])
        ev = COCOeval(gt, dt, "bbox")
        ev.params.maxDets = [1, 100, MAX_DETS]
        ev.params.iouThrs = np.array([0.5])
        ev.evaluate()
        ev.accumulate()
    precision = ev.eval["precision"][0, :, 0, 0, -1]
    return float(precision[precision > -1].mean())


def score(rows, truth, ignore, hectares, threshold, want=0.8):
    """All figures of one class on one flight."""
    out = {"objects": len(truth), "hectares": hectares, "threshold": threshold, "ap50": ap50(rows, truth, ignore), "max_dets": MAX_DETS}
    for rule in ("iou", "centre"):
        m = match(rows, truth, ignore, rule)
        on = rows[:, 4] >= threshold
        hits, false = int((m[on] >= 0).sum()), int((m[on] == -1).sum())
        part = {
            "hits": hits, "recall": hits / len(truth) if len(truth) else None, "recall_95": clopper_pearson(hits, len(truth)),
            "false": false, "duplicates": int((m[on] == -3).sum()),
            "precision": hits / (hits + false) if hits + false else None, "precision_95": clopper_pearson(hits, hits + false),
            "false_per_ha": false / hectares, "false_per_ha_95": poisson(false, hectares),
        }
        need = int(np.ceil(want * len(truth) - 1e-9))
        scores = np.sort(rows[m >= 0, 4])[::-1]
        if len(truth) and len(scores) >= need > 0:
            cut = float(scores[need - 1])
            n = int(((m == -1) & (rows[:, 4] >= cut)).sum())
            part[f"at_recall_{want}"] = {"score": cut, "false": n, "false_per_ha": n / hectares, "false_per_ha_95": poisson(n, hectares)}
        else:
            part[f"at_recall_{want}"] = None
        out[rule] = part
    return out
