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

/// The way of polygons from one CRS to another: their vertices alone are moved.
pub fn mover(
    from: &Crs,
    to: &Crs,
) -> Result<impl Fn(&MultiPolygon) -> Result<MultiPolygon, String>, String> {
    let failed =
        |error: GdalError| format!("nothing leads from {} to {}: {error}", from.name, to.name);
    let known = |crs: &Crs| -> Result<SpatialRef, GdalError> {
        let mut known = SpatialRef::from_wkt(&crs.wkt)?;
        known.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        Ok(known)
    };
    let way = match from.wkt == to.wkt {
        true => None,
        false => {
            let ends = known(from).and_then(|from| Ok((from, known(to)?)));
            Some(ends.and_then(|(from, to)| between(&from, &to)).map_err(failed)?)
        }
    };
    Ok(move |polygons: &MultiPolygon| {
        let Some(way) = &way else { return Ok(polygons.clone()) };
        let moved = polygons.to_gdal().and_then(|it| it.transform(way)?.to_geo());
        match moved.map_err(|error| error.to_string())? {
            Geometry::MultiPolygon(moved) => Ok(moved),
            Geometry::Polygon(moved) => Ok(moved.into()),
            _ => Err("it is no polygon any more".into()),
        }
    })
}
