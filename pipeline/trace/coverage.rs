//! Ground that was looked at, or was not.

use crate::outline;
use geo::MultiPolygon;
use rams_domain::{Orthomosaic, PxBox};

/// The ground that some boxes in mosaic pixels cover, in the survey's CRS, and its geodesic
/// area in square metres. The same for assessed ground and for gaps.
///
/// Edges stay exactly on pixel edges, so that assessed ground and the gap beside it share their
/// border without a sliver; boxes that overlap count once.
pub fn cover(boxes: &[PxBox], orthomosaic: &Orthomosaic) -> (MultiPolygon, f64) {
    let boundary = orthomosaic.georef.place_all(&outline(boxes));
    let area_m2 = orthomosaic.georef.ground().area_m2(&boundary);
    (boundary, area_m2)
}
