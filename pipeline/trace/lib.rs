//! [`Detection`](rams_domain::Detection) -> [`Feature`](rams_domain::Feature): what several tiles
//! show becomes one object or earthwork on the ground.
//!
//! * [`trace()`] makes features of the detections of one model on one orthomosaic: boxes that are
//!   one object are merged, masks are joined across seams and become outlines or centrelines.
//! * [`cross_mosaic_match()`] makes one feature of those that overlapping orthomosaics show of one
//!   object.
//! * [`outline()`] and [`cover`] are the union of boxes of pixels, in pixels and on the ground.
//!
//! This crate never reads a file, never runs a model, and never suppresses one class in favour of
//! another. Everything happens in mosaic pixels first, where neighbouring tiles share their edges
//! exactly; only the result is placed on the ground.

mod arm;
mod axis;
mod best_mean;
mod bridge;
mod candidate;
mod centreline;
mod contour;
mod coverage;
mod cross_mosaic_match;
mod extent;
mod junction;
mod lines;
mod local_feature;
mod masks;
mod matcher;
mod merge;
mod mesh;
mod mosaic_frame;
mod network;
mod outline;
mod pairs;
mod place;
mod rings;
mod simplify;
mod trace;
mod unite;
mod vote;

pub use coverage::cover;
pub use cross_mosaic_match::cross_mosaic_match;
pub use outline::outline;
pub use trace::trace;

#[cfg(test)]
mod tests;
