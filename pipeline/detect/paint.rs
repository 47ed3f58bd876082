//! Oriented boxes and instance masks -> one probability map, as a segmentation model gives it.
//!
//! Each pixel takes the best score of the finds that cover it. So a dozen boxes around one trench
//! are one trench, and one that crosses a seam continues in the next tile.

use crate::decode::Found;
use ndarray::{Array2, ArrayView2, ArrayView3};
use rams_domain::PxBox;
use std::ops::Range;

/// A box in tile pixels, turned by an angle, radians, from the x axis towards the y axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) centre: (f64, f64),
    pub(crate) size: (f64, f64),
    pub(crate) angle: f64,
}

/// What instance masks are mixed from: a row of shares for each find, planes `(prototype, row,
/// column)`.
pub(crate) struct Prototypes<'a> {
    pub(crate) shares: ArrayView2<'a, f32>,
    pub(crate) planes: ArrayView3<'a, f32>,
}

/// Paints finds of one class on a tile of some rows and columns; at the scale of the prototypes, if
/// there are any.
pub(crate) fn paint(
    found: &[&Found],
    masks: Option<Prototypes<'_>>,
    (tile_rows, tile_cols): (usize, usize),
) -> Result<Array2<f32>, String> {
    let (rows, cols) = masks.as_ref().map_or((tile_rows, tile_cols), |masks| {
        let (_, rows, cols) = masks.planes.dim();
        (rows, cols)
    });
    if rows == 0 || cols == 0 {
        return Err("prototypes of masks without pixels".into());
    }
    let cell = (tile_cols as f64 / cols as f64, tile_rows as f64 / rows as f64);
    let mut plane = Array2::zeros((rows, cols));
    for find in found {
        let bounds = find.place.bounds();
        let (xs, ys) =
            (cells(bounds.x0, bounds.x1, cell.0, cols), cells(bounds.y0, bounds.y1, cell.1, rows));
        let is_on = |row: usize, col: usize| {
            let (x, y) = ((col as f64 + 0.5) * cell.0, (row as f64 + 0.5) * cell.1);
            let is_in = find.place.holds(x, y);
            is_in && masks.as_ref().is_none_or(|masks| masks.covers(find.item, row, col))
        };
        let all = || ys.clone().flat_map(|row| xs.clone().map(move |col| (row, col)));
        let mut on: Vec<(usize, usize)> = all().filter(|(row, col)| is_on(*row, *col)).collect();
        if on.is_empty() {
            // Too small for its cells, or a mask without a pixel: its box is there nonetheless.
            on = all().collect();
        }
        for at in on {
            plane[at] = find.score.max(plane[at]);
        }
    }
    Ok(plane)
}

/// The cells that a stretch touches, within the plane.
fn cells(from: f64, to: f64, side: f64, count: usize) -> Range<usize> {
    let within = |at: f64| at.clamp(0.0, count as f64) as usize;
    within((from / side).floor())..within((to / side).ceil())
}

impl Prototypes<'_> {
    /// Whether the mask of a find is likelier than not at a cell: its log-odds are above 0.
    fn covers(&self, item: usize, row: usize, col: usize) -> bool {
        let shares = self.shares.row(item);
        shares
            .iter()
            .enumerate()
            .map(|(plane, share)| share * self.planes[(plane, row, col)])
            .sum::<f32>()
            > 0.0
    }
}

impl Place {
    /// The upright box around it.
    pub(crate) fn bounds(&self) -> PxBox {
        let (sin, cos) = self.angle.sin_cos();
        let (width, height) = self.size;
        // An upright box keeps its sides exactly, the wrong way round too: that is a sign of
        // trouble.
        let (x, y) = if self.angle == 0.0 {
            (width / 2.0, height / 2.0)
        } else {
            (
                ((width * cos).abs() + (height * sin).abs()) / 2.0,
                ((width * sin).abs() + (height * cos).abs()) / 2.0,
            )
        };
        PxBox {
            x0: self.centre.0 - x,
            y0: self.centre.1 - y,
            x1: self.centre.0 + x,
            y1: self.centre.1 + y,
        }
    }

    /// Whether it can be a box in pixels: sides below a pixel, or the wrong way round, are the sign
    /// of another layout or of coordinates from 0 to 1, and all such finds would be lost.
    pub(crate) fn has_area(&self) -> bool {
        self.size.0 >= 1.0 && self.size.1 >= 1.0
    }

    fn holds(&self, x: f64, y: f64) -> bool {
        let (sin, cos) = self.angle.sin_cos();
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        (dx * cos + dy * sin).abs() <= self.size.0 / 2.0
            && (dy * cos - dx * sin).abs() <= self.size.1 / 2.0
    }
}
