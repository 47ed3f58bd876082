//! What can be wrong with a model or its runtime.

use std::path::PathBuf;

/// Why a model cannot run, by who must act.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the messages are the documentation
pub enum DetectError {
    // The user: another folder, another file.
    #[error("cannot read {path}: {cause}; a model is a folder with a model.toml and the .onnx it names")]
    Read { path: PathBuf, cause: std::io::Error },
    // The model's author.
    #[error("cannot use {path}: {cause}")]
    Manifest { path: PathBuf, cause: String },
    #[error(
        "digest of {path} is {found}, model.toml says {expected}: the file is damaged or was exchanged; \
         fetch the model again, or, if you exchanged it yourself, write the new digest into model.toml"
    )]
    Digest { path: PathBuf, expected: String, found: String },
    #[error("cannot load {path}: {cause}")]
    Load { path: PathBuf, cause: String },
    #[error("model {model} does not fit its model.toml: {cause}")]
    Shape { model: String, cause: String },
    #[error("model {model} failed on a tile: {cause}")]
    Run { model: String, cause: String },
    // The machine.
    #[error(
        "cannot load ONNX Runtime from {path}: {cause}; run `scripts/setup`, \
         or set ORT_DYLIB_PATH to libonnxruntime.so of version 1.24 or newer"
    )]
    Runtime { path: PathBuf, cause: String },
}
