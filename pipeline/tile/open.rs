//! Path -> [`Orthomosaic`], or what is wrong with the file.

use crate::{
    TileError,
    colour::{Colours, Kind, Values},
    door, ground,
};
use gdal::{
    Dataset, GeoTransform, Metadata,
    raster::{ColorInterpretation, GdalDataType},
    spatial_ref::SpatialRef,
};
use geo::coord;
use rams_domain::{Crs, Georef, Ground, Orthomosaic, RasterSize, ReadAs, Validity};
use std::path::Path;

/// Pixels finer or coarser than this, metres, are a mistake in the geotransform: no drone camera
/// resolves 0.1 mm, and no indicator is visible at 10 m.
const PLAUSIBLE_GSD_M: std::ops::RangeInclusive<f64> = 0.0001..=10.0;

/// Reads everything about an orthomosaic but its pixels.
pub fn open(path: &Path, read_as: &ReadAs) -> Result<Orthomosaic, TileError> {
    let dataset = door::dataset(path, read_as.allow_outside, false)?;
    let size = size(&dataset);
    let georef = georef(path, &dataset, size, read_as)?;
    let colours = Colours::choose(path, &dataset, read_as)?;
    Ok(Orthomosaic {
        path: path.to_owned(),
        name: path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        size,
        georef,
        colour_bands: colours.bands,
        values: colours.describe(&dataset),
        off_colour: colours.off_colour(path, &dataset),
        validity: validity(&dataset, &colours),
        format: format(&dataset),
        read_as: read_as.clone(),
    })
}

/// The place of a raster in the CRS of a survey, whatever its own is and whatever its values are.
pub fn place(path: &Path, read_as: &ReadAs, crs: &Crs) -> Result<Georef, TileError> {
    let dataset = door::dataset(path, read_as.allow_outside, false)?;
    let size = size(&dataset);
    ground::onto(path, &georef(path, &dataset, size, read_as)?, size, crs)
}

/// Opens the file of an orthomosaic again: for a model without its overviews, for people with them.
pub(crate) fn reopen(orthomosaic: &Orthomosaic, overviews: bool) -> Result<(Dataset, Colours), TileError> {
    let Orthomosaic { path, read_as, .. } = orthomosaic;
    let dataset = door::dataset(path, read_as.allow_outside, overviews)?;
    let colours = Colours::choose(path, &dataset, read_as)?;
    Ok((dataset, colours))
}

/// Refuses a code of a coordinate reference system that is not known.
pub fn check_crs(code: &str) -> Result<(), TileError> {
    assumed(code).map(drop)
}

fn assumed(code: &str) -> Result<SpatialRef, TileError> {
    let number = code.strip_prefix("EPSG:").and_then(|number| number.parse().ok());
    let crs = number.and_then(|number| SpatialRef::from_epsg(number).ok());
    crs.ok_or_else(|| TileError::UnknownCrs { code: code.to_owned() })
}

fn size(dataset: &Dataset) -> RasterSize {
    let (width, height) = dataset.raster_size();
    RasterSize { width: width as u32, height: height as u32 }
}

/// Coordinate reference system and geotransform of a raster that has both.
pub(crate) fn placed(
    path: &Path,
    dataset: &Dataset,
    assume_crs: Option<&str>,
) -> Result<(SpatialRef, GeoTransform), TileError> {
    let srs = match (dataset.spatial_ref(), assume_crs) {
        (Ok(srs), _) => srs,
        (Err(_), Some(code)) => assumed(code)?,
        (Err(_), None) => return Err(TileError::NoCrs { path: path.to_owned() }),
    };
    let geotransform = dataset.geo_transform().map_err(|_| TileError::NoGeotransform { path: path.to_owned() })?;
    let finite = geotransform.iter().all(|value| value.is_finite());
    let determinant = geotransform[1] * geotransform[5] - geotransform[2] * geotransform[4];
    if !finite || determinant == 0.0 {
        let cause = "its pixels have no area on the ground".into();
        return Err(TileError::BadGeotransform { path: path.to_owned(), geotransform, cause });
    }
    Ok((srs, geotransform))
}

fn georef(path: &Path, dataset: &Dataset, size: RasterSize, read_as: &ReadAs) -> Result<Georef, TileError> {
    let (srs, geotransform) = placed(path, dataset, read_as.assume_crs.as_deref())?;
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

fn validity(dataset: &Dataset, colours: &Colours) -> Validity {
    let alpha = |band: &gdal::raster::RasterBand<'_>| band.color_interpretation() == ColorInterpretation::AlphaBand;
    // A band that is chosen as a colour is none: near infrared is often taken for alpha.
    let alpha_band = dataset.rasterbands().flatten().position(|band| alpha(&band)).map(|index| index + 1);
    let alpha_band = alpha_band.filter(|alpha| !colours.bands.contains(alpha));
    let red = dataset.rasterband(colours.bands[0]).ok();
    let flags = red.as_ref().and_then(|red| red.mask_flags().ok());
    let mask = flags.is_some_and(|flags| !flags.is_all_valid() && !flags.is_alpha() && !flags.is_nodata());
    let possible = |value: &f64| match red.as_ref().map(|red| red.band_type()) {
        _ if colours.kind == Kind::SignedBytes => value.fract() == 0.0 && (-128.0..=127.0).contains(value),
        Some(GdalDataType::Float32 | GdalDataType::Float64) => true,
        Some(GdalDataType::UInt8) => value.fract() == 0.0 && (0.0..=255.0).contains(value),
        Some(GdalDataType::UInt16) => value.fract() == 0.0 && (0.0..=65_535.0).contains(value),
        _ => value.fract() == 0.0,
    };
    // A value that no pixel can have marks nothing.
    let nodata = red.as_ref().and_then(|red| red.no_data_value()).filter(possible);
    let transparent = matches!(&colours.values, Values::Table(table) if table.iter().any(|colour| colour[3] < 128));
    let says_nothing = nodata.is_none() && alpha_band.is_none() && !mask && !transparent;
    Validity { nodata, alpha_band, mask, transparent, black: says_nothing && colours.kind != Kind::Bits }
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
