//! What a model saw in one tile, in mosaic pixels.

use crate::TileId;
use geo::{Coord, Rect, coord};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A box in mosaic pixels; `x0 < x1`, `y0 < y1`, y downwards.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct PxBox {
    pub x0: f64,
    pub y0: f64,
    pub x1: f64,
    pub y1: f64,
}

impl PxBox {
    /// Centre of the box.
    pub fn centre(&self) -> Coord {
        coord! { x: (self.x0 + self.x1) / 2.0, y: (self.y0 + self.y1) / 2.0 }
    }

    /// Area in square pixels.
    pub fn area(&self) -> f64 {
        (self.x1 - self.x0).max(0.0) * (self.y1 - self.y0).max(0.0)
    }

    /// Area shared with another box, square pixels.
    pub fn overlap(&self, other: &PxBox) -> f64 {
        let width = self.x1.min(other.x1) - self.x0.max(other.x0);
        let height = self.y1.min(other.y1) - self.y0.max(other.y0);
        width.max(0.0) * height.max(0.0)
    }

    /// The smallest box around both.
    pub fn around(&self, other: &PxBox) -> PxBox {
        PxBox {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// The same box as a `geo` rectangle, still in mosaic pixels.
    pub fn rect(&self) -> Rect {
        Rect::new(coord! { x: self.x0, y: self.y0 }, coord! { x: self.x1, y: self.y1 })
    }
}

/// Names a detection within one orthomosaic and model: tile and rank within the tile.
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
    pub fn bounds(&self) -> Option<PxBox> {
        match self {
            Shape::Box(bounds) => Some(*bounds),
            Shape::Mask(boxes) => boxes.iter().copied().reduce(|a, b| a.around(&b)),
        }
    }
}

/// One thing a model saw in one tile.
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
}
