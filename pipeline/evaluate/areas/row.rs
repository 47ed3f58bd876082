//! One area with what a calibration is fitted on.

use super::{MINES, fits};
use rams_domain::{AreaKind, EoCategory, LandClass, Threat, Tier};
use serde::Serialize;

/// One area and whether it is right: what a calibration is fitted on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AreaRow {
    /// Name of the field.
    pub field: String,
    /// Its number in the field.
    pub area: u32,
    /// SHA or indication.
    pub land_class: LandClass,
    /// Perimeter or envelope.
    pub kind: AreaKind,
    /// Its category.
    pub eo_category: EoCategory,
    /// Its threat level.
    pub threat: Threat,
    /// Its confidence.
    pub confidence: f64,
    /// What that amounts to.
    pub tier: Option<Tier>,
    /// Whether it holds an item of its category; of the category UNKNOWN, whether any mine lies in
    /// it or in its belt.
    pub real: bool,
    /// How many it holds.
    pub items: usize,
    /// Features it stands on.
    pub features: usize,
    /// The sum of -ln(1 - p) over its features, p at most 0.9999.
    pub evidence: f64,
    /// The most confident of its features.
    pub strongest: f64,
    /// Mine rows recognised in it.
    pub rows: u32,
    /// Square metres.
    pub area_m2: f64,
    /// Square metres of it on assessed ground.
    pub assessed_m2: f64,
}

impl AreaRow {
    /// Whether it is an area of mines with a perimeter.
    pub(super) fn is_of_mines(&self) -> bool {
        self.kind == AreaKind::Perimeter && MINES.iter().any(|mine| fits(self.eo_category, *mine))
    }
}
