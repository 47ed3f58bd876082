//! A planned window -> [`Tile`], or the [`Gap`] it leaves.

use crate::{
    TileError, block_cache,
    colour::Colours,
    height::HeightReader,
    marker::Marker,
    open,
    valid::valid,
    window::{self, Resampling},
};
use gdal::Dataset;
use ndarray::{Array2, Array3, s};
use rams_domain::{Gap, GapReason, Grid, GridRect, Orthomosaic, PlannedTile, SurfaceModel, Tile};

/// Reads the tiles of one orthomosaic at one scale. One per thread: GDAL's datasets cannot be
/// shared.
///
/// ```
/// # use gdal::{DriverManager, raster::Buffer, spatial_ref::SpatialRef};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("field.tif");
/// # let driver = DriverManager::get_driver_by_name("GTiff")?;
/// # let mut file = driver.create_with_band_type::<u8, _>(&path, 64, 64, 3)?;
/// # file.set_geo_transform(&[500_000.0, 0.01, 0.0, 5_000_000.0, 0.0, -0.01])?;
/// # file.set_spatial_ref(&SpatialRef::from_epsg(32633)?)?;
/// # for band in 1..=3 {
/// #     let values = (0..64 * 64).map(|at| (at % 200) as u8 + band as u8).collect();
/// #     file.rasterband(band)?.write((0, 0), (64, 64), &mut Buffer::new((64, 64), values))?;
/// # }
/// # drop(file);
/// use rams_domain::{Grid, ReadAs, TilePlan, TileSpec};
/// use rams_tile::{Reader, open};
///
/// // 64 x 64 px of 1 cm, read at 2 cm: 32 x 32 px, which one core of 48 px holds.
/// let orthomosaic = open(&path, &ReadAs::default())?;
/// let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), 0.02);
/// let plan = TilePlan::new(grid, TileSpec { tile_px: 64, halo_px: 8 })?;
/// assert_eq!((grid.size().width, plan.len()), (32, 1));
///
/// let mut reader = Reader::open(&orthomosaic, grid)?;
/// for planned in plan.tiles() {
///     let tile = reader.read(planned).map_err(|gap| gap.detail)?;
///     assert_eq!(tile.pixels.dim(), (64, 64, 3), "rows, columns, colours");
///     // Beyond the border of the raster there is no image.
///     assert_eq!(tile.valid.iter().filter(|valid| **valid).count(), 32 * 32);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Reader {
    dataset: Dataset,
    colours: Colours,
    markers: Vec<Marker>,
    grid: Grid,
    /// What is wrong with the surface model costs the heights and never the colours.
    heights: Option<Result<HeightReader, String>>,
}

impl Reader {
    /// A reader of its own for the calling thread, of an orthomosaic resampled to `grid`. Fails
    /// where the file cannot be opened any more.
    pub fn open(orthomosaic: &Orthomosaic, grid: Grid) -> Result<Self, TileError> {
        let (dataset, colours) = open::reopen(orthomosaic, false)?;
        let markers = Marker::of(&dataset, &colours, &orthomosaic.validity);
        Ok(Self { dataset, colours, markers, grid, heights: None })
    }

    /// The same reader, with the heights of a surface model beside the colours of the orthomosaic
    /// that it reads.
    pub fn with_heights(mut self, surface: &SurfaceModel, orthomosaic: &Orthomosaic) -> Self {
        self.heights =
            Some(HeightReader::open(surface, orthomosaic).map_err(|error| error.to_string()));
        self
    }

    /// Pixels and validity of a window. A window whose core holds no image, or that cannot be
    /// read, comes back as the gap that its core leaves; the colours of a core that a mask or
    /// alpha band declares empty are not even read.
    pub fn read(&mut self, planned: PlannedTile) -> Result<Tile, Gap> {
        let inside = planned.read.clip(&self.grid.bounds());
        let region = vec![self.grid.rect_to_mosaic(&planned.core)];
        let window = self.grid.rect_to_mosaic(&planned.read);
        block_cache::make_room(&self.dataset, (window.y1 - window.y0).ceil() as u64);
        let unreadable = |region, cause| Gap {
            reason: GapReason::Unreadable,
            detail: format!("cannot read the file here: {cause}"),
            region,
        };
        let Self { dataset, colours, markers, grid, heights } = self;
        let valid = match window::twice(dataset, |dataset| valid(dataset, markers, grid, &inside)) {
            Ok(valid) => valid,
            Err(cause) => return Err(unreadable(region, cause)),
        };
        if !valid.slice(core_within(&planned.core, &inside)).iter().any(|valid| *valid) {
            return Err(Gap { reason: GapReason::Nodata, detail: String::new(), region });
        }
        let pixels = match window::twice(dataset, |dataset| pixels(dataset, colours, grid, &inside))
        {
            Ok(pixels) => pixels,
            Err(cause) => return Err(unreadable(region, cause)),
        };
        let heights = heights.as_mut().map(|reader| match reader {
            Ok(reader) => reader.read(grid, &planned.read),
            Err(cause) => Err(cause.clone()),
        });
        Ok(Tile { heights, ..pad(planned, &inside, pixels, valid) })
    }
}

fn pixels(
    dataset: &Dataset,
    colours: &Colours,
    grid: &Grid,
    rect: &GridRect,
) -> Result<Array3<u8>, String> {
    let [x, y] = grid.scale();
    let resampling = match x.max(y) {
        1.0 => Resampling::Nearest,
        finer if finer > 1.0 => Resampling::Average,
        _ => Resampling::Bilinear,
    };
    let (rows, cols, window) = (rect.height(), rect.width(), grid.rect_to_mosaic(rect));
    let mut pixels = vec![0; rows * cols * 3];
    colours.read(dataset, &window, (cols, rows), resampling, &mut pixels)?;
    Ok(Array3::from_shape_vec((rows, cols, 3), pixels).expect("the buffer was made for this shape"))
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
        return Tile { planned, pixels, valid, heights: None };
    }
    let (rows, cols) = (planned.read.height(), planned.read.width());
    let top = (inside.y0 - planned.read.y0) as usize;
    let left = (inside.x0 - planned.read.x0) as usize;
    let mut tile = Tile {
        planned,
        pixels: Array3::zeros((rows, cols, 3)),
        valid: Array2::from_elem((rows, cols), false),
        heights: None,
    };
    let window = (top..top + inside.height(), left..left + inside.width());
    tile.pixels.slice_mut(s![window.0.clone(), window.1.clone(), ..]).assign(&pixels);
    tile.valid.slice_mut(s![window.0, window.1]).assign(&valid);
    tile
}
