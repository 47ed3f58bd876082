//! Heights of a surface model on a grid, through GDAL's warper.

use crate::{TileError, dataset_open, relation, surface, window};
use gdal::{
    Dataset, DriverManager, GeoTransform, errors::GdalError, raster::Buffer,
    spatial_ref::SpatialRef,
};
use gdal_sys::GDALResampleAlg;
use geo::Coord;
use ndarray::Array2;
use rams_domain::{Crs, Grid, GridRect, Orthomosaic, SurfaceModel};
use std::{
    ffi::{CStr, CString},
    path::{Path, PathBuf},
    ptr,
};

/// Heights beyond these, metres, are no ground: the Dead Sea's shore lies at -430, Everest at
/// 8,849.
const PLAUSIBLE_M: std::ops::RangeInclusive<f32> = -1_000.0..=10_000.0;

/// Places may be off by this, pixels of the surface model: PROJ is asked for a few positions of a
/// line and not for half a million in a tile.
const MAX_ERROR_PX: f64 = 0.05;

/// Reads a surface model as if it had been made on an orthomosaic's grid.
pub(crate) struct HeightReader {
    surface: SurfaceReader,
    orthomosaic: Orthomosaic,
}

impl HeightReader {
    pub(crate) fn open(
        surface: &SurfaceModel,
        orthomosaic: &Orthomosaic,
    ) -> Result<Self, TileError> {
        let crs = relation::of_orthomosaic(orthomosaic).map_err(TileError::Projection)?;
        let surface = SurfaceReader::on(&surface.path, orthomosaic, crs)?;
        Ok(Self { surface, orthomosaic: orthomosaic.clone() })
    }

    /// Heights of a window, (row, column), NaN where there is none. The error is GDAL's message.
    pub(crate) fn read(&mut self, grid: &Grid, rect: &GridRect) -> Result<Array2<f32>, String> {
        let geotransform = self.geotransform(grid, rect);
        self.surface.heights(geotransform, (rect.width(), rect.height()))
    }

    fn geotransform(&self, grid: &Grid, rect: &GridRect) -> GeoTransform {
        let ground = |x: i64, y: i64| {
            let px = grid.to_mosaic(x as f64, y as f64);
            self.orthomosaic.georef.to_own(px.into())
        };
        let corner = ground(rect.x0, rect.y0);
        let across: Coord = (ground(rect.x1, rect.y0) - corner) / rect.width() as f64;
        let down: Coord = (ground(rect.x0, rect.y1) - corner) / rect.height() as f64;
        [corner.x, across.x, down.x, corner.y, across.y, down.y]
    }
}

/// Reads the heights of a surface model at any places of a survey's ground.
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
/// use rams_domain::ReadAs;
/// # let dsm = folder.path().join("dsm.tif");
/// # let mut file = driver.create_with_band_type::<f32, _>(&dsm, 16, 16, 1)?;
/// # file.set_geo_transform(&[500_000.0, 0.04, 0.0, 5_000_000.0, 0.0, -0.04])?;
/// # file.set_spatial_ref(&SpatialRef::from_epsg(32633)?)?;
/// # let values = (0..16 * 16).map(|at| (at % 16) as f32).collect();
/// # file.rasterband(1)?.write((0, 0), (16, 16), &mut Buffer::new((16, 16), values))?;
/// # drop(file);
///
/// // It rises by 1 m from column to column of 4 cm: three places along its middle row.
/// let orthomosaic = rams_tile::open(&path, &ReadAs::default())?;
/// let crs = orthomosaic.georef.ground().crs().clone();
/// let mut reader = rams_tile::SurfaceReader::open(&dsm, &orthomosaic, &crs)?;
/// let heights = reader.read([500_000.16, 0.04, 0.0, 4_999_999.72, 0.0, -0.04], (3, 1))?;
/// assert!((heights[[0, 1]] - 5.0).abs() < 1e-3, "{heights}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SurfaceReader {
    dataset: Dataset,
    path: PathBuf,
    /// What the file's values are, metres: `value * scale + offset`.
    scale: f64,
    offset: f64,
    /// Text of the surface model's CRS, and of that of the places.
    from_to: [CString; 2],
}

impl SurfaceReader {
    /// A reader of its own for the calling thread: it is read as the orthomosaic is, at places in
    /// `crs`.
    pub fn open(path: &Path, orthomosaic: &Orthomosaic, crs: &Crs) -> Result<Self, TileError> {
        Self::on(path, orthomosaic, relation::of(crs).map_err(TileError::Projection)?)
    }

    fn on(path: &Path, orthomosaic: &Orthomosaic, crs: SpatialRef) -> Result<Self, TileError> {
        let dataset = dataset_open::dataset(path, orthomosaic.read_as.allow_outside, false)?;
        let failed = |error: GdalError| TileError::Open {
            path: path.to_owned(),
            cause: window::cause(&error),
        };
        let band = dataset.rasterband(1).map_err(failed)?;
        let (scale, offset) = (band.scale().unwrap_or(1.0), band.offset().unwrap_or(0.0));
        let own = surface::place(path, &dataset, orthomosaic)?.srs;
        let text = |crs: &SpatialRef| Ok(CString::new(crs.to_wkt()?)?);
        let from_to = [text(&own).map_err(failed)?, text(&crs).map_err(failed)?];
        Ok(Self { dataset, path: path.to_owned(), scale, offset, from_to })
    }

    /// Heights, metres, (row, column), of a raster of `width` x `height` pixels with this
    /// geotransform; NaN where there is none.
    pub fn read(
        &mut self,
        geotransform: [f64; 6],
        size: (usize, usize),
    ) -> Result<Array2<f32>, TileError> {
        self.heights(geotransform, size)
            .map_err(|cause| TileError::Picture { path: self.path.clone(), cause })
    }

    fn heights(
        &mut self,
        geotransform: GeoTransform,
        (width, height): (usize, usize),
    ) -> Result<Array2<f32>, String> {
        let window = window_at(geotransform, (width, height), &self.from_to[1])
            .map_err(|error| window::cause(&error))?;
        let Self { dataset, from_to, .. } = self;
        window::twice(dataset, |dataset| warp(dataset, &window, from_to))?;
        let shape = (width, height);
        let values =
            window.rasterband(1).and_then(|band| band.read_as::<f32>((0, 0), shape, shape, None));
        let mut values = values.map_err(|error| window::cause(&error))?.data().to_vec();
        for value in &mut values {
            *value = (f64::from(*value) * self.scale + self.offset) as f32;
        }
        // A hole that is not declared as one has bled into the heights around it.
        let heights = values.iter().copied().filter(|height| !height.is_nan());
        let farthest = heights.max_by(|a, b| a.abs().total_cmp(&b.abs()));
        if let Some(height) = farthest.filter(|height| !PLAUSIBLE_M.contains(height)) {
            return Err(format!(
                "it has heights of {height} m; if that marks holes, say so with `gdal_edit.py \
                 -a_nodata <value>`"
            ));
        }
        Ok(Array2::from_shape_vec((height, width), values).expect("the window has this shape"))
    }
}

/// A raster in memory in the place of a window, without a height yet.
fn window_at(
    geotransform: GeoTransform,
    (width, height): (usize, usize),
    crs: &CStr,
) -> Result<Dataset, GdalError> {
    let driver = DriverManager::get_driver_by_name("MEM")?;
    let mut window = driver.create_with_band_type::<f32, _>("", width, height, 1)?;
    window.set_geo_transform(&geotransform)?;
    window.set_projection(&crs.to_string_lossy())?;
    let mut band = window.rasterband(1)?;
    band.set_no_data_value(Some(f64::NAN))?;
    band.write(
        (0, 0),
        (width, height),
        &mut Buffer::new((width, height), vec![f32::NAN; width * height]),
    )?;
    Ok(window)
}

/// Warps heights into a window, whatever CRS, rotation and scale the two have. Bilinear: where the
/// window is the coarser, GDAL widens the kernel to the window's pixels, which is an average. Holes
/// by nodata value or mask do not take part; the window's own nodata, NaN, stays where none does.
fn warp(from: &Dataset, window: &Dataset, from_to: &[CString; 2]) -> Result<(), String> {
    // SAFETY: both datasets are open for as long as they are borrowed and used by this thread alone
    // (`Dataset` is not `Sync`), with a band each; the texts outlive the call, which takes x before
    // y; the null pointers stand for no progress report and for default options.
    #[allow(unsafe_code)]
    window::watched(|| unsafe {
        gdal_sys::GDALReprojectImage(
            from.c_dataset(),
            from_to[0].as_ptr(),
            window.c_dataset(),
            from_to[1].as_ptr(),
            GDALResampleAlg::GRA_Bilinear,
            0.0,
            MAX_ERROR_PX,
            None,
            ptr::null_mut(),
            ptr::null_mut(),
        )
    })
}
