//! Areas x truth -> how much of the mines they hold, and how much ground they take for it.
//!
//! A field is judged alone ([`AreaField::outcome`]), so that hundreds need not be kept; its tallies
//! add up ([`AreasEvaluation`]). Two figures pull against each other: the share of mines inside an
//! area, and the areas' ground over the true mined ground. Every way of drawing areas is therefore
//! given as a curve of the two over the least confidence that counts, and compared where 95 % are
//! inside.

mod agreement;
mod baseline;
mod by_class;
mod calibration;
mod edge;
mod evaluation;
mod figures;
pub(crate) mod format;
mod judge;
mod land_class;
mod mined_ground;
mod outlines;
mod plot;
mod row;
mod scan;
mod sums;
mod text;

pub use baseline::Baseline;
pub use by_class::{AgreementFigures, AreasByClass, LandClassCalibration};
pub use calibration::{AreaBin, AreaCalibration};
pub use evaluation::{AreasEvaluation, DoctrineFigures, FieldOutcome, MethodFigures};
pub use figures::{
    CmrFigures, EarthworksBeltFigures, FrontFigures, GroupFigures, LevelFigures, TierFigures,
};
pub use judge::JudgedField;
pub use land_class::LandClassFigures;
pub use mined_ground::mined_ground;
pub use row::AreaRow;
pub use sums::{AreaStep, At95, CategoryFigures};

use geo::{MultiPolygon, Point, Rect};
use rams_domain::{EoCategory, Feature, HazardArea, IndicationBelt};

/// One field: its truth, what was found in it, and the areas drawn from that. Geometry in metres.
#[derive(Debug, Clone, Copy)]
pub struct AreaField<'a> {
    /// Its name: a seed.
    pub name: &'a str,
    /// The whole of it.
    pub extent: Rect,
    /// Ground that was assessed.
    pub assessed: &'a MultiPolygon,
    /// Every mine and submunition in it.
    pub items: &'a [TrueOrdnance],
    /// The ground that mines of a category occupy.
    pub mined: &'a [(EoCategory, MultiPolygon)],
    /// Length of its fire trenches, metres.
    pub trench_m: f64,
    /// The direction that the defences face, degrees from north; `None` without any.
    pub front_deg: Option<f64>,
    /// What was found.
    pub features: &'a [Feature],
}

/// What one way of drawing made of the features of a field.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DrawnField {
    /// Suspected hazardous areas and indications.
    pub hazard_areas: Vec<HazardArea>,
    /// Belts of the indications.
    pub indication_belts: Vec<IndicationBelt>,
}

/// One mine or submunition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrueOrdnance {
    /// Where.
    pub at: Point,
    /// What.
    pub eo_category: EoCategory,
    /// What it is counted among besides: how it was laid, whether it could be seen.
    pub group: &'static str,
}

/// The categories of mines that are measured, in this order.
const MINES: [EoCategory; 2] = [EoCategory::ApMine, EoCategory::AvMine];

/// Whether an area of one category is the right one for an item of another.
fn fits(area: EoCategory, item: EoCategory) -> bool {
    area == item || area == EoCategory::MixedMine && MINES.contains(&item)
}

/// Whether an item makes an area that it lies in a right one: by its category, and every mine an
/// area of earthworks.
fn counts_for(area: EoCategory, item: EoCategory) -> bool {
    fits(area, item) || area == EoCategory::Unknown && MINES.contains(&item)
}

/// The least confidences at which areas are counted.
const CUTS: [f64; 25] = [
    0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97,
    0.98, 0.985, 0.99, 0.9925, 0.995, 0.997, 0.9985, 0.9995,
];

/// How many of the cuts a confidence passes.
fn passed(confidence: f64) -> usize {
    CUTS.iter().take_while(|cut| confidence >= **cut).count()
}
