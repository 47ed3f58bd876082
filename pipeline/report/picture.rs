//! What the report shows of the imagery: it asks for a window of the ground and is given pictures.

use geo::{AffineTransform, Coord, Rect, coord};
use rams_domain::{PxBox, RasterSize};

/// A window of the ground of which the report wants pictures.
pub struct Shot<'a> {
    /// Where, local metres of the survey's ground.
    pub rect: Rect,
    /// Longest side of a picture, pixels: more would not be seen in print.
    pub longest_px: u32,
    /// The orthomosaic in which a find was seen; without it all that lie there.
    pub orthomosaic: Option<&'a str>,
}

/// A picture of a part of an orthomosaic.
pub struct Picture {
    /// The picture as a JPEG file.
    pub jpeg: Vec<u8>,
    /// Its size.
    pub size: RasterSize,
    /// What it shows, mosaic pixels.
    pub window: PxBox,
    /// From mosaic pixels to local metres of the survey's ground.
    pub to_metres: AffineTransform,
}

impl Picture {
    /// Local metres of a place in mosaic pixels.
    pub(crate) fn place(&self, x: f64, y: f64) -> Coord {
        self.to_metres.apply(coord! { x: x, y: y })
    }

    /// Local metres of the outline of a box in mosaic pixels, a parallelogram where the orthomosaic
    /// does not lie north-up.
    pub(crate) fn outline(&self, px: &PxBox) -> [Coord; 4] {
        [(px.x0, px.y0), (px.x1, px.y0), (px.x1, px.y1), (px.x0, px.y1)]
            .map(|(x, y)| self.place(x, y))
    }
}
