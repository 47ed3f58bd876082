//! The pixels of one window at a model's scale.

use crate::{CELL_PX, Grid, GridRect, PlannedTile, PxBox};
use ndarray::{Array2, Array3, s};

/// Pixels and validity of one planned tile.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// Its place in the plan.
    pub planned: PlannedTile,
    /// Colours, (row, column, band), red first. Values where `valid` is false mean nothing.
    pub pixels: Array3<u8>,
    /// Whether the orthomosaic holds an image there, (row, column); false beyond its border.
    pub valid: Array2<bool>,
}

impl Tile {
    /// The cells of [`CELL_PX`] pixels of the tile's core, as boxes in mosaic pixels: (those
    /// whose every pixel is valid, the others). A cell with one missing pixel counts as not
    /// assessed: the map errs on the side of the gap.
    pub fn cells(&self, grid: &Grid) -> (Vec<PxBox>, Vec<PxBox>) {
        let PlannedTile { core, read, .. } = self.planned;
        let cell = i64::from(CELL_PX);
        let is_whole = |rect: &GridRect| {
            let rows = (rect.y0 - read.y0) as usize..(rect.y1 - read.y0) as usize;
            let cols = (rect.x0 - read.x0) as usize..(rect.x1 - read.x0) as usize;
            self.valid.slice(s![rows, cols]).iter().all(|valid| *valid)
        };
        if is_whole(&core) {
            return (vec![grid.rect_to_mosaic(&core)], vec![]);
        }
        let (mut whole, mut broken) = (vec![], vec![]);
        for y0 in (core.y0..core.y1).step_by(CELL_PX as usize) {
            let mut run: Option<(bool, GridRect)> = None;
            for x0 in (core.x0..core.x1).step_by(CELL_PX as usize) {
                let rect = GridRect { x0, y0, x1: x0 + cell, y1: y0 + cell }.clip(&core);
                let state = is_whole(&rect);
                match &mut run {
                    Some((running, so_far)) if *running == state => so_far.x1 = rect.x1,
                    _ => {
                        if let Some((state, rect)) = run.replace((state, rect)) {
                            if state { &mut whole } else { &mut broken }.push(grid.rect_to_mosaic(&rect));
                        }
                    }
                }
            }
            if let Some((state, rect)) = run {
                if state { &mut whole } else { &mut broken }.push(grid.rect_to_mosaic(&rect));
            }
        }
        (whole, broken)
    }
}
