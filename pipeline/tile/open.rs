//! Path -> [`Orthomosaic`], or what is wrong with the file.

use crate::{
    TileError,
    colour::Colours,
    crs::{self, Place},
    dataset_open, grids, ground,
    relation::{self, Relation},
    validity,
};
use gdal::{Dataset, Metadata};
use geo::coord;
use rams_domain::{Crs, Georef, Ground, Orthomosaic, RasterSize, ReadAs};
use std::path::Path;

/// Pixels finer or coarser than this, metres, are a mistake in the geotransform: no drone camera
/// resolves 0.1 mm, and no indicator is visible at 10 m.
const PLAUSIBLE_GSD_M: std::ops::RangeInclusive<f64> = 0.0001..=10.0;

/// Reads everything about an orthomosaic but its pixels: size, place on the ground, which bands are
/// its colours and how it marks ground without image. `read_as` says what the file does not, or
/// says otherwise.
///
/// Errors say what the person who made the file can do: it is no raster, has no CRS or
/// geotransform, its colours are not known, its values have no scale, its pixels are implausibly
/// large or small.
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
/// use rams_domain::{RasterSize, ReadAs};
///
/// // 64 x 64 px of 1 cm in UTM zone 33 north.
/// let orthomosaic = rams_tile::open(&path, &ReadAs::default())?;
/// assert_eq!(orthomosaic.name, "field");
/// assert_eq!(orthomosaic.size, RasterSize { width: 64, height: 64 });
/// assert_eq!(orthomosaic.colour_bands, [1, 2, 3]);
/// assert_eq!(orthomosaic.georef.ground().crs().code.as_deref(), Some("EPSG:32633"));
/// // On the central meridian a metre of UTM is 1.0004 m on the ellipsoid.
/// assert!((orthomosaic.coarsest_gsd_m() - 0.010_004).abs() < 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open(path: &Path, read_as: &ReadAs) -> Result<Orthomosaic, TileError> {
    let dataset = dataset_open::dataset(path, read_as.allow_outside, false)?;
    let size = size(&dataset);
    let place = crs::settle(path, &dataset, read_as.assume_crs.as_deref())?;
    let georef = georef(path, &place, size)?;
    let colours = Colours::choose(path, &dataset, read_as)?;
    let (validity, of_bands) = validity::declared(&dataset, &colours, read_as);
    let own = georef.own_ground();
    let of_crs = accuracy(own).map(|accuracy| format!("{}: {accuracy}", own.crs()));
    Ok(Orthomosaic {
        path: path.to_owned(),
        name: path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        size,
        colour_bands: colours.bands,
        values: colours.describe(&dataset),
        off_colour: colours.off_colour(path, &dataset, read_as),
        validity,
        format: format(&dataset),
        notices: place.notices.into_iter().chain(of_bands).chain(of_crs).collect(),
        georef,
        read_as: read_as.clone(),
    })
}

/// How well the CRS of some ground is placed on WGS 84, where that is worth a word. Of a relation
/// that is guessed nothing is known, which is said where a map is laid out.
fn accuracy(ground: &Ground) -> Option<grids::Accuracy> {
    let is_guessed = Relation::to_lonlat(&relation::of(ground.crs()).ok()?).ok()?.is_guessed;
    let at = ground.lonlat(ground.extent().center());
    if is_guessed { None } else { grids::accuracy(&ground.crs().wkt, at) }
}

/// The place of a raster in the CRS of a survey, whatever its own CRS is and whatever its values
/// are. Its pixels are not read.
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
/// use geo::coord;
/// use rams_domain::ReadAs;
///
/// let read_as = ReadAs::default();
/// let crs = rams_tile::open(&path, &read_as)?.georef.ground().crs().clone();
/// let georef = rams_tile::place(&path, &read_as, &crs)?;
/// let corner = georef.to_ground(coord! { x: 0.0, y: 0.0 });
/// assert_eq!((corner.x, corner.y), (500_000.0, 5_000_000.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn place(path: &Path, read_as: &ReadAs, crs: &Crs) -> Result<Georef, TileError> {
    let dataset = dataset_open::dataset(path, read_as.allow_outside, false)?;
    let size = size(&dataset);
    let place = crs::settle(path, &dataset, read_as.assume_crs.as_deref())?;
    ground::onto(path, &georef(path, &place, size)?, size, crs)
}

/// Opens the file of an orthomosaic again: for a model without its overviews, for people with them.
pub(crate) fn reopen(
    orthomosaic: &Orthomosaic,
    overviews: bool,
) -> Result<(Dataset, Colours), TileError> {
    let Orthomosaic { path, read_as, .. } = orthomosaic;
    let dataset = dataset_open::dataset(path, read_as.allow_outside, overviews)?;
    let colours = Colours::choose(path, &dataset, read_as)?;
    Ok((dataset, colours))
}

/// Refuses a code of a coordinate reference system that is not `EPSG:<number>`, that PROJ does not
/// know, or that is neither projected nor geographic.
///
/// ```
/// assert!(rams_tile::check_crs("EPSG:32633").is_ok());
/// assert!(rams_tile::check_crs("UTM 33N").is_err());
/// ```
pub fn check_crs(code: &str) -> Result<(), TileError> {
    crs::assumed(code).map(drop)
}

fn size(dataset: &Dataset) -> RasterSize {
    let (width, height) = dataset.raster_size();
    RasterSize { width: width as u32, height: height as u32 }
}

fn georef(path: &Path, place: &Place, size: RasterSize) -> Result<Georef, TileError> {
    let Place { srs, geotransform, .. } = place;
    let (geotransform, path) = (*geotransform, || path.to_owned());
    let crs = relation::described(srs).map_err(|_| TileError::NoCrs { path: path() })?;

    let bad = |cause: String| TileError::BadGeotransform { path: path(), geotransform, cause };
    let corners = Georef::corners(geotransform, size);
    let extent = Ground::extent_of(&corners).ok_or_else(|| bad("it spans nothing".into()))?;
    // Degrees or grads.
    let pole = std::f64::consts::FRAC_PI_2 / srs.angular_units();
    if srs.is_geographic() && (extent.max().y > pole + 1e-9 || extent.min().y < -pole - 1e-9) {
        return Err(bad(format!("latitudes from {} to {}", extent.min().y, extent.max().y)));
    }
    let georef = Georef::new(geotransform, ground::over(&path(), crs, extent)?)
        .map_err(|e| bad(e.to_string()))?;
    let centre = coord! { x: f64::from(size.width) / 2.0, y: f64::from(size.height) / 2.0 };
    match georef.gsd_m(centre).into_iter().find(|gsd_m| !PLAUSIBLE_GSD_M.contains(gsd_m)) {
        Some(gsd_m) => Err(bad(format!("pixels of {gsd_m} m, plausible are 0.0001 to 10 m"))),
        None => Ok(georef),
    }
}

/// For people: driver, compression, block size; overviews are not read, so not counted either.
fn format(dataset: &Dataset) -> String {
    let driver = dataset.driver().short_name();
    let Ok(band) = dataset.rasterband(1) else { return driver };
    let layout = dataset.metadata_item("LAYOUT", "IMAGE_STRUCTURE").unwrap_or(driver);
    let compression = dataset
        .metadata_item("COMPRESSION", "IMAGE_STRUCTURE")
        .unwrap_or_else(|| "no compression".into());
    let (block_width, block_height) = band.block_size();
    format!("{layout}, {compression}, blocks of {block_width} x {block_height} px")
}
