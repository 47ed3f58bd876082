//! A flight with all that is needed to look around in it.

use super::{
    EarthworksFlight, FoundEarthwork, index::Index, predicted_part::PredictedPart, rules::Rules,
};

/// A flight, its predictions that count, and what of both lies near a place.
pub(super) struct Surroundings<'a> {
    pub(super) flight: &'a EarthworksFlight,
    pub(super) rules: &'a Rules<'a>,
    /// Centrelines and grounds of `parts`, by their index.
    pub(super) found: Index<'a>,
    /// True centrelines, and true grounds, each by their index in the flight.
    pub(super) truth: Index<'a>,
    pub(super) features: &'a [&'a FoundEarthwork],
    /// The parts of `features`, in their order.
    pub(super) parts: &'a [PredictedPart<'a>],
}

impl<'a> Surroundings<'a> {
    pub(super) fn new(
        flight: &'a EarthworksFlight,
        rules: &'a Rules<'a>,
        features: &'a [&'a FoundEarthwork],
        parts: &'a [PredictedPart<'a>],
    ) -> Self {
        let found = Index::new(
            parts.iter().enumerate().filter_map(|(at, part)| Some((at, part.line?))),
            parts.iter().map(|part| part.ground.as_ref()),
        );
        let truth = Index::new(
            flight.lines.iter().flatten().map(|line| &line.line).enumerate(),
            flight.truths.iter().map(|truth| &truth.ground),
        );
        Self { flight, rules, found, truth, features, parts }
    }

    pub(super) fn family(&self, class: usize) -> usize {
        self.rules.classes.family(class)
    }

    /// The confidence of the feature that a part belongs to.
    pub(super) fn confidence(&self, part: usize) -> f64 {
        self.features[self.parts[part].feature].confidence
    }
}
