//! What is compared: the truth of one orthomosaic and what was predicted in it.

use crate::EvaluatedGround;
use rams_domain::PxBox;

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

/// One true object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truth {
    /// Index into [`crate::Classes`].
    pub class: usize,
    /// Where, mosaic pixels.
    pub px: PxBox,
    /// Whether to find it is neither right nor wrong, as with COCO's `iscrowd`.
    pub ignored: bool,
}

/// One predicted object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// Index into [`crate::Classes`].
    pub class: usize,
    /// Where, mosaic pixels.
    pub px: PxBox,
    /// The model's score, 0 to 1.
    pub score: f64,
    /// The calibrated probability, 0 to 1, where there is one.
    pub confidence: Option<f64>,
}
