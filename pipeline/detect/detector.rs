//! A session on a model.

use crate::{
    DetectError, ExecutionProvider, Runtime, TileDetections, decode::decode,
    io_signature::IoSignature, session, tensor::tensor,
};
use ndarray::{ArrayViewD, Axis};
use ort::session::{RunOptions, Session};
use rams_domain::{Grid, Tile};
use rams_model::{Manifest, ModelError};
use std::{
    panic::{self, AssertUnwindSafe},
    sync::Arc,
};

/// Tiles that a GPU gets at once.
const GPU_BATCH: usize = 16;

/// Runs one model on one thread. Sessions are not shared: one single-threaded session per worker
/// does twice the work per CPU second of one session with many threads, and its result does not
/// depend on how the threads were scheduled.
///
/// # Examples
/// A toy model that finds red squares of 11 x 11 px, on a raster of 128 x 128 px at its scale: one
/// tile, with a halo of 16 px around it.
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/example.rs")); }
/// # example::find_runtime();
/// use ndarray::{Array2, Array3, s};
/// use rams_detect::{Detector, ExecutionProvider, Runtime};
/// use rams_domain::{Grid, PxBox, RasterSize, Shape, Tile, TileId, TilePlan};
/// use rams_model::Manifest;
///
/// let toy = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/models/red-boxes");
/// let manifest = Manifest::read(toy.as_ref(), None)?;
/// let mut detector = Detector::new(&manifest, ExecutionProvider::Cpu, &Runtime::load()?)?;
///
/// let size = RasterSize { width: 128, height: 128 };
/// let grid = Grid::new(size, [0.01, 0.01], manifest.model.gsd_m);
/// let planned = TilePlan::new(grid, manifest.model.tile)?.tile(TileId(0));
/// let mut pixels = Array3::zeros((160, 160, 3)); // rows, columns, bands
/// pixels.slice_mut(s![60..71, 80..91, 0]).fill(255);
/// let within = 16..144;
/// let valid = Array2::from_shape_fn((160, 160), |(row, col)| {
///     within.contains(&row) && within.contains(&col)
/// });
/// let tile = Tile { planned, pixels, valid, heights: None };
///
/// let answers = detector.detect(&[tile], &grid)?;
///
/// let [square] = &answers[0].detections[..] else { panic!("one square") };
/// assert_eq!((square.id.to_string(), square.class), ("T0.0".to_owned(), 0));
/// // Mosaic pixels: those of the tile less the halo.
/// let px = PxBox { x0: 64.0, y0: 44.0, x1: 75.0, y1: 55.0 };
/// assert_eq!(square.shape, Shape::Box(px));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Detector {
    session: Session,
    /// For the first run alone.
    first_run: Option<RunOptions>,
    signature: IoSignature,
    manifest: Arc<Manifest>,
}

impl Detector {
    /// Loads the weights and checks that the graph's input and output fit `model.toml`.
    ///
    /// # Errors
    /// [`DetectError::Provider`] or [`ModelError::Load`] where the graph cannot be loaded, and
    /// [`DetectError::Shape`] where it does not fit.
    pub fn new(
        manifest: &Manifest,
        provider: ExecutionProvider,
        runtime: &Runtime,
    ) -> Result<Self, DetectError> {
        let failed = |cause: String| match (provider, manifest.path.clone()) {
            (ExecutionProvider::Cpu, path) => ModelError::Load { path, cause }.into(),
            (provider, path) => DetectError::Provider { path, provider, cause },
        };
        // The binding panics on what it takes for impossible: a dimension of -5, as a damaged file
        // may hold.
        let load = AssertUnwindSafe(|| {
            Ok((session::session(manifest, runtime, provider)?, session::first_run(provider)?))
        });
        let loaded = panic::catch_unwind(load)
            .map_err(|_| failed("its graph makes no sense: fetch it again".into()))?;
        let (session, first_run) = loaded.map_err(|error: ort::Error| failed(error.to_string()))?;
        let model = manifest.model.name.clone();
        let mut signature = IoSignature::of(&session, manifest)
            .map_err(|cause| DetectError::Shape { model, cause })?;
        if provider == ExecutionProvider::Cuda {
            // Always the same size, so that the kernels, and with them the last bits, are the same
            // however many tiles there are.
            signature.batch.get_or_insert(GPU_BATCH);
        }
        let (first_run, manifest) = (Some(first_run), Arc::new(manifest.clone()));
        Ok(Self { session, first_run, signature, manifest })
    }

    /// How many tiles it takes at once: as many as its graph is fixed to, and else one, but for a
    /// GPU, which one tile does not keep busy.
    pub fn batch(&self) -> usize {
        self.signature.batch.unwrap_or(1)
    }

    /// What the model finds in each of some tiles of a grid, in their order. The tiles are as large
    /// as the model reads. It takes `&mut self` because a session keeps its scratch memory between
    /// runs.
    ///
    /// # Errors
    /// [`DetectError::Run`] where the graph fails, or where its outputs cannot be what the model
    /// means: values that are not finite, boxes without area, scores above 1.
    pub fn detect(
        &mut self,
        tiles: &[Tile],
        grid: &Grid,
    ) -> Result<Vec<TileDetections>, DetectError> {
        let manifest = self.manifest.clone();
        let Manifest { model, output, .. } = &*manifest;
        let failed = |cause: String| DetectError::Run { model: model.name.clone(), cause };
        let mut detections = vec![];
        for some in tiles.chunks(self.signature.batch.unwrap_or(tiles.len()).max(1)) {
            let decode = |tile: &Tile, tensors: &[ArrayViewD<'_, f32>]| {
                decode(output, tensors, &model.classes, tile, grid)
            };
            detections.extend(self.run(some, decode).map_err(failed)?);
        }
        Ok(detections)
    }

    /// Runs the model on no more tiles than fit a batch and makes something of the outputs for
    /// each: `make` gets the tile and its outputs without the axis of the batch.
    pub(crate) fn run<T>(
        &mut self,
        tiles: &[Tile],
        mut make: impl FnMut(&Tile, &[ArrayViewD<'_, f32>]) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let batch = tensor(tiles, &self.manifest.input);
        let outputs = self.signature.run(&mut self.session, batch, self.first_run.take())?;
        let wanted = self.signature.batch.unwrap_or(tiles.len());
        if let Some(output) = outputs.iter().find(|output| output.shape().first() != Some(&wanted))
        {
            return Err(format!("output of shape {:?} for {wanted} tile(s)", output.shape()));
        }
        let of_tile = |at: usize| {
            outputs.iter().map(|output| output.index_axis(Axis(0), at)).collect::<Vec<_>>()
        };
        tiles.iter().enumerate().map(|(at, tile)| make(tile, &of_tile(at))).collect()
    }
}
