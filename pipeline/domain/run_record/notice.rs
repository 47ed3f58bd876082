//! What people should know of a run, a sentence each.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// How a file is read and placed.
    File,
    /// Why the colours of an orthomosaic are not those that models learned from.
    Colours,
    /// Where a surface model falls short of what a model could use.
    Heights,
    /// Ground that could not be told from that of other orthomosaics.
    Overlap,
    /// What the operating point that was asked for means for the models.
    OperatingPoint,
    /// Which kernels did which part of a survey that unlike machines did.
    Kernels,
    /// A use of the land of which the doctrine has no rule.
    LandUse,
    /// Reports of a front that contradict each other.
    Front,
}

/// A notice: printed once by the program, kept in the record.
///
/// ```
/// use rams_domain::{Notice, Subject};
///
/// let notice = Notice::new(Subject::File, "field.tif", "band 4 is not read");
/// assert_eq!(notice.to_string(), "field.tif: band 4 is not read");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is about.
    pub subject: Subject,
    /// The orthomosaic, file or pass that it speaks of.
    pub of: String,
    /// The sentence.
    pub text: String,
}

impl Notice {
    /// A notice on something.
    pub fn new(subject: Subject, of: impl Into<String>, text: impl Into<String>) -> Self {
        Self { subject, of: of.into(), text: text.into() }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.of, self.text)
    }
}
