//! Oriented boxes and instance masks -> one probability map, as a segmentation model gives it.
//!
//! Each pixel takes the best score of the finds that cover it. So a dozen boxes around one trench
//! are one trench, and one that crosses a seam continues in the next tile.

use crate::raw_detection::RawDetection;
use ndarray::{Array2, ArrayView2, ArrayView3};
use std::ops::Range;

/// What instance masks are mixed from: a row of coefficients for each detection of the list, one
/// for each prototype, and the prototypes' planes, `(prototype, row, column)`.
pub(crate) struct Prototypes<'a> {
    pub(crate) coefficients: ArrayView2<'a, f32>,
    pub(crate) planes: ArrayView3<'a, f32>,
}

/// Paints detections of one class on a tile of some rows and columns; at the scale of the
/// prototypes, if there are any. The scores of the plane are those of the best detections.
pub(crate) fn paint_masks(
    detections: &[&RawDetection],
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
    for detection in detections {
        let bounds = detection.bounds.bounds();
        let (xs, ys) =
            (cells(bounds.x0, bounds.x1, cell.0, cols), cells(bounds.y0, bounds.y1, cell.1, rows));
        let is_on = |row: usize, col: usize| {
            let (x, y) = ((col as f64 + 0.5) * cell.0, (row as f64 + 0.5) * cell.1);
            let is_in = detection.bounds.holds(x, y);
            is_in && masks.as_ref().is_none_or(|masks| masks.covers(detection.rank, row, col))
        };
        let all = || ys.clone().flat_map(|row| xs.clone().map(move |col| (row, col)));
        let mut on: Vec<(usize, usize)> = all().filter(|(row, col)| is_on(*row, *col)).collect();
        if on.is_empty() {
            // Too small for its cells, or a mask without a pixel: its box is there nonetheless.
            on = all().collect();
        }
        for at in on {
            plane[at] = detection.score.max(plane[at]);
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
    /// Whether the mask of the detection of a rank is likelier than not at a cell: its log-odds are
    /// above 0.
    fn covers(&self, rank: usize, row: usize, col: usize) -> bool {
        let coefficients = self.coefficients.row(rank);
        coefficients
            .iter()
            .enumerate()
            .map(|(plane, coefficient)| coefficient * self.planes[(plane, row, col)])
            .sum::<f32>()
            > 0.0
    }
}
