//! A model's output for one tile -> [`Detection`]s in mosaic pixels.

use crate::{manifest::Layout, mask};
use ndarray::{ArrayView2, ArrayView3, ArrayViewD, Ix2, Ix3, s};
use rams_domain::{Class, Detection, DetectionId, Grid, PlannedTile, PxBox, Shape, Tile};

/// How far beyond the core a box's centre may lie, grid pixels. A centre that jitters across a seam
/// would be disowned by both tiles if ownership were strict; seen twice, it is merged by `trace`.
const BEYOND_CORE_PX: f64 = 8.0;

/// What a model says of one tile.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// What it saw.
    pub detections: Vec<Detection>,
    /// How many finds the output has room for, if it is full of finds: there may be more that it
    /// had no room to list, so the tile does not count as assessed.
    pub full_at: Option<usize>,
}

/// Reads what a model says of one tile. The error says what is wrong with the output.
pub(crate) fn decode(
    layout: Layout,
    output: ArrayViewD<'_, f32>,
    classes: &[Class],
    tile: &Tile,
    grid: &Grid,
) -> Result<Sighting, String> {
    let shape = output.shape().to_vec();
    let unexpected = |_| format!("output of shape {shape:?} is not what {layout:?} means");
    let found = match layout {
        Layout::Boxes => boxes(output.into_dimensionality::<Ix2>().map_err(unexpected)?, classes)?,
        Layout::Yolo => yolo(output.into_dimensionality::<Ix2>().map_err(unexpected)?, classes)?,
        Layout::Mask => {
            let probability: ArrayView3<'_, f32> = output.into_dimensionality::<Ix3>().map_err(unexpected)?;
            return Ok(Sighting { detections: mask::decode(probability, classes, tile, grid)?, full_at: None });
        }
    };
    if let Some((bounds, _, score)) = found.iter().find(|(bounds, _, _)| !has_area(bounds)) {
        return Err(format!("a find of score {score:.2} without area in pixels: {bounds:?}"));
    }
    let full_at = (layout == Layout::Boxes && found.len() == shape[0]).then_some(shape[0]);
    let owned = found.into_iter().filter(|(bounds, _, _)| is_owned(bounds, tile));
    let placed = owned.map(|(bounds, class, score)| (to_mosaic(&bounds, &tile.planned, grid), class, score));
    let detections = number(placed.map(|(bounds, class, score)| (Shape::Box(bounds), class, score)), tile);
    Ok(Sighting { detections, full_at })
}

/// Gives detections of a tile their names, in the order in which the model lists them.
pub(crate) fn number(found: impl Iterator<Item = (Shape, usize, f32)>, tile: &Tile) -> Vec<Detection> {
    let id = |index: usize| DetectionId { tile: tile.planned.id, index: index as u32 };
    found.enumerate().map(|(index, (shape, class, score))| Detection { id: id(index), class, score, shape }).collect()
}

/// A box in tile pixels, its class and its score.
type Found = (PxBox, usize, f32);

fn boxes(rows: ArrayView2<'_, f32>, classes: &[Class]) -> Result<Vec<Found>, String> {
    let mut found = vec![];
    for row in rows.outer_iter() {
        let [x0, y0, x1, y1, score, class] = row
            .iter()
            .copied()
            .collect::<Vec<_>>()
            .try_into()
            .map_err(|row: Vec<f32>| format!("a box of {} values, 6 are expected", row.len()))?;
        if row.iter().any(|value| !value.is_finite()) {
            return Err(format!("a box that is not finite: {row}"));
        }
        let Some(threshold) = classes.get(class as usize).map(|class| class.threshold) else {
            return Err(format!("class index {class}, there are {} classes", classes.len()));
        };
        if score >= threshold {
            let [x0, y0, x1, y1] = [x0, y0, x1, y1].map(f64::from);
            found.push((PxBox { x0, y0, x1, y1 }, class as usize, score));
        }
    }
    Ok(found)
}

fn yolo(columns: ArrayView2<'_, f32>, classes: &[Class]) -> Result<Vec<Found>, String> {
    if columns.nrows() != 4 + classes.len() {
        return Err(format!("{} rows, 4 + {} classes are expected", columns.nrows(), classes.len()));
    }
    let mut found = vec![];
    for column in columns.columns() {
        if column.iter().any(|value| !value.is_finite()) {
            return Err(format!("a box that is not finite: {column}"));
        }
        let [cx, cy, w, h] = [0, 1, 2, 3].map(|row| f64::from(column[row]));
        let bounds = PxBox { x0: cx - w / 2.0, y0: cy - h / 2.0, x1: cx + w / 2.0, y1: cy + h / 2.0 };
        for (class, spec) in classes.iter().enumerate() {
            if column[4 + class] >= spec.threshold {
                found.push((bounds, class, column[4 + class]));
            }
        }
    }
    Ok(found)
}

/// Whether a box can be one in pixels: sides below a pixel, or the wrong way round, are the sign of
/// another layout or of coordinates from 0 to 1, and all such finds would be lost.
fn has_area(bounds: &PxBox) -> bool {
    bounds.x1 - bounds.x0 >= 1.0 && bounds.y1 - bounds.y0 >= 1.0
}

/// Whether the box's centre lies in the core, or a little beyond, and half of its pixels or more
/// have an image: a hole in an object does not hide it.
fn is_owned(bounds: &PxBox, tile: &Tile) -> bool {
    let PlannedTile { core, read, .. } = tile.planned;
    let centre = bounds.centre();
    let (x, y) = (centre.x + read.x0 as f64, centre.y + read.y0 as f64);
    let within = |value: f64, least: i64, most: i64| {
        value >= least as f64 - BEYOND_CORE_PX && value < most as f64 + BEYOND_CORE_PX
    };
    let in_core = within(x, core.x0, core.x1) && within(y, core.y0, core.y1);
    in_core && share_with_image(bounds, tile) >= 0.5
}

fn share_with_image(bounds: &PxBox, tile: &Tile) -> f64 {
    let (rows, cols) = tile.valid.dim();
    let range = |from: f64, to: f64, most: usize| {
        let start = (from.round().max(0.0) as usize).min(most - 1);
        start..(to.round().max(0.0) as usize).clamp(start + 1, most)
    };
    let pixels = tile.valid.slice(s![range(bounds.y0, bounds.y1, rows), range(bounds.x0, bounds.x1, cols)]);
    pixels.iter().filter(|valid| **valid).count() as f64 / pixels.len() as f64
}

fn to_mosaic(bounds: &PxBox, planned: &PlannedTile, grid: &Grid) -> PxBox {
    let (left, top) = (planned.read.x0 as f64, planned.read.y0 as f64);
    let (x0, y0) = grid.to_mosaic(bounds.x0 + left, bounds.y0 + top);
    let (x1, y1) = grid.to_mosaic(bounds.x1 + left, bounds.y1 + top);
    PxBox { x0, y0, x1, y1 }
}
