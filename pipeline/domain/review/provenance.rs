//! Where what a log holds was said, if not here.

use super::{Disposition, Reached, Reason};
use serde::{Deserialize, Serialize};

/// An event of another copy of a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Who decided there.
    pub who: String,
    /// Their organisation.
    pub organisation: String,
    /// When, RFC 3339, UTC, by the clock there.
    pub at_utc: String,
    /// Number of the event in that log.
    pub seq: u64,
    /// The end of that log when it was read, hex.
    pub head: String,
    /// Who answers for the import.
    pub imported_by: String,
}

/// What people decided about ground in an older survey. In the newer one it decides nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OlderDecision {
    /// Digest of that survey, hex.
    pub survey_sha256: String,
    /// The item there.
    pub item: String,
    /// What they said that it is.
    pub disposition: Disposition,
    /// How far that went.
    pub reached: Reached,
    /// Who said so last.
    pub who: String,
    /// When, RFC 3339, UTC.
    pub at_utc: String,
    /// Why.
    pub reason: Option<Reason>,
    /// In their words.
    pub comment: String,
    /// Ground of both, as a share of the ground of either.
    pub iou: f64,
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedRow {
    /// Name of the file.
    pub file: String,
    /// Its digest, hex.
    pub file_sha256: String,
    /// Which row, for people: `row 3`.
    pub row: String,
}
