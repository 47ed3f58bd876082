//! A planned window -> [`Tile`], or the [`Gap`] it leaves.

use crate::{
    TileError, open,
    valid::{Marker, valid},
    window::{self, Resampling, Source},
};
use gdal::Dataset;
use ndarray::{Array2, Array3, s};
use rams_domain::{Gap, GapReason, Grid, GridRect, Orthomosaic, PlannedTile, Tile};

/// Reads the tiles of one orthomosaic at one scale. One per thread: GDAL's datasets cannot be
/// shared.
pub struct Reader {
    dataset: Dataset,
    colour_bands: [usize; 3],
    markers: Vec<Marker>,
    grid: Grid,
}

impl Reader {
    /// A reader of its own for the calling thread.
    pub fn open(orthomosaic: &Orthomosaic, grid: Grid) -> Result<Self, TileError> {
        let dataset = open::dataset(&orthomosaic.path)?;
        Ok(Self { dataset, colour_bands: orthomosaic.colour_bands, markers: Marker::of(orthomosaic), grid })
    }

    /// Pixels and validity of a window. A window whose core holds no image, or that cannot be
    /// read, comes back as the gap that its core leaves; the colours of a core that a mask or
    /// alpha band declares empty are not even read.
    pub fn read(&mut self, planned: PlannedTile) -> Result<Tile, Gap> {
        let inside = planned.read.clip(&self.grid.bounds());
        let region = vec![self.grid.rect_to_mosaic(&planned.core)];
        let unreadable = |region, cause| Gap {
            reason: GapReason::Unreadable,
            detail: format!("cannot read the file here: {cause}"),
            region,
        };
        let valid = match self.retry(|reader| valid(&reader.dataset, &reader.markers, &reader.grid, &inside)) {
            Ok(valid) => valid,
            Err(cause) => return Err(unreadable(region, cause)),
        };
        if !valid.slice(core_within(&planned.core, &inside)).iter().any(|valid| *valid) {
            return Err(Gap { reason: GapReason::Nodata, detail: String::new(), region });
        }
        match self.retry(|reader| reader.colours(&inside)) {
            Ok(pixels) => Ok(pad(planned, &inside, pixels, valid)),
            Err(cause) => Err(unreadable(region, cause)),
        }
    }

    /// Tries a read twice: some warnings come up only once, when GDAL first opens a part of a file.
    /// After each failure the cached blocks are dropped, since the next read of a damaged one would
    /// find it in the cache, grey and without a warning.
    fn retry<T>(&mut self, read: impl Fn(&Self) -> Result<T, String>) -> Result<T, String> {
        let first = read(self);
        if first.is_ok() {
            return first;
        }
        let flushed = |reader: &mut Self| reader.dataset.flush_cache().map_err(|error| window::cause(&error));
        flushed(self)?;
        let second = read(self);
        if second.is_err() {
            flushed(self)?;
        }
        second
    }

    fn colours(&self, rect: &GridRect) -> Result<Array3<u8>, String> {
        let [x, y] = self.grid.scale();
        let resampling = match x.max(y) {
            1.0 => Resampling::Nearest,
            finer if finer > 1.0 => Resampling::Average,
            _ => Resampling::Bilinear,
        };
        let (rows, cols, window) = (rect.height(), rect.width(), self.grid.rect_to_mosaic(rect));
        let mut pixels = vec![0; rows * cols * 3];
        window::read(&self.dataset, Source::Bands(&self.colour_bands), &window, (cols, rows), resampling, &mut pixels)?;
        Ok(Array3::from_shape_vec((rows, cols, 3), pixels).expect("the buffer was made for this shape"))
    }
}

type Window = ndarray::SliceInfo<[ndarray::SliceInfoElem; 2], ndarray::Ix2, ndarray::Ix2>;

fn core_within(core: &GridRect, inside: &GridRect) -> Window {
    let rows = (core.y0 - inside.y0) as usize..(core.y1 - inside.y0) as usize;
    let cols = (core.x0 - inside.x0) as usize..(core.x1 - inside.x0) as usize;
    s![rows, cols]
}

/// Fills up to the planned square what lies beyond the raster, as invalid.
fn pad(planned: PlannedTile, inside: &GridRect, pixels: Array3<u8>, valid: Array2<bool>) -> Tile {
    if *inside == planned.read {
        return Tile { planned, pixels, valid };
    }
    let (rows, cols) = (planned.read.height(), planned.read.width());
    let top = (inside.y0 - planned.read.y0) as usize;
    let left = (inside.x0 - planned.read.x0) as usize;
    let mut tile =
        Tile { planned, pixels: Array3::zeros((rows, cols, 3)), valid: Array2::from_elem((rows, cols), false) };
    let window = (top..top + inside.height(), left..left + inside.width());
    tile.pixels.slice_mut(s![window.0.clone(), window.1.clone(), ..]).assign(&pixels);
    tile.valid.slice_mut(s![window.0, window.1]).assign(&valid);
    tile
}
