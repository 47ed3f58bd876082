//! A model as the survey sees it: what it knows and at which scale; never its weights.

use crate::{
    Class, TileSpec,
    class::{GSD_LENIENCY, display_as_serialised},
};
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

impl Model {
    /// The coarser class of a class, or the class itself if it has none; both index `classes`.
    pub fn family(&self, class: usize) -> usize {
        let parent = self.classes[class].parent.as_ref();
        parent.and_then(|parent| self.classes.iter().position(|other| other.name == *parent)).unwrap_or(class)
    }

    /// What a find of a class is called in an input of a GSD: where pixels are too large to tell
    /// the kinds of a family apart, the family.
    pub fn named_at(&self, class: usize, gsd_m: f64) -> usize {
        match self.classes[class].gsd_name_m {
            Some(limit_m) if gsd_m > limit_m * GSD_LENIENCY => self.family(class),
            _ => class,
        }
    }

    /// Whether a class has kinds of its own. It is no more than they are: what was looked for, and
    /// what was not, is said of the kinds.
    pub fn is_family(&self, class: &Class) -> bool {
        self.classes.iter().any(|other| other.parent.as_deref() == Some(&class.name))
    }
}
