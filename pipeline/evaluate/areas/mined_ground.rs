//! True objects -> the ground that they make hazardous.

use geo::{
    BoundingRect, Buffer, Centroid, Geometry, InteriorPoint, MultiPolygon, Point, unary_union,
};
use rams_domain::EoCategory;
use std::collections::BTreeMap;

/// Where each true object lies, and the ground within the buffer of its category of any, in metres.
/// An object that is wider than the buffer, a mined area, keeps its form; any other is a point.
/// Objects without geometry are left out.
///
/// ```
/// use geo::{Area, Geometry, Point};
/// use rams_domain::EoCategory::ApMine;
///
/// let mines = [(ApMine, Geometry::from(Point::new(0.0, 0.0)))];
/// let (places, ground) = rams_evaluate::mined_ground(&mines, |_| 5.0);
/// assert_eq!(places, [(ApMine, Point::new(0.0, 0.0))]);
/// let disc_m2 = ground[0].1.unsigned_area();
/// // A circle of straight sides is a little smaller.
/// assert!((disc_m2 - 25.0 * std::f64::consts::PI).abs() < 0.6, "{disc_m2}");
/// ```
#[allow(clippy::type_complexity)]
pub fn mined_ground(
    objects: &[(EoCategory, Geometry)],
    buffer_m: impl Fn(EoCategory) -> f64,
) -> (Vec<(EoCategory, Point)>, Vec<(EoCategory, MultiPolygon)>) {
    let mut places = vec![];
    let mut ground: BTreeMap<EoCategory, Vec<MultiPolygon>> = BTreeMap::new();
    for (eo_category, object) in objects {
        let buffer_m = buffer_m(*eo_category);
        let side_m = object.bounding_rect().map_or(0.0, |rect| rect.width().max(rect.height()));
        let is_wide = side_m > buffer_m;
        let place = if is_wide { object.interior_point() } else { object.centroid() };
        let Some(place) = place else { continue };
        let around = if is_wide { object.buffer(buffer_m) } else { place.buffer(buffer_m) };
        places.push((*eo_category, place));
        ground.entry(*eo_category).or_default().push(around);
    }
    let united = |(category, all): (EoCategory, Vec<MultiPolygon>)| (category, unary_union(&all));
    (places, ground.into_iter().map(united).collect())
}
