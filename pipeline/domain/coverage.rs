//! Ground that was assessed, and ground that was not.

use crate::GapReason;
use geo::MultiPolygon;

/// Ground that a model has seen at a usable scale. It says nothing about hazard.
#[derive(Debug, Clone, PartialEq)]
pub struct AssessedArea {
    /// Outline in the survey's CRS.
    pub boundary: MultiPolygon,
    /// Geodesic area, square metres.
    pub area_m2: f64,
    /// Orthomosaic it was seen in.
    pub orthomosaic: String,
    /// Model that saw it.
    pub model: String,
    /// Classes it was assessed for.
    pub classes: Vec<String>,
}

/// Ground that was not assessed, for which classes, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct GapArea {
    /// Outline in the survey's CRS.
    pub boundary: MultiPolygon,
    /// Geodesic area, square metres.
    pub area_m2: f64,
    /// Orthomosaic it lies in.
    pub orthomosaic: String,
    /// Model concerned; empty where no model of the run knows the classes.
    pub model: String,
    /// Classes that were not assessed.
    pub classes: Vec<String>,
    /// Why.
    pub reason: GapReason,
    /// The reason in one sentence with its values.
    pub detail: String,
}
