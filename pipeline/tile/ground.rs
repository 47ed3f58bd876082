//! CRS and extent -> [`Ground`], and a raster of another CRS on it, with PROJ.

use crate::{TileError, window};
use gdal::{
    errors::GdalError,
    spatial_ref::{AxisMappingStrategy, CoordTransform, CoordTransformOptions, SpatialRef},
};
use geo::{Coord, Rect, coord};
use rams_domain::{Crs, Georef, Ground, Mesh, Orthomosaic, RasterSize};
use std::path::Path;

/// The ground under several orthomosaics: all of their extents in the CRS of the first, on which the
/// others are placed. `None` without any.
pub fn ground_around(orthomosaics: &mut [Orthomosaic]) -> Option<Result<Ground, TileError>> {
    let (first, others) = orthomosaics.split_first_mut()?;
    Some(others.iter_mut().try_for_each(|other| place_on(other, first.georef.ground().crs())).and_then(|()| {
        let extents = [&*first].into_iter().chain(&*others).map(|each| each.georef.ground().extent());
        let farthest = others.last().unwrap_or(first);
        widened(first.georef.ground(), extents, &farthest.path)
    }))
}

/// Ground of the same CRS that covers more: `path` is of the file that asks for it.
pub fn widened(ground: &Ground, by: impl IntoIterator<Item = Rect>, path: &Path) -> Result<Ground, TileError> {
    let corners = by.into_iter().chain([ground.extent()]).flat_map(|extent| [extent.min(), extent.max()]);
    let extent = Ground::extent_of(&corners.collect::<Vec<_>>()).unwrap_or(ground.extent());
    let wider = if extent == ground.extent() { ground.clone() } else { over(path, ground.crs().clone(), extent)? };
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
pub(crate) fn onto(path: &Path, georef: &Georef, size: RasterSize, crs: &Crs) -> Result<Georef, TileError> {
    let own = georef.own_ground().crs();
    let differs = |cause: String| {
        let (path, found, expected) = (path.to_owned(), own.name.clone(), crs.name.clone());
        TileError::CrsDiffers { path, found, expected, cause }
    };
    let unknown = |error: GdalError| differs(window::cause(&error));
    let (from, to) = (reference(own).map_err(unknown)?, reference(crs).map_err(unknown)?);
    if own.wkt == crs.wkt || from == to {
        return Ok(georef.clone());
    }
    // Where PROJ does not know how two datums relate it would take them for the same, and the map
    // would be a hundred metres off without a word.
    let mut options = CoordTransformOptions::new().map_err(unknown)?;
    options.set_ballpark_allowed(false).map_err(unknown)?;
    let transform = CoordTransform::new_with_options(&from, &to, &options).map_err(unknown)?;
    let gsd_m = georef.gsd_m(coord! { x: f64::from(size.width) / 2.0, y: f64::from(size.height) / 2.0 });
    let positions: Vec<Coord> = Mesh::positions_px(size, gsd_m).into_iter().map(|px| georef.to_own(px)).collect();
    let nodes = project(&positions, &transform).map_err(unknown)?;
    let apart = || differs("its pixels do not lie beside each other there".into());
    let mesh = Mesh::new(size, gsd_m, nodes).ok_or_else(apart)?;
    let extent = Ground::extent_of(mesh.nodes()).ok_or_else(apart)?;
    let ground = over(path, crs.clone(), extent)?;
    Ok(georef.clone().onto(mesh, ground))
}

/// The ground of a CRS over an extent, units of the CRS; `path` is named where it fails.
pub(crate) fn over(path: &Path, crs: Crs, extent: Rect) -> Result<Ground, TileError> {
    let unusable = |cause: String| TileError::CrsUnusable { path: path.to_owned(), crs: crs.name.clone(), cause };
    let source = reference(&crs).map_err(|error| unusable(error.to_string()))?;
    let mut wgs84 = SpatialRef::from_epsg(4326).map_err(TileError::Projection)?;
    wgs84.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let transform = CoordTransform::new(&source, &wgs84).map_err(|error| unusable(error.to_string()))?;
    let nodes = project(&Ground::node_positions(extent), &transform).map_err(|error| unusable(error.to_string()))?;
    Ground::new(crs.clone(), extent, nodes).ok_or_else(|| unusable("its coordinates lie outside the earth".into()))
}

/// Longitude before latitude and easting before northing, as in a geotransform.
fn reference(crs: &Crs) -> Result<SpatialRef, GdalError> {
    let mut reference = SpatialRef::from_wkt(&crs.wkt)?;
    reference.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(reference)
}

fn project(positions: &[Coord], transform: &CoordTransform) -> Result<Vec<Coord>, GdalError> {
    let (mut x, mut y): (Vec<f64>, Vec<f64>) = positions.iter().map(|at| (at.x, at.y)).unzip();
    transform.transform_coords(&mut x, &mut y, &mut [])?;
    Ok(x.into_iter().zip(y).map(|(x, y)| coord! { x: x, y: y }).collect())
}
