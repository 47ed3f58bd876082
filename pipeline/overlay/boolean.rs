//! Difference, intersection and union of polygons.

use gdal::errors::GdalError;
use gdal::vector::{Geometry, OGRwkbGeometryType::wkbPolygon, ToGdal};
use geo::{MultiPolygon, Polygon};

/// The part of `ground` outside `other`. Both must be valid and in the same coordinates; the error
/// is what GEOS says.
pub fn difference(ground: &MultiPolygon, other: &MultiPolygon) -> Result<MultiPolygon, String> {
    overlay(ground, other, Geometry::difference)
}

/// The part of `ground` inside `other`. Both must be valid and in the same coordinates; the error
/// is what GEOS says.
pub fn intersection(ground: &MultiPolygon, other: &MultiPolygon) -> Result<MultiPolygon, String> {
    overlay(ground, other, Geometry::intersection)
}

/// The ground of both, which must be valid and in the same coordinates; the error is what GEOS
/// says.
pub fn union(ground: &MultiPolygon, other: &MultiPolygon) -> Result<MultiPolygon, String> {
    overlay(ground, other, Geometry::union)
}

/// The ground of all, each of which must be valid; the error is what GEOS says. Halves first, so
/// that few of the overlays are of many polygons.
pub fn union_all(ground: &[MultiPolygon]) -> Result<MultiPolygon, String> {
    match ground {
        [] => Ok(MultiPolygon(vec![])),
        [one] => Ok(one.clone()),
        many => {
            let (some, others) = many.split_at(many.len() / 2);
            union(&union_all(some)?, &union_all(others)?)
        }
    }
}

fn overlay(
    ground: &MultiPolygon,
    other: &MultiPolygon,
    verb: fn(&Geometry, &Geometry) -> Option<Geometry>,
) -> Result<MultiPolygon, String> {
    let failed = |error: GdalError| cause(&error);
    let (one, two) = (ground.to_gdal().map_err(failed)?, other.to_gdal().map_err(failed)?);
    let result = verb(&one, &two).ok_or("the overlay of two areas failed")?;
    let mut polygons = vec![];
    collect(&result, &mut polygons).map_err(failed)?;
    Ok(MultiPolygon(polygons))
}

/// The polygons of a geometry; where two areas only touch, they share lines and points too.
pub(crate) fn collect(geometry: &Geometry, polygons: &mut Vec<Polygon>) -> Result<(), GdalError> {
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

/// What GDAL says, without the name of its function where it says more than that.
pub(crate) fn cause(error: &GdalError) -> String {
    match error {
        GdalError::CplError { msg, .. } | GdalError::NullPointer { msg, .. } if !msg.is_empty() => {
            msg.clone()
        }
        other => other.to_string(),
    }
}
