//! Seed -> orthomosaic and its exact truth.
//!
//! The project's own sample: ground, mines, dispenser parts and earthworks painted by code, for the
//! demo, the tests and the benchmarks. Only outward shape, size and colour are drawn. It never uses
//! a pixel of a photograph, and never a real position: a scene lies where no one surveyed.
//!
//! A pixel is a function of the [`SceneSpec`] and its place alone, so neither the number of threads
//! nor the order of blocks changes a scene. Chance is splitmix64 over (seed, place), and nothing
//! calls a platform's sine, so a seed also means the same scene on every machine; only the
//! geotransform of a turned scene and the round ends of an earthwork's outline do not follow this rule.

mod block;
mod clutter;
mod earthwork;
mod error;
mod footprint;
mod ground;
mod lay;
mod layout;
mod light;
mod object;
mod paint;
mod random;
#[cfg(test)]
mod sheet;
mod spec;
mod sprite;
#[cfg(test)]
mod tests;
mod texture;
mod truth;
mod write;

pub use error::SceneError;
pub use paint::paint;
pub use spec::SceneSpec;
pub use truth::{SceneTruth, TrueObject};
