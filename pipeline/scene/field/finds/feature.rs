//! Finds as a model reports them.

use geo::{Coord, Point};
use rams_domain::{DetectionId, EoCategory, Feature, FeatureId, Indicator, PxBox, TileId};

/// The orthomosaic of a field, which nobody took.
pub(in crate::field) const ORTHOMOSAIC: &str = "simulated";

/// The pixels of a find and its detection: no more is known of an orthomosaic that nobody took.
pub(super) const PX: PxBox = PxBox { x0: 0.0, y0: 0.0, x1: 1.0, y1: 1.0 };
pub(super) const DETECTION: DetectionId = DetectionId { tile: TileId(0), index: 0 };

/// The number of the next feature of a field: from 1, in the order in which they are found.
pub(super) fn next_id(features: &[Feature]) -> FeatureId {
    FeatureId(features.len() as u32 + 1)
}

/// A find at a point.
pub(super) struct PointFind<'a> {
    pub(super) class: &'a str,
    pub(super) indicator: Indicator,
    pub(super) eo_category: EoCategory,
    pub(super) at: Coord,
    pub(super) confidence: f64,
    /// Length and width, metres.
    pub(super) size_m: [f64; 2],
    pub(super) model: &'static str,
}

impl PointFind<'_> {
    /// The feature with this number; its score is its confidence.
    pub(super) fn feature(self, id: FeatureId) -> Feature {
        Feature {
            id,
            class: self.class.into(),
            indicator: self.indicator,
            eo_category: self.eo_category,
            geometry: Point::from(self.at).into(),
            score: self.confidence as f32,
            confidence: self.confidence as f32,
            size_m: self.size_m,
            area_m2: 0.0,
            parts: vec![],
            orthomosaic: ORTHOMOSAIC.into(),
            model: self.model.into(),
            px: PX,
            detections: vec![DETECTION],
            also: vec![],
        }
    }
}
