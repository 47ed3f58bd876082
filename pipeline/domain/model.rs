//! A model as the survey sees it: what it knows and at which scale; never its weights.

use crate::{Class, TileSpec, class::GSD_LENIENCY, display::display_as_serialised};
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
    /// SHA-256 of its files, hex: of the .onnx, or, where that keeps weights in other files, of the
    /// digests of all of them, one on a line.
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
        parent
            .and_then(|parent| self.classes.iter().position(|other| other.name == *parent))
            .unwrap_or(class)
    }

    /// What a find of a class is called in an input of a GSD: where pixels are too large to tell
    /// the kinds of a family apart, or for that kind at all, the family.
    pub fn named_at(&self, class: usize, gsd_m: f64) -> usize {
        let kind = &self.classes[class];
        match kind.gsd_name_m {
            Some(limit_m) if gsd_m > limit_m * GSD_LENIENCY || !kind.is_assessable_at(gsd_m) => {
                self.family(class)
            }
            _ => class,
        }
    }

    /// Whether a find of a class in an input of a GSD says anything. Of a family one kind must be
    /// assessable there; of a kind itself, or else its family, if that is of the same category of
    /// ordnance: categories never mix. Of others the model saw what it was never seen to find in
    /// such pixels.
    pub fn is_in_reach(&self, class: usize, gsd_m: f64) -> bool {
        let (own, family) = (&self.classes[class], &self.classes[self.family(class)]);
        let is_kind_in_reach = |kind: &Class| {
            kind.parent.as_ref() == Some(&family.name) && kind.is_assessable_at(gsd_m)
        };
        let by_family =
            own.eo_category == family.eo_category && self.classes.iter().any(is_kind_in_reach);
        by_family || (!self.is_family(own) && own.is_assessable_at(gsd_m))
    }

    /// Whether a class has kinds of its own. It is no more than they are: what was looked for, and
    /// what was not, is said of the kinds.
    pub fn is_family(&self, class: &Class) -> bool {
        self.classes.iter().any(|other| other.parent.as_deref() == Some(&class.name))
    }
}
