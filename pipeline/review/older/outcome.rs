//! What an older survey says of the ground, for people.

use crate::book::Head;
use rams_domain::plural;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// What was noted of an older survey.
#[derive(Debug, Clone, PartialEq)]
pub struct OlderOutcome {
    /// Its folder.
    pub dir: PathBuf,
    /// How many of its areas people decided on.
    pub decided: usize,
    /// Areas of the newer survey that got a remark.
    pub noted: BTreeSet<String>,
    /// Older areas that were accepted and that nothing overlaps: each waits as an area of its own.
    pub not_found: Vec<String>,
    /// Those of which newer areas have less than half, and the share.
    pub partly: Vec<(String, f64)>,
    /// Those beyond the ground of the newer survey.
    pub beyond: Vec<String>,
    /// How much was noted before.
    pub repeated: usize,
    /// The end of the log.
    pub head: Head,
}

impl OlderOutcome {
    pub(super) fn new(dir: &Path, decided: usize) -> Self {
        Self {
            dir: dir.into(),
            decided,
            noted: BTreeSet::new(),
            not_found: vec![],
            partly: vec![],
            beyond: vec![],
            repeated: 0,
            head: Head { seq: 0, hash: [0; 32] },
        }
    }
}

/// What was noted, and what is to be looked at.
impl fmt::Display for OlderOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} {} decided there; noted at {} {} here, {} noted before",
            self.dir.display(),
            self.decided,
            plural(self.decided, "area"),
            self.noted.len(),
            plural(self.noted.len(), "area"),
            self.repeated
        )?;
        if !self.not_found.is_empty() {
            let items = self.not_found.join(", ");
            write!(f, "\naccepted there, not found here, waiting for a person: {items}")?;
        }
        if !self.partly.is_empty() {
            let share = |(item, share): &(String, f64)| format!("{item} {:.0} %", share * 100.0);
            let items = self.partly.iter().map(share).collect::<Vec<_>>().join(", ");
            write!(f, "\naccepted there, less than half of it is in areas here: {items}")?;
        }
        if !self.beyond.is_empty() {
            let items = self.beyond.join(", ");
            write!(f, "\naccepted there, beyond the ground of this survey: {items}")?;
        }
        Ok(())
    }
}
