//! [`Tile`](rams_domain::Tile) -> [`Detection`](rams_domain::Detection), through ONNX Runtime.
//!
//! A model is a folder with a `model.toml`. This crate runs it; it never merges what two tiles saw
//! and never drops a detection for being near a border: that is for `trace` to judge.

mod decode;
mod detector;
mod error;
mod manifest;
mod mask;
mod runtime;
mod tensor;

#[cfg(test)]
mod tests;

pub use detector::Detector;
pub use error::DetectError;
pub use manifest::Manifest;
pub use runtime::Runtime;
