//! One true object, and one predicted object.

use rams_domain::PxBox;

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
