//! What became of areas that people drew, for people.

use crate::book::Head;
use rams_domain::{EoCategory, ReviewStage, plural};
use std::fmt;
use std::path::{Path, PathBuf};

/// An item that was changed or added.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaChange {
    /// The item.
    pub item: String,
    /// The row that says so.
    pub row: String,
    /// At which stage.
    pub stage: ReviewStage,
    /// Its ground before, square metres; `None` of one that was added.
    pub before_m2: Option<f64>,
    /// Its ground from now on, square metres.
    pub after_m2: f64,
    /// Its category from now on.
    pub eo_category: EoCategory,
}

/// What became of the rows of a file of areas.
#[derive(Debug, Clone, PartialEq)]
pub struct AreasOutcome {
    /// The file.
    pub path: PathBuf,
    /// Number of its rows: those of the next three.
    pub rows: usize,
    /// What is in the log from now on.
    pub changed: Vec<AreaChange>,
    /// How many were left as they were.
    pub unchanged: usize,
    /// How many were taken before.
    pub repeated: usize,
    /// Items that are not in the file. Nothing is decided by that.
    pub missing: Vec<String>,
    /// Rows that a person should look at again, and why.
    pub warnings: Vec<(String, String)>,
    /// The end of the log.
    pub head: Head,
}

impl AreasOutcome {
    pub(super) fn new(path: &Path, rows: usize) -> Self {
        Self {
            path: path.into(),
            rows,
            changed: vec![],
            unchanged: 0,
            repeated: 0,
            missing: vec![],
            warnings: vec![],
            head: Head { seq: 0, hash: [0; 32] },
        }
    }
}

/// What was modified, added, unchanged, and what is missing.
impl fmt::Display for AreasOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let added = self.changed.iter().filter(|it| it.before_m2.is_none()).count();
        writeln!(
            f,
            "{}: {} {}: {} modified, {added} added, {} unchanged, {} in the log before",
            self.path.display(),
            self.rows,
            plural(self.rows, "row"),
            self.changed.len() - added,
            self.unchanged,
            self.repeated
        )?;
        for AreaChange { item, row, stage, before_m2, after_m2, eo_category } in &self.changed {
            match before_m2 {
                Some(before_m2) => writeln!(
                    f,
                    "modified, {row}: {item} at {stage}, {before_m2:.1} m² to {after_m2:.1} m², \
                     {eo_category}"
                )?,
                None => writeln!(f, "added, {row}: {item} at {stage}, {after_m2:.1} m²")?,
            }
        }
        for (row, text) in &self.warnings {
            writeln!(f, "please check, {row}: {text}")?;
        }
        if !self.missing.is_empty() {
            writeln!(
                f,
                "not in the file, and nothing is decided by that: {}; what is not there, reject \
                 in the review, with a reason",
                self.missing.join(", ")
            )?;
        }
        write!(f, "{}", self.head)
    }
}
