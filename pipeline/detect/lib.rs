//! [`Tile`](rams_domain::Tile) -> [`Detection`](rams_domain::Detection), through ONNX Runtime.
//!
//! * [`Runtime::load`] finds and loads the library of ONNX Runtime.
//! * [`smoke_test()`] lets a model answer two tiles before it is trusted.
//! * [`select_provider`] chooses what executes it: the fastest execution provider that answers like
//!   ONNX Runtime's own kernels.
//! * [`kernel_print()`] tells machines apart that would not give the same bits.
//! * A [`Detector`] runs it, on one thread: pixels become its input tensor, and its outputs, in
//!   whichever [`Layout`](rams_model::Layout), become detections in mosaic pixels.
//!
//! This crate never merges what two tiles show, which is for the next stage to judge, and an output
//! that cannot be what the model means is an error and never an empty list.

mod agreement;
mod box_list;
mod decode;
mod detector;
mod embedding;
mod error;
mod execution_provider;
mod io_signature;
mod joined_masks;
mod kernel_print;
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
pub use kernel_print::kernel_print;
pub use provider_selection::{ProviderChoice, select_provider};
pub use runtime::Runtime;
pub use smoke_test::{SmokeTested, smoke_test};
pub use tile_detections::TileDetections;
