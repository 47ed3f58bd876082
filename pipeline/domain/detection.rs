//! What a model saw in one tile, in mosaic pixels.

use crate::{Embedding, PxBox, TileId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Names a detection within one orthomosaic and model: tile and rank within the tile.
///
/// ```
/// use rams_domain::{DetectionId, TileId};
///
/// assert_eq!(DetectionId { tile: TileId(3), index: 0 }.to_string(), "T3.0");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DetectionId {
    /// Tile it was seen in.
    pub tile: TileId,
    /// Place in the tile's list, from 0.
    pub index: u32,
}

impl fmt::Display for DetectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T{}.{}", self.tile.0, self.index)
    }
}

/// Where a detection lies, in mosaic pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Shape {
    /// A detector's box.
    Box(PxBox),
    /// A segment of one tile's core as disjoint boxes. The boxes of neighbouring tiles share their
    /// edges exactly, so that a mask continues across a seam.
    Mask(Vec<PxBox>),
}

impl Shape {
    /// The smallest box around the shape; `None` for an empty mask.
    ///
    /// ```
    /// use rams_domain::{PxBox, Shape};
    ///
    /// let left = PxBox { x0: 0.0, y0: 0.0, x1: 4.0, y1: 2.0 };
    /// let right = PxBox { x0: 4.0, y0: 1.0, x1: 6.0, y1: 5.0 };
    /// let around = PxBox { x0: 0.0, y0: 0.0, x1: 6.0, y1: 5.0 };
    /// assert_eq!(Shape::Mask(vec![left, right]).bounds(), Some(around));
    /// assert_eq!(Shape::Mask(vec![]).bounds(), None);
    /// ```
    pub fn bounds(&self) -> Option<PxBox> {
        match self {
            Shape::Box(bounds) => Some(*bounds),
            Shape::Mask(boxes) => boxes.iter().copied().reduce(|a, b| a.around(&b)),
        }
    }
}

/// One find of a model in one tile, before finds of neighbouring tiles are merged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Its name within the orthomosaic and model.
    pub id: DetectionId,
    /// Index into the model's classes.
    pub class: usize,
    /// The model's score, 0 to 1, not calibrated.
    pub score: f32,
    /// Where.
    pub shape: Shape,
    /// How it looks to the model; `None` where the model does not say.
    pub embedding: Option<Embedding>,
}
