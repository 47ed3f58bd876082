//! A file of what others know of the ground, as the record names it.

use super::FileDigest;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A file of external evidence, of its mapping, or of the survey's limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceFileRecord {
    /// Where the file lay.
    pub path: PathBuf,
    /// What became of its rows, for people; `None` for a file that belongs to another one.
    pub outcome: Option<String>,
    /// How many of its rows lie too far from the survey and were kept out.
    #[serde(default)]
    pub kept_out: usize,
    /// Its digest.
    pub digest: FileDigest,
    /// Whether it is that of the survey's limit.
    #[serde(default)]
    pub is_limit: bool,
}

impl EvidenceFileRecord {
    /// The outcome of a file of a mapping, which has words and no rows.
    pub const MAPPING: &str = "mapping";
}
