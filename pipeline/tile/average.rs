//! Pixels -> fewer pixels, each the average of the ground that it covers.
//!
//! As GDAL's own averaging makes them, to a rounding, but for the first row and column of a window
//! of fractional pixels, which it weighs as if they were whole: a pixel must not depend on the
//! window that it is read in. GDAL also goes through a window band by band, and decodes each block
//! three times where the cache does not hold them all.

use crate::window::touched;
use rams_domain::PxBox;
use std::ops::Range;

/// What a pixel of the result covers along one axis.
struct Span {
    source: Range<usize>,
    /// The share that each pixel of the source has in it; all of them make 1.
    shares: Vec<f32>,
}

/// Averages a window, in pixels of `source`, to another size. Both hold red, green and blue side by
/// side, row by row; `source` is `source_width` pixels wide.
pub(crate) fn average(
    source: &[u8],
    source_width: usize,
    window: &PxBox,
    (width, height): (usize, usize),
    averages: &mut [u8],
) {
    let columns = spans(window.x0, window.x1, width, source_width);
    let rows = spans(window.y0, window.y1, height, source.len() / (3 * source_width));
    let mut sums = vec![0.0f32; 3 * source_width];
    for (row, averages) in rows.iter().zip(averages.chunks_exact_mut(3 * width)) {
        sums.fill(0.0);
        let lines = source.chunks_exact(3 * source_width).skip(row.source.start);
        for (share, line) in row.shares.iter().zip(lines) {
            sums.iter_mut().zip(line).for_each(|(sum, value)| *sum += share * f32::from(*value));
        }
        for (column, average) in columns.iter().zip(averages.chunks_exact_mut(3)) {
            let sums = sums[3 * column.source.start..3 * column.source.end].chunks_exact(3);
            let [mut red, mut green, mut blue] = [0.5f32; 3];
            for (share, sum) in column.shares.iter().zip(sums) {
                red += share * sum[0];
                green += share * sum[1];
                blue += share * sum[2];
            }
            average.copy_from_slice(&[red as u8, green as u8, blue as u8]);
        }
    }
}

/// `count` spans of one length from `start` to `end`, of `pixels` pixels.
fn spans(start: f64, end: f64, count: usize, pixels: usize) -> Vec<Span> {
    let length = (end - start) / count as f64;
    let span = |at: usize| {
        let (from, to) = (start + at as f64 * length, start + (at + 1) as f64 * length);
        let source = touched(from, to, pixels);
        let within = |px: usize| to.min((px + 1) as f64) - from.max(px as f64);
        let covered: f64 = source.clone().map(within).sum();
        let shares = source.clone().map(|px| (within(px) / covered) as f32).collect();
        Span { source, shares }
    };
    (0..count).map(span).collect()
}
