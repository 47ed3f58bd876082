//! Path -> [`Orthomosaic`], or what is wrong with the file.

use crate::{TileError, ground};
use gdal::{
    Dataset, DatasetOptions, GdalOpenFlags, GeoTransform, Metadata,
    raster::{ColorInterpretation, GdalDataType},
    spatial_ref::SpatialRef,
};
use geo::coord;
use rams_domain::{Crs, Georef, Ground, Orthomosaic, RasterSize, Validity};
use std::{path::Path, sync::Once};

/// Pixels finer or coarser than this, metres, are a mistake in the geotransform: no drone camera
/// resolves 0.1 mm, and no indicator is visible at 10 m.
const PLAUSIBLE_GSD_M: std::ops::RangeInclusive<f64> = 0.0001..=10.0;

/// A VRT can name sources anywhere; hazard locations are sensitive, so none is fetched from a network.
const NETWORK_DRIVERS: &str =
    "HTTP WMS WMTS WCS WFS OGCAPI EEDA EEDAI PLMOSAIC PLSCENES DAAS STACTA STACIT RasterLite PostGISRaster";

/// Reads everything about an orthomosaic but its pixels.
pub fn open(path: &Path) -> Result<Orthomosaic, TileError> {
    let dataset = dataset(path)?;
    let (width, height) = dataset.raster_size();
    let size = RasterSize { width: width as u32, height: height as u32 };
    let colour_bands = colour_bands(path, &dataset)?;
    Ok(Orthomosaic {
        path: path.to_owned(),
        name: path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        size,
        georef: georef(path, &dataset, size)?,
        colour_bands,
        validity: validity(&dataset, colour_bands),
        format: format(&dataset),
    })
}

/// Opens a raster for reading with GDAL kept quiet and its cache bounded, and without its overviews:
/// who resamples decides what a model sees.
pub(crate) fn dataset(path: &Path) -> Result<Dataset, TileError> {
    dataset_with(path, Some(&["OVERVIEW_LEVEL=NONE"]))
}

/// The same, with options of GDAL.
pub(crate) fn dataset_with(path: &Path, open_options: Option<&[&str]>) -> Result<Dataset, TileError> {
    static SET_UP: Once = Once::new();
    SET_UP.call_once(|| {
        // GDAL prints every error and warning; each one that matters comes back as a `Result`.
        gdal::config::set_error_handler(|_, _, _| {});
        // The default is a twentieth of the machine's memory; two rows of 512 px blocks of a
        // raster of 80,000 px fit into 256 MB. An environment variable of the user's own wins.
        let mut options = vec![("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", "none"), ("GDAL_SKIP", NETWORK_DRIVERS)];
        if std::env::var_os("GDAL_CACHEMAX").is_none() {
            options.push(("GDAL_CACHEMAX", "256"));
        }
        for (key, value) in options {
            // Fails only for a key or value with a NUL.
            let _ = gdal::config::set_config_option(key, value);
        }
    });
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_RASTER | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
        allowed_drivers: Some(&["GTiff", "VRT"]),
        // Overviews may be stale, or thinned by taking every second pixel, which loses small
        // objects: what the model sees must come from the pixels themselves.
        open_options,
        ..Default::default()
    };
    let failed = |cause: String| TileError::Open { path: path.to_owned(), cause };
    std::fs::metadata(path).map_err(|error| failed(error.to_string()))?;
    Dataset::open_ex(path, options).map_err(|error| failed(crate::window::cause(&error)))
}

/// Coordinate reference system and geotransform of a raster that has both.
pub(crate) fn placed(path: &Path, dataset: &Dataset) -> Result<(SpatialRef, GeoTransform), TileError> {
    let srs = dataset.spatial_ref().map_err(|_| TileError::NoCrs { path: path.to_owned() })?;
    let geotransform = dataset.geo_transform().map_err(|_| TileError::NoGeotransform { path: path.to_owned() })?;
    let finite = geotransform.iter().all(|value| value.is_finite());
    let determinant = geotransform[1] * geotransform[5] - geotransform[2] * geotransform[4];
    if !finite || determinant == 0.0 {
        let cause = "its pixels have no area on the ground".into();
        return Err(TileError::BadGeotransform { path: path.to_owned(), geotransform, cause });
    }
    Ok((srs, geotransform))
}

fn georef(path: &Path, dataset: &Dataset, size: RasterSize) -> Result<Georef, TileError> {
    let (srs, geotransform) = placed(path, dataset)?;
    let path = || path.to_owned();
    let name = srs.name().unwrap_or_else(|| "unnamed".into());
    let wkt = srs.to_wkt().map_err(|_| TileError::NoCrs { path: path() })?;
    let crs = Crs { name, code: srs.authority().ok(), wkt };

    let bad = |cause: String| TileError::BadGeotransform { path: path(), geotransform, cause };
    let corners = Georef::corners(geotransform, size);
    let extent = Ground::extent_of(&corners).ok_or_else(|| bad("it spans nothing".into()))?;
    if srs.is_geographic() && (extent.max().y > 90.0 || extent.min().y < -90.0) {
        return Err(bad(format!("latitudes from {} to {}", extent.min().y, extent.max().y)));
    }
    let georef = Georef::new(geotransform, ground::over(&path(), crs, extent)?).map_err(|e| bad(e.to_string()))?;
    let centre = coord! { x: f64::from(size.width) / 2.0, y: f64::from(size.height) / 2.0 };
    match georef.gsd_m(centre).into_iter().find(|gsd_m| !PLAUSIBLE_GSD_M.contains(gsd_m)) {
        Some(gsd_m) => Err(bad(format!("pixels of {gsd_m} m, plausible are 0.0001 to 10 m"))),
        None => Ok(georef),
    }
}

/// Red, green and blue by their colour interpretation, else the first three bands that are not
/// alpha.
fn colour_bands(path: &Path, dataset: &Dataset) -> Result<[usize; 3], TileError> {
    let interpretations: Vec<_> = dataset.rasterbands().flatten().map(|band| band.color_interpretation()).collect();
    let find = |wanted| interpretations.iter().position(|found| *found == wanted).map(|index| index + 1);
    let named = [ColorInterpretation::RedBand, ColorInterpretation::GreenBand, ColorInterpretation::BlueBand].map(find);
    let numbers: Vec<usize> = match named {
        [Some(red), Some(green), Some(blue)] => vec![red, green, blue],
        _ => (1..=interpretations.len())
            .filter(|number| interpretations[number - 1] != ColorInterpretation::AlphaBand)
            .take(3)
            .collect(),
    };
    let numbers: [usize; 3] = numbers
        .try_into()
        .map_err(|found: Vec<usize>| TileError::TooFewBands { path: path.to_owned(), count: found.len() })?;
    for band in numbers {
        let data_type = dataset.rasterband(band).map(|found| found.band_type()).unwrap_or(GdalDataType::Unknown);
        if data_type != GdalDataType::UInt8 {
            return Err(TileError::DataType { path: path.to_owned(), band, data_type: data_type.name() });
        }
    }
    Ok(numbers)
}

fn validity(dataset: &Dataset, colour_bands: [usize; 3]) -> Validity {
    let alpha = |band: &gdal::raster::RasterBand<'_>| band.color_interpretation() == ColorInterpretation::AlphaBand;
    let alpha_band = dataset.rasterbands().flatten().position(|band| alpha(&band)).map(|index| index + 1);
    let Ok(red) = dataset.rasterband(colour_bands[0]) else {
        return Validity { alpha_band, ..Default::default() };
    };
    let flags = red.mask_flags().ok();
    let mask = flags.is_some_and(|flags| flags.is_per_dataset() && !flags.is_alpha() && !flags.is_nodata());
    // A value that no 8-bit pixel can have marks nothing.
    let nodata = red.no_data_value().filter(|value| (0.0..=255.0).contains(value) && value.fract() == 0.0);
    Validity { nodata: nodata.map(|value| value as u8), alpha_band, mask }
}

/// For people: driver, compression, block size; overviews are not read, so not counted either.
fn format(dataset: &Dataset) -> String {
    let driver = dataset.driver().short_name();
    let Ok(band) = dataset.rasterband(1) else { return driver };
    let layout = dataset.metadata_item("LAYOUT", "IMAGE_STRUCTURE").unwrap_or(driver);
    let compression =
        dataset.metadata_item("COMPRESSION", "IMAGE_STRUCTURE").unwrap_or_else(|| "no compression".into());
    let (block_width, block_height) = band.block_size();
    format!("{layout}, {compression}, blocks of {block_width} x {block_height} px")
}
