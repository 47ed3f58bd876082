//! A box that may be turned.

use rams_domain::PxBox;

/// A box in tile pixels, turned by an angle, radians, from the x axis towards the y axis.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OrientedBox {
    /// x and y.
    pub(crate) centre: (f64, f64),
    /// Width and height.
    pub(crate) size: (f64, f64),
    pub(crate) angle: f64,
}

impl OrientedBox {
    /// The upright box around it.
    pub(crate) fn bounds(&self) -> PxBox {
        let (sin, cos) = self.angle.sin_cos();
        let (width, height) = self.size;
        // An upright box keeps its sides exactly, the wrong way round too: that is a sign of
        // trouble.
        let (x, y) = if self.angle == 0.0 {
            (width / 2.0, height / 2.0)
        } else {
            (
                ((width * cos).abs() + (height * sin).abs()) / 2.0,
                ((width * sin).abs() + (height * cos).abs()) / 2.0,
            )
        };
        PxBox {
            x0: self.centre.0 - x,
            y0: self.centre.1 - y,
            x1: self.centre.0 + x,
            y1: self.centre.1 + y,
        }
    }

    /// Whether it can be a box in pixels: sides below a pixel, or the wrong way round, are the sign
    /// of another layout or of coordinates from 0 to 1, and all such finds would be lost.
    pub(crate) fn has_area(&self) -> bool {
        self.size.0 >= 1.0 && self.size.1 >= 1.0
    }

    /// Whether a position, tile pixels, lies in it.
    pub(crate) fn holds(&self, x: f64, y: f64) -> bool {
        let (sin, cos) = self.angle.sin_cos();
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        (dx * cos + dy * sin).abs() <= self.size.0 / 2.0
            && (dy * cos - dx * sin).abs() <= self.size.1 / 2.0
    }
}
