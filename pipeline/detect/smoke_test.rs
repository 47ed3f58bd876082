//! A model answers a tile of plain grey and one of noise before it is trusted.

use crate::{DetectError, Detector, ExecutionProvider, Runtime, decode::decode, embedding};
use ndarray::{Array2, Array3, ArrayViewD, Ix2};
use rams_domain::{Grid, RasterSize, Tile, TileId, TilePlan, TileSpec};
use rams_model::{Activation, Layout, Manifest, Output};
use std::time::{Duration, Instant};

/// A model that answered a smoke test.
pub struct SmokeTested {
    /// The model, with what the answers told of its outputs: the activation of a mask, and whether
    /// a list is as long as there are finds.
    pub manifest: Manifest,
    /// How long one tile takes on one thread, of ONNX Runtime's own kernels.
    pub tile_time: Duration,
}

/// Loads a model and lets it answer a tile of plain grey and one of noise. One whose answers cannot
/// be what they are taken for is an error now, and not a gap after hours.
///
/// # Errors
/// Where the model cannot be loaded or does not fit its model.toml, and [`DetectError::SmokeTest`]
/// where its answers make no sense: values that are not finite, coordinates from 0 to 1, masks that
/// are no probabilities.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/example.rs")); }
/// # example::find_runtime();
/// use rams_detect::{Runtime, smoke_test};
/// use rams_model::{Activation, Manifest};
///
/// let toy = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/models/red-mask");
/// let manifest = Manifest::read(toy.as_ref(), None)?;
/// assert_eq!(manifest.output.activation, None, "its model.toml does not say");
///
/// let tested = smoke_test(manifest, &Runtime::load()?)?;
/// // All of its values lie between 0 and 1: they are probabilities.
/// assert_eq!(tested.manifest.output.activation, Some(Activation::None));
/// assert!(tested.tile_time.as_nanos() > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn smoke_test(mut manifest: Manifest, runtime: &Runtime) -> Result<SmokeTested, DetectError> {
    let mut detector = Detector::new(&manifest, ExecutionProvider::Cpu, runtime)?;
    let model = manifest.model.name.clone();
    let failed = |cause: String| DetectError::SmokeTest { model: model.clone(), cause };
    let (tiles, grid) = smoke_tiles(manifest.model.tile).map_err(failed)?;
    let (mut answers, mut tile_time) = (vec![], Duration::ZERO);
    for tile in &tiles {
        let started = Instant::now();
        let keep = |_: &Tile, tensors: &[ArrayViewD<'_, f32>]| {
            Ok(tensors.iter().map(|tensor| tensor.to_owned()).collect::<Vec<_>>())
        };
        answers.extend(detector.run(std::slice::from_ref(tile), keep).map_err(failed)?);
        // The first run allocates.
        tile_time = started.elapsed();
    }
    let answers: Vec<Vec<_>> = answers
        .iter()
        .map(|tensors| tensors.iter().map(|tensor| tensor.view()).collect())
        .collect();
    let traits = answers
        .iter()
        .map(|tensors| OutputTraits::of(&manifest.output, tensors))
        .collect::<Result<Vec<_>, _>>();
    let [grey, noise] = &traits.map_err(failed)?[..] else {
        return Err(failed("it gave no answer".into()));
    };
    settle(&mut manifest.output, grey, noise).map_err(failed)?;
    for (tile, tensors) in tiles.iter().zip(&answers) {
        decode(&manifest.output, tensors, &manifest.model.classes, tile, &grid).map_err(failed)?;
    }
    Ok(SmokeTested { manifest, tile_time })
}

/// A tile of one grey and one of noise, the same on every machine.
pub(crate) fn smoke_tiles(spec: TileSpec) -> Result<(Vec<Tile>, Grid), String> {
    let side = spec.tile_px as usize;
    let grid = Grid::new(RasterSize { width: spec.tile_px, height: spec.tile_px }, [1.0; 2], 1.0);
    let plan = TilePlan::new(grid, spec).map_err(|error| error.to_string())?;
    let tile = |pixels| {
        let valid = Array2::from_elem((side, side), true);
        Tile { planned: plan.tile(TileId(0)), pixels, valid, heights: None }
    };
    let mut state = 1_u32;
    let noise = Array3::from_shape_simple_fn((side, side, 3), || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    Ok((vec![tile(Array3::from_elem((side, side, 3), 128)), tile(noise)], grid))
}

/// What the outputs for one tile look like.
struct OutputTraits {
    /// Rows of a list.
    rows: usize,
    /// The furthest coordinate or longest side of a box; `None` for an empty list.
    furthest_px: Option<f32>,
    /// Least and most of all values.
    range: (f32, f32),
}

impl OutputTraits {
    /// The error says what no output may hold.
    fn of(output: &Output, tensors: &[ArrayViewD<'_, f32>]) -> Result<Self, String> {
        let (tensors, embeddings) = embedding::split(output, tensors);
        if let Some(embeddings) = embeddings {
            embedding::check_finite(output, embeddings)?;
        }
        let Some(first) = tensors.first() else { return Err("it has no output".into()) };
        if tensors.iter().any(|tensor| tensor.iter().any(|value| !value.is_finite())) {
            return Err("values that are not finite (NaN or infinite)".into());
        }
        let range = first.fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), value| {
            (a.min(*value), b.max(*value))
        });
        let list =
            first.view().into_dimensionality::<Ix2>().ok().filter(|_| output.layout.is_list());
        let Some(list) = list else { return Ok(Self { rows: 0, furthest_px: None, range }) };
        let prototypes = tensors
            .get(1)
            .filter(|_| output.layout.has_prototypes())
            .map_or(0, |planes| planes.shape()[0]);
        let values = output.layout.values(output.classes.len(), prototypes);
        let list = if list.ncols() == values && (list.nrows() != values || output.layout.is_rows())
        {
            list
        } else {
            list.reversed_axes()
        };
        let boxes = list.columns().into_iter().take(4).flatten().copied();
        let furthest_px = boxes.fold(None, |most: Option<f32>, value| {
            Some(most.map_or(value, |most| most.max(value)))
        });
        Ok(Self { rows: list.nrows(), furthest_px: furthest_px.filter(|px| *px > 0.0), range })
    }
}

/// Settles what nobody said, by what the model answered.
fn settle(output: &mut Output, grey: &OutputTraits, noise: &OutputTraits) -> Result<(), String> {
    let furthest_px = grey.furthest_px.into_iter().chain(noise.furthest_px).reduce(f32::max);
    // A hand's breadth of leniency: a box may reach beyond its tile.
    if let Some(furthest) = furthest_px.filter(|px| *px <= 2.0) {
        return Err(format!(
            "its boxes reach no further than {furthest:.3}: coordinates seem to run from 0 to 1, \
             and pixels are expected; export it with boxes in pixels"
        ));
    }
    output.is_open = output.layout.is_picked() && (grey.rows != noise.rows || grey.rows == 0);
    if output.layout == Layout::Mask && output.activation.is_none() {
        let (least, most) = (grey.range.0.min(noise.range.0), grey.range.1.max(noise.range.1));
        let are_probabilities = least >= -1e-3 && most <= 1.001;
        let exclusive = output.classes.len() > 1 && output.classes.contains(&None);
        output.activation = Some(match (are_probabilities, output.classes.len()) {
            (true, _) => Activation::None,
            (false, 1) => Activation::Sigmoid,
            (false, _) if exclusive => Activation::Softmax,
            _ => {
                return Err(format!(
                    "the values of its masks, {least:.3} to {most:.3}, are no probabilities: give \
                     output.activation in model.toml, \"softmax\" if its classes exclude one \
                     another, else \"sigmoid\""
                ));
            }
        });
    }
    Ok(())
}
