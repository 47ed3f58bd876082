//! A tile -> what its pixels let anyone see of the ground, block by block.
//!
//! Leaves and the dark between them make contrast as coarse as an object; a lawn is as green and
//! has none there. So green alone decides nothing, nor does contrast. Measured on aerial images of
//! 2.5 to 17 mm and of 10 cm: lawns and dry grass 1 to 7 %, tree crowns and shrubs 9 to 25 %.

use crate::patches::{BLOCK_PATCHES, PatchGrid, Patches, block_px};
use crate::{GridRect, QualityFlags, Tile};

/// Contrast is measured at this size and twice it, metres, or at twice the pixels if they are
/// coarser. A block is eight of it: 0.26 m at 4 mm, 1.6 m at 10 cm.
const GRAIN_M: f64 = 0.03;

/// Patches around a block that it is judged with, on each side; blocks likewise.
const CONTEXT_PATCHES: usize = 2;
const SURROUNDINGS_BLOCKS: usize = 2;

/// (least contrast, least share of leaves) of plants that hide the ground: leaves everywhere, or
/// some leaves and more dark between them. Ground of coarser grain is smoother.
const PLANTS_FINE: [(f32, f32); 2] = [(0.08, 0.4), (0.10, 0.15)];
const PLANTS_COARSE: [(f32, f32); 2] = [(0.06, 0.4), (0.10, 0.15)];
const COARSE_M: f64 = 0.1;

/// Grey levels of 255: darker than this with less contrast, or darker than [`BLACK`] at all, an
/// object differs from the ground by less than the image's own steps.
const SHADOW: f32 = 40.0;
const SHADOW_CONTRAST: f32 = 2.0;
const BLACK: f32 = 12.0;

/// Where the image's black is lifted, as haze and processing do, shadow is what is darker than this
/// share of the bright parts of its tile, has no more contrast than this, and is as blue as under
/// the sky alone. Of coarse grain only: a tile of 3 m may be all shadow, and cannot be its own
/// measure.
const LIFTED_LIGHT: f32 = 0.6;
const LIFTED_CONTRAST: f32 = 0.06;

/// Bend of the brightness from pixel to pixel, less than this share of that at twice the scale, is
/// what is left by interpolation: 0.25 for a smooth surface, 0.3 to 0.45 measured in images blurred
/// on purpose, above 0.55 in sharp ones.
const INTERPOLATED: f32 = 0.5;

/// Grey levels: a bend below this is the rounding of the pixels.
const ROUNDING: f32 = 1.5;

/// How well the ground of a tile can be seen, block by block.
pub(crate) struct QualityMap {
    /// Where the first block begins, grid pixels.
    origin: (i64, i64),
    block_px: i64,
    cols: usize,
    flags: Vec<QualityFlags>,
}

impl QualityMap {
    /// Judges a tile of pixels of a size, metres. Blocks are counted from the corner of its core.
    pub(crate) fn of(tile: &Tile, gsd_m: f64) -> Self {
        let read = tile.planned.read;
        let side = read.width().min(read.height());
        let wanted = (GRAIN_M / gsd_m).log2().ceil().clamp(1.0, 8.0) as u32;
        let fits = |levels: &u32| block_px(*levels) <= side;
        let levels = (1..=wanted).rev().find(fits).unwrap_or(1);
        let grid = PatchGrid::over(tile, levels, gsd_m);
        let patches = Patches::of(tile, &grid);
        let rules = Rules::of(&patches, gsd_m * f64::from(1 << levels));
        let (cols, rows) = (grid.cols / BLOCK_PATCHES, grid.rows / BLOCK_PATCHES);
        let blocks: Vec<Block> =
            (0..rows * cols).map(|at| rules.judge(&patches, at % cols, at / cols)).collect();
        let flags = (0..blocks.len()).map(|at| surrounded(&blocks, cols, at)).collect();
        let (left, top) = grid.first_px;
        let origin = (read.x0 + left as i64, read.y0 + top as i64);
        Self { origin, block_px: block_px(levels) as i64, cols, flags }
    }

    /// How well the ground of a cell of the grid can be seen; what is left of the last block of a
    /// core shows like the block before it.
    pub(crate) fn at(&self, cell: &GridRect) -> QualityFlags {
        let rows = self.flags.len() / self.cols.max(1);
        let number = |at: i64, origin: i64, blocks: usize| {
            ((at - origin).max(0) / self.block_px).min(blocks as i64 - 1).max(0) as usize
        };
        let (col, row) =
            (number(cell.x0, self.origin.0, self.cols), number(cell.y0, self.origin.1, rows));
        self.flags.get(row * self.cols + col).copied().unwrap_or_default()
    }
}

#[derive(Clone, Copy)]
struct Block {
    /// Whether any patch of it has an image.
    has_image: bool,
    flags: QualityFlags,
}

/// Shadow and sky between the crowns of a forest are forest too: a block most of whose surroundings
/// are overgrown is.
fn surrounded(blocks: &[Block], cols: usize, at: usize) -> QualityFlags {
    let around = |at: usize, count: usize| {
        at.saturating_sub(SURROUNDINGS_BLOCKS)..(at + SURROUNDINGS_BLOCKS + 1).min(count)
    };
    let mut flags = blocks[at].flags;
    let (mut with_image, mut overgrown) = (0, 0);
    for row in around(at / cols, blocks.len() / cols) {
        for block in around(at % cols, cols).map(|col| blocks[row * cols + col]) {
            with_image += usize::from(block.has_image);
            overgrown += usize::from(block.has_image && block.flags.vegetation);
        }
    }
    flags.vegetation |= 2 * overgrown > with_image;
    flags
}

/// What the blocks of a tile are judged by.
struct Rules {
    plants: [(f32, f32); 2],
    /// Grey levels below which ground may lie in a shadow of lifted black.
    dusk: f32,
}

impl Rules {
    fn of(patches: &Patches, grain_m: f64) -> Self {
        if grain_m < COARSE_M {
            Self { plants: PLANTS_FINE, dusk: 0.0 }
        } else {
            Self { plants: PLANTS_COARSE, dusk: LIFTED_LIGHT * patches.bright() }
        }
    }

    fn judge(&self, patches: &Patches, col: usize, row: usize) -> Block {
        let (col, row) = (BLOCK_PATCHES * col, BLOCK_PATCHES * row);
        let own = patches.complete_in(col, row, 0);
        let around = patches.complete_in(col, row, CONTEXT_PATCHES);
        let flags = if around.is_empty() {
            QualityFlags::default()
        } else {
            self.flags(patches, &own, &around)
        };
        Block { has_image: !own.is_empty(), flags }
    }

    /// Medians over the surroundings: a stone, a mine or the edge of a road is no texture.
    fn flags(&self, patches: &Patches, own: &[usize], around: &[usize]) -> QualityFlags {
        let own = if own.is_empty() { around } else { own };
        let contrast =
            median(around.iter().map(|at| patches.contrast[*at] / patches.light[*at].max(8.0)));
        let leaf = mean(&patches.leaf, around);
        let (light, detail) = (mean(&patches.light, own), mean(&patches.contrast, own));
        let is_lifted_shadow =
            light < self.dusk && detail < LIFTED_CONTRAST * light && mean(&patches.cold, own) > 0.0;
        let is_plants =
            self.plants.iter().any(|(least, leaves)| contrast > *least && leaf > *leaves);
        QualityFlags {
            vegetation: is_plants || mean(&patches.steep, around) > 0.5,
            shadow: light < BLACK
                || (light < SHADOW && detail < SHADOW_CONTRAST)
                || is_lifted_shadow,
            saturation: mean(&patches.spent, own) > 0.5,
            blur: blur(patches, around),
        }
    }
}

/// Octaves up to the coarsest scale at which the image is no more than interpolated; all of them
/// where it holds nothing at any.
fn blur(patches: &Patches, around: &[usize]) -> u8 {
    let bends: Vec<f32> =
        patches.bends.iter().map(|bend| median(around.iter().map(|at| bend[*at]))).collect();
    if bends.iter().all(|bend| *bend < ROUNDING) {
        return bends.len() as u8 - 1;
    }
    let interpolated = bends.windows(2).rposition(|pair| pair[0] < INTERPOLATED * pair[1]);
    interpolated.map_or(0, |level| level as u8 + 1)
}

/// Mean of the numbers of some patches.
fn mean(of: &[f32], patches: &[usize]) -> f32 {
    patches.iter().map(|at| of[*at]).sum::<f32>() / patches.len() as f32
}

fn median(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.collect();
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}
