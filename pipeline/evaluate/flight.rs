//! What is compared: the truth of one orthomosaic and what was predicted in it.

use crate::{EvaluatedGround, Prediction, Truth};

/// One orthomosaic, the unit of a split: figures are given for each.
#[derive(Debug, Clone, PartialEq)]
pub struct Flight {
    /// Name of the orthomosaic.
    pub name: String,
    /// What lies there.
    pub truths: Vec<Truth>,
    /// What was found there.
    pub predictions: Vec<Prediction>,
    /// Where a false alarm could have been raised.
    pub ground: EvaluatedGround,
}
