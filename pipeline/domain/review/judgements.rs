//! What people said of what a survey found.

use super::{Disposition, FeatureVerdict};
use crate::{FeatureId, HazardAreaId};
use std::collections::BTreeMap;

/// What people said, in a review, of the finds and areas of a survey. What nobody spoke of is not
/// in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Judgements {
    /// Of finds. Where two people differ, it is seen.
    pub features: BTreeMap<FeatureId, FeatureVerdict>,
    /// Of areas. One that became part of several is accepted where one of these is.
    pub areas: BTreeMap<HazardAreaId, Disposition>,
    /// Events of the log.
    pub events: u64,
    /// Hash of the last of them, hex.
    pub head: String,
}
