//! What was done, as the log keeps it.

use super::{
    Decision, Drawn, FeatureVerdict, ImportedRow, Inspection, Observation, OlderDecision, Origin,
    Reason, ReviewStage, Standing,
};
use crate::EoCategory;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

/// What an event says beside where an item stands.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EventDetail {
    /// The category that it has from now on, where a person said one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eo_category: Option<EoCategory>,
    /// Of a new item, what it was made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<String>,
    /// Of an item that was superseded, what took its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<String>,
    /// What a person said of a find.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub verdicts: BTreeMap<String, FeatureVerdict>,
    /// Of an undo, the decision that never was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<String>,
    /// Of an item that was drawn, the sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drawn: Option<Box<Drawn>>,
    /// Of a look at it, what was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspection: Option<Inspection>,
    /// Of what is done about that, the sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects: Option<String>,
    /// What people observed on its ground.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observation: Option<Box<Observation>>,
    /// Of a mistake in such an observation, the decision that took it in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdraws: Option<String>,
    /// Of what was decided in another copy of the review, where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Box<Origin>>,
    /// Of what two copies of a review decided otherwise, the decision of the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflicts: Option<String>,
    /// What was decided about its ground in an older survey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub older: Option<Box<OlderDecision>>,
    /// Of what was drawn elsewhere, the row of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<Box<ImportedRow>>,
}

/// What one decision did to one item.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewEvent {
    /// The decision: all its events have the same.
    pub decision_id: String,
    /// RFC 3339, UTC.
    pub at_utc: String,
    /// Who decided.
    pub who: String,
    /// Their organisation.
    pub organisation: String,
    /// In which role.
    pub role: String,
    /// At which stage.
    pub stage: ReviewStage,
    /// The item.
    pub item: String,
    /// Its version from now on.
    pub item_version: u64,
    /// What they decided.
    pub kind: Decision,
    /// Why.
    pub reason: Option<Reason>,
    /// In their words.
    pub comment: String,
    /// The outline that was replaced, WKB in the survey's CRS.
    pub geom_before: Option<Arc<[u8]>>,
    /// The outline from now on, where it is another.
    pub geom_after: Option<Arc<[u8]>>,
    /// What else.
    pub detail: EventDetail,
    /// Where the item stood; of a new item where it begins.
    pub from: Standing,
    /// Where it stands from now on.
    pub to: Standing,
    /// How long the person had it open, seconds.
    pub seconds_open: Option<f64>,
    /// From where.
    pub client: String,
}

impl ReviewEvent {
    /// Whether a person acted on the item: what an older survey says of it is nobody's act.
    pub fn acts(&self) -> bool {
        self.kind.acts() && self.detail.older.is_none()
    }
}
