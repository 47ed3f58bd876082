//! Probability maps or labels of classes -> one mask per connected segment of a tile's core.

use crate::unnumbered_detection::UnnumberedDetection;
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, ArrayViewD, Axis, CowArray, Ix3, s};
use rams_domain::{Class, DisjointSets, Grid, GridRect, PlannedTile, Shape, Tile};
use rams_model::{Activation, Layout, Output};

/// A row of mask pixels above the threshold, `[x0, x1)`, with the sum of their probabilities.
struct Run {
    y: usize,
    x0: usize,
    x1: usize,
    sum: f64,
}

/// Segments of each class within the core, on pixels with image.
pub(crate) fn decode(
    output: &Output,
    values: &ArrayViewD<'_, f32>,
    classes: &[Class],
    tile: &Tile,
    grid: &Grid,
) -> Result<Vec<UnnumberedDetection>, String> {
    if values.iter().any(|value| !value.is_finite()) {
        return Err("masks that are not finite".into());
    }
    let classes_of =
        || output.classes.iter().enumerate().filter_map(|(index, class)| Some((index, (*class)?)));
    let mut found = vec![];
    if output.layout == Layout::Labels {
        let labels = labels(values, output.classes.len())?;
        for (index, class) in classes_of() {
            let plane = labels.mapv(|label| if label == index as f32 { LABEL } else { 0.0 });
            found.extend(segments_of(class, &classes[class], plane.view(), tile, grid)?);
        }
    } else {
        let planes = probabilities(output, values)?;
        for (index, class) in classes_of() {
            let plane = planes.index_axis(Axis(0), index);
            found.extend(segments_of(class, &classes[class], plane, tile, grid)?);
        }
    }
    Ok(found)
}

/// What a label is worth as a probability: of two classes or more it was the likeliest.
const LABEL: f32 = 0.5;

/// The numbers of the likeliest classes, row by row.
fn labels(values: &ArrayViewD<'_, f32>, count: usize) -> Result<Array2<f32>, String> {
    let size = match values.shape()[..] {
        [rows, cols] | [1, rows, cols] | [rows, cols, 1] => (rows, cols),
        _ => return Err(format!("output of shape {:?} is not what Labels means", values.shape())),
    };
    if let Some(label) =
        values.iter().find(|label| label.fract() != 0.0 || **label < 0.0 || **label >= count as f32)
    {
        return Err(format!("label {label}, there are {count} classes"));
    }
    Array2::from_shape_vec(size, values.iter().copied().collect())
        .map_err(|error| error.to_string())
}

/// A plane of probabilities for each class, whichever way round they were exported.
fn probabilities<'a>(
    output: &Output,
    values: &'a ArrayViewD<'_, f32>,
) -> Result<CowArray<'a, f32, Ix3>, String> {
    let (count, shape) = (output.classes.len(), values.shape().to_vec());
    let planes = match (values.ndim(), count) {
        (2, 1) => values.view().insert_axis(Axis(0)),
        (3, _) if shape[0] != count && shape[2] == count => {
            values.view().permuted_axes(vec![2, 0, 1])
        }
        _ => values.view(),
    };
    let planes =
        planes.into_dimensionality::<Ix3>().ok().filter(|planes| planes.len_of(Axis(0)) == count);
    let planes = planes
        .ok_or_else(|| format!("masks of {}, {count} classes are expected", times(&shape)))?;
    let planes: CowArray<'a, f32, Ix3> = match output.activation {
        None | Some(Activation::None) => planes.into(),
        Some(Activation::Sigmoid) => planes.mapv(|value| 1.0 / (1.0 + (-value).exp())).into(),
        Some(Activation::Softmax) => softmax(planes).into(),
    };
    if let Some(value) = planes.iter().find(|value| !(-LENIENCY..=1.0 + LENIENCY).contains(*value))
    {
        return Err(format!(
            "a value of {value} in a mask: probabilities run from 0 to 1; give output.activation, \
             softmax or sigmoid"
        ));
    }
    Ok(planes)
}

/// Half precision rounds a probability of one up.
const LENIENCY: f32 = 1e-3;

fn softmax(planes: ArrayView3<'_, f32>) -> Array3<f32> {
    let mut planes = planes.to_owned();
    for mut pixel in planes.lanes_mut(Axis(0)) {
        let most = pixel.fold(f32::NEG_INFINITY, |most, value| most.max(*value));
        pixel.mapv_inplace(|value| (value - most).exp());
        let sum = pixel.sum();
        pixel.mapv_inplace(|value| value / sum);
    }
    planes
}

fn times(shape: &[usize]) -> String {
    shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x ")
}

/// Segments of one class. The score of a segment is the mean probability of its pixels; whether it
/// is a find shows once all its tiles are seen.
pub(crate) fn segments_of(
    class: usize,
    spec: &Class,
    plane: ArrayView2<'_, f32>,
    tile: &Tile,
    grid: &Grid,
) -> Result<Vec<UnnumberedDetection>, String> {
    let (rows, cols) = plane.dim();
    let (tile_rows, tile_cols) = tile.valid.dim();
    let PlannedTile { core, read, .. } = tile.planned;
    let stride = tile_rows.checked_div(rows).unwrap_or(0);
    let offset = ((core.x0 - read.x0) as usize, (core.y0 - read.y0) as usize);
    if stride == 0 || (rows * stride, cols * stride) != (tile_rows, tile_cols) {
        return Err(format!(
            "masks of {rows} x {cols}, a divisor of {tile_rows} x {tile_cols} px is expected"
        ));
    }
    if !offset.0.is_multiple_of(stride) || !offset.1.is_multiple_of(stride) {
        return Err(format!(
            "masks of one pixel in {stride} do not line up with a halo of {} px",
            offset.0
        ));
    }
    let runs = runs(plane, spec.pixel_threshold.unwrap_or(spec.threshold.sensitive), tile, stride);
    let segment = |segment: Vec<&Run>| {
        let (pixels, sum) =
            segment.iter().fold((0, 0.0), |(n, s), run| (n + run.x1 - run.x0, s + run.sum));
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
        let shape = Shape::Mask(boxes.collect());
        let score = (sum / pixels as f64) as f32;
        UnnumberedDetection { class, score, shape, embedding: None }
    };
    Ok(segments(&runs).into_iter().map(segment).collect())
}

/// Runs of one class in the core, row by row.
fn runs(plane: ArrayView2<'_, f32>, threshold: f32, tile: &Tile, stride: usize) -> Vec<Run> {
    let PlannedTile { core, read, .. } = tile.planned;
    let rows =
        (core.y0 - read.y0) as usize / stride..((core.y1 - read.y0) as usize).div_ceil(stride);
    let cols =
        (core.x0 - read.x0) as usize / stride..((core.x1 - read.x0) as usize).div_ceil(stride);
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
    let mut sets = DisjointSets::new(runs.len());
    let mut above = 0;
    for at in 0..runs.len() {
        while runs[above].y + 1 < runs[at].y
            || (runs[above].y + 1 == runs[at].y && runs[above].x1 <= runs[at].x0)
        {
            above += 1;
        }
        let touching = (above..at)
            .take_while(|other| runs[*other].y < runs[at].y && runs[*other].x0 < runs[at].x1);
        touching.for_each(|other| _ = sets.join(at, other));
    }
    sets.sets().into_iter().map(|set| set.into_iter().map(|at| &runs[at]).collect()).collect()
}

/// Runs of the same extent in consecutive rows become one box: a quarter of the boxes or fewer.
fn stack(segment: &[&Run]) -> Vec<(usize, usize, usize, usize)> {
    let mut boxes: Vec<(usize, usize, usize, usize)> = vec![];
    for run in segment {
        let below = |(x0, _, x1, y1): &(usize, usize, usize, usize)| {
            (*x0, *x1, *y1) == (run.x0, run.x1, run.y)
        };
        match boxes.iter_mut().rev().take(4).find(|candidate| below(candidate)) {
            Some(above) => above.3 += 1,
            None => boxes.push((run.x0, run.y, run.x1, run.y + 1)),
        }
    }
    boxes
}
