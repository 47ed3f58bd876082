//! Samples of decided items, which are looked at again: quality control, and a blind second look.

mod agreement;
mod bound;
mod draw;
mod result;
#[cfg(test)]
mod tests;

pub use agreement::Agreement;
pub use bound::most_nonconforming;
pub use result::{LotVerdict, SampleResult};

use super::{Disposition, Reached};
use crate::display::display_as_serialised;
use crate::{EoCategory, Threat};
use serde::{Deserialize, Serialize};

/// What a sample is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SamplePurpose {
    /// An inspector says of each item whether its decision conforms.
    QualityControl,
    /// Another person says what each item is and does not know what was said before.
    SecondLook,
}
display_as_serialised!(SamplePurpose);

/// How much of a lot is drawn; one item at the least.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SampleSize {
    /// So many items.
    Items(usize),
    /// That share of the items, above 0 to 1.
    ShareOfItems(f64),
    /// Items with that share of the ground, above 0 to 1.
    ShareOfArea(f64),
}

/// Acceptance number and rejection number, of nonconforming items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptanceNumbers {
    /// Up to so many, the lot is acceptable.
    pub ac: usize,
    /// From so many on, it is not.
    pub re: usize,
}

/// What is drawn, and from which lot. The same plan on the same lot draws the same list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SamplePlan {
    /// What for.
    pub purpose: SamplePurpose,
    /// How much.
    pub size: SampleSize,
    /// Any number.
    pub seed: u32,
    /// The lot is the decided items that are so far.
    pub reached: Reached,
    /// Of this district; of all where it is empty.
    pub district: String,
    /// When the lot is acceptable, where somebody said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(default)]
    pub acceptance: Option<AcceptanceNumbers>,
}

/// An item of a lot, with its stratum: district, category and threat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LotItem {
    /// The item.
    pub item: String,
    /// Its version.
    pub version: u64,
    /// Its district; empty where it is not known.
    pub district: String,
    /// Its category.
    pub eo_category: EoCategory,
    /// Its threat.
    pub threat: Threat,
    /// Geodesic area, square metres.
    pub area_m2: f64,
}

/// A lot: how much it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LotSize {
    /// Items.
    pub items: usize,
    /// Their ground, square metres.
    pub area_m2: f64,
}

/// In which way a decision does not conform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Nonconformity {
    CategoryWrong,
    BoundaryCutsOffEvidence,
    BoundaryTooWide,
    FindMissed,
    WrongRejection,
    AttributeWrong,
    PointRecordedAsArea,
}
display_as_serialised!(Nonconformity);

/// How bad that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Severity {
    Minor,
    Major,
    Critical,
}
display_as_serialised!(Severity);

/// What whoever looks again says of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The decision conforms.
    Conform,
    /// It does not.
    Nonconforming {
        /// In which way.
        nonconformity: Nonconformity,
        /// How bad that is.
        severity: Severity,
    },
    /// What the item is, to who does not know what was said before.
    Says(Disposition),
}

/// What people want to do with a sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Sampling {
    /// Draw one.
    Draw {
        /// How.
        plan: SamplePlan,
        /// From these, which are decided and as far as the plan says.
        lot: Vec<LotItem>,
    },
    /// Look again at an item of one.
    Inspect {
        /// Its id.
        sample: String,
        /// What they found.
        finding: Finding,
    },
    /// Say what is done about all that does not conform.
    Correct {
        /// Its id.
        sample: String,
    },
}

/// What the log keeps of an item that was drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    /// The sample: `S0001`.
    pub sample: String,
    /// How it was drawn.
    pub plan: SamplePlan,
    /// From how much.
    pub lot: LotSize,
    /// The item.
    pub of: LotItem,
}

/// What the log keeps of a second look at an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// The sample.
    pub sample: String,
    /// What was found.
    pub finding: Finding,
}

/// What a person said, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said<T> {
    /// Who.
    pub who: String,
    /// When, RFC 3339, UTC.
    pub at_utc: String,
    /// What.
    pub what: T,
    /// In their words.
    pub comment: String,
}

/// An item of a sample.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleItem {
    /// As it was drawn.
    pub drawn: LotItem,
    /// What was said of it then.
    pub said: Disposition,
    /// What was found.
    pub finding: Option<Said<Finding>>,
    /// What is done about it, where it does not conform.
    pub correction: Option<Said<()>>,
}

/// A sample of decided items.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// `S0001`.
    pub id: String,
    /// How it was drawn.
    pub plan: SamplePlan,
    /// From how much.
    pub lot: LotSize,
    /// Who drew it.
    pub who: String,
    /// When, RFC 3339, UTC.
    pub at_utc: String,
    /// In the order in which they were drawn.
    pub items: Vec<SampleItem>,
}

impl Sample {
    /// Whether every item was looked at.
    pub fn is_complete(&self) -> bool {
        self.items.iter().all(|item| item.finding.is_some())
    }

    /// Whether what was said before is still told to nobody who looks.
    pub fn is_blind(&self) -> bool {
        self.plan.purpose == SamplePurpose::SecondLook && !self.is_complete()
    }
}
