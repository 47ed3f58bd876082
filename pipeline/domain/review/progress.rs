//! What a day of review came to.

use super::{Decision, Found, Reason, ReviewStage, SampleResult};
use crate::{EoCategory, Threat};
use serde::Serialize;
use std::collections::BTreeMap;

/// The end of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogHead {
    /// Number of the last event.
    pub seq: u64,
    /// Its hash, hex.
    pub hash: String,
}

/// What waits at a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageProgress {
    /// The stage.
    pub stage: ReviewStage,
    /// Items that wait.
    pub waiting: usize,
    /// Items of which somebody said why they have to wait.
    pub deferred: usize,
    /// Since when the oldest of both is there, RFC 3339, UTC.
    pub oldest: Option<String>,
    /// That many days before the day of the report.
    pub oldest_days: Option<i64>,
}

/// A district, a category and a threat: what waits, and what was decided on the day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupProgress {
    /// The district; empty where it is not known.
    pub district: String,
    /// The category of explosive ordnance.
    pub eo_category: EoCategory,
    /// The threat.
    pub threat: Threat,
    /// Items that wait at any stage at the end of the day.
    pub waiting: usize,
    /// Decisions of the day.
    pub decisions: BTreeMap<Decision, usize>,
    /// Ground of the perimeters that were accepted, each once, square metres.
    pub accepted_m2: f64,
    /// Finds of what was accepted that is recorded spot by spot (CMR, UXO).
    pub accepted_points: usize,
    /// Ground of the perimeters that were modified, before, square metres.
    pub modified_from_m2: f64,
    /// The same after.
    pub modified_to_m2: f64,
}

/// What people found on the ground, as it was taken in on a day, and it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ObservedOfDay {
    /// Number of its event.
    pub seq: u64,
    /// What they found.
    pub found: Found,
    /// The items that it is of.
    pub items: Vec<String>,
    /// The find; `None` where they speak of the area.
    pub feature: Option<String>,
    /// Who was there.
    pub observer: String,
}

/// What a day of review came to. What was undone by its end never was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Progress {
    /// The day, UTC: `2026-11-28`.
    pub day: String,
    /// The end of the log at the end of the day.
    pub head: LogHead,
    /// What waits at the end of the day, stage by stage.
    pub stages: Vec<StageProgress>,
    /// By district, category and threat.
    pub groups: Vec<GroupProgress>,
    /// Decisions of the day.
    pub decisions: BTreeMap<Decision, usize>,
    /// Why something was rejected, deferred or returned.
    pub reasons: BTreeMap<Decision, BTreeMap<Reason, usize>>,
    /// How long people had items open that they decided on, seconds.
    pub seconds_open: f64,
    /// Items on which a second person said on the day what they are, knowing what the first said.
    pub second_looks: usize,
    /// Of these, how often both said the same.
    pub agreed: usize,
    /// What people found on the ground, as it was taken in on the day, by the order of the log.
    pub observed: Vec<ObservedOfDay>,
    /// Samples of decided items that were drawn by the end of the day.
    pub samples: Vec<SampleResult>,
}
