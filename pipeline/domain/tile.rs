//! The pixels of one window at a model's scale.

use crate::{CELL_PX, GridRect, PlannedTile, QualityFlags, view::View};
use ndarray::{Array2, Array3, s};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Pixels and validity of one planned tile.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// Its place in the plan.
    pub planned: PlannedTile,
    /// Colours, (row, column, band), red first. Values where `valid` is false mean nothing.
    pub pixels: Array3<u8>,
    /// Whether the orthomosaic holds an image there, (row, column); false beyond its border.
    pub valid: Array2<bool>,
    /// Heights, metres from whatever level the surface model counts from, (row, column); NaN where
    /// it has none. `None` where no surface model is asked, the error where it could not be read:
    /// the colours are there without it.
    pub heights: Option<Result<Array2<f32>, String>>,
}

/// What is known of the heights of a tile's core.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeightStatus {
    /// No surface model is read.
    NotAsked,
    /// Some pixel has a height.
    Known,
    /// The surface model has none there.
    Missing,
    /// They could not be read, and why: the colours are there without them.
    Unreadable(String),
}

impl Tile {
    /// The cells of [`CELL_PX`] pixels of the tile's core, as rectangles of the grid, and how their
    /// ground shows in pixels of a size, metres; `None` where none does. A cell with one missing
    /// pixel counts as not assessed, and so does one of a single colour, as a collar or a damaged
    /// block has it and no ground: the map errs on the side of the gap.
    pub fn cells(&self, gsd_m: f64) -> Vec<(GridRect, Option<QualityFlags>)> {
        let PlannedTile { core, .. } = self.planned;
        let view = View::of(self, gsd_m);
        let mut runs: Vec<(Option<QualityFlags>, GridRect)> = vec![];
        for y0 in (core.y0..core.y1).step_by(CELL_PX as usize) {
            for x0 in (core.x0..core.x1).step_by(CELL_PX as usize) {
                let cell = i64::from(CELL_PX);
                let rect = GridRect { x0, y0, x1: x0 + cell, y1: y0 + cell }.clip(&core);
                let shows = self.shows_ground(&rect).then(|| view.at(&rect));
                match runs.last_mut() {
                    Some((same, run)) if *same == shows && run.y0 == y0 => run.x1 = rect.x1,
                    _ => runs.push((shows, rect)),
                }
            }
        }
        if let Some((first, _)) =
            runs.first().filter(|(first, _)| runs.iter().all(|(shows, _)| shows == first))
        {
            runs = vec![(*first, core)];
        }
        runs.into_iter().map(|(shows, rect)| (rect, shows)).collect()
    }

    /// What is known of the heights of its core.
    pub fn height_status(&self) -> HeightStatus {
        let (rows, cols) = self.within(&self.planned.core);
        match &self.heights {
            None => HeightStatus::NotAsked,
            Some(Err(cause)) => HeightStatus::Unreadable(cause.clone()),
            Some(Ok(heights))
                if heights.slice(s![rows, cols]).iter().any(|height| height.is_finite()) =>
            {
                HeightStatus::Known
            }
            Some(Ok(_)) => HeightStatus::Missing,
        }
    }

    /// Rows and columns of the tile that show a rectangle of the grid.
    fn within(&self, rect: &GridRect) -> (Range<usize>, Range<usize>) {
        let read = self.planned.read;
        let rows = (rect.y0 - read.y0) as usize..(rect.y1 - read.y0) as usize;
        (rows, (rect.x0 - read.x0) as usize..(rect.x1 - read.x0) as usize)
    }

    fn shows_ground(&self, rect: &GridRect) -> bool {
        let (rows, cols) = self.within(rect);
        let colours = self.pixels.slice(s![rows.clone(), cols.clone(), ..]);
        let first = colours.slice(s![0, 0, ..]);
        // A cell of one pixel, at the border of a raster, cannot be judged by its colour.
        let single = rect.width() * rect.height() > 1
            && colours.rows().into_iter().all(|colour| colour == first);
        !single && self.valid.slice(s![rows, cols]).iter().all(|valid| *valid)
    }
}
