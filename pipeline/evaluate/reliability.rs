//! Whether a confidence of 0.8 is right eight times in ten.

use crate::{Rule, figures::Scope, judge::Verdict};
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
        let mut sums = [(0, 0.0, 0.0); BINS];
        for (found, verdict) in scope.judged(Rule::Centre, |found| found.confidence.is_some(), rank) {
            if matches!(verdict, Verdict::Hit(_) | Verdict::FalseAlarm) {
                let bin = ((rank(found) * BINS as f64) as usize).min(BINS - 1);
                let (count, confidence, right) = &mut sums[bin];
                *count += 1;
                *confidence += rank(found);
                *right += if verdict == Verdict::FalseAlarm { 0.0 } else { 1.0 };
            }
        }
        let predictions: usize = sums.iter().map(|(count, ..)| count).sum();
        let distance: f64 =
            sums.iter().map(|(_, confidence, right): &(usize, f64, f64)| (confidence - right).abs()).sum();
        let bin = |(count, confidence, right): (usize, f64, f64)| {
            let mean = |sum: f64| (count > 0).then(|| sum / count as f64);
            Bin { count, confidence: mean(confidence), right: mean(right) }
        };
        (predictions > 0).then(|| Self {
            predictions,
            expected_calibration_error: distance / predictions as f64,
            bins: sums.map(bin).to_vec(),
        })
    }
}
