//! A model's outputs for one tile -> [`Detection`]s in mosaic pixels.

use crate::{
    mask,
    paint::{Place, Prototypes, paint},
};
use ndarray::{ArrayView2, ArrayView3, ArrayViewD, Axis, Ix2, Ix3, s};
use rams_domain::{
    Class, Detection, DetectionId, GeometryKind, Grid, PlannedTile, PxBox, Shape, Tile,
};
use rams_model::{Layout, Output};

/// How far beyond the core a box's centre may lie, grid pixels. A centre that jitters across a seam
/// would be disowned by both tiles if ownership were strict; seen twice, it is merged by `trace`.
const BEYOND_CORE_PX: f64 = 8.0;

/// What a model says of one tile.
#[derive(Debug, Clone, PartialEq)]
pub struct TileDetections {
    /// What it saw.
    pub detections: Vec<Detection>,
    /// How many finds the output has room for, if it is full of finds: there may be more that it
    /// had no room to list, so the tile does not count as assessed.
    pub full_at: Option<usize>,
}

/// Reads what a model says of one tile. The error says what is wrong with the outputs.
pub(crate) fn decode(
    output: &Output,
    tensors: &[ArrayViewD<'_, f32>],
    classes: &[Class],
    tile: &Tile,
    grid: &Grid,
) -> Result<TileDetections, String> {
    let first = tensors.first().ok_or("no output")?;
    if !output.layout.is_list() {
        return Ok(TileDetections {
            detections: mask::decode(output, first, classes, tile, grid)?,
            full_at: None,
        });
    }
    let prototypes = prototypes(output.layout, tensors)?;
    let shares = prototypes.as_ref().map_or(0, |prototypes| prototypes.len_of(Axis(0)));
    let rows = rows(output, first, shares)?;
    let found = found(output, rows, classes)?;
    if let Some(Found { place, score, .. }) = found.iter().find(|found| !found.place.has_area()) {
        return Err(format!(
            "a find of score {score:.2} without area in pixels: {:?}",
            place.bounds()
        ));
    }
    let room = rows.nrows();
    let is_full = output.layout.is_picked() && !output.is_open && room > 0 && found.len() == room;
    let is_outlined = |class: usize| {
        output.layout.has_outlines() && classes[class].geometry != GeometryKind::Point
    };
    let whole = found
        .iter()
        .filter(|found| !is_outlined(found.class) && is_owned(&found.place.bounds(), tile));
    let mut seen: Vec<(Shape, usize, f32)> = whole
        .map(|found| {
            (
                Shape::Box(to_mosaic(&found.place.bounds(), &tile.planned, grid)),
                found.class,
                found.score,
            )
        })
        .collect();
    for (class, spec) in classes.iter().enumerate().filter(|(class, _)| is_outlined(*class)) {
        let of_class: Vec<&Found> = found.iter().filter(|found| found.class == class).collect();
        if !of_class.is_empty() {
            let shares = rows.slice(s![.., rows.ncols() - shares..]);
            let masks = prototypes
                .as_ref()
                .map(|prototypes| Prototypes { shares, planes: prototypes.view() });
            let plane = paint(&of_class, masks, tile.valid.dim())?;
            seen.extend(mask::segments_of(class, spec, plane.view(), tile, grid)?);
        }
    }
    Ok(TileDetections {
        detections: number(seen.into_iter(), tile),
        full_at: is_full.then_some(room),
    })
}

/// Gives detections of a tile their names, in the order in which the model lists them.
pub(crate) fn number(
    found: impl Iterator<Item = (Shape, usize, f32)>,
    tile: &Tile,
) -> Vec<Detection> {
    let id = |index: usize| DetectionId { tile: tile.planned.id, index: index as u32 };
    found
        .enumerate()
        .map(|(index, (shape, class, score))| Detection { id: id(index), class, score, shape })
        .collect()
}

/// A find in tile pixels.
pub(crate) struct Found {
    /// Its place in the list of the model.
    pub(crate) item: usize,
    /// Index of its class in the model.
    pub(crate) class: usize,
    pub(crate) score: f32,
    pub(crate) place: Place,
}

/// Planes of the masks' prototypes; `None` for a layout without.
fn prototypes<'a>(
    layout: Layout,
    tensors: &'a [ArrayViewD<'_, f32>],
) -> Result<Option<ArrayView3<'a, f32>>, String> {
    if !layout.has_prototypes() {
        return Ok(None);
    }
    let planes =
        tensors.iter().skip(1).find_map(|tensor| tensor.view().into_dimensionality::<Ix3>().ok());
    let planes = planes.ok_or_else(|| format!("no output of prototypes, which {layout:?} has"))?;
    if planes.iter().any(|value| !value.is_finite()) {
        return Err("prototypes of masks that are not finite".into());
    }
    Ok(Some(planes))
}

/// The list with a row for each box, whichever way round it was exported.
fn rows<'a>(
    output: &Output,
    list: &'a ArrayViewD<'_, f32>,
    shares: usize,
) -> Result<ArrayView2<'a, f32>, String> {
    let (layout, classes) = (output.layout, output.classes.len());
    let values = layout.values(classes, shares);
    let unexpected = || {
        let shape = list.shape();
        format!(
            "output of shape {shape:?} is not what {layout:?} means: {values} values a box, \
             {classes} class(es)"
        )
    };
    // In the order in which they lie: a list of columns is read many times faster so than box by
    // box.
    if let Some(value) = list.iter().find(|value| !value.is_finite()) {
        return Err(format!("a box that is not finite: {value}"));
    }
    let list = list.view().into_dimensionality::<Ix2>().map_err(|_| unexpected())?;
    let rows = match (list.ncols() == values, list.nrows() == values) {
        (true, true) if layout.is_rows() => list,
        (true, false) => list,
        (_, true) => list.reversed_axes(),
        (false, false) => return Err(unexpected()),
    };
    Ok(rows)
}

fn found(
    output: &Output,
    rows: ArrayView2<'_, f32>,
    classes: &[Class],
) -> Result<Vec<Found>, String> {
    let mut found = if output.layout.is_picked() {
        picked(output, rows, classes)?
    } else {
        scored(output, rows, classes)
    };
    if let Some(Found { score, .. }) = found.iter().find(|found| found.score > 1.0 + SCORE_LENIENCY)
    {
        return Err(format!(
            "a score of {score}: scores run from 0 to 1; export the model with its last activation"
        ));
    }
    found.sort_by_key(|found| (found.item, found.class));
    Ok(found)
}

/// Half precision rounds a score of one up.
const SCORE_LENIENCY: f32 = 1e-3;

/// Rows of box, score, class index and, in one layout, angle.
fn picked(
    output: &Output,
    rows: ArrayView2<'_, f32>,
    classes: &[Class],
) -> Result<Vec<Found>, String> {
    let mut found = vec![];
    for (item, row) in rows.outer_iter().enumerate() {
        let (score, index) = (row[4], row[5]);
        let class = (index >= 0.0 && index.fract() == 0.0)
            .then(|| output.classes.get(index as usize))
            .flatten();
        let Some(class) = class else {
            return Err(format!("class index {index}, there are {} classes", output.classes.len()));
        };
        let Some(class) = class.filter(|class| score >= classes[*class].threshold) else {
            continue;
        };
        let [a, b, c, d] = [0, 1, 2, 3].map(|at| f64::from(row[at]));
        let place = match output.layout {
            Layout::BoxesObb => Place { centre: (a, b), size: (c, d), angle: f64::from(row[6]) },
            _ => Place { centre: ((a + c) / 2.0, (b + d) / 2.0), size: (c - a, d - b), angle: 0.0 },
        };
        found.push(Found { item, class, score, place });
    }
    Ok(found)
}

/// Rows of box and a score for each class. Which of two classes it is, is not for the decoder to
/// say.
fn scored(output: &Output, rows: ArrayView2<'_, f32>, classes: &[Class]) -> Vec<Found> {
    let mut found = vec![];
    let first = if output.layout == Layout::YoloV5 { 5 } else { 4 };
    for (index, class) in
        output.classes.iter().enumerate().filter_map(|(index, class)| Some((index, (*class)?)))
    {
        let threshold = classes[class].threshold;
        for (item, score) in rows.column(first + index).iter().enumerate() {
            let score =
                if output.layout == Layout::YoloV5 { score * rows[(item, 4)] } else { *score };
            if score >= threshold {
                let [x, y, width, height] = [0, 1, 2, 3].map(|at| f64::from(rows[(item, at)]));
                let angle = if output.layout == Layout::YoloObb {
                    rows[(item, rows.ncols() - 1)]
                } else {
                    0.0
                };
                let place = Place { centre: (x, y), size: (width, height), angle: angle.into() };
                found.push(Found { item, class, score, place });
            }
        }
    }
    found
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
    let pixels =
        tile.valid.slice(s![range(bounds.y0, bounds.y1, rows), range(bounds.x0, bounds.x1, cols)]);
    pixels.iter().filter(|valid| **valid).count() as f64 / pixels.len() as f64
}

fn to_mosaic(bounds: &PxBox, planned: &PlannedTile, grid: &Grid) -> PxBox {
    let (left, top) = (planned.read.x0 as f64, planned.read.y0 as f64);
    let (x0, y0) = grid.to_mosaic(bounds.x0 + left, bounds.y0 + top);
    let (x1, y1) = grid.to_mosaic(bounds.x1 + left, bounds.y1 + top);
    PxBox { x0, y0, x1, y1 }
}
