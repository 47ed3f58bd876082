"""Thresholds and probabilities of the classes, from what a probe found on scenes and on ground without works.

p = sigmoid(slope * logit(score) + intercept) is fitted (Platt) to "the find is right" as `rams evaluate` judges it: half
of the length of a line lies on true ones, 30 % of an area is covered by true ground. The kinds of a family have one
threshold and one fit. It is checked on scenes that it was not fitted to.
"""
import numpy as np

from rams_train.ordnance.calibration import calibration_error, platt, probability

from .classes import CLASS, PLANES
from .export import PIXEL

RECALL = 0.8  # of the true length or objects that the probe found: the share that must still be found
PRECISION = 0.85  # of found length or objects on scenes, which are full of look-alikes
RULES = {"recall": RECALL, "precision": PRECISION}


def family(name):
    return CLASS[name].get("parent", name)


def fit(scenes, empty, other):
    """`works` of evaluations of the probe: on scenes to fit to, on ground without works, on scenes to check on. What
    fit.json holds.
    """
    out = {"classes": {}, "checks": [], **RULES}
    for name in dict.fromkeys(map(family, PLANES)):
        cut = threshold(steps(scenes, name), steps(empty, name))
        made, real, unseen = finds(scenes, name), finds(empty, name), finds(other, name)
        line = platt(*np.concatenate([made, real]).T)
        for member in (n for n in PLANES if family(n) == name):
            out["classes"][member] = {"threshold": cut, "slope": round(line[0], 3), "intercept": round(line[1], 3), "finds": len(made) + len(real),
                                      "right": int(made[:, 1].sum())}
        p = probability(unseen[:, 0], *line)
        used = unseen[:, 0] >= cut
        mean = lambda v: float(v.mean()) if len(v) else None
        out["checks"].append({"family": name, "finds": len(unseen), "ece": calibration_error(p, unseen[:, 1]), "finds_above_threshold": int(used.sum()),
                              "ece_above_threshold": calibration_error(p[used], unseen[used, 1]), "p": mean(p[used]), "right": mean(unseen[used, 1])})
    return out


def finds(works, name):
    """[n, 2]: score, and whether the find is right."""
    found = [(f["score"], f["right"]) for f in works["features"] if family(f["class"]) == name and f["right"] is not None]
    return np.array(found, float).reshape(-1, 2)


def steps(works, name):
    found = works["by_family"]["all"]["classes"].get(name)
    return found["sweep"] if found else []


def threshold(scenes, empty):
    """The lowest step that is precise on scenes and without a false alarm on empty ground, but none that loses too much of
    what is there.
    """
    recall = lambda s: s["length_recall"] if s["length_recall"] is not None else s["object_recall"]
    precision = lambda s: s["length_precision"] if s["length_precision"] is not None else s["object_precision"]
    alarms = {round(s["confidence"], 2): s["false_alarms"] for s in empty}
    good = lambda s: (precision(s) or 0) >= PRECISION and not alarms.get(round(s["confidence"], 2))
    wanted = min((s["confidence"] for s in scenes if good(s)), default=1.0)
    best = max((recall(s) or 0 for s in scenes), default=0)
    if not best:
        raise SystemExit("cannot choose a threshold: nothing of a class was found on scenes; train longer, or paint more of it")
    most = max(s["confidence"] for s in scenes if (recall(s) or 0) >= RECALL * best - 1e-9)
    return round(max(PIXEL, min(wanted, most)), 2)
