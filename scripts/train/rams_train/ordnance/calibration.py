"""Operating points and probabilities per family, from detections on ground the model never saw.

A detection is right if its centre lies on an object of its family. Thresholds keep to a number of
false alarms a hectare, over all families, on real ground at its own scale. Of such ground there is
little, so they are read off the tail that the likeliest alarms have, and not off single ones (peaks
over threshold). Probabilities are fitted (Platt scaling) to the same ground and to the held-out
scenes together, and checked where they were not: on a site by the fit of all else, on scenes of
even number by that of the sites and of those of odd number.

`python -m rams_train.ordnance.calibration --dataset FILE --data DIR --ground GROUND ... --surveys
DIR --out fit.json` fits on flights alone: each flight over GROUND surveyed into DIR/<its file's
name without ending> with a model of `rams_train.ordnance.export --probe` that never saw GROUND.
"""

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rams_train.common.arrays import Array, BoolArray, F64Array, IntArray
from rams_train.common.calibration import calibration_error, fit_platt, logit
from rams_train.ordnance.classes import SHIPPED, Dataset, add_dataset_option, chosen_dataset
from rams_train.ordnance.coco_truth import truth_of_flights
from rams_train.ordnance.dataset import Coco
from rams_train.ordnance.predictions import (
    HIT,
    WRONG,
    Predictions,
    assessed_truth,
    match_predictions,
    read_predictions,
)

# False alarms a hectare of unseen real ground, all families together, by operating point.
ALARMS_PER_HA = {"sensitive": 200.0, "balanced": 50.0, "strict": 10.0}
WEIGHTS = {"pfm-1": 6.0}  # by which families share these; 1 where not given
LOWEST = 0.3  # no threshold below
TAIL = 40  # so many of the likeliest alarms of a family tell how their scores fall off
RULES = {"alarms_per_ha": ALARMS_PER_HA, "weights": WEIGHTS, "lowest": LOWEST, "tail": TAIL}

Thresholds = dict[str, float]  # by family


@dataclass(frozen=True, eq=False)
class SurveyedTruth:
    """A truth and what surveys of its images found."""

    truth: Coco
    predictions: Predictions
    dataset: Dataset = SHIPPED


@dataclass(frozen=True, eq=False)
class Judged:
    """Predictions with their verdicts, and the ground that they are on."""

    image: IntArray
    family: IntArray
    score: F64Array
    verdict: IntArray
    hectares: float

    @classmethod
    def of(cls, part: SurveyedTruth) -> "Judged":
        """What was found at a place, against its truth."""
        found = part.predictions
        verdicts = match_predictions(part.truth, found, part.dataset)
        hectares = sum(i["valid_m2"] for i in part.truth["images"]) / 1e4
        family = part.dataset.family_of_class[found.cls]
        return cls(found.image, family, found.score, verdicts, hectares)

    def pairs(self, family: int, where: BoolArray | bool = True) -> F64Array:
        """[n, 2]: score, and 1 for a hit, of the predictions of a family that count."""
        chosen = (self.family == family) & (self.verdict >= WRONG) & where
        return np.stack([self.score[chosen], self.verdict[chosen].astype(float)], 1)

    def alarms(self, family: int) -> F64Array:
        """Scores of a family's false alarms."""
        pairs = self.pairs(family)
        scores: F64Array = pairs[pairs[:, 1] == WRONG, 0]
        return scores

    def rate(self, thresholds: Thresholds) -> float:
        """False alarms a hectare of all families."""
        pairs = enumerate(thresholds.values())
        return sum(int((self.alarms(f) >= t).sum()) for f, t in pairs) / self.hectares


def thresholds_for(
    sites: Sequence[Judged], alarms_per_ha: float, families: Sequence[str]
) -> Thresholds:
    """The thresholds at which all families together are expected to raise so many false alarms."""
    hectares = sum(site.hectares for site in sites)
    weights = {name: WEIGHTS.get(name, 1.0) for name in families}
    thresholds = {}
    for family, name in enumerate(families):
        alarms = np.concatenate([site.alarms(family) for site in sites])
        share = weights[name] / sum(weights.values())
        thresholds[name] = threshold_of_tail(alarms, share * alarms_per_ha * hectares)
    return thresholds


def threshold_of_tail(alarms: F64Array, expected: float) -> float:
    """The score, to 0.001, above which `expected` of `alarms` (scores) are expected.

    Above a high score the logits of the alarms fall off exponentially: the mean excess tells how
    fast. Fewer than six alarms tell nothing.
    """
    falling = logit(np.sort(alarms)[::-1][: TAIL + 1])
    count = len(falling) - 1
    if count < 5:
        return LOWEST
    excess = float((falling[:-1] - falling[-1]).mean())
    at = float(falling[-1]) + excess * float(np.log(count / expected))
    return max(LOWEST, round(float(1 / (1 + np.exp(-at))), 3))


def calibrate(
    sites: Mapping[str, SurveyedTruth],
    fitted_on: SurveyedTruth | None = None,
    others: Mapping[str, SurveyedTruth] | None = None,
    dataset: Dataset = SHIPPED,
) -> dict[str, Any]:
    """Thresholds and probabilities of all families, and what they find.

    `sites` are surveys of real ground that the model never saw, by site; with them the
    probabilities are fitted to the held-out scenes `fitted_on`. `others` are only counted.
    """
    judged = {name: Judged.of(part) for name, part in sites.items()}
    painted = Judged.of(fitted_on) if fitted_on else None
    counted = {**sites, **(others or {})}
    every = [*judged.values(), *([painted] if painted else [])]
    points = {
        p: thresholds_for([*judged.values()], n, dataset.families) for p, n in ALARMS_PER_HA.items()
    }
    families = {}
    for family, name in enumerate(dataset.families):
        pairs = np.concatenate([part.pairs(family) for part in every])
        platt = fit_platt(*pairs.T)
        families[name] = {
            "threshold": {p: thresholds[name] for p, thresholds in points.items()},
            "slope": round(platt.slope, 3),
            "intercept": round(platt.intercept, 3),
            "finds": len(pairs),
            "hits": int(pairs[:, 1].sum()),
        }
    return {
        **RULES,
        "sites": list(sites),
        "families": families,
        "points": {
            p: {
                "false_alarms_per_ha": _pooled_rate([*judged.values()], thresholds),
                "by_place": {
                    name: Judged.of(part).rate(thresholds) for name, part in counted.items()
                },
                "found": {
                    name: found_by_family(part, thresholds) for name, part in counted.items()
                },
            }
            for p, thresholds in points.items()
        },
        "checks": [
            check
            for family, name in enumerate(dataset.families)
            for check in _checks(family, name, judged, painted, points["balanced"][name])
        ],
    }


def found_by_family(part: SurveyedTruth, thresholds: Thresholds) -> dict[str, tuple[int, int]]:
    """How many objects of each family were found, of how many; families without are left out."""
    judged = Judged.of(part)
    counted = [a for a in part.truth["annotations"] if not a.get("iscrowd")]
    family_of = part.dataset.family_of_class
    objects = Counter(int(family_of[a["category_id"] - 1]) for a in counted)
    return {
        name: (_hits(judged.pairs(family), thresholds[name]), objects[family])
        for family, name in enumerate(part.dataset.families)
        if objects[family]
    }


def _hits(pairs: F64Array, threshold: float) -> int:
    return int(((pairs[:, 0] >= threshold) & (pairs[:, 1] == HIT)).sum())


def _pooled_rate(sites: Sequence[Judged], thresholds: Thresholds) -> float:
    alarms = sum(site.rate(thresholds) * site.hectares for site in sites)
    return alarms / sum(site.hectares for site in sites)


def _checks(
    family: int,
    name: str,
    judged: Mapping[str, Judged],
    painted: Judged | None,
    threshold: float,
) -> list[dict[str, Any]]:
    """Each site by the fit of all else, each half of the scenes by that of the sites and the other.

    Without a fit that did not see it, none.
    """
    of_scenes = [painted.pairs(family)] if painted else []
    checks = []
    for site, own in judged.items():
        others = [s.pairs(family) for n, s in judged.items() if n != site] + of_scenes
        if others:
            checks.append(_check(name, f"others -> {site}", others, own.pairs(family), threshold))
    if painted:
        odd: BoolArray = painted.image % 2 == 1
        real = [site.pairs(family) for site in judged.values()]
        for side, split in ((False, "odd -> even"), (True, "even -> odd")):
            fitted_on = [*real, painted.pairs(family, odd != side)]
            own_pairs = painted.pairs(family, odd == side)
            checks.append(_check(name, f"scenes, {split}", fitted_on, own_pairs, threshold))
    return checks


def _check(
    family: str, split: str, fitted_on: Sequence[Array], pairs: Array, threshold: float
) -> dict[str, Any]:
    p = fit_platt(*np.concatenate(fitted_on).T).probability(pairs[:, 0])
    used = pairs[:, 0] >= threshold
    return {
        "family": family,
        "split": split,
        "finds": len(p),
        "ece": calibration_error(p, pairs[:, 1]),
        "finds_above_threshold": int(used.sum()),
        "ece_above_threshold": calibration_error(p[used], pairs[used, 1]),
        "mean_p_above_threshold": float(p[used].mean()) if used.any() else None,
        "right_above_threshold": float((pairs[used, 1] == HIT).mean()) if used.any() else None,
    }


def surveyed_flights(data: Path, ground: str, surveys: Path, dataset: Dataset) -> SurveyedTruth:
    """The truth of a ground's flights as far as it was assessed, and what surveys found there."""
    truth = truth_of_flights(data, ground, dataset)
    if not truth["images"]:
        flown = ", ".join(sorted({f["ground"] for f in dataset.flights.values()}))
        raise SystemExit(f"--ground {ground}: {dataset.file} has flights over {flown}")
    found = read_predictions(truth, surveys, dataset)
    return SurveyedTruth(assessed_truth(truth, surveys), found, dataset)


def main(argv: Sequence[str] | None = None) -> None:
    """The command line: fit.json, and what it was fitted on."""
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_dataset_option(ap)
    ap.add_argument("--data", required=True)
    ap.add_argument("--ground", nargs="+", required=True, help="held out from the training")
    ap.add_argument("--surveys", required=True)
    ap.add_argument("--out", required=True)
    args = ap.parse_args(argv)
    dataset, data, surveys = chosen_dataset(args.dataset), Path(args.data), Path(args.surveys)
    sites = {g: surveyed_flights(data, g, surveys, dataset) for g in args.ground}
    fit = calibrate(sites, dataset=dataset)
    Path(args.out).write_text(json.dumps(fit, indent=1))
    for name, family in fit["families"].items():
        thresholds = ", ".join(f"{point} {t:.3f}" for point, t in family["threshold"].items())
        print(f"{name}: thresholds {thresholds}; {family['hits']} of {family['finds']} finds right")
    for name, point in fit["points"].items():
        counts = [c for site in point["found"].values() for c in site.values()]
        found, objects = (sum(count[i] for count in counts) for i in (0, 1))
        rate = point["false_alarms_per_ha"]
        print(f"{name}: {found} of {objects} objects, {rate:.0f} false alarms per ha")


if __name__ == "__main__":
    main()
