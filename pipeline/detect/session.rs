//! Weights -> a session of ONNX Runtime.

use crate::{ExecutionProvider, Runtime};
use ort::session::{Session, builder::GraphOptimizationLevel};
use rams_model::Manifest;

/// One thread, whatever the provider: one such session per worker does twice the work per CPU
/// second of one session with many threads.
pub(crate) fn session(
    manifest: &Manifest,
    runtime: &Runtime,
    provider: ExecutionProvider,
) -> ort::Result<Session> {
    let mut builder = Session::builder(runtime.environment())?
        .with_intra_threads(1)?
        .with_inter_threads(1)?
        .with_intra_op_spinning(false)?
        .with_memory_pattern(false)?
        .with_optimization_level(GraphOptimizationLevel::All)?;
    let providers = provider.dispatch();
    if !providers.is_empty() {
        builder = builder.with_execution_providers(providers)?;
    }
    builder.commit_from_memory(&manifest.weights)
}
