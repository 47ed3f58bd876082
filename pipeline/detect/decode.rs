//! A model's outputs for one tile -> [`Detection`](rams_domain::Detection)s in mosaic pixels.

use crate::box_list::{listed, rows};
use crate::embedding;
use crate::mask;
use crate::paint_masks::{Prototypes, paint_masks};
use crate::raw_detection::RawDetection;
use crate::tile_detections::TileDetections;
use crate::unnumbered_detection::{UnnumberedDetection, numbered};
use ndarray::{ArrayView2, ArrayView3, ArrayViewD, Axis, Ix3, s};
use rams_domain::{Class, Embedding, GeometryKind, Grid, PlannedTile, PxBox, Shape, Tile};
use rams_model::{Layout, Output};

/// How far beyond the core a box's centre may lie, grid pixels. A centre that jitters across a seam
/// would be disowned by both tiles if ownership were strict; seen twice, it is merged by `trace`.
const BEYOND_CORE_PX: f64 = 8.0;

/// Reads what a model says of one tile. The error says what is wrong with the outputs.
pub(crate) fn decode(
    output: &Output,
    tensors: &[ArrayViewD<'_, f32>],
    classes: &[Class],
    tile: &Tile,
    grid: &Grid,
) -> Result<TileDetections, String> {
    let (tensors, embeddings) = embedding::split(output, tensors);
    let first = tensors.first().ok_or("no output")?;
    let (found, full_at) = if output.layout.is_list() {
        list(output, first, tensors, embeddings, classes, tile, grid)?
    } else {
        (mask::decode(output, first, classes, tile, grid)?, None)
    };
    Ok(TileDetections { detections: numbered(found, tile.planned.id), full_at })
}

/// Reads a list of boxes, and how many it has room for if it is full.
fn list(
    output: &Output,
    list: &ArrayViewD<'_, f32>,
    tensors: &[ArrayViewD<'_, f32>],
    embeddings: Option<&ArrayViewD<'_, f32>>,
    classes: &[Class],
    tile: &Tile,
    grid: &Grid,
) -> Result<(Vec<UnnumberedDetection>, Option<usize>), String> {
    let prototypes = prototypes(output.layout, tensors)?;
    let rows = rows(output, list, prototypes.as_ref().map_or(0, |planes| planes.len_of(Axis(0))))?;
    let embeddings =
        embeddings.map(|all| embedding::rows(output, all, rows.nrows())).transpose()?;
    let embedding_of = |rank: usize| Embedding::of(&embeddings.as_ref()?.row(rank).to_vec());
    let listed = listed(output, rows, classes)?;
    if let Some(flat) = listed.iter().find(|raw| !raw.bounds.has_area()) {
        let PxBox { x0, y0, x1, y1 } = flat.bounds.bounds();
        return Err(format!(
            "a find of score {:.2} without area in pixels: {x0} {y0} to {x1} {y1}",
            flat.score
        ));
    }
    let room = rows.nrows();
    let is_full = output.layout.is_picked() && !output.is_open && room > 0 && listed.len() == room;
    let is_outlined = |class: usize| {
        output.layout.has_outlines() && classes[class].geometry != GeometryKind::Point
    };
    let boxes =
        listed.iter().filter(|raw| !is_outlined(raw.class) && is_owned(&raw.bounds.bounds(), tile));
    let mut found: Vec<UnnumberedDetection> = boxes
        .map(|RawDetection { rank, class, score, bounds }| UnnumberedDetection {
            class: *class,
            score: *score,
            shape: Shape::Box(to_mosaic(&bounds.bounds(), &tile.planned, grid)),
            embedding: embedding_of(*rank),
        })
        .collect();
    for (class, spec) in classes.iter().enumerate().filter(|(class, _)| is_outlined(*class)) {
        let of_class: Vec<&RawDetection> = listed.iter().filter(|raw| raw.class == class).collect();
        if !of_class.is_empty() {
            let masks = prototypes.as_ref().map(|planes| prototypes_of(rows, planes.view()));
            let plane = paint_masks(&of_class, masks, tile.valid.dim())?;
            found.extend(mask::segments_of(class, spec, plane.view(), tile, grid)?);
        }
    }
    Ok((found, is_full.then_some(room)))
}

/// The last values of each row are the coefficients of the prototypes.
fn prototypes_of<'a>(rows: ArrayView2<'a, f32>, planes: ArrayView3<'a, f32>) -> Prototypes<'a> {
    let first = rows.ncols() - planes.len_of(Axis(0));
    Prototypes { coefficients: rows.slice_move(s![.., first..]), planes }
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

/// Share of the pixels of a box, 0 to 1, that have an image.
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

/// A box in tile pixels as one in mosaic pixels.
fn to_mosaic(bounds: &PxBox, planned: &PlannedTile, grid: &Grid) -> PxBox {
    let (left, top) = (planned.read.x0 as f64, planned.read.y0 as f64);
    let (x0, y0) = grid.to_mosaic(bounds.x0 + left, bounds.y0 + top);
    let (x1, y1) = grid.to_mosaic(bounds.x1 + left, bounds.y1 + top);
    PxBox { x0, y0, x1, y1 }
}
