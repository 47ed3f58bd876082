//! CRS and extent -> [`Ground`], with PROJ.

use crate::TileError;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use geo::{Coord, Rect, coord};
use rams_domain::{Crs, Ground, Orthomosaic};
use std::path::Path;

/// The ground under several orthomosaics: their common CRS over all of their extents. `None`
/// without any.
pub fn ground_around(orthomosaics: &[Orthomosaic]) -> Option<Result<Ground, TileError>> {
    let (first, others) = orthomosaics.split_first()?;
    let ground = first.georef.ground();
    let mut corners = vec![ground.extent().min(), ground.extent().max()];
    for other in others {
        let crs = other.georef.ground().crs();
        if crs.wkt != ground.crs().wkt {
            let (path, found, expected) = (other.path.clone(), crs.name.clone(), ground.crs().name.clone());
            return Some(Err(TileError::CrsDiffers { path, found, expected }));
        }
        corners.extend([other.georef.ground().extent().min(), other.georef.ground().extent().max()]);
    }
    let extent = Ground::extent_of(&corners)?;
    Some(over(&first.path, ground.crs().clone(), extent).and_then(|ground| check_scale(ground, orthomosaics)))
}

/// One linear map to metres serves a whole survey, so its extent must not be too large for one.
fn check_scale(ground: Ground, orthomosaics: &[Orthomosaic]) -> Result<Ground, TileError> {
    let spread = ground.scale_spread();
    match orthomosaics.last() {
        Some(Orthomosaic { path, .. }) if spread > 0.005 => {
            let (path, crs) = (path.clone(), ground.crs().name.clone());
            Err(TileError::TooFarApart { path, crs, percent: spread * 100.0 })
        }
        _ => Ok(ground),
    }
}

/// The ground of a CRS over an extent, units of the CRS; `path` is named where it fails.
pub(crate) fn over(path: &Path, crs: Crs, extent: Rect) -> Result<Ground, TileError> {
    let unusable = |cause: String| TileError::CrsUnusable { path: path.to_owned(), crs: crs.name.clone(), cause };
    let mut source = SpatialRef::from_wkt(&crs.wkt).map_err(|error| unusable(error.to_string()))?;
    let mut wgs84 = SpatialRef::from_epsg(4326).map_err(TileError::Projection)?;
    // Longitude before latitude and easting before northing, as in the geotransform.
    source.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    wgs84.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let transform = CoordTransform::new(&source, &wgs84).map_err(|error| unusable(error.to_string()))?;
    let nodes: Vec<Coord> = Ground::node_positions(extent);
    let (mut lon, mut lat): (Vec<f64>, Vec<f64>) = nodes.iter().map(|node| (node.x, node.y)).unzip();
    transform.transform_coords(&mut lon, &mut lat, &mut []).map_err(|error| unusable(error.to_string()))?;
    let lonlat = lon.into_iter().zip(lat).map(|(x, y)| coord! { x: x, y: y }).collect();
    Ground::new(crs.clone(), extent, lonlat).ok_or_else(|| unusable("its coordinates lie outside the earth".into()))
}
