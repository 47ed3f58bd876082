//! The surface model that a photogrammetry would have made of a scene: the ground and what grows on
//! it, smoothed, noisy, bent a little, with holes.

use crate::SceneSpec;
use crate::angle::length;
use crate::block::Painter;
use crate::footprint::Covered;
use crate::lay::crown;
use crate::layout::LayoutItem;
use crate::random::{Dice, mix, octaves, rise, value};
use crate::terrain::{Grid, Lattice};
use crate::write::NO_HEIGHT;
use geo::{Coord, coord};
use rayon::prelude::*;

/// A scene's surface model, painted strip by strip.
pub(crate) struct SurfaceModel<'a> {
    painter: &'a Painter,
    seed: u64,
    size: [usize; 2],
    step_m: f64,
    extent_m: [f64; 2],
    /// Height of the invented datum, of the noise and of the doming, metres.
    datum_m: f32,
    noise_m: f32,
    dome_m: f32,
    /// How readily deep shadow leaves holes, 0 to 1.
    holes: f32,
}

/// Rows of a strip, and columns of what is made at once.
const STRIP: usize = 256;
const BLOCK: usize = 512;
/// How far smoothing reaches, pixels.
const SPREAD: usize = 2;
/// A binomial kernel of five: a deviation of one pixel, 2 to 3 px across.
const KERNEL: [f32; 5] = [0.0625, 0.25, 0.375, 0.25, 0.0625];

impl<'a> SurfaceModel<'a> {
    pub(crate) fn new(spec: &SceneSpec, painter: &'a Painter) -> Self {
        let mut dice = Dice::new(spec.seed, "dsm", 0);
        Self {
            painter,
            seed: mix(spec.seed ^ 0xd5e),
            size: [spec.size.width, spec.size.height].map(|side| side.div_ceil(2) as usize),
            step_m: 2.0 * spec.gsd_m,
            extent_m: spec.extent_m(),
            datum_m: dice.between(40.0, 320.0) as f32,
            noise_m: dice.between(0.02, 0.05) as f32,
            dome_m: dice.between(-0.4, 0.4) as f32,
            holes: if dice.happens(0.5) { dice.between(0.0, 1.0) as f32 } else { 0.0 },
        }
    }

    /// Its rows from the top, some at a time.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Vec<f32>> {
        (0..self.size[1])
            .step_by(STRIP)
            .map(|first| self.strip(first, STRIP.min(self.size[1] - first)))
    }

    fn strip(&self, first: usize, rows: usize) -> Vec<f32> {
        let width = self.size[0];
        let starts: Vec<usize> = (0..width).step_by(BLOCK).collect();
        let blocks: Vec<Vec<f32>> = starts
            .par_iter()
            .map(|left| self.block(*left, first, BLOCK.min(width - left), rows))
            .collect();
        let row = |row: usize| {
            blocks.iter().flat_map(move |block| {
                let width = block.len() / rows;
                block[row * width..(row + 1) * width].iter().copied()
            })
        };
        (0..rows).flat_map(row).collect()
    }

    fn block(&self, left: usize, top: usize, cols: usize, rows: usize) -> Vec<f32> {
        let grid = Grid {
            col: left as i64 - SPREAD as i64,
            row: top as i64 - SPREAD as i64,
            cols: cols + 2 * SPREAD + 1,
            rows: rows + 2 * SPREAD + 1,
            step_m: self.step_m,
            shift: 0.5,
        };
        let footprint = &self.painter.layout.footprint;
        let (low, high) = (grid.place(0, 0), grid.place(grid.cols, grid.rows));
        let covered = footprint.covers_circle((low + high) / 2.0, length(high - low) / 2.0);
        if covered == Covered::Not {
            return vec![NO_HEIGHT; cols * rows];
        }
        let (surface, missing) = self.surface(grid);
        let smooth = smoothed(&surface, grid);
        let mut out = Vec::with_capacity(cols * rows);
        for row in SPREAD..SPREAD + rows {
            for col in SPREAD..SPREAD + cols {
                let (index, at) = (row * grid.cols + col, grid.place(col, row));
                let is_seen = covered == Covered::Whole || footprint.covers(at);
                out.push(if missing[index] || !is_seen {
                    NO_HEIGHT
                } else {
                    smooth[index] + self.error_m(at)
                });
            }
        }
        out
    }

    /// Ground and growth before the camera saw them, and where it saw neither.
    fn surface(&self, grid: Grid) -> (Vec<f32>, Vec<bool>) {
        let layout = &self.painter.layout;
        let lattice = Lattice::new(&layout.terrain, grid, &layout.sun);
        let count = grid.cols * grid.rows;
        let mut surface: Vec<f32> = (0..count)
            .map(|index| {
                let (col, row) = (index % grid.cols, index / grid.cols);
                layout.terrain.hills(grid.place(col, row)) + lattice.height_m(col, row)
            })
            .collect();
        // Relief of the works alone decides what lies in shadow.
        let lights = lattice.light(&layout.sun, &vec![0.0; count]);
        let mut missing: Vec<bool> = (0..count)
            .map(|index| {
                let (col, row) = (index % grid.cols, index / grid.cols);
                let at = grid.place(col, row);
                let patch = octaves(self.seed ^ 3, at.x / 1.7, at.y / 1.7, 3);
                let dark =
                    (1.0 - lights[index].open) * layout.sun.direct * (1.0 - lights[index].sky);
                let is_wet = lattice.coat(col, row).water > 0.5 && patch > 0.38;
                is_wet || dark * self.holes > 0.25 + 0.5 * patch
            })
            .collect();
        let (low, high) = (grid.place(0, 0), grid.place(grid.cols, grid.rows));
        for item in layout.near(low, high) {
            let LayoutItem::Shrub(index) = item else { continue };
            let shrub = &layout.shrubs[index];
            let reach_m = shrub.radius_m * 1.25;
            let node = |m: f64, first: i64, most: usize| {
                (m / self.step_m - 0.5 - first as f64).clamp(0.0, most as f64) as usize
            };
            let cols = node(shrub.centre.x - reach_m, grid.col, grid.cols)
                ..node(shrub.centre.x + reach_m + self.step_m, grid.col, grid.cols);
            let rows = node(shrub.centre.y - reach_m, grid.row, grid.rows)
                ..node(shrub.centre.y + reach_m + self.step_m, grid.row, grid.rows);
            for (row, col) in rows.flat_map(|row| cols.clone().map(move |col| (row, col))) {
                let at = grid.place(col, row);
                let (thick, leaf) = crown(shrub, at);
                if thick > 0.0 {
                    let index = row * grid.cols + col;
                    let ground_m = layout.terrain.hills(at) + lattice.height_m(col, row);
                    let top_m =
                        shrub.height_m as f32 * rise(0.0, 0.45, thick).sqrt() * (0.8 + 0.2 * leaf);
                    surface[index] = surface[index].max(ground_m + top_m);
                    // Beside a tall crown rays from two images seldom meet.
                    let is_edge = shrub.height_m > 2.5 && thick < 0.12;
                    missing[index] |=
                        is_edge && value(self.seed ^ 4, at.x / 0.9, at.y / 0.9) > 0.55;
                }
            }
        }
        (surface, missing)
    }

    /// What is wrong with it at a place, and its datum: noise over some pixels, and a slow bend.
    fn error_m(&self, at: Coord) -> f32 {
        let wave_m = 3.0 * self.step_m;
        let noise = octaves(self.seed ^ 1, at.x / wave_m, at.y / wave_m, 2) - 0.5;
        let from = coord! { x: at.x / self.extent_m[0] - 0.5, y: at.y / self.extent_m[1] - 0.5 };
        let dome = (from.x * from.x + from.y * from.y) as f32 * self.dome_m;
        let slow = (octaves(self.seed ^ 2, at.x / 45.0, at.y / 45.0, 2) - 0.5) * 0.25;
        // Value noise of two octaves deviates by about a fifth.
        self.datum_m + dome + slow + noise * 5.0 * self.noise_m
    }
}

/// Smooths along both axes; the outermost pixels are left as they are.
fn smoothed(surface: &[f32], grid: Grid) -> Vec<f32> {
    let filter = |from: &[f32], apart: usize| {
        let mut to = from.to_vec();
        let reach = SPREAD * apart;
        for index in reach..from.len() - reach {
            to[index] = KERNEL
                .iter()
                .enumerate()
                .map(|(tap, weight)| from[index + tap * apart - reach] * weight)
                .sum();
        }
        to
    };
    filter(&filter(surface, 1), grid.cols)
}
