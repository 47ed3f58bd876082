"""Thresholds and probabilities per family, from detections on ground the model never saw.

Platt scaling is fitted to "the detection's centre is on an object of its family". Families with
real labels are fitted on real ground, the others on held-out scenes. Nothing is judged by a fit
that saw it: real ground by the fit of the other grounds, scenes of even number by the fit of those
of odd number.

`python -m rams_train.ordnance.calibration --dataset FILE --data DIR --ground GROUND --surveys DIR
--out fit.json` fits on flights alone: each flight over GROUND surveyed into DIR/<its file's name
without ending> with a model of `rams_train.ordnance.export --probe` that never saw GROUND.
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
from rams_train.common.calibration import PlattScaling, calibration_error, fit_platt
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

# Of a family with real labels: the share of its objects on withheld ground that must be found.
RECALL = 0.95
# Of the others: most false alarms of a family per hectare of withheld real ground, and most false
# alarms per hit on held-out scenes, which are full of look-alikes.
ALARMS_PER_HA = 20.0
ALARMS_PER_HIT = 0.25
LOWEST = 0.15  # no threshold below
RULES = {"recall": RECALL, "alarms_per_ha": ALARMS_PER_HA, "alarms_per_hit": ALARMS_PER_HIT}


@dataclass(frozen=True, eq=False)
class SurveyedTruth:
    """A truth and what surveys of its images found."""

    truth: Coco
    predictions: Predictions


@dataclass(frozen=True, eq=False)
class Calibration:
    """What fit.json holds, and the confidence of each prediction by a fit that did not see it.

    `real` are confidences by ground and part, `scenes` those of the held-out scenes.
    """

    fit: dict[str, Any]
    real: dict[tuple[str, int], F64Array]
    scenes: F64Array


@dataclass(frozen=True, eq=False)
class _Judged:
    """Predictions with their verdicts."""

    image: IntArray
    family: IntArray
    score: F64Array
    verdict: IntArray

    def pairs(self, family: int, where: BoolArray | bool = True) -> F64Array:
        """[n, 2]: score, and 1 for a hit, of the predictions of a family that count."""
        chosen = (self.family == family) & (self.verdict >= WRONG) & where
        return np.stack([self.score[chosen], self.verdict[chosen].astype(float)], 1)


def threshold_by_recall(real: F64Array, objects: int) -> float:
    """The highest score at which RECALL of so many objects are found.

    `real`: [n, 2] of score and hit.
    """
    wanted = int(np.ceil(RECALL * objects))
    hits = np.sort(real[real[:, 1] == HIT, 0])[::-1]
    if wanted > len(hits):
        return LOWEST
    last = hits[wanted - 1]
    # Midway between the last hit that is wanted and the detection that follows.
    following = real[real[:, 0] < last, 0].max(initial=LOWEST)
    return round(max(LOWEST, float(last + following) / 2), 3)


def threshold_by_false_alarms(real: F64Array, hectares: float, scenes: F64Array) -> float:
    """The lowest score that keeps to both limits of false alarms.

    `real`, `scenes`: [n, 2] of score and hit.
    """
    last = 1.0
    for cut in np.unique(np.concatenate([real[:, 0], scenes[:, 0]]))[::-1]:
        alarms = (real[real[:, 0] >= cut, 1] == WRONG).sum() / hectares
        hits = scenes[scenes[:, 0] >= cut, 1]
        allowed = ALARMS_PER_HIT * max(4, (hits == HIT).sum())
        if alarms > ALARMS_PER_HA or (hits == WRONG).sum() > allowed:
            # Midway between the last detection within the limits and the first one beyond.
            return round(max(LOWEST, float(last + cut) / 2), 3)
        last = cut
    return LOWEST


def calibrate(
    real: Mapping[str, Sequence[SurveyedTruth]],
    scenes: SurveyedTruth | None,
    dataset: Dataset = SHIPPED,
) -> Calibration:
    """Fit thresholds and probabilities of all families.

    `real` are surveys of withheld ground, by ground; `scenes` are the held-out ones, if there are
    any.
    """
    return _Calibrator(real, scenes, dataset).run()


class _Calibrator:
    def __init__(
        self,
        real: Mapping[str, Sequence[SurveyedTruth]],
        scenes: SurveyedTruth | None,
        dataset: Dataset,
    ) -> None:
        self.families, self.grounds = dataset.families, list(real)
        self.painted = scenes is not None
        self.parts = {
            (g, i): _judge(part, dataset) for g, many in real.items() for i, part in enumerate(many)
        }
        nothing = SurveyedTruth({"annotations": []}, Predictions.from_rows([]))
        self.scenes = _judge(scenes or nothing, dataset)
        self.odd: BoolArray = self.scenes.image % 2 == 1
        truths = [part.truth for many in real.values() for part in many]
        self.hectares = sum(i["valid_m2"] for t in truths for i in t["images"]) / 1e4
        self.labelled = Counter(
            int(dataset.family_of_class[a["category_id"] - 1])
            for t in truths
            for a in t["annotations"]
            if not a.get("ignore") and not a.get("iscrowd")
        )
        self.fit: dict[str, Any] = {"families": {}, "checks": [], **RULES}
        self.real_confidence = {key: np.zeros(len(p.score)) for key, p in self.parts.items()}
        self.scene_confidence = np.zeros(len(self.scenes.score))

    def run(self) -> Calibration:
        for family, name in enumerate(self.families):
            threshold = self._fit_family(family, name)
            if self.painted:
                self._check_scenes(family, name, threshold)
            for ground in self.grounds:
                self._check_ground(family, name, threshold, ground)
        return Calibration(self.fit, self.real_confidence, self.scene_confidence)

    def _halves(self, family: int) -> list[F64Array]:
        """Pairs of the scenes of even and of odd number."""
        return [self.scenes.pairs(family, self.odd == side) for side in (False, True)]

    def _fit_family(self, family: int, name: str) -> float:
        """Add the family to the fit; returns its threshold."""
        is_real = family in self.labelled
        on_real = np.concatenate([p.pairs(family) for p in self.parts.values()])
        on_scenes = np.concatenate(self._halves(family))
        source = on_real if is_real else on_scenes
        platt = fit_platt(source[:, 0], source[:, 1])
        threshold = threshold_by_false_alarms(on_real, self.hectares, on_scenes)
        if is_real:
            threshold = min(threshold, threshold_by_recall(on_real, self.labelled[family]))
        self.fit["families"][name] = {
            "threshold": threshold,
            "slope": round(platt.slope, 3),
            "intercept": round(platt.intercept, 3),
            "finds": len(source),
            "hits": int(source[:, 1].sum()),
            "fitted_on": self._source(is_real),
        }
        return threshold

    def _source(self, is_real: bool) -> str:
        if is_real:
            return "real ground"
        return "held-out scenes" if self.painted else "nothing"

    def _check_scenes(self, family: int, name: str, threshold: float) -> None:
        """Judge each half of the scenes by the fit of the other."""
        halves, scenes = self._halves(family), self.scenes
        for side in (False, True):
            platt = fit_platt(*halves[not side].T)
            split = f"scenes, {'even' if side else 'odd'} -> {'odd' if side else 'even'}"
            self.fit["checks"].append(_check(name, split, halves[side], platt, threshold))
            chosen = (scenes.family == family) & (self.odd == side)
            self.scene_confidence[chosen] = platt.probability(scenes.score[chosen])

    def _check_ground(self, family: int, name: str, threshold: float, ground: str) -> None:
        """Judge a ground by the fit of the others, or of the scenes."""
        is_real = family in self.labelled
        if not self.painted and (not is_real or len(self.grounds) == 1):
            return  # no fit that did not see it
        own = {key: p for key, p in self.parts.items() if key[0] == ground}
        others = self._halves(family)
        if is_real and len(self.grounds) > 1:
            others = [p.pairs(family) for key, p in self.parts.items() if key[0] != ground]
        platt = fit_platt(*np.concatenate(others).T)
        pairs = np.concatenate([p.pairs(family) for p in own.values()])
        split = f"{'other ground' if is_real else 'scenes'} -> {ground}"
        self.fit["checks"].append(_check(name, split, pairs, platt, threshold))
        for key, part in own.items():
            chosen = part.family == family
            self.real_confidence[key][chosen] = platt.probability(part.score[chosen])


def _judge(part: SurveyedTruth, dataset: Dataset) -> _Judged:
    found = part.predictions
    verdicts = match_predictions(part.truth, found, dataset)
    return _Judged(found.image, dataset.family_of_class[found.cls], found.score, verdicts)


def _check(
    family: str, split: str, pairs: Array, platt: PlattScaling, threshold: float
) -> dict[str, Any]:
    p = platt.probability(pairs[:, 0])
    used = pairs[:, 0] >= threshold
    return {
        "family": family,
        "split": split,
        "finds": len(p),
        "ece": calibration_error(p, pairs[:, 1]),
        "finds_above_threshold": int(used.sum()),
        "ece_above_threshold": calibration_error(p[used], pairs[used, 1]),
    }


def surveyed_flights(data: Path, ground: str, surveys: Path, dataset: Dataset) -> SurveyedTruth:
    """The truth of a ground's flights as far as it was assessed, and what surveys found there."""
    truth = truth_of_flights(data, ground, dataset)
    if not truth["images"]:
        flown = ", ".join(sorted({f["ground"] for f in dataset.flights.values()}))
        raise SystemExit(f"--ground {ground}: {dataset.file} has flights over {flown}")
    found = read_predictions(truth, surveys, dataset)
    return SurveyedTruth(assessed_truth(truth, surveys), found)


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
    real = {g: [surveyed_flights(data, g, surveys, dataset)] for g in args.ground}
    fit = calibrate(real, None, dataset).fit
    Path(args.out).write_text(json.dumps(fit, indent=1))
    for name, family in fit["families"].items():
        print(
            f"{name}: threshold {family['threshold']}, {family['hits']} of {family['finds']} finds "
            f"right, fitted on {family['fitted_on']}"
        )


if __name__ == "__main__":
    main()
