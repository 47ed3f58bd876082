//! Whether an import takes a geometry.

use geo::{Geometry, Validation};

/// Whether an import takes a geometry.
pub(crate) fn is_valid(geometry: &Geometry) -> bool {
    fault(geometry).is_none()
}

/// Why a geometry is not valid. GEOS decides, as it does for an importer: `geo` compares every leg
/// of a ring with every other, minutes for one of 20,000, and does not see an interior cut in two.
pub(crate) fn fault(geometry: &Geometry) -> Option<String> {
    let has_geos = rams_overlay::has_geos();
    if has_geos && rams_overlay::is_valid(geometry) {
        return None;
    }
    let fault = geometry.check_validation().err().map(|error| error.to_string());
    fault.or_else(|| {
        has_geos.then(|| "its interior is in pieces, or its rings touch along a line".into())
    })
}
