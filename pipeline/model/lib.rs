//! `model.toml` and .onnx -> [`Manifest`]: what a model is, without ONNX Runtime.
//!
//! A model is an .onnx, with or without a `model.toml` beside it. What the `model.toml` leaves
//! open, the metadata in the .onnx may say ([`Manifest::read`]); what neither says is asked for
//! ([`Manifest::describe`]). This crate reads and checks; the crate `rams-detect` runs.

mod error;
mod exporter_settings;
mod external_data;
mod infer_layout;
mod input;
mod layout;
mod literal;
mod manifest;
mod metadata_props;
mod model_files;
mod onnx;
mod onnx_metadata;
mod outline;
mod output;
mod partial_manifest;
mod shipped;
mod template;
mod unused_setting;
mod validated_manifest;
mod weights;
mod wire;

pub use error::ModelError;
pub use input::Input;
pub use layout::Layout;
pub use manifest::Manifest;
pub use outline::{Outline, OutlineClass};
pub use output::{Activation, Output};
pub use shipped::shipped;
pub use unused_setting::UnusedSetting;
