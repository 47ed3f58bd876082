//! The figures of one class, or of all, over some flights.

use crate::{
    Classes, Flight, Prediction, RecallAt, Rule, Step,
    boxes::average_precision::{AveragePrecision, Image},
    boxes::judge::{Depth, Verdict, judge},
    boxes::sweep,
    interval,
};
use serde::Serialize;

/// False alarms per hectare at which recall is given.
const BUDGETS: [f64; 6] = [1.0, 5.0, 20.0, 50.0, 100.0, 200.0];

/// How well predictions and truth agree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Objects to be found; ignored ones do not count.
    pub objects: usize,
    /// Predictions given, at any score.
    pub predictions: usize,
    /// COCO's average precision at an IoU of 0.5; over classes the mean of those with objects.
    pub ap50: Option<f64>,
    /// The same, the mean over IoU 0.5 to 0.95.
    pub ap50_95: Option<f64>,
    /// At the thresholds, by the point on the map.
    pub centre: Operating,
    /// At the thresholds, by the overlap of boxes.
    pub iou50: Operating,
    /// By the point on the map; empty where the ground is not known or holds no object.
    pub recall_at: Vec<RecallAt>,
    /// What the thresholds of `recall_at` and `curve` are: `score`, or, for figures over several
    /// classes whose predictions all have one, the calibrated `confidence`.
    pub swept_by: &'static str,
    /// Recall against false alarms, by the point on the map: the steps at which recall rises. Over
    /// all flights only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub curve: Vec<Step>,
    /// Precision at a recall of 0, 0.01 ... 1, IoU 0.5, as COCO reads it; of one class over all
    /// flights only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub precision_at_recall: Vec<f64>,
}

/// Counts at the operating point.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Operating {
    /// Objects found.
    pub hits: usize,
    /// Share of the objects found; `None` without objects.
    pub recall: Option<f64>,
    /// Exact (Clopper-Pearson) 95 % interval of the recall.
    pub recall_95: Option<[f64; 2]>,
    /// Predictions where nothing of the kind is.
    pub false_alarms: usize,
    /// False alarms per hectare; `None` where the ground is not known.
    pub false_alarms_per_hectare: Option<f64>,
    /// Exact (Poisson) 95 % interval of the false alarms per hectare.
    pub false_alarms_per_hectare_95: Option<[f64; 2]>,
    /// Further predictions of an object already found.
    pub duplicates: usize,
    /// Predictions that are neither right nor wrong: on an ignored object, or, by class, named as
    /// coarsely or as finely as the truth is not.
    pub excused: usize,
    /// Hits among hits and false alarms; `None` without either.
    pub precision: Option<f64>,
}

/// Which part of the input figures are about.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) flights: &'a [&'a Flight],
    pub(crate) classes: &'a Classes,
    pub(crate) depth: Depth,
    /// One class at this depth, or all.
    pub(crate) class: Option<usize>,
    pub(crate) max_detections: usize,
}

impl Scope<'_> {
    fn holds(&self, class: usize) -> bool {
        self.class.is_none_or(|wanted| self.depth.name(self.classes, class) == wanted)
    }

    fn objects(&self) -> usize {
        let truths = self.flights.iter().flat_map(|flight| &flight.truths);
        truths.filter(|truth| !truth.ignored && self.holds(truth.class)).count()
    }

    fn predictions(&self) -> impl Iterator<Item = &Prediction> {
        self.flights
            .iter()
            .flat_map(|flight| &flight.predictions)
            .filter(|found| self.holds(found.class))
    }

    /// Known only if it is for each flight: a rate over part of the ground is not a rate.
    pub(crate) fn hectares(&self) -> Option<f64> {
        let total: Option<f64> = self.flights.iter().map(|flight| flight.ground.counted_m2).sum();
        total.map(|m2| m2 / 1e4).filter(|hectares| *hectares > 0.0)
    }

    /// Each prediction that `counts`, with its verdict.
    pub(crate) fn judged(
        &self,
        rule: Rule,
        counts: impl Fn(&Prediction) -> bool,
        rank: impl Fn(&Prediction) -> f64 + Copy,
    ) -> Vec<(&Prediction, Verdict)> {
        let mut judged = vec![];
        for flight in self.flights {
            let predictions: Vec<_> = flight
                .predictions
                .iter()
                .filter(|found| self.holds(found.class) && counts(found))
                .collect();
            let verdicts =
                judge(&flight.truths, &predictions, rule, (self.classes, self.depth), rank);
            judged.extend(predictions.into_iter().zip(verdicts));
        }
        judged
    }

    pub(crate) fn average_precision(&self) -> Option<AveragePrecision> {
        let images = self.flights.iter().map(|flight| Image {
            truths: flight.truths.iter().filter(|truth| self.holds(truth.class)).collect(),
            predictions: flight
                .predictions
                .iter()
                .filter(|found| self.holds(found.class))
                .collect(),
        });
        AveragePrecision::of(&images.collect::<Vec<_>>(), self.max_detections)
    }
}

impl Figures {
    /// All but the average precision of several classes, which is the mean of theirs.
    pub(crate) fn of(scope: &Scope<'_>) -> Self {
        let objects = scope.objects();
        let precision = scope.class.and_then(|_| scope.average_precision());
        let by_confidence =
            scope.class.is_none() && scope.predictions().all(|found| found.confidence.is_some());
        let rank =
            |found: &Prediction| found.confidence.filter(|_| by_confidence).unwrap_or(found.score);
        let swept = scope.judged(Rule::Centre, |_| true, rank).into_iter().filter_map(
            |(found, verdict)| match verdict {
                Verdict::Hit(_) => Some((rank(found), true)),
                Verdict::FalseAlarm => Some((rank(found), false)),
                Verdict::Duplicate | Verdict::Neither => None,
            },
        );
        let steps = sweep::sweep(swept.collect());
        Self {
            objects,
            predictions: scope.predictions().count(),
            ap50: precision.as_ref().map(AveragePrecision::ap50),
            ap50_95: precision.as_ref().map(AveragePrecision::ap50_95),
            centre: Operating::of(scope, Rule::Centre, objects),
            iou50: Operating::of(scope, Rule::Iou50, objects),
            recall_at: sweep::recall_at(&steps, objects, scope.hectares(), &BUDGETS),
            swept_by: if by_confidence { "confidence" } else { "score" },
            curve: sweep::corners(&steps),
            precision_at_recall: precision
                .map_or_else(Vec::new, |precision| precision.curve50().to_vec()),
        }
    }
}

impl Operating {
    fn of(scope: &Scope<'_>, rule: Rule, objects: usize) -> Self {
        let counts = |found: &Prediction| found.score >= scope.classes.threshold(found.class);
        let judged = scope.judged(rule, counts, |found| found.score);
        let count = |wanted: fn(&Verdict) -> bool| {
            judged.iter().filter(|(_, verdict)| wanted(verdict)).count()
        };
        let hits = count(|verdict| matches!(verdict, Verdict::Hit(_)));
        let false_alarms = count(|verdict| *verdict == Verdict::FalseAlarm);
        let hectares = scope.hectares();
        Self {
            hits,
            recall: (objects > 0).then(|| hits as f64 / objects as f64),
            recall_95: interval::share(hits, objects),
            false_alarms,
            false_alarms_per_hectare: hectares.map(|hectares| false_alarms as f64 / hectares),
            false_alarms_per_hectare_95: hectares
                .map(|hectares| interval::count(false_alarms).map(|count| count / hectares)),
            duplicates: count(|verdict| *verdict == Verdict::Duplicate),
            excused: count(|verdict| *verdict == Verdict::Neither),
            precision: (hits + false_alarms > 0)
                .then(|| hits as f64 / (hits + false_alarms) as f64),
        }
    }
}
