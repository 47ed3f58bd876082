//! The rim of a mask without the staircase of its cells.

use geo::{Area, Coord, LineString, Polygon, coord};
use rams_domain::RasterSize;

/// Cells of a mask are taken to be no larger than so many pixels of the model's grid. Only a mask
/// without any step would seem to have larger ones.
const CELL_MOST_PX: f64 = 4.0;

/// The rings of a mask, mosaic pixels, ready to be cut into triangles.
pub(crate) struct Contour {
    /// Closed rings, the first position not repeated, in steps of a cell or less.
    pub(crate) rings: Vec<Vec<Coord>>,
    /// Side of a cell of the mask.
    pub(crate) cell_px: f64,
}

/// The rim of a mask, each corner cut by half a cell: a slanting row of steps becomes straight and
/// keeps its area.
///
/// Unlike a simplification this never makes rings cross: two corners lie at least a cell apart, so
/// what is cut at one cannot reach what is cut at another. Corners on the right and lower border of
/// the mosaic stay, since the last cell may be cut off there.
///
/// Holes smaller than the square of half the mask's mean width are filled: a line does not part to
/// run round them.
pub(crate) fn contour(exact: &Polygon, size: RasterSize, grid_px: f64) -> Contour {
    let cell_px = cell_px(exact, size, grid_px);
    let rings = || std::iter::once(exact.exterior()).chain(exact.interiors());
    let rim_px: f64 =
        rings().flat_map(|ring| ring.lines()).map(|line| line.dx().abs() + line.dy().abs()).sum();
    // Of a long strip the rim is twice its length, and so half its width is its area by its rim.
    let half_px = exact.unsigned_area() / rim_px;
    let is_kept =
        |ring: &LineString| Polygon::new(ring.clone(), vec![]).unsigned_area() >= half_px * half_px;
    let kept = std::iter::once(exact.exterior())
        .chain(exact.interiors().iter().filter(|hole| is_kept(hole)));
    let [right, bottom] = border(size);
    let is_cut_off = |at: Coord| at.x >= right || at.y >= bottom;
    Contour {
        rings: kept.map(|ring| in_steps(&rounded(ring, cell_px, is_cut_off), cell_px)).collect(),
        cell_px,
    }
}

/// The side of a mask's cells, mosaic pixels: the least distance between two of its corners along x
/// or y, [`CELL_MOST_PX`] of `grid_px` each at the most. It follows from the outline alone, so that
/// it is the same however the mask was cut into tiles.
pub(crate) fn cell_px(exact: &Polygon, size: RasterSize, grid_px: f64) -> f64 {
    let corners = || {
        std::iter::once(exact.exterior()).chain(exact.interiors()).flat_map(|ring| ring.coords())
    };
    let [right, bottom] = border(size);
    let gaps = [
        least_gap(corners().map(|c| c.x).filter(|x| *x < right)),
        least_gap(corners().map(|c| c.y).filter(|y| *y < bottom)),
    ];
    gaps.into_iter().fold(CELL_MOST_PX * grid_px, f64::min)
}

/// Where the last cell of a mosaic may be cut off.
fn border(size: RasterSize) -> [f64; 2] {
    /// Rounding of the last cell's edge, mosaic pixels.
    const ROUNDING: f64 = 1e-6;
    [f64::from(size.width) - ROUNDING, f64::from(size.height) - ROUNDING]
}

fn least_gap(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
        .windows(2)
        .map(|pair| pair[1] - pair[0])
        .filter(|gap| *gap > 0.0)
        .fold(f64::INFINITY, f64::min)
}

fn rounded(ring: &LineString, cell_px: f64, is_cut_off: impl Fn(Coord) -> bool) -> Vec<Coord> {
    let corners = &ring.0[..ring.0.len() - 1];
    let count = corners.len();
    let mut rounded = Vec::with_capacity(2 * count);
    for (i, &at) in corners.iter().enumerate() {
        if is_cut_off(at) {
            rounded.push(at);
        } else {
            rounded.push(towards(at, corners[(i + count - 1) % count], cell_px));
            rounded.push(towards(at, corners[(i + 1) % count], cell_px));
        }
    }
    rounded.dedup();
    if rounded.len() > 1 && rounded.first() == rounded.last() {
        rounded.pop();
    }
    rounded
}

/// Half a cell from a corner, or half-way where the edge is no longer than a cell: there the two
/// ends of the edge give the very same position.
fn towards(at: Coord, other: Coord, cell_px: f64) -> Coord {
    let length = (other.x - at.x).abs() + (other.y - at.y).abs();
    if length <= cell_px * (1.0 + 1e-9) {
        (at + other) / 2.0
    } else {
        at + (other - at) * (cell_px / 2.0 / length)
    }
}

fn in_steps(ring: &[Coord], step: f64) -> Vec<Coord> {
    let mut stepped = Vec::with_capacity(ring.len());
    for (i, &from) in ring.iter().enumerate() {
        let to = ring[(i + 1) % ring.len()];
        let count = ((to.x - from.x).hypot(to.y - from.y) / step - 1e-9).ceil().max(1.0);
        let at = |k: f64| {
            coord! {
                x: from.x + (to.x - from.x) * k / count,
                y: from.y + (to.y - from.y) * k / count,
            }
        };
        stepped.extend((0..count as u32).map(|k| at(f64::from(k))));
    }
    stepped
}
