//! Whether eight in ten areas of confidence 0.8 hold what they say.

use crate::interval;
use serde::Serialize;

/// Confidence of areas against the share that holds an item of their category.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AreaCalibration {
    /// Areas counted.
    pub areas: usize,
    /// Mean square of confidence less outcome.
    pub brier: f64,
    /// Mean distance of confidence and share over bins, weighted by counts.
    pub expected_calibration_error: f64,
    /// From 0 to 1, a tenth each; a confidence of 1 falls into the last.
    pub bins: Vec<AreaBin>,
}

/// One bin.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AreaBin {
    /// Areas in it.
    pub count: usize,
    /// Their mean confidence.
    pub confidence: Option<f64>,
    /// Share of them that is right.
    pub right: Option<f64>,
    /// Its exact 95 % interval, areas taken as independent.
    pub interval: Option<[f64; 2]>,
}

const BINS: usize = 10;

impl AreaCalibration {
    /// Of (confidence, whether right); `None` without areas.
    pub(crate) fn of(areas: impl Iterator<Item = (f64, bool)>) -> Option<Self> {
        let mut sums = [(0usize, 0.0, 0usize); BINS];
        let mut squares = 0.0;
        for (said, right) in areas {
            let (count, confidence, hits) =
                &mut sums[((said * BINS as f64) as usize).min(BINS - 1)];
            (*count, *confidence, *hits) =
                (*count + 1, *confidence + said, *hits + usize::from(right));
            squares += (said - f64::from(u8::from(right))).powi(2);
        }
        let areas: usize = sums.iter().map(|(count, ..)| count).sum();
        let distance: f64 = sums
            .iter()
            .map(|(_, confidence, hits): &(usize, f64, usize)| (confidence - *hits as f64).abs())
            .sum();
        let bin = |(count, confidence, hits): (usize, f64, usize)| {
            let mean = |sum: f64| (count > 0).then(|| sum / count as f64);
            AreaBin {
                count,
                confidence: mean(confidence),
                right: mean(hits as f64),
                interval: interval::share(hits, count),
            }
        };
        (areas > 0).then(|| Self {
            areas,
            brier: squares / areas as f64,
            expected_calibration_error: distance / areas as f64,
            bins: sums.map(bin).to_vec(),
        })
    }
}
