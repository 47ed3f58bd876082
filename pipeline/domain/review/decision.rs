//! What people do with an item, and say of its finds.

use crate::display::display_as_serialised;
use serde::{Deserialize, Serialize};

/// What people do with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is what the survey says.
    Accept,
    /// It is, with another boundary or category.
    Modify,
    /// It and others become one new item.
    Merge,
    /// It becomes several new items.
    Split,
    /// A new item that the survey has not.
    Add,
    /// It waits at its stage.
    Defer,
    /// It is not what the survey says. The rejection goes through every stage, too.
    Reject,
    /// It goes one stage back.
    Return,
    /// What was said of it is confirmed.
    Pass,
    /// One that went through all stages is taken up again.
    Reopen,
    /// A remark.
    Comment,
    /// Whether a person sees finds of it in the imagery.
    Verdict,
    /// A person's latest decision on it never was.
    Undo,
    /// It is in a sample of decided items.
    Sample,
    /// A person looked at it again, as one of a sample.
    Inspect,
    /// What is done about what such a look found.
    Correct,
}
display_as_serialised!(Decision);

impl Decision {
    /// Whether whoever does it acts on the item: a remark and a look at what was decided are none.
    pub fn acts(self) -> bool {
        self != Self::Comment && !self.samples()
    }

    /// Whether it is about a sample of items and not about what they are.
    pub fn samples(self) -> bool {
        matches!(self, Self::Sample | Self::Inspect | Self::Correct)
    }

    /// Whether it changes the version of an item: remarks, verdicts on finds and
    /// samples move nothing.
    pub fn moves(self) -> bool {
        self.acts() && self != Self::Verdict
    }
}

/// What a person says of a find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureVerdict {
    /// It is there: the find is a visual observation.
    Seen,
    /// It is not what the model says.
    NotSeen,
}
display_as_serialised!(FeatureVerdict);
