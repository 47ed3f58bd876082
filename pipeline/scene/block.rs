//! Paints one block of pixels: ground, then what lies on it, then the camera.

use crate::SceneSpec;
use crate::clutter;
use crate::footprint::{Covered, Footprint};
use crate::ground::{Ground, Pixel};
use crate::layout::{Layout, What};
use crate::light::Sun;
use crate::random::{at, mix, unit};
use geo::{Coord, coord};

/// Paints any region of a scene; the same pixels whatever the region and the thread.
#[derive(Debug, Clone)]
pub(crate) struct Painter {
    seed: u64,
    gsd_m: f64,
    pub(crate) layout: Layout,
    ground: Ground,
}

/// A region of the raster: its first pixel and its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) x: i64,
    pub(crate) y: i64,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// Pixels around a block that its blur needs.
const MARGIN: usize = 1;
/// Weight of each neighbour along an axis in the lens's blur, about 0.5 px.
const BLUR: f32 = 0.10;
/// Deviation of the sensor's noise, levels.
const NOISE: f32 = 2.2;

impl Painter {
    pub(crate) fn new(spec: &SceneSpec) -> Self {
        let layout = Layout::new(spec);
        let longest_px = spec.size.width.max(spec.size.height);
        let ground = Ground::new(spec.seed, spec.gsd_m, longest_px, &layout);
        Self { seed: spec.seed, gsd_m: spec.gsd_m, layout, ground }
    }

    /// The region's red, green, blue and alpha, one after the other for each pixel.
    pub(crate) fn paint(&self, region: Region) -> Vec<[u8; 4]> {
        let gsd_m = self.gsd_m;
        let middle = coord! {
            x: (region.x as f64 + region.width as f64 / 2.0) * gsd_m,
            y: (region.y as f64 + region.height as f64 / 2.0) * gsd_m,
        };
        let radius_m = (region.width as f64).hypot(region.height as f64) / 2.0 * gsd_m;
        let covered = self.layout.footprint.covers_circle(middle, radius_m);
        if covered == Covered::Not {
            return vec![[0; 4]; region.width * region.height];
        }
        let (width, height) = (region.width + 2 * MARGIN, region.height + 2 * MARGIN);
        let mut canvas = Canvas {
            x0: region.x - MARGIN as i64,
            y0: region.y - MARGIN as i64,
            width,
            gsd_m,
            pixels: vec![Pixel::default(); width * height],
        };
        self.ground.paint(&self.layout, canvas.x0, canvas.y0, width, &mut canvas.pixels);
        clutter::scatter(&mut canvas, self.seed, &self.layout);
        let (low, high) = canvas.bounds();
        for what in self.layout.near(low, high) {
            match what {
                What::Object(index) => canvas.lay(&self.layout.objects[index], &self.layout.sun),
                What::Shrub(index) => canvas.plant(&self.layout.shrubs[index], &self.layout.sun),
            }
        }
        self.expose(&canvas, region, covered)
    }

    /// Light, lens and sensor.
    fn expose(&self, canvas: &Canvas, region: Region, covered: Covered) -> Vec<[u8; 4]> {
        let lit: Vec<[f32; 3]> = canvas
            .pixels
            .iter()
            .map(|pixel| {
                let mut colour = pixel.colour;
                for (band, shade) in colour.iter_mut().zip(Sun::SHADE) {
                    *band *= shade * pixel.sky + (1.0 - shade) * pixel.sun;
                    // The highlights roll off, as in a camera's curve.
                    *band = if *band > 200.0 { 200.0 + (*band - 200.0) * 0.6 } else { *band };
                }
                colour
            })
            .collect();
        let covered = Mask::new(&self.layout.footprint, region, self.gsd_m, covered);
        let mut out = Vec::with_capacity(region.width * region.height);
        for row in 0..region.height {
            for col in 0..region.width {
                let (x, y) = (region.x + col as i64, region.y + row as i64);
                if !covered.at(&self.layout.footprint, row, col) {
                    out.push([0; 4]);
                    continue;
                }
                let middle = (row + MARGIN) * canvas.width + col + MARGIN;
                let bits = at(mix(self.seed ^ 0x5e_5e), x, y);
                let grain = unit(bits) + unit(bits << 24) - 1.0;
                let mut levels = [255; 4];
                for (band, level) in levels[..3].iter_mut().enumerate() {
                    let line =
                        |at: usize| lit[at][band] * (1.0 - 2.0 * BLUR) + (lit[at - 1][band] + lit[at + 1][band]) * BLUR;
                    let blurred = line(middle) * (1.0 - 2.0 * BLUR)
                        + (line(middle - canvas.width) + line(middle + canvas.width)) * BLUR;
                    let own = ((bits >> (8 * band)) & 0xff) as f32 / 255.0 - 0.5;
                    *level = (blurred + NOISE * (1.7 * grain + 2.0 * own) + 0.5).clamp(0.0, 255.0) as u8;
                }
                out.push(levels);
            }
        }
        out
    }
}

/// Which pixels of a region the footprint covers, told by cells where a cell is all or nothing.
struct Mask {
    region: Region,
    gsd_m: f64,
    cells: Vec<Covered>,
}

impl Mask {
    const CELL_PX: usize = 16;

    fn new(footprint: &Footprint, region: Region, gsd_m: f64, whole: Covered) -> Self {
        let cell = Self::CELL_PX as f64 * gsd_m;
        let first = coord! { x: region.x as f64 * gsd_m, y: region.y as f64 * gsd_m };
        let (cols, rows) = (region.width.div_ceil(Self::CELL_PX), region.height.div_ceil(Self::CELL_PX));
        let cells = (0..rows * cols)
            .map(|index| match whole {
                Covered::Partly => {
                    let at = coord! { x: (index % cols) as f64 + 0.5, y: (index / cols) as f64 + 0.5 };
                    footprint.covers_circle(first + at * cell, cell)
                }
                whole => whole,
            })
            .collect();
        Self { region, gsd_m, cells }
    }

    fn at(&self, footprint: &Footprint, row: usize, col: usize) -> bool {
        let cols = self.region.width.div_ceil(Self::CELL_PX);
        match self.cells[row / Self::CELL_PX * cols + col / Self::CELL_PX] {
            Covered::Whole => true,
            Covered::Not => false,
            Covered::Partly => footprint.covers(coord! {
                x: (self.region.x as f64 + col as f64 + 0.5) * self.gsd_m,
                y: (self.region.y as f64 + row as f64 + 0.5) * self.gsd_m,
            }),
        }
    }
}

/// The pixels of a region before light and lens.
#[derive(Debug)]
pub(crate) struct Canvas {
    x0: i64,
    y0: i64,
    width: usize,
    gsd_m: f64,
    pixels: Vec<Pixel>,
}

impl Canvas {
    /// Upper left and lower right corner, scene metres.
    pub(crate) fn bounds(&self) -> (Coord, Coord) {
        let height = self.pixels.len() / self.width;
        let place = |x: i64, y: i64| coord! { x: x as f64 * self.gsd_m, y: y as f64 * self.gsd_m };
        (place(self.x0, self.y0), place(self.x0 + self.width as i64, self.y0 + height as i64))
    }

    /// Side of a pixel, metres.
    pub(crate) fn gsd_m(&self) -> f64 {
        self.gsd_m
    }

    /// Calls `change` with the middle (scene metres) of each pixel that a box may touch.
    pub(crate) fn for_each_in(&mut self, low: Coord, high: Coord, mut change: impl FnMut(Coord, &mut Pixel)) {
        let height = self.pixels.len() / self.width;
        let clip = |metres: f64, first: i64, count: usize| {
            ((metres / self.gsd_m).floor() as i64 - first).clamp(0, count as i64) as usize
        };
        let (left, right) = (clip(low.x, self.x0, self.width), clip(high.x + self.gsd_m, self.x0, self.width));
        let (top, bottom) = (clip(low.y, self.y0, height), clip(high.y + self.gsd_m, self.y0, height));
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
