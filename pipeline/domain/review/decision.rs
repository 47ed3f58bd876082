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
}
display_as_serialised!(Decision);

impl Decision {
    /// Whether it changes the version of an item: remarks and verdicts on finds move nothing.
    pub fn moves(self) -> bool {
        !matches!(self, Self::Comment | Self::Verdict)
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
