//! Ways between coordinate reference systems.

use gdal::errors::GdalError;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, CoordTransformOptions, SpatialRef};

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
