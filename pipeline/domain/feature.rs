//! An indicator on the ground.

use crate::{DetectionId, EoCategory, Indicator, PxBox};
use geo::{Geometry, LineString};
use std::fmt;

/// Number of a feature within the survey, from 1, written `F000001`.
///
/// ```
/// use rams_domain::FeatureId;
///
/// assert_eq!(FeatureId(12).to_string(), "F000012");
/// assert_eq!(FeatureId::all().next(), Some(FeatureId(1)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FeatureId(pub u32);

impl FeatureId {
    /// All numbers, the first one first, for those who make features.
    pub fn all() -> impl Iterator<Item = FeatureId> {
        (1..).map(FeatureId)
    }
}

impl fmt::Display for FeatureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F{:06}", self.0)
    }
}

/// One object or earthwork on the ground, made of the detections that saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Its number within the survey.
    pub id: FeatureId,
    /// Class of the model, for example `pfm-1`.
    pub class: String,
    /// The indicator it stands for.
    pub indicator: Indicator,
    /// The category of explosive ordnance it points to.
    pub eo_category: EoCategory,
    /// Point, line or polygon in the survey's CRS; of a line traced from a mask the network of its
    /// centrelines, a MultiLineString.
    pub geometry: Geometry,
    /// The model's score for it, 0 to 1: the highest of its boxes, or the mean over its masks
    /// weighted by their area; of a network of centrelines that of its best stretch.
    pub score: f32,
    /// Calibrated probability that it is what the class says, 0 to 1.
    pub confidence: f32,
    /// Longer and shorter side of its box on the ground, metres; of a network of centrelines their
    /// whole length and their mean width, weighted by length.
    pub size_m: [f64; 2],
    /// Geodesic area of a polygon or of the mask of a line, square metres; 0 for points, and for
    /// lines that are the axis of a box.
    pub area_m2: f64,
    /// The stretches of a network of centrelines; empty for all others.
    pub parts: Vec<FeaturePart>,
    /// Orthomosaic it was seen in.
    pub orthomosaic: String,
    /// Model that saw it.
    pub model: String,
    /// Its box in mosaic pixels: the way back to the imagery.
    pub px: PxBox,
    /// The detections it stands on, in that orthomosaic.
    pub detections: Vec<DetectionId>,
    /// Those of other orthomosaics that show the same thing, with the names of these.
    pub also: Vec<(String, DetectionId)>,
}

/// One stretch of a network of centrelines, between junctions or ends, of at most 50 m.
#[derive(Debug, Clone, PartialEq)]
pub struct FeaturePart {
    /// Its centreline in the survey's CRS.
    pub line: LineString,
    /// What this stretch is called: a class of the model, of the feature's family.
    pub class: String,
    /// Mean width of the mask across the line, metres; 3 m for a fire trench with its spoil.
    pub width_m: f64,
    /// Calibrated probability that it is what its class says, 0 to 1. Across a gap that was
    /// bridged, half the lower one of its two sides.
    pub confidence: f32,
}
