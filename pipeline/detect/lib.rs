//! [`Tile`](rams_domain::Tile) -> [`Detection`](rams_domain::Detection), through ONNX Runtime.
//!
//! A [`Detector`] runs one model on one thread. It never merges what two tiles show, which is for
//! `trace` to judge, and an output that cannot be what the model means is an error and never an
//! empty list. Which execution provider runs a model is chosen by [`select_provider`], and a model
//! answers [`smoke_test`] before it is trusted.

mod agreement;
mod box_list;
mod decode;
mod detector;
mod error;
mod execution_provider;
mod io_signature;
mod mask;
mod oriented_box;
mod paint_masks;
mod provider_selection;
mod raw_detection;
mod runtime;
mod session;
mod smoke_test;
mod tensor;
mod tile_detections;
mod unnumbered_detection;

#[cfg(test)]
mod tests;

pub use detector::Detector;
pub use error::DetectError;
pub use execution_provider::{Device, ExecutionProvider};
pub use provider_selection::{ProviderChoice, select_provider};
pub use runtime::Runtime;
pub use smoke_test::{SmokeTested, smoke_test};
pub use tile_detections::TileDetections;
