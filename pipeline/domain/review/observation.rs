//! What people observed on the ground: evidence, never a decision.

use super::FeatureVerdict;
use crate::display::display_as_serialised;
use geo::Point;
use serde::{Deserialize, Serialize};

/// What people found at a place where they looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// What the survey says is there.
    Seen,
    /// They did not see it. It may lie there all the same.
    NotSeen,
    /// Something else is there, as the note says.
    Other,
}
display_as_serialised!(Found);

impl Found {
    /// All of them, in the order in which messages list them.
    pub const ALL: [Found; 3] = [Found::Seen, Found::NotSeen, Found::Other];

    /// What it says of a find: something else may be ordnance, too.
    pub fn verdict(self) -> Option<FeatureVerdict> {
        match self {
            Self::Seen => Some(FeatureVerdict::Seen),
            Self::NotSeen => Some(FeatureVerdict::NotSeen),
            Self::Other => None,
        }
    }
}

/// Where people looked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FieldPlace {
    /// On or near the survey's ground.
    At {
        /// In the survey's CRS.
        point: Point,
        /// Horizontal accuracy of the position, metres; `None` where it is not known.
        accuracy_m: Option<f64>,
    },
    /// So many kilometres from the survey's middle, and far beyond its ground.
    Beyond {
        /// Kilometres.
        km: f64,
    },
}

/// A row of a table of a field team: a place, and what was found there.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldRow {
    /// Which row it is, for people: `row 3`.
    pub row: String,
    /// The find or the area; empty where it is not known.
    pub id: String,
    /// Where; always there without an id.
    pub place: Option<FieldPlace>,
    /// What was found.
    pub found: Found,
    /// Who was there.
    pub observer: String,
    /// Their organisation; may be empty.
    pub organisation: String,
    /// The day, `2026-11-28`.
    pub date: String,
    /// In their words; never empty of something else.
    pub note: String,
    /// File of a photo, from the folder of the table; empty without one.
    pub photo: String,
}

/// What people observed on the ground, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// What they found.
    pub found: Found,
    /// The find; `None` where they speak of the area.
    pub feature: Option<String>,
    /// Who was there.
    pub observer: String,
    /// Their organisation.
    pub organisation: String,
    /// The day, `2026-11-28`.
    pub date: String,
    /// Where, in the survey's CRS.
    pub position: Option<[f64; 2]>,
    /// Horizontal accuracy of the position, metres.
    pub accuracy_m: Option<f64>,
    /// File of a photo, as it is named there.
    pub photo: String,
    /// The copy of it in `review/attachments`, hex.
    pub photo_sha256: Option<String>,
    /// The table that said so.
    pub file: String,
    /// Its digest, hex.
    pub file_sha256: String,
    /// Which row.
    pub row: String,
}
