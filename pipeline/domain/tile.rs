//! The pixels of one window at a model's scale.

use crate::{GridRect, PlannedTile};
use ndarray::{Array2, Array3, s};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Pixels and validity of one planned tile. All arrays have the size of `planned.read`: as many
/// rows as it is high and as many columns as it is wide, the first ones at its upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// Its place in the plan.
    pub planned: PlannedTile,
    /// Colours of 8 bits, (row, column, band), red first. Values where `valid` is false mean
    /// nothing.
    pub pixels: Array3<u8>,
    /// Whether the orthomosaic holds an image there, (row, column); false beyond its border.
    pub valid: Array2<bool>,
    /// Heights, metres from whatever level the surface model counts from, (row, column); NaN where
    /// it has none. `None` where no surface model is asked, the error where it could not be read:
    /// the colours are there without it.
    pub heights: Option<Result<Array2<f32>, String>>,
}

/// Whether the core of a tile has heights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeightStatus {
    /// No surface model is read.
    NotAsked,
    /// At least one pixel of the core has a height.
    Known,
    /// The surface model has no height in the core.
    Missing,
    /// The heights could not be read, and why; the tile has its colours all the same.
    Unreadable(String),
}

impl Tile {
    /// Whether the core of the tile has heights.
    ///
    /// ```
    /// use ndarray::{Array2, Array3};
    /// use rams_domain::{Grid, HeightStatus, RasterSize, Tile, TileId, TilePlan, TileSpec};
    ///
    /// let grid = Grid::new(RasterSize { width: 32, height: 32 }, [1.0, 1.0], 1.0);
    /// let plan = TilePlan::new(grid, TileSpec { tile_px: 32, halo_px: 0 })?;
    /// let mut tile = Tile {
    ///     planned: plan.tile(TileId(0)),
    ///     pixels: Array3::zeros((32, 32, 3)),
    ///     valid: Array2::from_elem((32, 32), true),
    ///     heights: None,
    /// };
    /// assert_eq!(tile.height_status(), HeightStatus::NotAsked);
    /// tile.heights = Some(Ok(Array2::from_elem((32, 32), f32::NAN)));
    /// assert_eq!(tile.height_status(), HeightStatus::Missing);
    /// # Ok::<(), rams_domain::PlanError>(())
    /// ```
    pub fn height_status(&self) -> HeightStatus {
        let (rows, cols) = self.span(&self.planned.core);
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

    /// Rows and columns of the tile's arrays that hold a rectangle of the grid.
    pub(crate) fn span(&self, rect: &GridRect) -> (Range<usize>, Range<usize>) {
        let read = self.planned.read;
        let rows = (rect.y0 - read.y0) as usize..(rect.y1 - read.y0) as usize;
        (rows, (rect.x0 - read.x0) as usize..(rect.x1 - read.x0) as usize)
    }
}
