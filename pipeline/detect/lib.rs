//! [`Tile`](rams_domain::Tile) -> [`Detection`](rams_domain::Detection), through ONNX Runtime.
//!
//! A model is a folder with a `model.toml`. This crate runs it. It never merges what two tiles saw,
//! which is for `trace` to judge, and an output that cannot be what the model means is an error and
//! never an empty list.

mod contest;
mod decode;
mod detector;
mod engine;
mod error;
mod manifest;
mod mask;
mod runtime;
mod session;
mod tensor;

#[cfg(test)]
mod tests;

pub use contest::Choice;
pub use decode::Sighting;
pub use detector::Detector;
pub use engine::{Device, Engine};
pub use error::DetectError;
pub use manifest::Manifest;
pub use runtime::Runtime;
