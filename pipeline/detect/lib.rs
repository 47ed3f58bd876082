//! [`Tile`](rams_domain::Tile) -> [`Detection`](rams_domain::Detection), through ONNX Runtime.
//!
//! A model is an .onnx, with or without a `model.toml` beside it. This crate runs it. It never merges what two tiles saw,
//! which is for `trace` to judge, and an output that cannot be what the model means is an error and
//! never an empty list.

mod contest;
mod decode;
mod detector;
mod draft;
mod engine;
mod error;
mod external;
mod form;
mod guess;
mod keys;
mod layout;
mod literal;
mod manifest;
mod mask;
mod notes;
mod onnx;
mod paint;
mod runtime;
mod said;
mod session;
mod source;
mod template;
mod tensor;
mod trial;
mod weights;
mod whole;
mod wire;

#[cfg(test)]
mod tests;

pub use contest::Choice;
pub use decode::Sighting;
pub use detector::Detector;
pub use engine::{Device, Engine};
pub use error::DetectError;
pub use manifest::Manifest;
pub use runtime::Runtime;
pub use trial::Tried;
