//! A part of a raster.

/// A region of the raster: its first pixel and its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Region {
    /// The region with `margin` more pixels on each side.
    pub(crate) fn grown(self, margin: usize) -> Self {
        let (left, both) = (margin as i64, 2 * margin);
        Self {
            x: self.x - left,
            y: self.y - left,
            width: self.width + both,
            height: self.height + both,
        }
    }
}
