//! How a model scores what it finds, right and wrong.

use crate::field::spec::CategoryDetection;
use std::f64::consts::TAU;

/// How scores of one category fall, in the measure of the spec: the threshold is 0, and on median
/// ground `per_ha * exp(-x)` false alarms per hectare score at least x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::field) struct Scores {
    per_ha: f64,
    /// Of the scores of true objects.
    pub(super) mean: f64,
    pub(super) deviation: f64,
    /// On the ground on which the confidence was fitted.
    objects_per_ha: f64,
}

impl Scores {
    pub(in crate::field) fn new(of: &CategoryDetection) -> Self {
        // Both recalls as deviations of a normal: recall = Phi((mean - x) / deviation).
        let [at_threshold, further] = [of.recall, of.recall_at].map(deviations);
        let deviation = (of.per_ha / of.at_per_ha).ln() / (at_threshold - further);
        let scores = Self {
            per_ha: of.per_ha,
            mean: at_threshold * deviation,
            deviation,
            objects_per_ha: 1.0,
        };
        let odds = |p: f64| p / (1.0 - p);
        let objects_per_ha = odds(of.confidence_at_threshold) / odds(scores.confidence(0.0));
        Self { objects_per_ha, ..scores }
    }

    /// Probability that a find of a score is true, on median ground with as many objects as the
    /// confidence was fitted on.
    pub(in crate::field) fn confidence(&self, score: f64) -> f64 {
        // A normal falls faster than an exponential: from there on the ratio would sink again.
        let score = score.min(self.mean + self.deviation * self.deviation);
        let off = (score - self.mean) / self.deviation;
        let right = self.objects_per_ha * (-off * off / 2.0).exp() / (self.deviation * TAU.sqrt());
        right / (right + self.per_ha * (-score).exp())
    }
}

/// The deviations below which a normal lies with a probability, by bisection of its distribution
/// function.
fn deviations(probability: f64) -> f64 {
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if phi(middle) < probability { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// The normal distribution function to 7.5e-8 (Abramowitz and Stegun 26.2.17).
fn phi(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let series = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = (-x * x / 2.0).exp() / TAU.sqrt() * series;
    if x >= 0.0 { 1.0 - tail } else { tail }
}
