//! Boxes in the pixels of an orthomosaic.

use geo::{Coord, Rect, coord};
use serde::{Deserialize, Serialize};

/// A box in mosaic pixels; `x0 < x1`, `y0 < y1`, y downwards.
///
/// ```
/// use rams_domain::PxBox;
///
/// let mine = PxBox { x0: 10.0, y0: 20.0, x1: 14.0, y1: 26.0 };
/// let other = PxBox { x0: 12.0, y0: 20.0, x1: 18.0, y1: 22.0 };
/// assert_eq!((mine.centre().x, mine.centre().y), (12.0, 23.0));
/// assert_eq!((mine.area(), mine.overlap(&other)), (24.0, 4.0));
/// assert_eq!(mine.around(&other), PxBox { x0: 10.0, y0: 20.0, x1: 18.0, y1: 26.0 });
/// ```
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
