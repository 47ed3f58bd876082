//! Whether a confidence of 0.8 is right eight times in ten.

use crate::{Rule, boxes::figures::Scope, boxes::judge::Verdict};
use serde::Serialize;

/// Bins of equal width.
const BINS: usize = 10;

/// Confidence against the share that was right, by the point on the map and the family's name.
/// All predictions given count, those below the threshold too; not duplicates, nor predictions on
/// ignored truths.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reliability {
    /// Predictions counted.
    pub predictions: usize,
    /// Expected calibration error: the mean distance of confidence and share, weighted by counts.
    pub expected_calibration_error: f64,
    /// From 0 to 1, a tenth each; a confidence of 1 falls into the last.
    pub bins: Vec<Bin>,
}

/// One bin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// Predictions in it.
    pub count: usize,
    /// Their mean confidence; `None` for an empty bin.
    pub confidence: Option<f64>,
    /// The share of them that was right.
    pub right: Option<f64>,
}

impl Reliability {
    /// `None` where no prediction has a confidence.
    pub(crate) fn of(scope: &Scope<'_>) -> Option<Self> {
        let rank = |found: &crate::Prediction| found.confidence.unwrap_or(0.0);
        let judged =
            scope.judged(Rule::Centre, |found| found.confidence.is_some(), rank).into_iter();
        let counted =
            judged.filter(|(_, verdict)| matches!(verdict, Verdict::Hit(_) | Verdict::FalseAlarm));
        Self::weighed(
            counted.map(|(found, verdict)| (rank(found), verdict != Verdict::FalseAlarm, 1.0)),
        )
    }

    /// Confidence, whether it was right, and how much it counts; counts of bins are sums of the
    /// latter, rounded.
    pub(crate) fn weighed(judged: impl Iterator<Item = (f64, bool, f64)>) -> Option<Self> {
        let mut sums = [(0.0, 0.0, 0.0); BINS];
        for (said, is_right, weight) in judged {
            let bin = ((said * BINS as f64) as usize).min(BINS - 1);
            let (count, confidence, right) = &mut sums[bin];
            *count += weight;
            *confidence += weight * said;
            *right += if is_right { weight } else { 0.0 };
        }
        let total: f64 = sums.iter().map(|(count, ..)| count).sum();
        let distance: f64 = sums
            .iter()
            .map(|(_, confidence, right): &(f64, f64, f64)| (confidence - right).abs())
            .sum();
        let bin = |(count, confidence, right): (f64, f64, f64)| {
            let mean = |sum: f64| (count > 0.0).then(|| sum / count);
            Bin { count: count.round() as usize, confidence: mean(confidence), right: mean(right) }
        };
        (total > 0.0).then(|| Self {
            predictions: total.round() as usize,
            expected_calibration_error: distance / total,
            bins: sums.map(bin).to_vec(),
        })
    }
}
