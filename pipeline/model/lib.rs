//! `model.toml` and .onnx -> [`Manifest`]: what a model is, without ONNX Runtime.
//!
//! A model is an .onnx, with or without a `model.toml` beside it. What the `model.toml` leaves
//! open, the metadata in the .onnx may say ([`Manifest::read`]); what neither says is asked for
//! ([`Manifest::describe`]). This crate reads and checks; the crate `rams-detect` runs.

mod error;
mod external;
mod guess;
mod keys;
mod layout;
mod literal;
mod manifest;
mod notes;
mod onnx;
mod onnx_metadata;
mod outline;
mod partial_manifest;
mod source;
mod template;
mod validated_manifest;
mod weights;
mod wire;

pub use error::ModelError;
pub use layout::Layout;
pub use manifest::{Activation, Input, Manifest, Output, UnusedSetting};
pub use outline::{Outline, OutlineClass};
