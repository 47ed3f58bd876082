//! Seed -> orthomosaic and its exact truth.
//!
//! The project's own sample: ground, mines, dispenser parts and earthworks painted by code, for the
//! demo, the tests, the benchmarks and for training. Only outward shape, size and colour are drawn,
//! and never at a real position: a scene lies where no one surveyed. It holds no pixel of a
//! photograph unless a photo is asked for as its ground ([`Ground::Photo`]); such a scene is under
//! the photo's licence, and none is part of this project.
//!
//! [`Field`] is the other kind of scene: evidence without pixels, to measure areas on.
//!
//! A pixel is a function of the [`SceneSpec`] and its place alone, so neither the number of threads
//! nor the order of blocks changes a scene. Chance is splitmix64 over (seed, place), and nothing
//! calls a platform's sine, so a seed also means the same scene on every machine; only the
//! geotransform of a turned scene and the union of an earthwork's outline do not follow this rule.

mod angle;
mod block;
mod camera;
mod canvas;
mod classes;
mod clutter;
mod coco;
mod dsm;
mod error;
mod field;
mod footprint;
mod ground;
mod lay;
mod layout;
mod light;
mod object;
mod paint;
mod random;
mod region;
mod spec;
mod sprite;
mod terrain;
#[cfg(test)]
mod tests;
mod texture;
mod truth;
mod write;

pub use error::SceneError;
pub use field::{Field, FieldSpec, FieldSpecError, FieldTruth, Laid, TrueItem};
pub use paint::{paint, paint_many};
pub use spec::{Arrangement, CameraSpec, Ground, GroundKind, SceneSpec};
pub use truth::{SceneTruth, TrueObject};
