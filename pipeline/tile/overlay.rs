//! Ground without other ground, and within it, through GEOS.
//!
//! `geo`'s overlays do not come back from the outlines of some ten thousand cells that touch at their
//! corners, as coverage has them.

use crate::window;
use gdal::vector::{Geometry, OGRwkbGeometryType::wkbPolygon, ToGdal};
use geo::{MultiPolygon, Polygon};

/// What is left of some ground without other ground. Both are valid.
pub fn without(ground: &MultiPolygon, other: &MultiPolygon) -> Result<MultiPolygon, String> {
    overlay(ground, other, Geometry::difference)
}

/// What lies within other ground. Both are valid.
pub fn within(ground: &MultiPolygon, other: &MultiPolygon) -> Result<MultiPolygon, String> {
    overlay(ground, other, Geometry::intersection)
}

/// Whether polygons are valid to GEOS, as an importer asks.
pub fn is_valid(ground: &MultiPolygon) -> bool {
    ground.to_gdal().is_ok_and(|ground| ground.is_valid())
}

fn overlay(
    ground: &MultiPolygon,
    other: &MultiPolygon,
    verb: fn(&Geometry, &Geometry) -> Option<Geometry>,
) -> Result<MultiPolygon, String> {
    let failed = |error: gdal::errors::GdalError| window::cause(&error);
    let (one, two) = (ground.to_gdal().map_err(failed)?, other.to_gdal().map_err(failed)?);
    let result = verb(&one, &two).ok_or("the overlay of two areas failed")?;
    let mut polygons = vec![];
    collect(&result, &mut polygons).map_err(failed)?;
    Ok(MultiPolygon(polygons))
}

/// The polygons of a geometry; where two areas only touch, they share lines and points too.
fn collect(geometry: &Geometry, polygons: &mut Vec<Polygon>) -> Result<(), gdal::errors::GdalError> {
    if geometry.is_empty() {
        return Ok(());
    }
    if gdal::vector::geometry_type_flatten(geometry.geometry_type()) == wkbPolygon {
        if let geo::Geometry::Polygon(polygon) = geometry.to_geo()? {
            polygons.push(polygon);
        }
        return Ok(());
    }
    (0..geometry.geometry_count()).try_for_each(|i| collect(&geometry.get_geometry(i), polygons))
}
