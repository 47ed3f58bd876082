//! CRS and extent -> [`Ground`], and a raster of another CRS on it, with PROJ.

use crate::{
    TileError, crs,
    relation::{self, Relation},
    window,
};
use gdal::errors::GdalError;
use geo::{Coord, Rect, coord};
use rams_domain::{Crs, Georef, Ground, Mesh, Orthomosaic, RasterSize};
use std::path::Path;

/// The ground under several orthomosaics: all of their extents in one CRS, on which all are placed.
/// The CRS is that of the first, if every format of maps keeps where that lies, else UTM on WGS 84,
/// and then the first gets a notice of it. `None` without any orthomosaic; an error where one of
/// them lies in a CRS whose relation to the first's is not known, or too far away for one survey.
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
///
/// let mut orthomosaics = [rams_tile::open(&path, &ReadAs::default())?];
/// let ground = rams_tile::ground_around(&mut orthomosaics).ok_or("there is one")??;
/// assert_eq!(ground.crs().code.as_deref(), Some("EPSG:32633"));
/// assert!((ground.extent().width() - 0.64).abs() < 1e-6);
/// let lonlat = ground.lonlat(ground.extent().center());
/// assert!((lonlat.x - 15.0).abs() < 1e-4 && (lonlat.y - 45.15).abs() < 0.01);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn ground_around(orthomosaics: &mut [Orthomosaic]) -> Option<Result<Ground, TileError>> {
    let crs = map_crs(orthomosaics.first_mut()?);
    Some(crs.and_then(|crs| {
        orthomosaics.iter_mut().try_for_each(|each| place_on(each, &crs))?;
        let extents = orthomosaics.iter().map(|each| each.georef.ground().extent());
        let farthest = &orthomosaics[orthomosaics.len() - 1];
        widened(orthomosaics[0].georef.ground(), extents, &farthest.path)
    }))
}

/// The CRS of a map whose first orthomosaic this is.
fn map_crs(first: &mut Orthomosaic) -> Result<Crs, TileError> {
    let own = first.georef.own_ground();
    let srs = relation::of(own.crs()).map_err(TileError::Projection)?;
    let middle = own.extent().center();
    if relation::is_portable(&srs, middle) {
        return Ok(own.crs().clone());
    }
    let utm = relation::reference(relation::utm(own.lonlat(middle)))
        .and_then(|utm| relation::described(&utm));
    let utm = utm.map_err(TileError::Projection)?;
    let why = if Relation::to_lonlat(&srs).is_ok_and(|relation| relation.is_guessed) {
        "to a few metres lies as WGS 84 does, and closer is not known"
    } else {
        "is one that not every format of maps keeps"
    };
    let notice = format!("{} {why}: the map is in {utm}", own.crs());
    first.notices.push(notice);
    Ok(utm)
}

/// Ground of the same CRS that covers more: `path` is of the file that asks for it.
pub fn widened(
    ground: &Ground,
    by: impl IntoIterator<Item = Rect>,
    path: &Path,
) -> Result<Ground, TileError> {
    let corners =
        by.into_iter().chain([ground.extent()]).flat_map(|extent| [extent.min(), extent.max()]);
    let extent = Ground::extent_of(&corners.collect::<Vec<_>>()).unwrap_or(ground.extent());
    let wider = if extent == ground.extent() {
        ground.clone()
    } else {
        over(path, ground.crs().clone(), extent)?
    };
    // One linear map to metres serves a whole survey, so its extent must not be too large for one.
    let spread = wider.scale_spread();
    if spread > 0.005 {
        let (path, crs) = (path.to_owned(), ground.crs().name.clone());
        return Err(TileError::TooFarApart { path, crs, percent: spread * 100.0 });
    }
    Ok(wider)
}

/// Places an orthomosaic in the CRS of a survey, whatever its own is. Its pixels are not touched.
pub fn place_on(orthomosaic: &mut Orthomosaic, crs: &Crs) -> Result<(), TileError> {
    orthomosaic.georef = onto(&orthomosaic.path, &orthomosaic.georef, orthomosaic.size, crs)?;
    Ok(())
}

/// A raster of a size, in the CRS of a survey.
pub(crate) fn onto(
    path: &Path,
    georef: &Georef,
    size: RasterSize,
    crs: &Crs,
) -> Result<Georef, TileError> {
    let own = georef.own_ground().crs();
    let differs = |cause: String| {
        let (path, found, expected) = (path.to_owned(), own.name.clone(), crs.name.clone());
        TileError::CrsDiffers { path, found, expected, cause }
    };
    let unknown = |error: GdalError| differs(window::cause(&error));
    let (from, to) = (relation::of(own).map_err(unknown)?, relation::of(crs).map_err(unknown)?);
    if own.wkt == crs.wkt || relation::is_same(&from, &to) {
        return Ok(georef.clone());
    }
    let relation = Relation::new(&from, &to).map_err(unknown)?;
    let gsd_m =
        georef.gsd_m(coord! { x: f64::from(size.width) / 2.0, y: f64::from(size.height) / 2.0 });
    let positions: Vec<Coord> =
        Mesh::positions_px(size, gsd_m).into_iter().map(|px| georef.to_own(px)).collect();
    let apart = || {
        let own = georef.own_ground();
        let at = own.lonlat(own.extent().center());
        TileError::BeyondCrs { path: path.to_owned(), lon: at.x, lat: at.y, crs: crs.to_string() }
    };
    let nodes = relation.project(&positions).map_err(|_| apart())?;
    let mesh = Mesh::new(size, gsd_m, nodes).ok_or_else(apart)?;
    let extent = Ground::extent_of(mesh.nodes()).ok_or_else(apart)?;
    let ground = over(path, crs.clone(), extent).map_err(|_| apart())?;
    Ok(georef.clone().onto(mesh, ground))
}

/// The ground of a CRS over an extent, units of the CRS; `path` is named where it fails.
pub(crate) fn over(path: &Path, crs: Crs, extent: Rect) -> Result<Ground, TileError> {
    let unusable = |cause: String| TileError::CrsUnusable {
        path: path.to_owned(),
        crs: crs.to_string(),
        cause,
    };
    let source = relation::of(&crs).map_err(|error| unusable(window::cause(&error)))?;
    let nodes = crs::to_lonlat(path, &source)?.project(&Ground::node_positions(extent));
    let nodes =
        nodes.map_err(|_| unusable("its coordinates lie outside of where it holds".into()))?;
    Ground::new(crs.clone(), extent, nodes)
        .ok_or_else(|| unusable("its coordinates lie outside the earth".into()))
}
