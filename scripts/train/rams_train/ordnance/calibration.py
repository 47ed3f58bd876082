"""Thresholds and probabilities per family, from finds on ground that the finding model never saw.

p = sigmoid(slope * logit(score) + intercept) is fitted (Platt) to "the find's centre is on an object of its family".
Families with real labels are fitted on real ground, the others on held-out scenes. Nothing is judged by a fit that
saw it: real ground by the fit of the other grounds, scenes of even number by the fit of those of odd number.
"""
from collections import Counter

import numpy as np

from rams_train.ordnance.classes import FAMILIES
from rams_train.ordnance.predictions import FAMILY, judge

PRIOR = 0.5  # precision of a Gaussian prior that holds the slope near 1: few finds, no runaway fit
RECALL = 0.95  # of a family with real labels: the share of its objects on withheld ground that must be found
ALARMS_PER_HA = 20.0  # of the others: most false alarms of a family per hectare of withheld real ground
ALARMS_PER_HIT = 0.25  # and most false alarms per hit on held-out scenes, which are full of look-alikes
LOWEST = 0.15  # no threshold below
RULES = {"recall": RECALL, "alarms_per_ha": ALARMS_PER_HA, "alarms_per_hit": ALARMS_PER_HIT}


def logit(p):
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return np.log(p / (1 - p))


def platt(score, hit):
    """Newton steps of logistic regression on logit(score): slope, intercept."""
    x = np.stack([logit(score), np.ones_like(score)], 1)
    w = np.array([1.0, 0.0])
    prior = np.diag([PRIOR, 1e-3])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        grad = x.T @ (p - hit) + prior @ (w - [1.0, 0.0])
        hess = (x * (p * (1 - p))[:, None]).T @ x + prior
        w = w - np.clip(np.linalg.solve(hess, grad), -2, 2)
    return float(w[0]), float(w[1])


def probability(score, slope, intercept):
    return 1 / (1 + np.exp(-np.clip(slope * logit(score) + intercept, -30, 30)))


def calibration_error(p, hit, bins=10):
    """Expected calibration error: the mean distance of probability and share of hits over bins, weighted by counts."""
    index = np.minimum((p * bins).astype(int), bins - 1)
    return float(sum(abs((p[index == b] - hit[index == b]).sum()) for b in range(bins)) / max(1, len(p)))


def recall_first(real, objects):
    """The highest score at which RECALL of so many objects are found. `real`: [n, 2] of score and hit."""
    wanted = int(np.ceil(RECALL * objects))
    hits = np.sort(real[real[:, 1] == 1, 0])[::-1]
    if wanted > len(hits):
        return LOWEST
    last = hits[wanted - 1]
    # Midway between the last hit that is wanted and the find that follows.
    return round(max(LOWEST, float(last + real[real[:, 0] < last, 0].max(initial=LOWEST)) / 2), 3)


def quiet_first(real, hectares, scenes):
    """The lowest score that keeps to both limits of false alarms. `real`, `scenes`: [n, 2] of score and hit."""
    last = 1.0
    for cut in np.unique(np.concatenate([real[:, 0], scenes[:, 0]]))[::-1]:
        alarms = (real[real[:, 0] >= cut, 1] == 0).sum() / hectares
        hits = scenes[scenes[:, 0] >= cut, 1]
        if alarms > ALARMS_PER_HA or (hits == 0).sum() > ALARMS_PER_HIT * max(4, (hits == 1).sum()):
            # Midway between the last find within the limits and the first one beyond.
            return round(max(LOWEST, float(last + cut) / 2), 3)
        last = cut
    return LOWEST


def calibrate(real, scenes):
    """`real`: {ground: [(truth, rows)]}, `scenes`: (truth, rows) -> (fit, {name: confidences of each part's rows}).

    The fit is {"families": {family: threshold, slope, intercept, ...}, "checks": [...]}. Confidences are by the fit
    that did not see the rows: keys are (ground, part) and "scenes".
    """
    parts = {(g, i): _judged(*part) for g, many in real.items() for i, part in enumerate(many)}
    made = _judged(*scenes)
    hectares = sum(i["valid_m2"] for many in real.values() for truth, _ in many for i in truth["images"]) / 1e4
    annotations = [a for many in real.values() for truth, _ in many for a in truth["annotations"] if not a.get("ignore") and not a.get("iscrowd")]
    labelled = Counter(FAMILY[a["category_id"] - 1] for a in annotations)
    odd = made["image"] % 2 == 1
    confidence = {key: np.zeros(len(p["score"])) for key, p in (*parts.items(), ("scenes", made))}
    fit = {"families": {}, "checks": [], **RULES}
    for f, name in enumerate(FAMILIES):
        on_real = np.concatenate([_pairs(p, f) for p in parts.values()])
        halves = [_pairs(made, f, odd == side) for side in (False, True)]
        source = on_real if f in labelled else np.concatenate(halves)
        slope, intercept = platt(source[:, 0], source[:, 1])
        cut = quiet_first(on_real, hectares, np.concatenate(halves))
        if f in labelled:
            cut = min(cut, recall_first(on_real, labelled[f]))
        fit["families"][name] = {"threshold": cut, "slope": round(slope, 3), "intercept": round(intercept, 3), "finds": len(source),
                                 "hits": int(source[:, 1].sum()), "fitted_on": "real ground" if f in labelled else "held-out scenes"}
        for side in (False, True):
            own = _pairs(made, f, odd == side)
            line = platt(*halves[not side].T)
            fit["checks"].append(_check(name, f"scenes, {'even' if side else 'odd'} -> {'odd' if side else 'even'}", own, line, cut))
            chosen = (made["family"] == f) & (odd == side)
            confidence["scenes"][chosen] = probability(made["score"][chosen], *line)
        for ground in real:
            others = [_pairs(p, f) for (g, _), p in parts.items() if g != ground] if f in labelled and len(real) > 1 else halves
            line = platt(*np.concatenate(others).T)
            own = np.concatenate([_pairs(p, f) for (g, _), p in parts.items() if g == ground])
            fit["checks"].append(_check(name, f"{'other ground' if f in labelled else 'scenes'} -> {ground}", own, line, cut))
            for key, p in parts.items():
                if key[0] == ground:
                    confidence[key][p["family"] == f] = probability(p["score"][p["family"] == f], *line)
    return fit, confidence


def _judged(truth, rows):
    return {"image": rows[:, 0].astype(int), "family": FAMILY[rows[:, 1].astype(int)], "score": rows[:, 6], "hit": judge(truth, rows)}


def _pairs(part, family, where=True):
    chosen = (part["family"] == family) & (part["hit"] >= 0) & where
    return np.stack([part["score"][chosen], part["hit"][chosen].astype(float)], 1)


def _check(family, split, pairs, line, cut):
    p = probability(pairs[:, 0], *line)
    used = pairs[:, 0] >= cut
    return {"family": family, "split": split, "finds": len(p), "ece": calibration_error(p, pairs[:, 1]), "finds_above_threshold": int(used.sum()),
            "ece_above_threshold": calibration_error(p[used], pairs[used, 1])}
