//! An indicator on the ground.

use crate::{DetectionId, EoCategory, Indicator, PxBox};
use geo::Geometry;
use std::fmt;

/// Number of a feature within the survey, from 1, written `F000001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FeatureId(pub u32);

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
    /// Point, line or polygon in the survey's CRS.
    pub geometry: Geometry,
    /// The model's highest score for it, 0 to 1.
    pub score: f32,
    /// Calibrated probability that it is what the class says, 0 to 1.
    pub confidence: f32,
    /// Longer and shorter side of its box on the ground, metres.
    pub size_m: [f64; 2],
    /// Geodesic area of a polygon, square metres; 0 for points and lines.
    pub area_m2: f64,
    /// Orthomosaic it was seen in.
    pub orthomosaic: String,
    /// Model that saw it.
    pub model: String,
    /// Its box in mosaic pixels: the way back to the imagery.
    pub px: PxBox,
    /// The detections it stands on.
    pub detections: Vec<DetectionId>,
}
