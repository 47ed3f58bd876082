//! What a person wants to do.

use super::{Decision, EventDetail, FeatureVerdict, Observation, Reason, ReviewStage, Sampling};
use crate::EoCategory;
use std::sync::Arc;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reviewer {
    /// The person's name.
    pub name: String,
    /// Their organisation; may be empty.
    pub organisation: String,
    /// In which role they act.
    pub role: String,
    /// From where: `loopback`, or the address of a machine.
    pub client: String,
}

/// What a person wants to do, before the rules were asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// Its id, given by the client: the same again does nothing twice.
    pub id: String,
    /// RFC 3339, UTC.
    pub at_utc: String,
    /// Who.
    pub by: Reviewer,
    /// At which stage.
    pub stage: ReviewStage,
    /// What.
    pub decision: Decision,
    /// With which item; empty to add one.
    pub item: String,
    /// The version of it that they saw.
    pub version: u64,
    /// Why.
    pub reason: Option<Reason>,
    /// A remark.
    pub comment: String,
    /// The new outline as WKB in the survey's CRS: of a modification, an addition, or what a merge
    /// comes to.
    pub boundary: Option<Arc<[u8]>>,
    /// The new category.
    pub eo_category: Option<EoCategory>,
    /// Of a merge, the other items, each with the version that was merged.
    pub others: Vec<(String, u64)>,
    /// Of a split, the outlines of the parts.
    pub parts: Vec<Arc<[u8]>>,
    /// Of a verdict or an observation, the finds, each with its item.
    pub features: Vec<(String, String)>,
    /// What they say of these.
    pub verdict: Option<FeatureVerdict>,
    /// With which sample, and what.
    pub sampling: Option<Sampling>,
    /// What was observed on the ground.
    pub observation: Option<Box<Observation>>,
    /// What each of its events says beside that.
    pub detail: EventDetail,
    /// How long they had the item open, seconds.
    pub seconds_open: Option<f64>,
}

impl Proposal {
    /// One that says nothing beside what is decided, on which item, by whom and at which stage.
    pub fn new(
        id: String,
        by: Reviewer,
        stage: ReviewStage,
        decision: Decision,
        item: &str,
    ) -> Self {
        Self {
            id,
            at_utc: String::new(),
            by,
            stage,
            decision,
            item: item.into(),
            version: 0,
            reason: None,
            comment: String::new(),
            boundary: None,
            eo_category: None,
            others: vec![],
            parts: vec![],
            features: vec![],
            verdict: None,
            sampling: None,
            observation: None,
            detail: EventDetail::default(),
            seconds_open: None,
        }
    }
}
