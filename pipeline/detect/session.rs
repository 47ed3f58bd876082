//! Weights -> a session of ONNX Runtime.

use crate::{ExecutionProvider, Runtime};
use ort::session::{RunOptions, Session, builder::GraphOptimizationLevel};
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
        .with_optimization_level(GraphOptimizationLevel::All)?;
    let providers = provider.dispatch();
    if !providers.is_empty() {
        builder = builder.with_execution_providers(providers)?;
    }
    builder.commit_from_memory(&manifest.weights)
}

/// How a session runs for the first time, by which ONNX Runtime learns how to lay out the memory of
/// all other runs: what it took meanwhile it gives back, or it would keep that beside the layout,
/// twice the memory. Not so where another provider has memory of its own.
pub(crate) fn first_run(provider: ExecutionProvider) -> ort::Result<RunOptions> {
    let mut options = RunOptions::new()?;
    if provider == ExecutionProvider::Cpu {
        options.set("memory.enable_memory_arena_shrinkage", "cpu:0")?;
    }
    Ok(options)
}
