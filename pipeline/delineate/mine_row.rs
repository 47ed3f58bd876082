//! A mine row.

use geo::LineString;

/// Mines that lie on a line at the spacing of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MineRow {
    /// Indices of its mines among the evidence of their category, from end to end.
    pub(crate) members: Vec<usize>,
    /// From beyond its first mine to beyond its last, local metres.
    pub(crate) line: LineString,
    /// Distance of neighbours, the median, metres.
    pub(crate) spacing_m: f64,
    /// Root mean square of how far its distances depart from the spacing or a multiple of it, in
    /// spacings; 0 of a row by the ruler.
    pub(crate) irregular: f64,
    /// Sum of the probabilities of its mines.
    pub(crate) mines: f64,
}
