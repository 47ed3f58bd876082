//! A window of an orthomosaic -> a tile of the ground, bilinear.

use geo::{Coord, Rect, coord};
use rams_domain::{PxBox, RasterSize};
use rams_review::TILE_PX;
use rams_tile::Picture;

/// Red, green, blue, and 255 where there is an image.
pub(super) type Rgba = [u8; 4];

/// Cells along a side of a tile, between whose corners places are interpolated: a relation between
/// two CRS is straight over 32 pixels to a hundredth of one.
const CELLS: usize = 16;

/// Pixels of a cell.
const CELL_PX: f64 = TILE_PX as f64 / CELLS as f64;

/// Where the pixels of a tile lie in an orthomosaic, mosaic pixels.
pub(super) struct Places {
    nodes: Vec<Coord>,
}

impl Places {
    /// Of a tile, local metres; `to_px` leads from these to mosaic pixels.
    pub(super) fn of(rect: Rect, to_px: impl Fn(Coord) -> Coord) -> Self {
        let node = |row: usize, col: usize| {
            to_px(coord! {
                x: rect.min().x + rect.width() * col as f64 / CELLS as f64,
                y: rect.max().y - rect.height() * row as f64 / CELLS as f64,
            })
        };
        let rows = (0..=CELLS).flat_map(|row| (0..=CELLS).map(move |col| (row, col)));
        Self { nodes: rows.map(|(row, col)| node(row, col)).collect() }
    }

    /// Of a position in the tile, its pixels from the upper left corner.
    fn at(&self, x: f64, y: f64) -> Coord {
        let (x, y) = (x / CELL_PX, y / CELL_PX);
        let (col, row) = ((x as usize).min(CELLS - 1), (y as usize).min(CELLS - 1));
        let (right, down) = (x - col as f64, y - row as f64);
        let node = |row: usize, col: usize| self.nodes[row * (CELLS + 1) + col];
        let above = node(row, col) * (1.0 - right) + node(row, col + 1) * right;
        let below = node(row + 1, col) * (1.0 - right) + node(row + 1, col + 1) * right;
        above * (1.0 - down) + below * down
    }

    /// Mosaic pixels to a pixel of the tile, along the finer of its sides; at least one, for
    /// nothing is read enlarged.
    fn step(&self) -> f64 {
        let middle = f64::from(TILE_PX) / 2.0;
        let from = self.at(middle, middle);
        let along = |x: f64, y: f64| {
            let to = self.at(middle + x, middle + y) - from;
            to.x.hypot(to.y)
        };
        along(1.0, 0.0).min(along(0.0, 1.0)).max(1.0)
    }

    /// The whole mosaic pixels that the tile needs of an orthomosaic, and the longest side to read
    /// them at; `None` where they are apart.
    pub(super) fn window(&self, size: RasterSize) -> Option<(PxBox, u32)> {
        // Bilinear takes the next pixel too.
        let margin = 2.0 * self.step();
        let least = |of: fn(&Coord) -> f64| self.nodes.iter().map(of).fold(f64::MAX, f64::min);
        let most = |of: fn(&Coord) -> f64| self.nodes.iter().map(of).fold(f64::MIN, f64::max);
        let window = PxBox {
            x0: (least(|at| at.x) - margin).floor().max(0.0),
            y0: (least(|at| at.y) - margin).floor().max(0.0),
            x1: (most(|at| at.x) + margin).ceil().min(size.width.into()),
            y1: (most(|at| at.y) + margin).ceil().min(size.height.into()),
        };
        let (width, height) = (window.x1 - window.x0, window.y1 - window.y0);
        let longest_px = (width.max(height) / self.step()).ceil().max(1.0) as u32;
        (width > 0.0 && height > 0.0).then_some((window, longest_px))
    }

    /// The tile, of a picture of its window of an orthomosaic of that size.
    pub(super) fn resample(
        &self,
        picture: &Picture,
        size: RasterSize,
        stretch: Option<&Stretch>,
    ) -> Vec<Rgba> {
        let inside = |at: Coord| {
            (0.0..=f64::from(size.width)).contains(&at.x)
                && (0.0..=f64::from(size.height)).contains(&at.y)
        };
        let pixels = (0..TILE_PX).flat_map(|row| (0..TILE_PX).map(move |col| (row, col)));
        let pixel = |(row, col): (u32, u32)| {
            let at = self.at(f64::from(col) + 0.5, f64::from(row) + 0.5);
            let colour = inside(at).then(|| bilinear(picture, at)).flatten();
            let stretched =
                |colour: [f64; 3]| stretch.map_or(colour, |stretch| stretch.of_colour(colour));
            colour.map_or([0; 4], |colour| {
                let [red, green, blue] = stretched(colour).map(|value| value.round() as u8);
                [red, green, blue, 255]
            })
        };
        pixels.map(pixel).collect()
    }
}

/// The colour at a place, mosaic pixels, of the pixels around it that have an image; `None` where
/// most of it has none.
fn bilinear(picture: &Picture, at: Coord) -> Option<[f64; 3]> {
    let Picture { window, size, rgb, has_image } = picture;
    let x = (at.x - window.x0) * f64::from(size.width) / (window.x1 - window.x0) - 0.5;
    let y = (at.y - window.y0) * f64::from(size.height) / (window.y1 - window.y0) - 0.5;
    let (left, top) = (x.floor(), y.floor());
    let (right, down) = (x - left, y - top);
    let clamped = |value: f64, length: u32| value.clamp(0.0, f64::from(length - 1)) as usize;
    let (mut sum, mut weights) = ([0.0; 3], 0.0);
    for (step_y, weight_y) in [(0.0, 1.0 - down), (1.0, down)] {
        for (step_x, weight_x) in [(0.0, 1.0 - right), (1.0, right)] {
            let (col, row) =
                (clamped(left + step_x, size.width), clamped(top + step_y, size.height));
            let pixel = row * size.width as usize + col;
            if has_image[pixel] {
                let weight = weight_x * weight_y;
                weights += weight;
                for (sum, value) in sum.iter_mut().zip(&rgb[3 * pixel..]) {
                    *sum += weight * f64::from(*value);
                }
            }
        }
    }
    (weights >= 0.5).then(|| sum.map(|sum| sum / weights))
}

/// A darkest and a brightest value that become black and white.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    low: f64,
    high: f64,
}

impl Stretch {
    /// Of a picture, but for some percent of its darkest and of its brightest values; `None` where
    /// it has one value or none.
    pub(super) fn of(picture: &Picture, percent: f64) -> Option<Self> {
        let mut counts = [0u64; 256];
        let pixels = picture.rgb.chunks_exact(3).zip(&picture.has_image);
        for (colour, _) in pixels.filter(|(_, has_image)| **has_image) {
            colour.iter().for_each(|value| counts[usize::from(*value)] += 1);
        }
        let all: u64 = counts.iter().sum();
        let value_at = |share: f64| {
            let mut seen = 0;
            counts.iter().position(|count| {
                seen += count;
                seen as f64 > share * all as f64
            })
        };
        let share = percent.clamp(0.0, 49.0) / 100.0;
        let low = value_at(share)? as f64;
        let high = value_at(1.0 - share).unwrap_or(255) as f64;
        (high > low).then_some(Self { low, high })
    }

    pub(super) fn of_colour(&self, colour: [f64; 3]) -> [f64; 3] {
        colour.map(|value| ((value - self.low) / (self.high - self.low) * 255.0).clamp(0.0, 255.0))
    }
}
