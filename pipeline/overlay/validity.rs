//! Whether GEOS takes a geometry for valid, as an importer asks.

use gdal::vector::{Geometry, ToGdal};
use gdal::version::VersionInfo;

/// Whether a geometry is valid to GEOS; one that GDAL cannot take is not.
pub fn is_valid(geometry: &impl ToGdal) -> bool {
    geometry.to_gdal().is_ok_and(|geometry| is_valid_ogr(&geometry))
}

/// Whether a geometry of OGR is valid to GEOS.
pub fn is_valid_ogr(geometry: &Geometry) -> bool {
    geometry.is_valid()
}

/// Whether this build of GDAL has GEOS. Without it [`is_valid`] is false of everything.
pub fn has_geos() -> bool {
    VersionInfo::has_geos()
}
