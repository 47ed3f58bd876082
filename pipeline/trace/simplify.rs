//! Fewer corners for a mask's outline, never an invalid polygon.

use crate::contour::cell_px;
use geo::{Area, Polygon, Simplify, unary_union};
use rams_domain::RasterSize;

/// How far a corner may lie from what remains without it, in cells of the mask: as far as its
/// staircase reaches.
pub(crate) const SMOOTH_CELLS: f64 = 0.75;

/// The outline without the staircase of its cells. Where that would make rings cross, the exact
/// outline is returned instead. `grid_px` is one pixel of the model's grid.
pub(crate) fn simplify(exact: &Polygon, size: RasterSize, grid_px: f64) -> Polygon {
    let simple = exact.simplify(SMOOTH_CELLS * cell_px(exact, size, grid_px));
    if is_sound(&simple) { simple } else { exact.clone() }
}

/// Whether the polygon is its own union. Crossing rings, a hole outside, or a second part would
/// change its area; `geo`'s validation says as much but compares every pair of edges, which takes
/// minutes for a trench of 100,000 corners.
fn is_sound(polygon: &Polygon) -> bool {
    /// Share of the area that snapping to the overlay's 32-bit lattice may change.
    const SNAP: f64 = 1e-6;
    let rings = || std::iter::once(polygon.exterior()).chain(polygon.interiors());
    if rings().any(|ring| ring.0.len() < 4) {
        return false;
    }
    let union = unary_union([polygon]);
    let is_one = union.0.len() == 1 && union.0[0].interiors().len() == polygon.interiors().len();
    let area = polygon.signed_area();
    is_one && area > 0.0 && (union.unsigned_area() - area).abs() <= SNAP * area
}
