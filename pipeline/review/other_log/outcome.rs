//! What became of another log, for people.

use crate::book::Head;
use rams_domain::{Decision, ReviewStage, plural};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// An item on which both copies decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The item, here.
    pub item: String,
    /// Both decisions, as the log has them.
    pub text: String,
    /// Id of the last decision of the other.
    pub decision: String,
    /// Where the item waits.
    pub stage: ReviewStage,
    /// Whether it says what the item is, or only something of its finds.
    pub moves: bool,
    /// Whether the item was sent back there.
    pub is_sent_back: bool,
}

/// What became of another log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogOutcome {
    /// The file.
    pub path: PathBuf,
    /// The end of its log.
    pub theirs: Head,
    /// Decisions that are in ours from now on.
    pub taken: BTreeMap<Decision, usize>,
    /// How many were in it before.
    pub repeated: usize,
    /// How many do not fit what was decided here.
    pub otherwise: usize,
    /// Items of these.
    pub conflicts: Vec<Conflict>,
    /// How many are of samples, and stay there.
    pub samples: usize,
    /// Photos of observations that were not beside it.
    pub without_photo: usize,
    /// The end of our log.
    pub head: Head,
}

impl LogOutcome {
    pub(super) fn new(path: &Path, theirs: Head) -> Self {
        Self {
            path: path.into(),
            theirs,
            taken: BTreeMap::new(),
            repeated: 0,
            otherwise: 0,
            conflicts: vec![],
            samples: 0,
            without_photo: 0,
            head: Head { seq: 0, hash: [0; 32] },
        }
    }
}

/// What was taken, and what both decided otherwise.
impl fmt::Display for LogOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, theirs) = (self.path.display(), self.theirs);
        writeln!(f, "{path}: {theirs}")?;
        let count = self.taken.values().sum::<usize>();
        let taken: Vec<String> =
            self.taken.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        writeln!(
            f,
            "{count} {} taken{}; {} in the log before, {} decided otherwise here",
            plural(count, "decision"),
            if taken.is_empty() { String::new() } else { format!(": {}", taken.join(", ")) },
            self.repeated,
            self.otherwise
        )?;
        for Conflict { item, text, stage, is_sent_back, .. } in &self.conflicts {
            let where_to = if *is_sent_back { "was sent back to" } else { "is at" };
            writeln!(f, "{item} {where_to} {stage}: {text}")?;
        }
        if self.samples > 0 {
            let events = plural(self.samples, "event");
            writeln!(f, "{} {events} of samples stay there", self.samples)?;
        }
        if self.without_photo > 0 {
            let missing = self.without_photo;
            let photos = plural(missing, "photo");
            writeln!(f, "{missing} {photos} missing: copy its folder attachments beside it")?;
        }
        write!(f, "{}", self.head)
    }
}
