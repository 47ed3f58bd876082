//! Detection -> Feature: what several tiles saw becomes one thing on the ground.
//!
//! This crate never reads a file, never runs a model, and never suppresses one class in favour of
//! another. Everything happens in mosaic pixels first, where neighbouring tiles share their edges
//! exactly; only the result is placed on the ground.

mod axis;
mod bridge;
mod contour;
mod coverage;
mod cross_mosaic_match;
mod lines;
mod masks;
mod matcher;
mod merge;
mod mesh;
mod network;
mod outline;
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
