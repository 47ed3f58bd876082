//! The rules of one category of explosive ordnance.

use super::ConfidenceRule;
use rams_domain::{AreaKind, Indicator};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The rules for one category of explosive ordnance.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table of rules")]
pub struct CategoryRule {
    /// What its boundaries mean.
    pub kind: AreaKind,
    /// Ground suspected around each piece of evidence, metres; 5 m for an AP mine.
    pub buffer_m: f64,
    /// Largest distance across which two pieces of evidence belong to one area, metres; 25 m for
    /// AP mines. Evidence whose buffers touch belongs together in any case.
    pub link_m: f64,
    /// How far a boundary may move to have fewer turning points, metres; 0.05 m.
    pub simplify_m: f64,
    /// Holes of a boundary up to this size are filled, square metres; 0 keeps every hole.
    pub fill_holes_m2: f64,
    /// Probability below which a piece of evidence ties no others together.
    pub min_confidence: f32,
    /// Probability below which a feature draws no area, unless a mine row or other evidence holds
    /// it: it stays among the features.
    pub draw_confidence: f32,
    /// How finds of the category change each other's probability; left out, the model's own stays.
    #[serde(default)]
    pub context: Option<CategoryContext>,
    /// Of an `indicative` category: how far around a point the ground is to be searched, metres.
    #[serde(default)]
    pub fade_out_m: Option<f64>,
    /// Of an `indicative` category: from how many points on the footprint of a strike is fitted.
    #[serde(default)]
    pub strike_points: Option<usize>,
    /// How a row of these mines looks; left out, no rows are looked for.
    #[serde(default)]
    pub row: Option<RowRule>,
    /// How its evidence adds up, in place of the profile's.
    #[serde(default)]
    pub confidence: Option<ConfidenceRule>,
    /// From which confidence on an area is MEDIUM or HIGH.
    #[serde(default)]
    pub threat: ThreatRule,
    /// Rules for single indicators in place of the category's.
    #[serde(default)]
    pub indicator: BTreeMap<Indicator, IndicatorRule>,
}

/// What finds of one category say of each other.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table of rules")]
pub struct CategoryContext {
    /// How far around a find others change its probability, metres; 15 m for AP mines.
    pub within_m: f64,
    /// Share of the finds that were right where the model's probabilities were fitted, between 0
    /// and 1.
    pub fitted_share: f64,
}

/// What a mine row is.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowRule {
    /// Least and largest distance of neighbours in the row, metres.
    pub spacing_m: [f64; 2],
    /// Sum of the probabilities of its mines that it takes.
    pub mines: f64,
    /// How far a mine may lie beside the line, metres.
    pub off_m: f64,
    /// How many neighbours in a row may be missing between two that were found.
    pub missing: u32,
    /// By how many spacings a row is extended beyond its last mine at either end.
    pub beyond: f64,
    /// How far its distances may depart from its spacing or a multiple of it, as the root mean
    /// square of the departures in spacings; 0.35.
    pub irregular: f64,
}

/// Rules for one kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table of rules")]
pub struct IndicatorRule {
    /// As [`CategoryRule::buffer_m`].
    pub buffer_m: f64,
    /// As [`CategoryRule::link_m`].
    pub link_m: f64,
    /// How deep the ground before an earthwork is on which mines may lie, metres; 120 m before a
    /// fire trench.
    #[serde(default)]
    pub belt_m: Option<f64>,
    /// As [`CategoryRule::context`].
    #[serde(default)]
    pub context: Option<CategoryContext>,
    /// As [`CategoryRule::confidence`], for an area whose strongest find it is.
    #[serde(default)]
    pub confidence: Option<ConfidenceRule>,
}

/// Least confidence of an area for its threat level; a level left out is never given. The limits
/// are lower where people use the ground.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThreatRule {
    /// Of HIGH, above 0 and up to 1.
    pub high: Option<f64>,
    /// Of MEDIUM, above 0 and up to `high`.
    pub medium: Option<f64>,
}

impl CategoryRule {
    /// The rule of an indicator: its own, or else the category's.
    pub fn indicator_rule(&self, indicator: Indicator) -> IndicatorRule {
        let Self { buffer_m, link_m, context, confidence, .. } = *self;
        let own = self.indicator.get(&indicator).copied();
        own.map_or(IndicatorRule { buffer_m, link_m, belt_m: None, context, confidence }, |own| {
            IndicatorRule {
                context: own.context.or(context),
                confidence: own.confidence.or(confidence),
                ..own
            }
        })
    }
}
