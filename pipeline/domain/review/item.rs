//! What a review says of an item.

use super::{FeatureVerdict, Observation, Reason, ReviewStage};
use crate::{EoCategory, display::display_as_serialised};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

/// How far an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Somebody must decide.
    Waiting,
    /// The same, and somebody said why it has to wait.
    Deferred,
    /// Other items took its place.
    Superseded,
    /// It went through all stages.
    Verified,
}

/// What people say that an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// A suspected hazardous area, or an indication, as it is drawn.
    Accepted,
    /// Not that. The ground is not said to be without hazard.
    Rejected,
}
display_as_serialised!(ItemState, Disposition);

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Standing {
    /// At which stage.
    pub stage: ReviewStage,
    /// How far.
    pub state: ItemState,
    /// What was said of it last.
    pub disposition: Option<Disposition>,
}

impl Standing {
    pub(super) fn waiting(stage: ReviewStage, disposition: Option<Disposition>) -> Self {
        Self { stage, state: ItemState::Waiting, disposition }
    }

    /// Whether somebody has to decide.
    pub fn is_open(&self) -> bool {
        matches!(self.state, ItemState::Waiting | ItemState::Deferred)
    }
}

/// `nts waiting accepted`.
impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.stage, self.state)?;
        self.disposition.map_or(Ok(()), |disposition| write!(f, " {disposition}"))
    }
}

/// Why an item came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Why.
    pub reason: Option<Reason>,
    /// In the words of the person.
    pub comment: String,
    /// Who sent it.
    pub who: String,
    /// When, RFC 3339, UTC.
    pub at: String,
}

/// What a decision can change of an item, and undo restores.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Content {
    pub(super) standing: Standing,
    pub(super) eo_category: EoCategory,
    pub(super) boundary: Arc<[u8]>,
    pub(super) verdicts: BTreeMap<String, FeatureVerdict>,
    pub(super) returns: u32,
    pub(super) returned: Option<Returned>,
}

/// A decision on an item that can still be undone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) decision: String,
    pub(super) who: String,
    pub(super) stage: ReviewStage,
    pub(super) before: Content,
}

/// An item under review: an area of the survey, or one that people drew.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewItem {
    /// Its id: that of the area, or `N0001`.
    pub id: String,
    /// From 1; grows with each decision that moves it.
    pub version: u64,
    /// What it was made of.
    pub parents: Vec<String>,
    pub(super) now: Content,
    /// At which stages each person acted on it.
    pub(super) acted: BTreeMap<String, BTreeSet<ReviewStage>>,
    pub(super) steps: Vec<Step>,
    /// Each with the decision that took it in.
    pub(super) observations: Vec<(String, Observation)>,
}

impl ReviewItem {
    pub(super) fn new(
        id: String,
        standing: Standing,
        eo_category: EoCategory,
        boundary: Arc<[u8]>,
    ) -> Self {
        let now = Content {
            standing,
            eo_category,
            boundary,
            verdicts: BTreeMap::new(),
            returns: 0,
            returned: None,
        };
        Self {
            id,
            version: 1,
            parents: vec![],
            now,
            acted: BTreeMap::new(),
            steps: vec![],
            observations: vec![],
        }
    }

    /// It as it was before anybody decided on it: what who must not be told the decision may see.
    pub fn undecided(&self) -> Self {
        let mut item = self.clone();
        if let Some(first) = self.steps.first() {
            item.now = first.before.clone();
            item.now.standing = Standing::waiting(first.stage, None);
        }
        item
    }

    /// Where it stands.
    pub fn standing(&self) -> Standing {
        self.now.standing
    }

    /// The category of explosive ordnance.
    pub fn eo_category(&self) -> EoCategory {
        self.now.eo_category
    }

    /// Its outline as WKB in the survey's CRS.
    pub fn boundary(&self) -> &Arc<[u8]> {
        &self.now.boundary
    }

    /// What people said of its finds, by their ids.
    pub fn verdicts(&self) -> &BTreeMap<String, FeatureVerdict> {
        &self.now.verdicts
    }

    /// What people observed on its ground and nobody withdrew, in the order in which the log took
    /// it. No undo of a decision takes that back.
    pub fn observations(&self) -> impl Iterator<Item = &Observation> {
        self.observations.iter().map(|(_, observation)| observation)
    }

    /// How often it was sent back.
    pub fn returns(&self) -> u32 {
        self.now.returns
    }

    /// Why it came back, until somebody decides again.
    pub fn returned(&self) -> Option<&Returned> {
        self.now.returned.as_ref()
    }

    /// At which stages each person acted on it, or on what it was made of.
    pub fn acted(&self) -> &BTreeMap<String, BTreeSet<ReviewStage>> {
        &self.acted
    }

    /// The stage other than this at which a person acted on it, which bars them from this one.
    pub fn barred(&self, who: &str, stage: ReviewStage) -> Option<ReviewStage> {
        self.acted.get(who)?.iter().copied().find(|acted| *acted != stage)
    }
}
