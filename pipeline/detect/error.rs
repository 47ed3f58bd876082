//! What can be wrong with a model that runs, or with its runtime.

use crate::{Device, ExecutionProvider};
use rams_model::ModelError;
use std::path::PathBuf;

/// Why a model cannot run, by who must act.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages are the documentation
pub enum DetectError {
    // The user, or the model's author: its files.
    #[error(transparent)]
    Model(#[from] ModelError),
    // The model's author.
    #[error("model {model} does not fit its model.toml: {cause}")]
    Shape { model: String, cause: String },
    #[error("model {model} fails its trial: {cause}")]
    SmokeTest { model: String, cause: String },
    #[error("model {model} failed on a tile: {cause}")]
    Run { model: String, cause: String },
    // The machine.
    #[error(
        "cannot load ONNX Runtime from {path}: {cause}; run `scripts/setup`, or set ORT_DYLIB_PATH \
         to libonnxruntime.so of version 1.24 or newer"
    )]
    Runtime { path: PathBuf, cause: String },
    #[error(
        "cannot run on {device}: the ONNX Runtime library was built without it; {}, or leave \
         --device out",
        remedy(*device)
    )]
    NotOffered { device: Device },
    #[error(
        "cannot run {path} on {provider}: {cause}; {}, or leave --device out",
        remedy_of(*provider)
    )]
    Provider { path: PathBuf, provider: ExecutionProvider, cause: String },
}

/// What to do where a provider cannot be had.
fn remedy_of(provider: ExecutionProvider) -> &'static str {
    remedy(if provider == ExecutionProvider::Cuda { Device::Cuda } else { Device::Openvino })
}

fn remedy(device: Device) -> &'static str {
    match device {
        Device::Openvino => "run `scripts/install --openvino`",
        _ => {
            "set ORT_DYLIB_PATH to the libonnxruntime.so of the package onnxruntime-gpu, with CUDA \
             and cuDNN on the library path"
        }
    }
}
