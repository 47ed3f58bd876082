//! What can be wrong with the files of a model.

use std::path::PathBuf;

/// Why a model cannot be read, by who must act.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages are the documentation
pub enum ModelError {
    // The user: another folder, another file.
    #[error(
        "cannot read {path}: {cause}; a model is an .onnx, or a folder with one and its model.toml"
    )]
    Read { path: PathBuf, cause: std::io::Error },
    #[error("folder {path} has no model.toml and {count} .onnx: give the .onnx itself")]
    WhichOnnx { path: PathBuf, count: usize },
    #[error("cannot read the weights that {path} keeps in {location:?}: {cause}")]
    External { path: PathBuf, location: String, cause: String },
    #[error(
        "cannot run {path}: it does not say its {missing}; complete the lines marked TO COMPLETE \
         and keep them as model.toml beside it (`rams models --describe FILE.onnx > model.toml` \
         writes the same):\n\n{template}"
    )]
    Incomplete { path: PathBuf, missing: String, template: String },
    #[error("cannot read tiles of {px} px with model {model}: {cause}")]
    Tile { model: String, px: u32, cause: String },
    // The model's author.
    #[error("cannot use {path}: {cause}")]
    Manifest { path: PathBuf, cause: String },
    #[error(
        "digest of {what} is {found}, model.toml says {expected}{hint}: the file is damaged or was \
         exchanged; fetch the model again, or, if you exchanged it yourself, write the new digest \
         into model.toml"
    )]
    Digest { what: String, expected: String, found: String, hint: &'static str },
    #[error(
        "cannot load {path}: {cause}; if the file is whole, export it again with plain ONNX \
         operators (opset 17)"
    )]
    Load { path: PathBuf, cause: String },
    #[error("cannot run {path} as it is: {cause}")]
    Metadata { path: PathBuf, cause: String },
}
