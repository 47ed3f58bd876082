//! A tile -> its coverage cells, each with how well its ground can be seen.

use crate::{CELL_PX, GridRect, QualityFlags, Tile, quality_map::QualityMap};
use ndarray::s;

impl Tile {
    /// The coverage cells of [`CELL_PX`] pixels of the tile's core, neighbours of a row that are
    /// alike as one rectangle of the grid, and how well their ground can be seen in pixels of
    /// `gsd_m` metres; `None` for cells that show no ground. A cell with one missing pixel counts
    /// as not assessed, and so does one of a single colour, as a collar or a damaged block has it
    /// and no ground: the map errs on the side of the gap.
    ///
    /// ```
    /// use ndarray::{Array2, Array3};
    /// use rams_domain::{Grid, GridRect, QualityFlags, RasterSize};
    /// use rams_domain::{Tile, TileId, TilePlan, TileSpec};
    ///
    /// let grid = Grid::new(RasterSize { width: 64, height: 32 }, [0.004, 0.004], 0.004);
    /// let plan = TilePlan::new(grid, TileSpec { tile_px: 64, halo_px: 0 })?;
    /// // Grains of bare soil, and no image in the first column of cells.
    /// let soil = |(row, col, _)| 120 + ((7 * row + 13 * col) % 30) as u8;
    /// let tile = Tile {
    ///     planned: plan.tile(TileId(0)),
    ///     pixels: Array3::from_shape_fn((64, 64, 3), soil),
    ///     valid: Array2::from_shape_fn((64, 64), |(row, col)| row < 32 && col >= 16),
    ///     heights: None,
    /// };
    /// let cells = tile.cells(0.004);
    /// assert_eq!(cells[0], (GridRect { x0: 0, y0: 0, x1: 16, y1: 16 }, None));
    /// let clear = Some(QualityFlags::default());
    /// assert_eq!(cells[1], (GridRect { x0: 16, y0: 0, x1: 64, y1: 16 }, clear));
    /// # Ok::<(), rams_domain::PlanError>(())
    /// ```
    pub fn cells(&self, gsd_m: f64) -> Vec<(GridRect, Option<QualityFlags>)> {
        let core = self.planned.core;
        let map = QualityMap::of(self, gsd_m);
        let mut runs: Vec<(GridRect, Option<QualityFlags>)> = vec![];
        for y0 in (core.y0..core.y1).step_by(CELL_PX as usize) {
            for x0 in (core.x0..core.x1).step_by(CELL_PX as usize) {
                let side = i64::from(CELL_PX);
                let cell = GridRect { x0, y0, x1: x0 + side, y1: y0 + side }.clip(&core);
                let quality = self.shows_ground(&cell).then(|| map.at(&cell));
                match runs.last_mut() {
                    Some((run, same)) if *same == quality && run.y0 == y0 => run.x1 = cell.x1,
                    _ => runs.push((cell, quality)),
                }
            }
        }
        match runs.first() {
            Some((_, first)) if runs.iter().all(|(_, quality)| quality == first) => {
                vec![(core, *first)]
            }
            _ => runs,
        }
    }

    /// Whether every pixel of a cell is there and not all have the same colour.
    fn shows_ground(&self, cell: &GridRect) -> bool {
        let (rows, cols) = self.span(cell);
        let colours = self.pixels.slice(s![rows.clone(), cols.clone(), ..]);
        let first = colours.slice(s![0, 0, ..]);
        // A cell of one pixel, at the border of a raster, cannot be judged by its colour.
        let single = cell.width() * cell.height() > 1
            && colours.rows().into_iter().all(|colour| colour == first);
        !single && self.valid.slice(s![rows, cols]).iter().all(|valid| *valid)
    }
}
