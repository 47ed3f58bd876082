//! The windows of a survey, as data: pure, printable, the same on every machine.

use crate::{Grid, GridRect, RasterSize};
use serde::{Deserialize, Serialize};

/// Side of a coverage cell, grid pixels: the resolution of the assessed and gap layers.
pub const CELL_PX: u32 = 16;

/// Number of a tile within its plan, row by row from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TileId(pub u32);

/// How a grid is cut: what a model reads at once, and how much of it is only context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TileSpec {
    /// Side of the square a model reads, grid pixels.
    pub tile_px: u32,
    /// Context on each side, grid pixels; at least the largest object of the model's classes.
    pub halo_px: u32,
}

/// Most tiles of a plan: a thousand times those of an orthomosaic of 50,000 x 50,000 px. A file
/// that asks for more has a damaged header.
const MOST_TILES: u64 = 10_000_000;

/// Largest tile, pixels: what a model reads at once is held in memory several times.
const LARGEST_TILE_PX: u32 = 8_192;

/// Why a grid cannot be cut.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages are the documentation
pub enum PlanError {
    #[error(
        "tile of {tile_px} px with a halo of {halo_px} px leaves a core of {core} px: \
         the core must be a positive multiple of {CELL_PX} px"
    )]
    Core { tile_px: u32, halo_px: u32, core: i64 },
    #[error("tile of {tile_px} px is too large: at most {LARGEST_TILE_PX} px are read at once")]
    Tile { tile_px: u32 },
    #[error(
        "{width} x {height} px make {tiles} tiles, more than {MOST_TILES}: if the raster is as \
         large as that, cut it with `gdal_translate -srcwin`, else its header is damaged"
    )]
    TooMany { width: u32, height: u32, tiles: u64 },
}

impl TileSpec {
    /// Side of the square that a tile owns, grid pixels: 512 for 640 px with a halo of 64.
    pub fn core_px(&self) -> i64 {
        i64::from(self.tile_px) - 2 * i64::from(self.halo_px)
    }

    /// Whether the core is a positive multiple of [`CELL_PX`], so that coverage cells never
    /// straddle tiles, and a tile fits into memory.
    pub fn check(&self) -> Result<(), PlanError> {
        let (Self { tile_px, halo_px }, core) = (*self, self.core_px());
        if core <= 0 || core % i64::from(CELL_PX) != 0 {
            return Err(PlanError::Core { tile_px, halo_px, core });
        }
        if tile_px > LARGEST_TILE_PX { Err(PlanError::Tile { tile_px }) } else { Ok(()) }
    }
}

/// One window: the core it owns and the square it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedTile {
    /// Its number.
    pub id: TileId,
    /// What it owns; the cores of a plan partition the grid.
    pub core: GridRect,
    /// What it reads: always `tile_px` square, beyond the grid at its borders.
    pub read: GridRect,
}

/// All windows of one orthomosaic for one model.
///
/// ```
/// use rams_domain::{Grid, RasterSize, TileId, TilePlan, TileSpec};
///
/// let grid = Grid::new(RasterSize { width: 1_000, height: 500 }, [0.01, 0.01], 0.01);
/// let plan = TilePlan::new(grid, TileSpec { tile_px: 640, halo_px: 64 })?;
/// assert_eq!(plan.len(), 2, "cores of 512 px in one row");
///
/// let second = plan.tile(TileId(1));
/// assert_eq!((second.core.x0, second.core.width()), (512, 488), "up to the border");
/// assert_eq!((second.read.x0, second.read.width()), (448, 640), "with 64 px of context");
/// # Ok::<(), rams_domain::PlanError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TilePlan {
    grid: Grid,
    spec: TileSpec,
    cols: u32,
}

impl TilePlan {
    /// Cuts a grid into cores of [`TileSpec::core_px`], the last row and column smaller.
    pub fn new(grid: Grid, spec: TileSpec) -> Result<Self, PlanError> {
        spec.check()?;
        let (RasterSize { width, height }, core_px) = (grid.size(), spec.core_px() as u32);
        let cols = width.div_ceil(core_px);
        let tiles = u64::from(cols) * u64::from(height.div_ceil(core_px));
        if tiles > MOST_TILES {
            Err(PlanError::TooMany { width, height, tiles })
        } else {
            Ok(Self { grid, spec, cols })
        }
    }

    /// The grid it cuts.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Number of tiles.
    pub fn len(&self) -> u32 {
        self.cols * self.grid.bounds().height().div_ceil(self.spec.core_px() as usize) as u32
    }

    /// Whether there is nothing to read; never so, since a grid has at least one pixel.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tile of a number below [`TilePlan::len`].
    pub fn tile(&self, id: TileId) -> PlannedTile {
        let core_px = self.spec.core_px();
        let (x0, y0) =
            (i64::from(id.0 % self.cols) * core_px, i64::from(id.0 / self.cols) * core_px);
        let core =
            GridRect { x0, y0, x1: x0 + core_px, y1: y0 + core_px }.clip(&self.grid.bounds());
        let (halo, side) = (i64::from(self.spec.halo_px), i64::from(self.spec.tile_px));
        let read =
            GridRect { x0: x0 - halo, y0: y0 - halo, x1: x0 - halo + side, y1: y0 - halo + side };
        PlannedTile { id, core, read }
    }

    /// All tiles in order.
    pub fn tiles(&self) -> impl Iterator<Item = PlannedTile> + '_ {
        (0..self.len()).map(|id| self.tile(TileId(id)))
    }
}
