//! A model as the survey sees it: what it knows and at which scale; never its weights.

use crate::{Class, TileSpec, class::display_as_serialised};
use serde::{Deserialize, Serialize};

/// What a model gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Boxes around objects.
    Detect,
    /// A mask per class.
    Segment,
}
display_as_serialised!(Task);

/// A model's description.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Name, for example `surface-ordnance`.
    pub name: String,
    /// Version of weights and description together.
    pub version: String,
    /// SHA-256 of the .onnx file, hex.
    pub digest: String,
    /// What it gives back.
    pub task: Task,
    /// Scale at which it wants its pixels, metres per pixel.
    pub gsd_m: f64,
    /// Tile and halo, grid pixels.
    pub tile: TileSpec,
    /// What it can name, in the order of its outputs.
    pub classes: Vec<Class>,
}
