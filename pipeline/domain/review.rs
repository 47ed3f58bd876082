//! People decide about hazard areas: at each stage another person, in a log that only grows.
//!
//! [`Review::decide`] says what a [`Proposal`] of a person does, as [`ReviewEvent`]s;
//! [`Review::apply`] takes these in. A review is the fold of its events over the areas of a survey.

mod apply;
mod area_row;
mod decide;
mod decision;
mod event;
mod item;
mod judgements;
mod observation;
mod observe;
mod outcome;
mod progress;
mod proposal;
mod provenance;
mod reason;
mod sample;
mod sampling;
mod stage;
#[cfg(test)]
mod tests;

pub use apply::OutOfOrder;
pub use area_row::AreaRow;
pub use decide::Refusal;
pub use decision::{Decision, FeatureVerdict};
pub use event::{EventDetail, ReviewEvent};
pub use item::{Disposition, ItemState, Returned, ReviewItem, Standing};
pub use judgements::Judgements;
pub use observation::{FieldPlace, FieldRow, Found, Observation};
pub use outcome::{
    AreaOutcome, FeatureOutcome, Reached, RejectedArea, ReviewOutcome, UnknownStage,
};
pub use progress::{GroupProgress, LogHead, ObservedOfDay, Progress, StageProgress};
pub use proposal::{Proposal, Reviewer};
pub use provenance::{ImportedRow, OlderDecision, Origin};
pub use reason::Reason;
pub use sample::{
    AcceptanceNumbers, Agreement, Drawn, Finding, Inspection, LotItem, LotSize, LotVerdict,
    Nonconformity, Said, Sample, SampleItem, SamplePlan, SamplePurpose, SampleResult, SampleSize,
    Sampling, Severity, most_nonconforming,
};
pub use stage::{ReviewStage, ReviewStages, StagesError};

use crate::EoCategory;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// The state of a review: what each item came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    stages: ReviewStages,
    items: BTreeMap<String, ReviewItem>,
    /// The items of each decision, by its id.
    decisions: HashMap<String, Vec<String>>,
    /// In the order in which they were drawn.
    samples: Vec<Sample>,
    /// How many items people made: ids are never used again.
    made: u32,
}

impl Review {
    /// All areas wait at the first stage. An area is its id, its category and its outline as WKB in
    /// the survey's CRS, which is kept as it is.
    pub fn new(
        stages: ReviewStages,
        areas: impl IntoIterator<Item = (String, EoCategory, Arc<[u8]>)>,
    ) -> Self {
        let standing = Standing::waiting(stages.first(), None);
        let item = |(id, eo_category, boundary): (String, EoCategory, Arc<[u8]>)| {
            (id.clone(), ReviewItem::new(id, standing, eo_category, boundary))
        };
        let items = areas.into_iter().map(item).collect();
        Self { stages, items, decisions: HashMap::new(), samples: vec![], made: 0 }
    }

    /// The stages that an item goes through.
    pub fn stages(&self) -> &ReviewStages {
        &self.stages
    }

    /// All items, by id.
    pub fn items(&self) -> impl ExactSizeIterator<Item = &ReviewItem> {
        self.items.values()
    }

    /// An item by its id.
    pub fn item(&self, id: &str) -> Option<&ReviewItem> {
        self.items.get(id)
    }

    /// The items that a decision concerned, by its id; `None` for one that was never made.
    pub fn items_of(&self, decision: &str) -> Option<&[String]> {
        self.decisions.get(decision).map(Vec::as_slice)
    }
}
