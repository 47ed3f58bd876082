//! What can be wrong with files of external evidence; all of it is for the person who gives them.

use rams_store::StoreError;
use std::path::PathBuf;

/// What a file is given for that is not said to be for anything else.
pub(crate) const EVIDENCE: &str = "evidence";

/// Why external evidence was not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvidenceError {
    /// A GeoPackage with changes that are not in it yet.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file that cannot be used as it is.
    #[error("cannot read {role} {path}{place}: {cause}; {remedy}")]
    Unusable {
        /// What it was given for: evidence, or the limit.
        role: &'static str,
        /// The file.
        path: PathBuf,
        /// Layer and rows, with a comma before; empty for the whole file.
        place: String,
        /// What is wrong, with its value.
        cause: String,
        /// What to do about it.
        remedy: String,
    },
    /// A mapping of evidence that cannot be used.
    #[error("cannot use mapping {path}: {cause}")]
    Mapping {
        /// The file.
        path: PathBuf,
        /// Field, value, and what it should be.
        cause: String,
    },
}
