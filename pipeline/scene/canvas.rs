//! The pixels of a region while they are painted, before light and lens.

use crate::region::Region;
use geo::{Coord, coord};

/// What a pixel of ground looks like.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pixel {
    /// Red, green, blue in level sunlight, 0 to 255.
    pub(crate) colour: [f32; 3],
    /// Sunlight against level ground: 0 in shadow.
    pub(crate) sun: f32,
    /// Light of the sky against open ground.
    pub(crate) sky: f32,
    /// Sunlight and skylight without the shadows of small things, for what is laid over them.
    pub(crate) open: [f32; 2],
    /// Height of the grass, about 0; below -3 where there is none.
    pub(crate) blade: f32,
}

/// The pixels of a region before light and lens.
#[derive(Debug)]
pub(crate) struct Canvas {
    x0: i64,
    y0: i64,
    width: usize,
    gsd_m: f64,
    /// Row by row.
    pub(crate) pixels: Vec<Pixel>,
}

impl Canvas {
    /// An empty canvas of a region whose pixels have this side, metres.
    pub(crate) fn new(region: Region, gsd_m: f64) -> Self {
        let pixels = vec![Pixel::default(); region.width * region.height];
        Self { x0: region.x, y0: region.y, width: region.width, gsd_m, pixels }
    }

    /// Width and height, pixels.
    pub(crate) fn size(&self) -> [usize; 2] {
        [self.width, self.pixels.len() / self.width]
    }

    /// Upper left and lower right corner, scene metres.
    pub(crate) fn bounds(&self) -> (Coord, Coord) {
        let [_, height] = self.size();
        let place = |x: i64, y: i64| coord! { x: x as f64 * self.gsd_m, y: y as f64 * self.gsd_m };
        (place(self.x0, self.y0), place(self.x0 + self.width as i64, self.y0 + height as i64))
    }

    /// Side of a pixel, metres.
    pub(crate) fn gsd_m(&self) -> f64 {
        self.gsd_m
    }

    /// Calls `change` with the middle (scene metres) of each pixel that a box may touch.
    pub(crate) fn for_each_in(
        &mut self,
        low: Coord,
        high: Coord,
        mut change: impl FnMut(Coord, &mut Pixel),
    ) {
        let [_, height] = self.size();
        let clip = |metres: f64, first: i64, count: usize| {
            ((metres / self.gsd_m).floor() as i64 - first).clamp(0, count as i64) as usize
        };
        let (left, right) =
            (clip(low.x, self.x0, self.width), clip(high.x + self.gsd_m, self.x0, self.width));
        let (top, bottom) =
            (clip(low.y, self.y0, height), clip(high.y + self.gsd_m, self.y0, height));
        for row in top..bottom {
            for col in left..right {
                let place = coord! {
                    x: ((self.x0 + col as i64) as f64 + 0.5) * self.gsd_m,
                    y: ((self.y0 + row as i64) as f64 + 0.5) * self.gsd_m,
                };
                change(place, &mut self.pixels[row * self.width + col]);
            }
        }
    }
}
