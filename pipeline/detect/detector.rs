//! A session on a model.

use crate::{
    DetectError, ExecutionProvider, Runtime, TileDetections, decode::decode,
    io_signature::IoSignature, session, tensor::tensor,
};
use ndarray::{ArrayViewD, Axis};
use ort::session::Session;
use rams_domain::{Grid, Tile};
use rams_model::{Manifest, ModelError};
use std::{
    panic::{self, AssertUnwindSafe},
    sync::Arc,
};

/// Runs one model on one thread. Sessions are not shared: one single-threaded session per worker
/// does twice the work per CPU second of one session with many threads, and its result does not
/// depend on how the threads were scheduled.
pub struct Detector {
    session: Session,
    signature: IoSignature,
    manifest: Arc<Manifest>,
}

impl Detector {
    /// Loads the weights and checks that the graph's input and output fit `model.toml`.
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
        let load = AssertUnwindSafe(|| session::session(manifest, runtime, provider));
        let loaded = panic::catch_unwind(load)
            .map_err(|_| failed("its graph makes no sense: fetch it again".into()))?;
        let session = loaded.map_err(|error| failed(error.to_string()))?;
        let model = manifest.model.name.clone();
        let signature = IoSignature::of(&session, manifest)
            .map_err(|cause| DetectError::Shape { model, cause })?;
        Ok(Self { session, signature, manifest: Arc::new(manifest.clone()) })
    }

    /// What the model sees in each of some tiles of a grid. It takes `&mut self` because a session
    /// keeps its scratch memory between runs.
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
    /// each.
    pub(crate) fn run<T>(
        &mut self,
        tiles: &[Tile],
        mut make: impl FnMut(&Tile, &[ArrayViewD<'_, f32>]) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let outputs = self.signature.run(&mut self.session, tensor(tiles, &self.manifest.input))?;
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
