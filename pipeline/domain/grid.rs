//! An orthomosaic at a model's scale.

use crate::PxBox;
use serde::{Deserialize, Serialize};

/// Width and height of a raster, pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct RasterSize {
    pub width: u32,
    pub height: u32,
}

/// A rectangle in grid pixels, half open: `x0 <= x < x1`. It may reach beyond the grid: a tile at
/// the border is read with padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct GridRect {
    pub x0: i64,
    pub y0: i64,
    pub x1: i64,
    pub y1: i64,
}

impl GridRect {
    /// Width, grid pixels.
    pub fn width(&self) -> usize {
        (self.x1 - self.x0).max(0) as usize
    }

    /// Height, grid pixels.
    pub fn height(&self) -> usize {
        (self.y1 - self.y0).max(0) as usize
    }

    /// The part inside another rectangle; empty (zero width or height) if they are apart.
    pub fn clip(&self, to: &GridRect) -> GridRect {
        let (x0, y0) = (self.x0.max(to.x0), self.y0.max(to.y0));
        GridRect { x0, y0, x1: self.x1.min(to.x1).max(x0), y1: self.y1.min(to.y1).max(y0) }
    }
}

/// A file's pixels that differ from a model's by no more than this share are not resampled: that
/// would smooth every one of them to make objects larger or smaller by less than anyone can tell. A
/// map projection alone stretches metres by 0.04 %.
const AS_IS: f64 = 0.01;

/// The orthomosaic resampled to a model's GSD: the pixels that a model counts in.
///
/// ```
/// use rams_domain::{Grid, GridRect, RasterSize};
///
/// // 10,000 x 8,000 px of 2.5 mm, for a model that reads 4 mm a pixel.
/// let mosaic = RasterSize { width: 10_000, height: 8_000 };
/// let grid = Grid::new(mosaic, [0.0025, 0.0025], 0.004);
/// assert_eq!(grid.size(), RasterSize { width: 6_250, height: 5_000 });
/// assert_eq!(grid.scale(), [1.6, 1.6]);
///
/// let cell = grid.rect_to_mosaic(&GridRect { x0: 0, y0: 16, x1: 16, y1: 32 });
/// assert_eq!((cell.x1, cell.y0), (25.6, 25.6));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    size: RasterSize,
    mosaic_px_per_grid_px: [f64; 2],
}

impl Grid {
    /// The grid over a raster of `mosaic` pixels of `mosaic_gsd_m` metres (x, y) at about
    /// `gsd_m`. The scale is adjusted by less than half a grid pixel over the raster's width so
    /// that the grid covers the raster exactly: 10,000 px of 2.5 mm at 4 mm are 6,250 px. Pixels of
    /// about that size are taken as they are.
    pub fn new(mosaic: RasterSize, mosaic_gsd_m: [f64; 2], gsd_m: f64) -> Self {
        let is_near = mosaic_gsd_m.iter().all(|px_m| (px_m / gsd_m - 1.0).abs() <= AS_IS);
        let side = |px: u32, px_m: f64| {
            if is_near { px } else { ((f64::from(px) * px_m / gsd_m).round() as u32).max(1) }
        };
        let size = RasterSize {
            width: side(mosaic.width, mosaic_gsd_m[0]),
            height: side(mosaic.height, mosaic_gsd_m[1]),
        };
        let mosaic_px_per_grid_px = [
            f64::from(mosaic.width) / f64::from(size.width),
            f64::from(mosaic.height) / f64::from(size.height),
        ];
        Self { size, mosaic_px_per_grid_px }
    }

    /// Size, grid pixels.
    pub fn size(&self) -> RasterSize {
        self.size
    }

    /// Mosaic pixels per grid pixel along x and y: 1.6 for 2.5 mm read at 4 mm.
    pub fn scale(&self) -> [f64; 2] {
        self.mosaic_px_per_grid_px
    }

    /// The whole grid.
    pub fn bounds(&self) -> GridRect {
        GridRect { x0: 0, y0: 0, x1: self.size.width.into(), y1: self.size.height.into() }
    }

    /// Mosaic pixels of a position in grid pixels.
    pub fn to_mosaic(&self, x: f64, y: f64) -> (f64, f64) {
        (x * self.mosaic_px_per_grid_px[0], y * self.mosaic_px_per_grid_px[1])
    }

    /// Mosaic pixels of a rectangle. Rectangles that share an edge share it exactly afterwards.
    pub fn rect_to_mosaic(&self, rect: &GridRect) -> PxBox {
        let (x0, y0) = self.to_mosaic(rect.x0 as f64, rect.y0 as f64);
        let (x1, y1) = self.to_mosaic(rect.x1 as f64, rect.y1 as f64);
        PxBox { x0, y0, x1, y1 }
    }
}
