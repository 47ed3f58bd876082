//! Boxes of pixels -> ground that was assessed, or was not.

use crate::outline;
use geo::MultiPolygon;
use rams_domain::{Orthomosaic, PxBox};

/// The ground that some boxes in mosaic pixels cover, in the survey's CRS, and its geodesic area,
/// square metres. Assessed ground and gaps are both drawn by it.
///
/// Edges stay exactly on pixel edges, so that assessed ground and the gap beside it share their
/// border without a sliver; boxes that overlap count once. Exteriors run counter-clockwise.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/example.rs")); }
/// # use example::*;
/// use rams_trace::cover;
///
/// let orthomosaic = orthomosaic("flight"); // pixels of 0.1 m, upper left corner at (0, 20)
/// let boxes = [px(0.0, 0.0, 100.0, 50.0), px(60.0, 0.0, 150.0, 50.0)];
/// let (boundary, area_m2) = cover(&boxes, &orthomosaic);
///
/// assert_eq!(boundary.0.len(), 1);
/// assert_eq!(boundary.0[0].exterior().0.len(), 5, "a rectangle of 15 m x 5 m");
/// assert!((area_m2 - 75.0).abs() < 0.01);
/// ```
pub fn cover(boxes: &[PxBox], orthomosaic: &Orthomosaic) -> (MultiPolygon, f64) {
    let boundary = orthomosaic.georef.place_all(&outline(boxes));
    let area_m2 = orthomosaic.georef.ground().area_m2(&boundary);
    (boundary, area_m2)
}
