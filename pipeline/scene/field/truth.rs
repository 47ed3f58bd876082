//! What is true of a field.

use geo::{LineString, MultiPolygon, Point};
use rams_domain::{EoCategory, Indicator};

/// What is there.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldTruth {
    /// Each mine and submunition within the field.
    pub items: Vec<TrueItem>,
    /// The ground that mines of a category occupy. Of a belt: from its first to its last row, wider
    /// by half the distance of rows (AP 2.5 m, AV 10 m), each row from its first to its last mine
    /// and half a distance in the row beyond. Of a mine without a pattern: a circle of 2.5 m (AP)
    /// or 5 m (AV). Of scattered mines: their hull, wider by 2.5 m. Submunitions have none: they
    /// are not recorded as perimeters.
    pub mined: Vec<(EoCategory, MultiPolygon)>,
    /// The direction that the defences face, degrees from true north; `None` without any.
    pub front_deg: Option<f64>,
    /// Centrelines of the earthworks.
    pub earthworks: Vec<(Indicator, LineString)>,
}

/// One mine or submunition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrueItem {
    /// Where.
    pub at: Point,
    /// What.
    pub eo_category: EoCategory,
    /// How it was laid.
    pub laid: Laid,
    /// Buried, covered or overgrown: no imagery shows it.
    pub hidden: bool,
}

/// How an item was laid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Laid {
    /// In a row of a belt.
    Row,
    /// Alone or in threes, without a pattern.
    Single,
    /// From a container.
    Scattered,
}
