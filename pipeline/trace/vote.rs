//! What several masks say together.

use rams_domain::Model;
use std::collections::BTreeMap;

/// A kind names a thing if it holds at least this share of its mask.
const NAMING_SHARE: f64 = 2.0 / 3.0;

/// The votes of some masks on what they show and how surely.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vote {
    areas: BTreeMap<usize, f64>,
    weight: f64,
    score: f64,
}

impl Vote {
    /// Adds a mask of a class by its area, and its score by a weight.
    pub(crate) fn add(&mut self, class: usize, area: f64, score: f32, weight: f64) {
        *self.areas.entry(class).or_default() += area;
        self.weight += weight;
        self.score += f64::from(score) * weight;
    }

    /// Adds the votes on another piece of the same thing.
    pub(crate) fn join(&mut self, other: &Vote) {
        for (class, area) in &other.areas {
            *self.areas.entry(*class).or_default() += area;
        }
        self.weight += other.weight;
        self.score += other.score;
    }

    /// The class that it is called by: a kind with two thirds of the area, if the orthomosaic's
    /// pixels are fine enough to name it; else the family.
    pub(crate) fn class(&self, model: &Model, gsd_m: f64, family: usize) -> usize {
        let all: f64 = self.areas.values().sum();
        let kind = self.areas.iter().find(|(_, area)| **area >= NAMING_SHARE * all);
        kind.map_or(family, |(kind, _)| model.named_at(*kind, gsd_m))
    }

    /// Mean score; `None` without a vote.
    pub(crate) fn score(&self) -> Option<f32> {
        (self.weight > 0.0).then(|| (self.score / self.weight) as f32)
    }
}
