//! What will be a feature: one object or earthwork, still in mosaic pixels.

use geo::{LineString, Polygon};
use rams_domain::{DetectionId, PxBox};

/// One object or earthwork, merged from the detections of one model on one orthomosaic.
pub(crate) struct Candidate {
    /// Index of its class in the model.
    pub(crate) class: usize,
    /// Highest score of its boxes, or the mean score of its masks, weighted by their area, of a
    /// network that of its best stretch; 0 to 1.
    pub(crate) score: f32,
    /// The smallest box around it, mosaic pixels.
    pub(crate) px: PxBox,
    /// What it is made of.
    pub(crate) shape: CandidateShape,
    /// The detections that it was merged from, in the order of their ids.
    pub(crate) detections: Vec<DetectionId>,
}

/// What a candidate is made of.
pub(crate) enum CandidateShape {
    /// A detector's box.
    Box,
    /// A mask, mosaic pixels: its outline along the edges of its cells and the simplified one.
    Outline { exact: Polygon, simple: Polygon },
    /// The masks of a linear earthwork, mosaic pixels, and its centrelines, local metres: whole,
    /// and in stretches.
    Network { outlines: Vec<Polygon>, lines: Vec<LineString>, stretches: Vec<Stretch> },
}

/// A stretch of a network of centrelines.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    /// Its course, local metres.
    pub(crate) line: LineString,
    /// Index of its class in the model.
    pub(crate) class: usize,
    /// Mean width of the mask across it, metres.
    pub(crate) width_m: f64,
    /// Calibrated probability that it is of its class, 0 to 1.
    pub(crate) confidence: f32,
}
