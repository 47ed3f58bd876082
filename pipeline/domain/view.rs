//! What the pixels of a tile let anyone see, block by block.
//!
//! Leaves and the dark between them make contrast as coarse as an object; a lawn is as green and
//! has none there. So green alone decides nothing, nor does contrast. Measured on aerial images of
//! 2.5 to 17 mm and of 10 cm: lawns and dry grass 1 to 7 %, tree crowns and shrubs 9 to 25 %.

use crate::{CELL_PX, GridRect, QualityFlags, Tile, plane::Plane};
use ndarray::s;
use std::ops::Range;

/// Contrast is measured at this size and twice it, metres, or at twice the pixels if they are
/// coarser.
const GRAIN_M: f64 = 0.03;

/// Patches are this many grains wide, and a block is two patches: 0.26 m at 4 mm, 1.6 m at 10 cm.
const PATCH_LEVELS: u32 = 2;
const BLOCK_PATCHES: usize = 2;

/// Patches around a block that it is judged with, on each side; blocks likewise.
const CONTEXT_PATCHES: usize = 2;
const SURROUNDINGS_BLOCKS: usize = 2;

/// Green above red and blue, as a share of all three, from which on a grain is a leaf.
const LEAF: f32 = 0.05;

/// (least contrast, least share of leaves) of plants that hide the ground: leaves everywhere, or
/// some leaves and more dark between them. Ground of coarser grain is smoother.
const PLANTS_FINE: [(f32, f32); 2] = [(0.08, 0.4), (0.10, 0.15)];
const PLANTS_COARSE: [(f32, f32); 2] = [(0.06, 0.4), (0.10, 0.15)];
const COARSE_M: f64 = 0.1;

/// A patch whose heights differ by more than this share of its width is steeper than loose earth
/// lies, by far. Trench walls are steep too, but not most of the ground: crowns and rubble are, in
/// leaf or not.
const STEEP: f32 = 1.25;

/// Grey levels of 255: darker than this with less contrast, or darker than this at all, an object
/// differs from the ground by less than the image's own steps.
const SHADOW: (f32, f32) = (40.0, 2.0);
const BLACK: f32 = 12.0;

/// Where the image's black is lifted, as haze and processing do: what is darker than this share of
/// the bright parts of its tile, as blue as this over red under the sky alone, with no more
/// contrast than this. Of coarse grain only: a tile of 3 m may be all shadow, and cannot be its own
/// measure.
const LIFTED: (f32, f32, f32) = (0.6, 1.2, 0.06);

/// Colours from here up in all bands are white, to here down black.
const WHITE: u8 = 250;
const SPENT_BLACK: u8 = 2;

/// Bend of the brightness from pixel to pixel, less than this share of that at twice the scale, is
/// what is left by interpolation: 0.25 for a smooth surface, 0.3 to 0.45 measured in images blurred
/// on purpose, above 0.55 in sharp ones.
const INTERPOLATED: f32 = 0.5;

/// Grey levels: a bend below this is the rounding of the pixels.
const ROUNDING: f32 = 1.5;

/// How the blocks of a tile show.
pub(crate) struct View {
    origin: (i64, i64),
    block_px: i64,
    cols: usize,
    sights: Vec<QualityFlags>,
}

impl View {
    /// Judges a tile of pixels of a size, metres. Blocks are counted from the corner of its core.
    pub(crate) fn of(tile: &Tile, gsd_m: f64) -> Self {
        let read = tile.planned.read;
        let side = read.width().min(read.height());
        let wanted = (GRAIN_M / gsd_m).log2().ceil().clamp(1.0, 8.0) as u32;
        let fits = |levels: &u32| block_px(*levels) <= side;
        let levels = (1..=wanted).rev().find(fits).unwrap_or(1);
        let block = block_px(levels);
        let start = |core: i64, read: i64| (core - read) as usize % block;
        let (left, top) =
            (start(tile.planned.core.x0, read.x0), start(tile.planned.core.y0, read.y0));
        let (cols, rows) = ((read.width() - left) / block, (read.height() - top) / block);
        let steep_m = STEEP * (gsd_m * f64::from(1 << (levels + PATCH_LEVELS))) as f32;
        let patches = Patches::of(tile, (left, top), (cols, rows), levels, steep_m);
        let is_fine = gsd_m * f64::from(1 << levels) < COARSE_M;
        let rules = if is_fine {
            Rules { plants: PLANTS_FINE, dusk: 0.0 }
        } else {
            Rules { plants: PLANTS_COARSE, dusk: LIFTED.0 * patches.bright() }
        };
        let mut blocks: Vec<Block> = vec![];
        for row in 0..rows {
            blocks.extend((0..cols).map(|col| patches.judge(col, row, &rules)));
        }
        let sights = (0..blocks.len()).map(|at| surrounded(&blocks, cols, at)).collect();
        let origin = (read.x0 + left as i64, read.y0 + top as i64);
        Self { origin, block_px: block as i64, cols, sights }
    }

    /// How a cell of the grid shows; what is left of the last block of a core shows like the block
    /// before it.
    pub(crate) fn at(&self, cell: &GridRect) -> QualityFlags {
        let rows = self.sights.len() / self.cols.max(1);
        let number = |at: i64, origin: i64, blocks: usize| {
            ((at - origin).max(0) / self.block_px).min(blocks as i64 - 1).max(0) as usize
        };
        let (col, row) =
            (number(cell.x0, self.origin.0, self.cols), number(cell.y0, self.origin.1, rows));
        self.sights.get(row * self.cols + col).copied().unwrap_or_default()
    }
}

/// A block is whole cells: 16 px at least.
fn block_px(levels: u32) -> usize {
    (BLOCK_PATCHES << (levels + PATCH_LEVELS)).max(CELL_PX as usize)
}

/// What a block of a tile is judged by.
struct Rules {
    plants: [(f32, f32); 2],
    /// Grey levels below which ground may lie in a shadow of lifted black.
    dusk: f32,
}

#[derive(Clone, Copy)]
struct Block {
    known: bool,
    sight: QualityFlags,
}

/// Shadow and sky between the crowns of a forest are forest too: a block most of whose surroundings
/// are overgrown is.
fn surrounded(blocks: &[Block], cols: usize, at: usize) -> QualityFlags {
    let around = |at: usize, count: usize| {
        at.saturating_sub(SURROUNDINGS_BLOCKS)..(at + SURROUNDINGS_BLOCKS + 1).min(count)
    };
    let mut sight = blocks[at].sight;
    let (mut known, mut overgrown) = (0, 0);
    for row in around(at / cols, blocks.len() / cols) {
        for block in around(at % cols, cols).map(|col| blocks[row * cols + col]) {
            known += usize::from(block.known);
            overgrown += usize::from(block.known && block.sight.vegetation);
        }
    }
    sight.vegetation |= 2 * overgrown > known;
    sight
}

/// Numbers of each patch, row by row.
struct Patches {
    cols: usize,
    rows: usize,
    /// Whether all its pixels are there.
    known: Vec<bool>,
    /// Mean brightness, grey levels.
    light: Vec<f32>,
    /// Contrast at one and two grains, grey levels.
    contrast: Vec<f32>,
    /// Share of its grains that are leaves.
    leaf: Vec<f32>,
    /// How much bluer it is than a shadow under the sky must be, grey levels.
    cold: Vec<f32>,
    /// Share of its pixels that are white or black.
    spent: Vec<f32>,
    /// 1 where its heights are steep, 0 where not or not known.
    steep: Vec<f32>,
    /// Bend of the brightness at 1, 2, 4 ... pixels, to two grains.
    bends: Vec<Vec<f32>>,
}

impl Patches {
    fn of(
        tile: &Tile,
        (left, top): (usize, usize),
        (cols, rows): (usize, usize),
        levels: u32,
        steep_m: f32,
    ) -> Self {
        let (grain, patch) = (1 << levels, 1 << (levels + PATCH_LEVELS));
        let (cols, rows) = (cols * BLOCK_PATCHES, rows * BLOCK_PATCHES);
        let (width, height) = (cols * patch, rows * patch);
        let (mut known, mut spent) = (vec![true; cols * rows], vec![0u32; cols * rows]);
        let mut light = Plane { width, values: Vec::with_capacity(width * height) };
        let mut colours = vec![[0u32; 3]; (width / grain) * (height / grain)];
        let (pixels, valid) = (tile.pixels.as_standard_layout(), tile.valid.as_standard_layout());
        for y in 0..height {
            let row = pixels.slice(s![top + y, left..left + width, ..]);
            let row = row.as_slice().expect("a row in standard layout is in one piece");
            light.values.extend(row.chunks_exact(3).map(brightness));
            let first = y / patch * cols;
            let valid = valid.slice(s![top + y, left..left + width]);
            for (known, valid) in known[first..].iter_mut().zip(valid.exact_chunks(patch)) {
                *known &= valid.iter().all(|valid| *valid);
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
        let leaves = colours
            .iter()
            .map(|colour| f32::from(u8::from(is_leaf(*colour, grain * grain))))
            .collect();
        let leaf = Plane { width: width / grain, values: leaves }.means(patch / grain);
        let colder = |[red, _, blue]: &[u32; 3]| {
            (*blue as f32 - LIFTED.1 * *red as f32) / (grain * grain) as f32
        };
        let cold = Plane { width: width / grain, values: colours.iter().map(colder).collect() }
            .means(patch / grain);
        let means = light.means(patch);
        let (mut bends, mut details) = (vec![], vec![]);
        for level in 0..=levels + 1 {
            let (side, half) = (patch >> level, light.halved());
            bends.push(light.bend().means(side));
            if level >= levels {
                details.push(light.detail(&half).means(side));
            }
            light = half;
        }
        let contrast = (0..known.len())
            .map(|at| (0.5 * details.iter().map(|it| it[at] * it[at]).sum::<f32>()).sqrt());
        let spent = spent.iter().map(|count| *count as f32 / (patch * patch) as f32).collect();
        let steep = (0..cols * rows).map(|at| {
            let (y, x) = (top + at / cols * patch, left + at % cols * patch);
            f32::from(u8::from(is_steep(tile, (y..y + patch, x..x + patch), steep_m)))
        });
        let steep = steep.collect();
        Self {
            cols,
            rows,
            contrast: contrast.collect(),
            known,
            light: means,
            leaf,
            cold,
            spent,
            steep,
            bends,
        }
    }

    /// Brightness of the brighter parts of the tile.
    fn bright(&self) -> f32 {
        let mut light: Vec<f32> = self
            .known_in(0, 0, self.cols.max(self.rows))
            .iter()
            .map(|at| self.light[*at])
            .collect();
        light.sort_unstable_by(f32::total_cmp);
        light.get(3 * light.len() / 4).copied().unwrap_or(0.0)
    }

    fn judge(&self, col: usize, row: usize, rules: &Rules) -> Block {
        let own = self.known_in(BLOCK_PATCHES * col, BLOCK_PATCHES * row, 0);
        let around = self.known_in(BLOCK_PATCHES * col, BLOCK_PATCHES * row, CONTEXT_PATCHES);
        let sight = if around.is_empty() {
            QualityFlags::default()
        } else {
            self.sight(&own, &around, rules)
        };
        Block { known: !own.is_empty(), sight }
    }

    /// Medians over the surroundings: a stone, a mine or the edge of a road is no texture.
    fn sight(&self, own: &[usize], around: &[usize], rules: &Rules) -> QualityFlags {
        let own = if own.is_empty() { around } else { own };
        let mean = |of: &[f32], over: &[usize]| {
            over.iter().map(|at| of[*at]).sum::<f32>() / over.len() as f32
        };
        let contrast =
            median(around.iter().map(|at| self.contrast[*at] / self.light[*at].max(8.0)));
        let (leaf, light, detail) =
            (mean(&self.leaf, around), mean(&self.light, own), mean(&self.contrast, own));
        let lifted = light < rules.dusk && detail < LIFTED.2 * light && mean(&self.cold, own) > 0.0;
        QualityFlags {
            vegetation: rules
                .plants
                .iter()
                .any(|(least, leaves)| contrast > *least && leaf > *leaves)
                || mean(&self.steep, around) > 0.5,
            shadow: light < BLACK || (light < SHADOW.0 && detail < SHADOW.1) || lifted,
            saturation: mean(&self.spent, own) > 0.5,
            blur: self.blur(around),
        }
    }

    /// The coarsest scale at which the image is no more than interpolated; all of them where it
    /// holds nothing at any.
    fn blur(&self, around: &[usize]) -> u8 {
        let bends: Vec<f32> =
            self.bends.iter().map(|bend| median(around.iter().map(|at| bend[*at]))).collect();
        if bends.iter().all(|bend| *bend < ROUNDING) {
            return bends.len() as u8 - 1;
        }
        let interpolated = bends.windows(2).rposition(|pair| pair[0] < INTERPOLATED * pair[1]);
        interpolated.map_or(0, |level| level as u8 + 1)
    }

    fn known_in(&self, col: usize, row: usize, margin: usize) -> Vec<usize> {
        let span = |at: usize, count: usize| {
            at.saturating_sub(margin)..(at + BLOCK_PATCHES + margin).min(count)
        };
        let rows = span(row, self.rows);
        rows.flat_map(|row| span(col, self.cols).map(move |col| row * self.cols + col))
            .filter(|at| self.known[*at])
            .collect()
    }
}

fn brightness(pixel: &[u8]) -> f32 {
    let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(u16::from);
    f32::from(red + 2 * green + blue) / 4.0
}

/// Whether a pixel is as white or as black as the camera goes.
fn is_spent(pixel: &[u8]) -> bool {
    let low = pixel[0].min(pixel[1]).min(pixel[2]);
    low >= WHITE || pixel[0].max(pixel[1]).max(pixel[2]) <= SPENT_BLACK
}

/// Colours are sums over a number of pixels. What is nearly black has no colour.
fn is_leaf([red, green, blue]: [u32; 3], pixels: usize) -> bool {
    let sum = red + green + blue;
    let green = 2 * i64::from(green) - i64::from(red + blue);
    sum as usize > 24 * pixels && green as f32 > LEAF * sum as f32
}

fn is_steep(tile: &Tile, (rows, cols): (Range<usize>, Range<usize>), steep_m: f32) -> bool {
    let Some(Ok(heights)) = &tile.heights else { return false };
    let known =
        heights.slice(s![rows, cols]).into_iter().copied().filter(|height| height.is_finite());
    let (low, high) =
        known.fold((f32::MAX, f32::MIN), |(low, high), height| (low.min(height), high.max(height)));
    high - low > steep_m
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}
