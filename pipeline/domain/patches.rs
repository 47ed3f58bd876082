//! A tile -> numbers of its patches: how bright, how coarse, how green, how blurred.

use crate::{GridRect, Tile, plane::Plane};
use ndarray::s;
use std::ops::Range;

/// A patch is 2 to the power of this many grains wide.
const PATCH_LEVELS: u32 = 2;

/// A block, the ground that is judged at once, is this many patches wide.
pub(crate) const BLOCK_PATCHES: usize = 2;

/// Green above red and blue, as a share of all three, from which on a grain is a leaf.
const LEAF: f32 = 0.05;

/// Under the sky alone, as in a shadow, ground is at least this many times as blue as red.
const SKY_BLUE: f32 = 1.2;

/// Colours from here up in all bands are white, to here down black.
const WHITE: u8 = 250;
const SPENT_BLACK: u8 = 2;

/// A patch whose heights differ by more than this share of its width is steeper than loose earth
/// lies, by far. Trench walls are steep too, but not most of the ground: crowns and rubble are, in
/// leaf or not.
const STEEP: f32 = 1.25;

/// Which pixels of a tile make a patch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PatchGrid {
    /// Column and row of the tile's pixels at which the first patch begins.
    pub(crate) first_px: (usize, usize),
    /// Patches across and down.
    pub(crate) cols: usize,
    pub(crate) rows: usize,
    /// A grain is 2 to the power of this many pixels wide.
    pub(crate) levels: u32,
    /// Size of a pixel, metres.
    pub(crate) gsd_m: f64,
}

impl PatchGrid {
    /// The blocks of a tile, counted from the corner of its core, for grains of 2^`levels` pixels.
    pub(crate) fn over(tile: &Tile, levels: u32, gsd_m: f64) -> Self {
        let GridRect { x0, y0, .. } = tile.planned.core;
        let (read, block) = (tile.planned.read, block_px(levels));
        let start = |core: i64, read: i64| (core - read) as usize % block;
        let (left, top) = (start(x0, read.x0), start(y0, read.y0));
        let count = |length: usize, start: usize| (length - start) / block * BLOCK_PATCHES;
        let (cols, rows) = (count(read.width(), left), count(read.height(), top));
        Self { first_px: (left, top), cols, rows, levels, gsd_m }
    }

    fn grain_px(&self) -> usize {
        1 << self.levels
    }

    fn patch_px(&self) -> usize {
        1 << (self.levels + PATCH_LEVELS)
    }

    /// Width and height of all patches together, pixels.
    fn size_px(&self) -> (usize, usize) {
        (self.cols * self.patch_px(), self.rows * self.patch_px())
    }
}

/// Width of a block whose grains are 2^`levels` pixels wide, pixels: whole coverage cells, 16 px
/// for one level.
pub(crate) fn block_px(levels: u32) -> usize {
    BLOCK_PATCHES << (levels + PATCH_LEVELS)
}

/// Numbers of each patch of a tile, row by row.
pub(crate) struct Patches {
    pub(crate) cols: usize,
    pub(crate) rows: usize,
    /// Whether the tile has an image at all its pixels.
    complete: Vec<bool>,
    /// Mean brightness, grey levels.
    pub(crate) light: Vec<f32>,
    /// Contrast at one and two grains, grey levels.
    pub(crate) contrast: Vec<f32>,
    /// Share of its grains that are leaves.
    pub(crate) leaf: Vec<f32>,
    /// How much bluer it is than a shadow under the sky must be, grey levels.
    pub(crate) cold: Vec<f32>,
    /// Share of its pixels that are white or black.
    pub(crate) spent: Vec<f32>,
    /// 1 where its heights are steep, 0 where not or not known.
    pub(crate) steep: Vec<f32>,
    /// Bend of the brightness at 1, 2, 4 ... pixels, to two grains.
    pub(crate) bends: Vec<Vec<f32>>,
}

impl Patches {
    pub(crate) fn of(tile: &Tile, grid: &PatchGrid) -> Self {
        let sums = PixelSums::of(tile, grid);
        let (patch, grain) = (grid.patch_px(), grid.grain_px());
        let of_grains = |value: fn(&[u32; 3], usize) -> f32| {
            let values = sums.colours.iter().map(|colour| value(colour, grain * grain)).collect();
            Plane { width: grid.cols * patch / grain, values }.means(patch / grain)
        };
        let (leaf, cold) = (of_grains(leaf), of_grains(coldness));
        let light = sums.brightness.means(patch);
        let (bends, contrast) = texture(sums.brightness, grid);
        let spent = sums.spent.iter().map(|count| *count as f32 / (patch * patch) as f32).collect();
        let steep = steepness(tile, grid);
        let (cols, rows, complete) = (grid.cols, grid.rows, sums.complete);
        Self { cols, rows, complete, light, contrast, leaf, cold, spent, steep, bends }
    }

    /// Brightness of the brighter parts of the tile.
    pub(crate) fn bright(&self) -> f32 {
        let mut light: Vec<f32> = self
            .complete_in(0, 0, self.cols.max(self.rows))
            .iter()
            .map(|at| self.light[*at])
            .collect();
        light.sort_unstable_by(f32::total_cmp);
        light.get(3 * light.len() / 4).copied().unwrap_or(0.0)
    }

    /// The patches with an image in the block that begins at a column and row of patches, and in a
    /// margin of patches around it.
    pub(crate) fn complete_in(&self, col: usize, row: usize, margin: usize) -> Vec<usize> {
        let span = |at: usize, count: usize| {
            at.saturating_sub(margin)..(at + BLOCK_PATCHES + margin).min(count)
        };
        let rows = span(row, self.rows);
        rows.flat_map(|row| span(col, self.cols).map(move |col| row * self.cols + col))
            .filter(|at| self.complete[*at])
            .collect()
    }
}

/// What one pass over the pixels of a tile adds up.
struct PixelSums {
    /// Of each patch: whether the tile has an image at all its pixels.
    complete: Vec<bool>,
    /// Of each patch: its pixels that are white or black.
    spent: Vec<u32>,
    /// Of each grain: its colours, added up.
    colours: Vec<[u32; 3]>,
    /// Of each pixel.
    brightness: Plane,
}

impl PixelSums {
    fn of(tile: &Tile, grid: &PatchGrid) -> Self {
        let (grain, patch, patches) = (grid.grain_px(), grid.patch_px(), grid.cols * grid.rows);
        let ((left, top), (width, height)) = (grid.first_px, grid.size_px());
        let (mut complete, mut spent) = (vec![true; patches], vec![0u32; patches]);
        let mut brightness = Plane { width, values: Vec::with_capacity(width * height) };
        let mut colours = vec![[0u32; 3]; (width / grain) * (height / grain)];
        let (pixels, valid) = (tile.pixels.as_standard_layout(), tile.valid.as_standard_layout());
        for y in 0..height {
            let row = pixels.slice(s![top + y, left..left + width, ..]);
            let row = row.as_slice().expect("a row in standard layout is in one piece");
            brightness.values.extend(row.chunks_exact(3).map(grey));
            let first = y / patch * grid.cols;
            let valid = valid.slice(s![top + y, left..left + width]);
            let valid = valid.as_slice().expect("a row in standard layout is in one piece");
            for (complete, valid) in complete[first..].iter_mut().zip(valid.chunks_exact(patch)) {
                *complete &= !valid.contains(&false);
            }
            let sums = colours[y / grain * (width / grain)..].iter_mut();
            for (number, (sum, grain)) in sums.zip(row.chunks_exact(3 * grain)).enumerate() {
                let spent = &mut spent[first + (number >> PATCH_LEVELS)];
                for pixel in grain.chunks_exact(3) {
                    sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u32::from(*value));
                    *spent += u32::from(is_spent(pixel));
                }
            }
        }
        Self { complete, spent, colours, brightness }
    }
}

/// Bend of the brightness at 1, 2, 4 ... pixels, to two grains, and contrast at one and two grains,
/// both of each patch.
fn texture(mut brightness: Plane, grid: &PatchGrid) -> (Vec<Vec<f32>>, Vec<f32>) {
    let (mut bends, mut details) = (vec![], vec![]);
    for level in 0..=grid.levels + 1 {
        let (side, half) = (grid.patch_px() >> level, brightness.halved());
        bends.push(brightness.bend().means(side));
        if level >= grid.levels {
            details.push(brightness.detail(&half).means(side));
        }
        brightness = half;
    }
    let contrast = (0..grid.cols * grid.rows)
        .map(|at| (0.5 * details.iter().map(|it| it[at] * it[at]).sum::<f32>()).sqrt());
    (bends, contrast.collect())
}

/// 1 for each patch whose heights are steep, 0 where not or not known.
fn steepness(tile: &Tile, grid: &PatchGrid) -> Vec<f32> {
    let ((left, top), patch) = (grid.first_px, grid.patch_px());
    let steep_m = STEEP * (grid.gsd_m * patch as f64) as f32;
    let is_steep = |at: usize| {
        let (y, x) = (top + at / grid.cols * patch, left + at % grid.cols * patch);
        spans_more(tile, (y..y + patch, x..x + patch), steep_m)
    };
    (0..grid.cols * grid.rows).map(|at| f32::from(u8::from(is_steep(at)))).collect()
}

/// Whether the heights of a part of a tile lie farther apart than a limit, metres.
fn spans_more(tile: &Tile, (rows, cols): (Range<usize>, Range<usize>), limit_m: f32) -> bool {
    let Some(Ok(heights)) = &tile.heights else { return false };
    let finite =
        heights.slice(s![rows, cols]).into_iter().copied().filter(|height| height.is_finite());
    let (low, high) = finite
        .fold((f32::MAX, f32::MIN), |(low, high), height| (low.min(height), high.max(height)));
    high - low > limit_m
}

fn grey(pixel: &[u8]) -> f32 {
    let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u16::from);
    f32::from(red + 2 * green + blue) / 4.0
}

/// Whether a pixel is as white or as black as the camera goes.
fn is_spent(pixel: &[u8]) -> bool {
    let low = pixel[0].min(pixel[1]).min(pixel[2]);
    low >= WHITE || pixel[0].max(pixel[1]).max(pixel[2]) <= SPENT_BLACK
}

/// 1 if a colour, added up over a number of pixels, is that of a leaf, else 0. What is nearly black
/// has no colour.
fn leaf([red, green, blue]: &[u32; 3], pixels: usize) -> f32 {
    let sum = red + green + blue;
    let green = 2 * i64::from(*green) - i64::from(red + blue);
    let is_leaf = sum as usize > 24 * pixels && green as f32 > LEAF * sum as f32;
    f32::from(u8::from(is_leaf))
}

/// How much bluer than a shadow under the sky a colour is that was added up over a number of
/// pixels, grey levels.
fn coldness([red, _, blue]: &[u32; 3], pixels: usize) -> f32 {
    (*blue as f32 - SKY_BLUE * *red as f32) / pixels as f32
}
