//! Where a window holds an image: judged on the file's own pixels, never on averages of them, in
//! which one pixel of image would hide its missing neighbours.

use crate::{marker::Marker, window::touched};
use gdal::Dataset;
use ndarray::{Array2, s};
use rams_domain::{Grid, GridRect, PxBox};
use std::ops::Range;

/// Pixels of the file that are looked at in one go.
const STRIP_PX: usize = 4_000_000;

/// Validity of a rectangle of the grid, (row, column): a grid pixel is valid if every mosaic pixel
/// that it touches is.
pub(crate) fn valid(
    dataset: &Dataset,
    markers: &[Marker],
    grid: &Grid,
    rect: &GridRect,
) -> Result<Array2<bool>, String> {
    let mut valid = Array2::from_elem((rect.height(), rect.width()), true);
    let [scale_x, scale_y] = grid.scale();
    let (raster_width, raster_height) = dataset.raster_size();
    let of = |at: i64, scale: f64, raster: usize| {
        touched(at as f64 * scale, (at + 1) as f64 * scale, raster)
    };
    let cols: Vec<Range<usize>> =
        (rect.x0..rect.x1).map(|x| of(x, scale_x, raster_width)).collect();
    let rows: Vec<Range<usize>> =
        (rect.y0..rect.y1).map(|y| of(y, scale_y, raster_height)).collect();
    let (Some(left), Some(right)) = (cols.first().map(|c| c.start), cols.last().map(|c| c.end))
    else {
        return Ok(valid);
    };
    let per_strip = (STRIP_PX as f64 / ((right - left) as f64 * scale_y.max(1.0))).ceil() as usize;
    for (strip, rows) in rows.chunks(per_strip).enumerate() {
        let (top, bottom) = (rows[0].start, rows[rows.len() - 1].end);
        let [x0, x1, y0, y1] = [left, right, top, bottom].map(|edge| edge as f64);
        let (window, width) = (PxBox { x0, y0, x1, y1 }, right - left);
        let first = strip * per_strip;
        let mut valid = valid.slice_mut(s![first..first + rows.len(), ..]);
        for marker in markers {
            let image = marker.read(dataset, &window, (width, bottom - top))?;
            if !image.contains(&true) {
                // The other markers cannot bring it back.
                valid.fill(false);
                break;
            }
            if !image.contains(&false) {
                continue;
            }
            for (row, ys) in rows.iter().enumerate() {
                // Down first, whole lines at once.
                let mut lines = image.chunks_exact(width).take(ys.end - top).skip(ys.start - top);
                let mut line = lines.next().unwrap_or_default().to_vec();
                for below in lines {
                    line.iter_mut().zip(below).for_each(|(all, is_image)| *all &= is_image);
                }
                for (col, xs) in cols.iter().enumerate() {
                    valid[(row, col)] &= !line[xs.start - left..xs.end - left].contains(&false);
                }
            }
        }
    }
    Ok(valid)
}
