//! What a review came to.

use super::{FeatureVerdict, Reason, ReviewStage, ReviewStages, Standing, item::ItemState};
use crate::{EoCategory, Survey, Threat};
use geo::Point;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How far items have to be to leave the house: at a stage, or beyond the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Reached {
    /// They wait at this stage, or went on from it.
    Stage(ReviewStage),
    /// They went through all stages.
    #[default]
    Verified,
}

impl Reached {
    /// How far an item is that stands there.
    pub fn of(standing: Standing) -> Self {
        match standing.state {
            ItemState::Verified => Self::Verified,
            _ => Self::Stage(standing.stage),
        }
    }

    /// Whether items of a review can be there.
    pub fn is_of(self, stages: &ReviewStages) -> bool {
        match self {
            Self::Stage(stage) => stages.iter().any(|other| other == stage),
            Self::Verified => true,
        }
    }
}

/// `nts`, or `verified`.
impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stage(stage) => stage.fmt(f),
            Self::Verified => ItemState::Verified.fmt(f),
        }
    }
}

impl From<Reached> for String {
    fn from(reached: Reached) -> Self {
        reached.to_string()
    }
}

impl TryFrom<String> for Reached {
    type Error = UnknownStage;

    fn try_from(text: String) -> Result<Self, UnknownStage> {
        text.parse()
    }
}

/// No stage of any review.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no stage: give analyst, nts, regional, headquarters or verified")]
pub struct UnknownStage(String);

impl FromStr for Reached {
    type Err = UnknownStage;

    fn from_str(text: &str) -> Result<Self, UnknownStage> {
        let stages = ReviewStage::ALL.map(Self::Stage).into_iter().chain([Self::Verified]);
        let mut found = stages.filter(|reached| reached.to_string() == text);
        found.next().ok_or_else(|| UnknownStage(text.into()))
    }
}

/// What people say of an area that they accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaOutcome {
    /// The same in every export.
    pub guid: String,
    /// Its id in the review: that of the survey's area, or `N0001`.
    pub item: String,
    /// What it was made of, as ids of the review.
    pub parents: Vec<String>,
    /// Its version in the review: who draws on it says so.
    pub version: u64,
    /// How far it is.
    pub reached: Reached,
    /// The same in words, and whether people changed it.
    pub status: String,
}

/// What people say of a find.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureOutcome {
    /// The same in every export.
    pub guid: String,
    /// Whether they see it in the imagery; `None` where nobody said.
    pub verdict: Option<FeatureVerdict>,
    /// Whether people who were there saw it.
    pub seen_on_ground: bool,
}

/// An area that people rejected. Its ground is not said to be without hazard.
#[derive(Debug, Clone, PartialEq)]
pub struct RejectedArea {
    /// The same in every export.
    pub guid: String,
    /// Its id in the review.
    pub item: String,
    /// What it was made of, as ids of the review.
    pub parents: Vec<String>,
    /// How far the rejection is.
    pub reached: Reached,
    /// The category that it was suspected of.
    pub eo_category: EoCategory,
    /// The threat that it was drawn with.
    pub threat: Threat,
    /// The district.
    pub district: String,
    /// Geodesic area, square metres.
    pub area_m2: f64,
    /// The middle of its extent, longitude and latitude.
    pub lonlat: Point,
    /// Why.
    pub reason: Option<Reason>,
    /// In the words of the person.
    pub comment: String,
    /// When, RFC 3339, UTC.
    pub at_utc: String,
}

/// A survey as people decided it.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewOutcome {
    /// The survey, of its areas those that were accepted and of its finds those of these areas.
    pub survey: Survey,
    /// What people say of its areas, in their order.
    pub areas: Vec<AreaOutcome>,
    /// What they say of its features, in their order.
    pub features: Vec<FeatureOutcome>,
    /// What they rejected.
    pub rejected: Vec<RejectedArea>,
    /// What a reader has to know: the stage, the head of the log, what was left out. Name, value.
    pub statements: Vec<(&'static str, String)>,
}
