//! An area as people drew it elsewhere.

use crate::EoCategory;
use geo::MultiPolygon;

/// A row of a file of areas: one of the review, or a new one.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaRow {
    /// Which row it is, for people: `row 3`.
    pub row: String,
    /// The item: `A0001` or `N0001`; empty of a new one.
    pub item: String,
    /// The id that is the same in every export; may be empty.
    pub guid: String,
    /// The version that was drawn on; `None` of a copy of the survey.
    pub version: Option<u64>,
    /// Its category, where the row says one.
    pub eo_category: Option<EoCategory>,
    /// Its outline in the survey's CRS, valid.
    pub boundary: MultiPolygon,
}
