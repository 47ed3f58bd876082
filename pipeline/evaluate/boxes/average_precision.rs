//! Average precision as COCO defines it, the same digits as `pycocotools`.

use crate::boxes::near::Near;
use crate::{Prediction, Truth};
use rams_domain::PxBox;

/// Recall levels at which precision is read: 0, 0.01 ... 1.
pub(crate) const RECALL_LEVELS: usize = 101;
/// IoU thresholds: 0.5, 0.55 ... 0.95.
const IOU_LEVELS: usize = 10;

/// One image's boxes of one class.
pub(crate) struct Image<'a> {
    pub(crate) truths: Vec<&'a Truth>,
    pub(crate) predictions: Vec<&'a Prediction>,
}

/// Precision at [`RECALL_LEVELS`] for each IoU threshold.
pub(crate) struct AveragePrecision {
    precision: [Vec<f64>; IOU_LEVELS],
}

impl AveragePrecision {
    /// `None` where the images hold no object of the class: there is nothing to be precise about.
    pub(crate) fn of(images: &[Image<'_>], max_detections: usize) -> Option<Self> {
        let objects: usize = images
            .iter()
            .map(|image| image.truths.iter().filter(|truth| !truth.ignored).count())
            .sum();
        if objects == 0 {
            return None;
        }
        let mut matches: Vec<(f64, Outcomes)> =
            images.iter().flat_map(|image| image.matches(max_detections)).collect();
        // Stable, as numpy's mergesort: equal scores stay in the order of images and of the file.
        matches.sort_by(|a, b| b.0.total_cmp(&a.0));
        Some(Self { precision: std::array::from_fn(|level| precision(&matches, level, objects)) })
    }

    pub(crate) fn ap50(&self) -> f64 {
        mean(&self.precision[0])
    }

    pub(crate) fn ap50_95(&self) -> f64 {
        self.precision.iter().map(|curve| mean(curve)).sum::<f64>() / IOU_LEVELS as f64
    }

    /// The curve at an IoU of 0.5 over which [`AveragePrecision::ap50`] is the mean.
    pub(crate) fn curve50(&self) -> &[f64] {
        &self.precision[0]
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Hit,
    FalseAlarm,
    Neither,
}

type Outcomes = [Outcome; IOU_LEVELS];

impl Image<'_> {
    /// Score and outcome of each prediction, best first.
    fn matches(&self, max_detections: usize) -> Vec<(f64, Outcomes)> {
        let mut truths = self.truths.clone();
        truths.sort_by_key(|truth| truth.ignored);
        let mut predictions = self.predictions.clone();
        predictions.sort_by(|a, b| b.score.total_cmp(&a.score));
        predictions.truncate(max_detections);

        let near = Near::new(truths.iter().map(|truth| &truth.px));
        let mut taken = vec![[false; IOU_LEVELS]; truths.len()];
        let outcome = |prediction: &&Prediction| {
            let met = near
                .to(&prediction.px)
                .into_iter()
                .map(|at| (at, overlap(&prediction.px, truths[at])));
            let overlaps: Vec<(usize, f64)> = met.filter(|(_, overlap)| *overlap > 0.49).collect();
            let outcomes = std::array::from_fn(|level| {
                let Some(best) =
                    best(&overlaps, &truths, iou_level(level), |at: usize| taken[at][level])
                else {
                    return Outcome::FalseAlarm;
                };
                taken[best][level] = true;
                if truths[best].ignored { Outcome::Neither } else { Outcome::Hit }
            });
            (prediction.score, outcomes)
        };
        predictions.iter().map(outcome).collect()
    }
}

/// The truth a prediction is matched to: the greatest overlap among those not taken; an ignored
/// one, which can be taken any number of times, only where no other will do. Of equals the last.
fn best(
    overlaps: &[(usize, f64)],
    truths: &[&Truth],
    least: f64,
    taken: impl Fn(usize) -> bool,
) -> Option<usize> {
    let (mut best, mut most) = (None, least.min(1.0 - 1e-10));
    for (at, overlap) in overlaps {
        let ignored = truths[*at].ignored;
        if taken(*at) && !ignored {
            continue;
        }
        if ignored && best.is_some_and(|best: usize| !truths[best].ignored) {
            break;
        }
        if *overlap >= most {
            (best, most) = (Some(*at), *overlap);
        }
    }
    best
}

/// Intersection over union; over the prediction alone where the truth is ignored.
fn overlap(prediction: &PxBox, truth: &Truth) -> f64 {
    let shared = prediction.overlap(&truth.px);
    let whole = if truth.ignored {
        prediction.area()
    } else {
        prediction.area() + truth.px.area() - shared
    };
    shared / whole
}

/// numpy's `linspace(0.5, 0.95, 10)`, digit for digit.
fn iou_level(level: usize) -> f64 {
    if level + 1 == IOU_LEVELS {
        0.95
    } else {
        0.5 + level as f64 * ((0.95 - 0.5) / (IOU_LEVELS - 1) as f64)
    }
}

/// The best precision at each recall level or beyond; 0 for a recall never reached.
fn precision(matches: &[(f64, Outcomes)], level: usize, objects: usize) -> Vec<f64> {
    let (mut hits, mut false_alarms) = (0.0, 0.0);
    let (mut recall, mut precision) = (vec![], vec![]);
    for (_, outcomes) in matches {
        match outcomes[level] {
            Outcome::Hit => hits += 1.0,
            Outcome::FalseAlarm => false_alarms += 1.0,
            Outcome::Neither => {}
        }
        recall.push(hits / objects as f64);
        precision.push(hits / (hits + false_alarms + f64::EPSILON));
    }
    for at in (1..precision.len()).rev() {
        precision[at - 1] = precision[at - 1].max(precision[at]);
    }
    let at = |level: usize| recall.partition_point(|reached| *reached < recall_level(level));
    (0..RECALL_LEVELS).map(|level| precision.get(at(level)).copied().unwrap_or(0.0)).collect()
}

/// numpy's `linspace(0, 1, 101)`, digit for digit.
fn recall_level(level: usize) -> f64 {
    if level + 1 == RECALL_LEVELS { 1.0 } else { level as f64 * 0.01 }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
