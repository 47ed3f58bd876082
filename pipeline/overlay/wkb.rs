//! Polygons as well-known binary.

use crate::boolean::{cause, collect};
use gdal::vector::{Geometry, ToGdal};
use geo::MultiPolygon;

/// Polygons as well-known binary, little endian. The error is what GDAL says.
pub fn to_wkb(polygons: &MultiPolygon) -> Result<Vec<u8>, String> {
    let geometry = polygons.to_gdal();
    geometry.and_then(|geometry| geometry.wkb()).map_err(|error| cause(&error))
}

/// The way back from [`to_wkb`]. The error is what GDAL says.
pub fn from_wkb(wkb: &[u8]) -> Result<MultiPolygon, String> {
    let geometry = Geometry::from_wkb(wkb).map_err(|error| cause(&error))?;
    let mut polygons = vec![];
    collect(&geometry, &mut polygons).map_err(|error| cause(&error))?;
    Ok(MultiPolygon(polygons))
}
