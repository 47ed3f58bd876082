"""Thresholds and probabilities of the classes, from what a probe found.

On scenes and on ground without earthworks. Platt scaling is fitted to "the find is right" as
`rams evaluate` judges it: half of the length of a line lies on true ones, 30 % of an area is
covered by true ground. The kinds of a family have one threshold and one fit. It is checked on
scenes that it was not fitted to.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import numpy as np

from rams_train.common.arrays import Array, F64Array
from rams_train.common.calibration import PlattScaling, calibration_error, fit_platt
from rams_train.earthworks.classes import FAMILIES, FAMILY, PLANES, family_of
from rams_train.earthworks.export import PIXEL


class Rule(TypedDict):
    """How the threshold of an operating point is chosen.

    `recall`: of the true length or objects that the probe found, the share still to be found.
    `precision`: of found length or objects on scenes, which are full of look-alikes. `quiet`: no
    false alarm of the family on ground without earthworks. Recall comes first.
    """

    recall: float
    precision: float
    quiet: bool


RULES = {
    "sensitive": Rule(recall=0.95, precision=0.6, quiet=False),
    "balanced": Rule(recall=0.9, precision=0.85, quiet=True),
    "strict": Rule(recall=0.6, precision=0.95, quiet=True),
}

Works = Mapping[str, Any]  # `works` of an evaluation.json
Step = Mapping[str, Any]  # an entry of its `sweep`: figures at a confidence


def calibrate(scenes: Works, empty: Works, other: Works) -> dict[str, Any]:
    """What fit.json holds.

    From evaluations of the probe: on scenes to fit to, on ground without earthworks, on scenes to
    check on.
    """
    fit: dict[str, Any] = {"classes": {}, "checks": [], "rules": RULES}
    for family in dict.fromkeys(map(family_of, PLANES)):
        threshold = choose_thresholds(sweep(scenes, family), sweep(empty, family))
        made, real = judged_scores(scenes, family), judged_scores(empty, family)
        platt = fit_platt(*np.concatenate([made, real]).T)
        for member in (n for n in PLANES if family_of(n) == family):
            fit["classes"][member] = {
                "threshold": threshold,
                "slope": round(platt.slope, 3),
                "intercept": round(platt.intercept, 3),
                "finds": len(made) + len(real),
                "right": int(made[:, 1].sum()),
            }
        unseen = judged_scores(other, family)
        fit["checks"].append(_check(family, unseen, platt, threshold["balanced"]))
    fit["points"] = {point: _measure(point, fit["classes"], empty, other) for point in RULES}
    return fit


def _measure(
    point: str, classes: Mapping[str, Any], empty: Works, other: Works
) -> dict[str, float]:
    """Recall of the length of trenches on other scenes, false alarms per hectare of real ground."""
    at = {family: classes[family]["threshold"][point] for family in FAMILIES}
    hectares = sum(ground["truth_m2"] for ground in empty["ground"].values()) / 1e4
    alarms = sum(
        find["verdict"] == "false_alarm" and find["score"] >= at[family_of(find["class"])]
        for find in empty["features"]
    )
    kept = [s for s in sweep(other, FAMILY) if s["confidence"] <= at[FAMILY] + 1e-6]
    return {
        "recall": recall(kept[-1]) if kept else 0.0,
        "false_alarms_per_ha": alarms / hectares,
    }


def _check(family: str, unseen: F64Array, platt: PlattScaling, threshold: float) -> dict[str, Any]:
    """How well the fit holds on finds [n, 2] that it did not see."""
    p = platt.probability(unseen[:, 0])
    used = unseen[:, 0] >= threshold
    return {
        "family": family,
        "finds": len(unseen),
        "ece": calibration_error(p, unseen[:, 1]),
        "finds_above_threshold": int(used.sum()),
        "ece_above_threshold": calibration_error(p[used], unseen[used, 1]),
        "p": _mean(p[used]),
        "right": _mean(unseen[used, 1]),
    }


def _mean(values: Array) -> float | None:
    return float(values.mean()) if len(values) else None


def judged_scores(works: Works, family: str) -> F64Array:
    """[n, 2]: score, and whether the find is right; without finds that do not count."""
    found = [
        (f["score"], f["right"])
        for f in works["features"]
        if family_of(f["class"]) == family and f["right"] is not None
    ]
    return np.array(found, float).reshape(-1, 2)


def sweep(works: Works, family: str) -> list[Step]:
    """The figures of a family at each confidence; none where it neither was nor was found."""
    found = works["by_family"]["all"]["classes"].get(family)
    return found["sweep"] if found else []


def recall(step: Step) -> float:
    """Of the length of lines, or of objects; 0 where there is nothing."""
    of_length = step["length_recall"]
    return (of_length if of_length is not None else step["object_recall"]) or 0


def precision(step: Step) -> float:
    """Of the length of lines, or of objects; 0 where nothing was found."""
    of_length = step["length_precision"]
    return (of_length if of_length is not None else step["object_precision"]) or 0


def choose_thresholds(scenes: Sequence[Step], empty: Sequence[Step]) -> dict[str, float]:
    """The threshold of each operating point, none below that of a more sensitive one."""
    thresholds: dict[str, float] = {}
    for point, rule in RULES.items():
        chosen = choose_threshold(scenes, empty, rule)
        thresholds[point] = max([chosen, *thresholds.values()])
    return thresholds


def choose_threshold(scenes: Sequence[Step], empty: Sequence[Step], rule: Rule) -> float:
    """The lowest step that is precise on scenes, and quiet on empty ground if that is asked for.

    But none that loses too much of what is there.
    """
    alarms = {round(s["confidence"], 2): s["false_alarms"] for s in empty}

    def is_good(step: Step) -> bool:
        quiet = not rule["quiet"] or not alarms.get(round(step["confidence"], 2))
        return precision(step) >= rule["precision"] and quiet

    wanted = min((s["confidence"] for s in scenes if is_good(s)), default=1.0)
    best = max((recall(s) for s in scenes), default=0)
    if not best:
        raise SystemExit(
            "cannot choose a threshold: nothing of a class was found on scenes; "
            "train longer, or paint more of it"
        )
    most = max(s["confidence"] for s in scenes if recall(s) >= rule["recall"] * best - 1e-9)
    return float(round(max(PIXEL, min(wanted, most)), 2))
