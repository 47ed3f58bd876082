//! The length, the width and the long axis of a polygon.

use geo::{Area, Coord, Distance, Euclidean, LineString, MinimumRotatedRect, Point, Polygon};

/// Longer and shorter side of the smallest rotated rectangle around a polygon in local metres, and
/// the rectangle's long axis, which joins the middles of its two short sides.
pub(crate) fn extent(metres: &Polygon) -> ([f64; 2], LineString) {
    // A shape without area has no such rectangle: its own corners serve.
    let around = if metres.unsigned_area() > 0.0 { metres.minimum_rotated_rect() } else { None };
    let rectangle = around.as_ref().unwrap_or(metres);
    let corner = |i: usize| rectangle.exterior().0[i];
    let side = |i: usize| Euclidean.distance(Point::from(corner(i)), Point::from(corner(i + 1)));
    let middle = |i: usize| -> Coord { (corner(i) + corner(i + 1)) / 2.0 };
    let (first, second) = (side(0), side(1));
    if first >= second {
        ([first, second], LineString::new(vec![middle(1), middle(3)]))
    } else {
        ([second, first], LineString::new(vec![middle(0), middle(2)]))
    }
}
