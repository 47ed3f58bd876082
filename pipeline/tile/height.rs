//! Heights of a surface model on a window of an orthomosaic's grid, through GDAL's warper.

use crate::{TileError, dataset_open, relation, surface, window};
use gdal::{
    Dataset, DriverManager, GeoTransform, errors::GdalError, raster::Buffer,
    spatial_ref::SpatialRef,
};
use gdal_sys::GDALResampleAlg;
use geo::Coord;
use ndarray::Array2;
use rams_domain::{Grid, GridRect, Orthomosaic, SurfaceModel};
use std::{ffi::CString, ptr};

/// Heights beyond these, metres, are no ground: the Dead Sea's shore lies at -430, Everest at
/// 8,849.
const PLAUSIBLE_M: std::ops::RangeInclusive<f32> = -1_000.0..=10_000.0;

/// Places may be off by this, pixels of the surface model: PROJ is asked for a few positions of a
/// line and not for half a million in a tile.
const MAX_ERROR_PX: f64 = 0.05;

/// Reads a surface model as if it had been made on an orthomosaic's grid.
pub(crate) struct HeightReader {
    dataset: Dataset,
    /// What the file's values are, metres: `value * scale + offset`.
    scale: f64,
    offset: f64,
    orthomosaic: Orthomosaic,
    crs: SpatialRef,
    /// Text of the surface model's CRS, and of the orthomosaic's.
    from_to: [CString; 2],
}

impl HeightReader {
    pub(crate) fn open(
        surface: &SurfaceModel,
        orthomosaic: &Orthomosaic,
    ) -> Result<Self, TileError> {
        let dataset =
            dataset_open::dataset(&surface.path, orthomosaic.read_as.allow_outside, false)?;
        let failed = |error: GdalError| TileError::Open {
            path: surface.path.clone(),
            cause: window::cause(&error),
        };
        let band = dataset.rasterband(1).map_err(failed)?;
        let (scale, offset) = (band.scale().unwrap_or(1.0), band.offset().unwrap_or(0.0));
        let crs = relation::of_orthomosaic(orthomosaic).map_err(TileError::Projection)?;
        let own = surface::place(&surface.path, &dataset, orthomosaic)?.srs;
        let text = |crs: &SpatialRef| Ok(CString::new(crs.to_wkt()?)?);
        let from_to = [text(&own).map_err(failed)?, text(&crs).map_err(failed)?];
        Ok(Self { dataset, scale, offset, orthomosaic: orthomosaic.clone(), crs, from_to })
    }

    /// Heights of a window, (row, column), NaN where there is none. The error is GDAL's message.
    pub(crate) fn read(&mut self, grid: &Grid, rect: &GridRect) -> Result<Array2<f32>, String> {
        let window = self.window(grid, rect).map_err(|error| window::cause(&error))?;
        let Self { dataset, from_to, .. } = self;
        window::twice(dataset, |dataset| warp(dataset, &window, from_to))?;
        let shape = (rect.width(), rect.height());
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
        Ok(Array2::from_shape_vec((rect.height(), rect.width()), values)
            .expect("the window has this shape"))
    }

    /// A raster in memory in the place of a window, without a height yet.
    fn window(&self, grid: &Grid, rect: &GridRect) -> Result<Dataset, GdalError> {
        let (width, height) = (rect.width(), rect.height());
        let driver = DriverManager::get_driver_by_name("MEM")?;
        let mut window = driver.create_with_band_type::<f32, _>("", width, height, 1)?;
        window.set_geo_transform(&self.geotransform(grid, rect))?;
        window.set_spatial_ref(&self.crs)?;
        let mut band = window.rasterband(1)?;
        band.set_no_data_value(Some(f64::NAN))?;
        band.write(
            (0, 0),
            (width, height),
            &mut Buffer::new((width, height), vec![f32::NAN; width * height]),
        )?;
        Ok(window)
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
