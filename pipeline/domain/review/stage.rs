//! Who looks at an item, one after another.

use crate::display::display_as_serialised;
use serde::{Deserialize, Serialize};

/// A stage of the review. Nobody acts at two stages of one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewStage {
    /// Whoever works with the imagery.
    Analyst,
    /// The non-technical survey team.
    Nts,
    /// The regional office.
    Regional,
    /// The headquarters.
    Headquarters,
}
display_as_serialised!(ReviewStage);

impl ReviewStage {
    /// All of them, in order.
    pub const ALL: [ReviewStage; 4] =
        [ReviewStage::Analyst, ReviewStage::Nts, ReviewStage::Regional, ReviewStage::Headquarters];

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Analyst => "Analyst",
            Self::Nts => "NTS team",
            Self::Regional => "Regional office",
            Self::Headquarters => "Headquarters",
        }
    }

    /// Whether people say there what an item is; at the others they pass that on or return it.
    pub fn decides(self) -> bool {
        matches!(self, Self::Analyst | Self::Nts)
    }
}

/// The stages of a review, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewStages(Vec<ReviewStage>);

/// Stages that make no review.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot review by the stages {0:?}: give two or more of analyst, nts, regional, headquarters, \
     in this order, the first of them analyst or nts"
)]
pub struct StagesError(Vec<ReviewStage>);

impl Default for ReviewStages {
    fn default() -> Self {
        Self(ReviewStage::ALL.to_vec())
    }
}

impl ReviewStages {
    /// Two or more, in order, the first of them one that decides: a second person always looks.
    pub fn new(stages: Vec<ReviewStage>) -> Result<Self, StagesError> {
        let in_order = stages.windows(2).all(|pair| pair[0] < pair[1]);
        let first = stages.first().is_some_and(|first| first.decides());
        if in_order && first && stages.len() >= 2 {
            Ok(Self(stages))
        } else {
            Err(StagesError(stages))
        }
    }

    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = ReviewStage> {
        self.0.iter().copied()
    }

    /// Where an item begins.
    pub fn first(&self) -> ReviewStage {
        self.0[0]
    }

    /// Where an item ends.
    pub fn last(&self) -> ReviewStage {
        self.0[self.0.len() - 1]
    }

    /// Where an item goes from a stage; `None` from the last one.
    pub fn after(&self, stage: ReviewStage) -> Option<ReviewStage> {
        self.iter().find(|other| *other > stage)
    }

    /// Where an item is returned to from a stage; `None` from the first one.
    pub fn before(&self, stage: ReviewStage) -> Option<ReviewStage> {
        self.0.iter().rev().copied().find(|other| *other < stage)
    }

    /// Where an item goes that is taken up again: the last stage that decides.
    pub fn reopened(&self) -> ReviewStage {
        let decides = self.0.iter().rev().copied().find(|stage| stage.decides());
        decides.unwrap_or(self.0[0])
    }
}
