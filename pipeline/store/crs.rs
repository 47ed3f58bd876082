//! Ways between coordinate reference systems.

use gdal::errors::GdalError;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, CoordTransformOptions, SpatialRef};
use gdal::vector::ToGdal;
use geo::{Geometry, MultiPolygon};
use rams_domain::Crs;

/// The way from one CRS to another. Where PROJ does not know how their datums relate it would take
/// them for the same, and all would lie a hundred metres off without a word: that is an error.
pub fn between(from: &SpatialRef, to: &SpatialRef) -> Result<CoordTransform, GdalError> {
    let mut options = CoordTransformOptions::new()?;
    options.set_ballpark_allowed(false)?;
    CoordTransform::new_with_options(from, to, &options)
}

/// WGS 84, longitude before latitude.
pub fn wgs84() -> Result<SpatialRef, GdalError> {
    let mut srs = SpatialRef::from_epsg(4326)?;
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(srs)
}

/// Polygons of one CRS in another: their vertices alone are moved.
pub fn moved(polygons: &MultiPolygon, from: &Crs, to: &Crs) -> Result<MultiPolygon, String> {
    if from.wkt == to.wkt {
        return Ok(polygons.clone());
    }
    let known = |crs: &Crs| -> Result<SpatialRef, GdalError> {
        let mut known = SpatialRef::from_wkt(&crs.wkt)?;
        known.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        Ok(known)
    };
    let moved = || -> Result<Geometry, GdalError> {
        polygons.to_gdal()?.transform(&between(&known(from)?, &known(to)?)?)?.to_geo()
    };
    match moved() {
        Ok(Geometry::MultiPolygon(moved)) => Ok(moved),
        Ok(Geometry::Polygon(moved)) => Ok(moved.into()),
        Ok(_) => Err("it is no polygon any more".into()),
        Err(error) => {
            Err(format!("it cannot be brought from {} to {}: {error}", from.name, to.name))
        }
    }
}
