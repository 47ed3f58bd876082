//! A probability map -> one mask per connected segment of a tile's core.

use crate::decode::number;
use ndarray::{ArrayView2, ArrayView3, Axis, s};
use rams_domain::{Class, Detection, Grid, GridRect, PlannedTile, Shape, Tile};

/// A row of mask pixels above the threshold, `[x0, x1)`, with the sum of their probabilities.
struct Run {
    y: usize,
    x0: usize,
    x1: usize,
    sum: f64,
}

/// Segments of each class within the core, on pixels with image. The score of a segment is the
/// mean probability of its pixels; whether it is a find shows once all its tiles are seen.
pub(crate) fn decode(
    probability: ArrayView3<'_, f32>,
    classes: &[Class],
    tile: &Tile,
    grid: &Grid,
) -> Result<Vec<Detection>, String> {
    let (count, rows, cols) = probability.dim();
    let (tile_rows, tile_cols) = tile.valid.dim();
    let PlannedTile { core, read, .. } = tile.planned;
    let stride = tile_rows.checked_div(rows).unwrap_or(0);
    let offset = ((core.x0 - read.x0) as usize, (core.y0 - read.y0) as usize);
    if count != classes.len() || stride == 0 || (rows * stride, cols * stride) != (tile_rows, tile_cols) {
        return Err(format!(
            "masks of {count} x {rows} x {cols}, {} classes on a divisor of {tile_rows} x {tile_cols} px are expected",
            classes.len()
        ));
    }
    if !offset.0.is_multiple_of(stride) || !offset.1.is_multiple_of(stride) {
        return Err(format!("masks of one pixel in {stride} do not line up with a halo of {} px", offset.0));
    }
    if probability.iter().any(|value| !value.is_finite()) {
        return Err("masks that are not finite".into());
    }
    let mut found = vec![];
    for (class, (spec, plane)) in classes.iter().zip(probability.axis_iter(Axis(0))).enumerate() {
        for segment in segments(&runs(plane, spec.pixel_threshold.unwrap_or(spec.threshold), tile, stride)) {
            let (pixels, sum) = segment.iter().fold((0, 0.0), |(n, s), run| (n + run.x1 - run.x0, s + run.sum));
            let boxes = stack(&segment).into_iter().map(|(x0, y0, x1, y1)| {
                let side = |at: usize, origin: i64| (at * stride) as i64 + origin;
                let rect = GridRect {
                    x0: side(x0, read.x0),
                    y0: side(y0, read.y0),
                    x1: side(x1, read.x0),
                    y1: side(y1, read.y0),
                };
                grid.rect_to_mosaic(&rect.clip(&core))
            });
            found.push((Shape::Mask(boxes.collect()), class, (sum / pixels as f64) as f32));
        }
    }
    Ok(number(found.into_iter(), tile))
}

/// Runs of one class in the core, row by row.
fn runs(plane: ArrayView2<'_, f32>, threshold: f32, tile: &Tile, stride: usize) -> Vec<Run> {
    let PlannedTile { core, read, .. } = tile.planned;
    let rows = (core.y0 - read.y0) as usize / stride..((core.y1 - read.y0) as usize).div_ceil(stride);
    let cols = (core.x0 - read.x0) as usize / stride..((core.x1 - read.x0) as usize).div_ceil(stride);
    let mut runs: Vec<Run> = vec![];
    for y in rows {
        let mut open = false;
        for x in cols.clone() {
            let value = plane[(y, x)];
            let cell = s![y * stride..(y + 1) * stride, x * stride..(x + 1) * stride];
            let hit = value >= threshold && tile.valid.slice(cell).iter().any(|valid| *valid);
            match runs.last_mut() {
                Some(run) if hit && open => {
                    run.x1 = x + 1;
                    run.sum += f64::from(value);
                }
                _ if hit => runs.push(Run { y, x0: x, x1: x + 1, sum: f64::from(value) }),
                _ => {}
            }
            open = hit;
        }
    }
    runs
}

/// Groups runs that touch along an edge, in the order of each group's first run.
fn segments(runs: &[Run]) -> Vec<Vec<&Run>> {
    let mut group: Vec<usize> = (0..runs.len()).collect();
    fn root(group: &mut [usize], mut at: usize) -> usize {
        while group[at] != at {
            group[at] = group[group[at]];
            at = group[at];
        }
        at
    }
    let mut above = 0;
    for at in 0..runs.len() {
        while runs[above].y + 1 < runs[at].y || (runs[above].y + 1 == runs[at].y && runs[above].x1 <= runs[at].x0) {
            above += 1;
        }
        let touching = (above..at).take_while(|other| runs[*other].y < runs[at].y && runs[*other].x0 < runs[at].x1);
        for other in touching {
            let (a, b) = (root(&mut group, at), root(&mut group, other));
            group[a.max(b)] = a.min(b);
        }
    }
    let mut segments: Vec<Vec<&Run>> = vec![];
    let mut place = vec![usize::MAX; runs.len()];
    for (at, run) in runs.iter().enumerate() {
        let root = root(&mut group, at);
        if place[root] == usize::MAX {
            place[root] = segments.len();
            segments.push(vec![]);
        }
        segments[place[root]].push(run);
    }
    segments
}

/// Runs of the same extent in consecutive rows become one box: a quarter of the boxes or fewer.
fn stack(segment: &[&Run]) -> Vec<(usize, usize, usize, usize)> {
    let mut boxes: Vec<(usize, usize, usize, usize)> = vec![];
    for run in segment {
        let below = |(x0, _, x1, y1): &(usize, usize, usize, usize)| (*x0, *x1, *y1) == (run.x0, run.x1, run.y);
        match boxes.iter_mut().rev().take(4).find(|candidate| below(candidate)) {
            Some(above) => above.3 += 1,
            None => boxes.push((run.x0, run.y, run.x1, run.y + 1)),
        }
    }
    boxes
}
