//! What became of the rows of a field team's table, for people.

use crate::book::Head;
use rams_domain::{Found, plural};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::path::PathBuf;

/// What became of the rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldOutcome {
    /// The file.
    pub path: PathBuf,
    /// Number of its rows: those of the next three.
    pub rows: usize,
    /// Observations that are in the log from now on.
    pub taken: BTreeMap<Found, usize>,
    /// How many were in it before, or stand twice in the table.
    pub repeated: usize,
    /// Rows that were left out, and why.
    pub left_out: Vec<(String, String)>,
    /// Photos that were copied.
    pub photos: usize,
    /// Rows whose photo was not, and why.
    pub without_photo: Vec<(String, String)>,
    /// Areas that were rejected and on whose ground something was seen.
    pub seen_in_rejected: BTreeSet<String>,
    /// The end of the log.
    pub head: Head,
}

/// What was taken, what was left out and why.
impl fmt::Display for FieldOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |found| self.taken.get(&found).copied().unwrap_or(0);
        writeln!(
            f,
            "{}: {} {}: {} seen, {} not seen, {} other; {} in the log before, {} left out",
            self.path.display(),
            self.rows,
            plural(self.rows, "row"),
            count(Found::Seen),
            count(Found::NotSeen),
            count(Found::Other),
            self.repeated,
            self.left_out.len()
        )?;
        let mut lines = String::new();
        for (row, why) in &self.left_out {
            writeln!(lines, "left out, {row}: {why}")?;
        }
        for (row, why) in &self.without_photo {
            writeln!(lines, "without photo, {row}: {why}")?;
        }
        for item in &self.seen_in_rejected {
            writeln!(
                lines,
                "{item} is rejected, and something was seen there: return or reopen it"
            )?;
        }
        if self.photos > 0 {
            writeln!(lines, "{} {} copied", self.photos, plural(self.photos, "photo"))?;
        }
        write!(f, "{lines}{}", self.head)
    }
}
