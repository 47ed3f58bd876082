//! Polygons on a grid: valid there, oriented, without slivers.
//!
//! An overlay in floating point leaves hairlines, and rounding lets an outline cross itself. Here both
//! happen on integers: corners are rounded to the grid, and where edges cross or meet afterwards they
//! are noded there (snap rounding), so that what comes out is valid when it is written with as many
//! digits as the grid has.

use geo::{Coord, CoordsIter, LineString, MultiPolygon, Polygon, coord};
use i_overlay::core::{
    fill_rule::FillRule,
    overlay::{IntOverlayOptions, Overlay, ShapeType},
    overlay_rule::OverlayRule,
};
use i_overlay::i_float::int::point::IntPoint;

/// Grid steps from the middle that leave room for products of differences in 64 bits.
const MOST_STEPS: f64 = (1_i64 << 29) as f64;

/// The ground of some polygons, on a grid of `per_unit` steps to a unit of their coordinates: exteriors
/// run anticlockwise and holes clockwise, whichever way they came; what overlaps counts once; rings that
/// cross themselves hold all that they go around; what is thinner than a step vanishes.
///
/// Coordinates must be finite. Polygons over some 10⁹ steps across come out on a grid that is so many
/// times coarser.
pub fn reduce_precision(polygons: &MultiPolygon, per_unit: f64) -> MultiPolygon {
    let Some((middle, half)) = frame(polygons) else { return MultiPolygon(vec![]) };
    let halvings = (half * per_unit / MOST_STEPS).log2().ceil().max(0.0);
    let grid = Grid::around(middle, per_unit / halvings.exp2());
    let mut union = Overlay::new_custom(polygons.coords_count(), options(), Default::default());
    for polygon in polygons {
        let shell = grid.ring(polygon.exterior());
        if polygon.interiors().is_empty() {
            union.add_contour(&anticlockwise(shell), ShapeType::Subject);
            continue;
        }
        // A hole that reaches beyond its shell takes nothing there, and adds nothing.
        let holes: Vec<_> = polygon.interiors().iter().map(|ring| anticlockwise(grid.ring(ring))).collect();
        let mut with_holes = Overlay::new_custom(polygon.coords_count(), options(), Default::default());
        with_holes.add_contour(&anticlockwise(shell), ShapeType::Subject);
        with_holes.add_contours(&holes, ShapeType::Clip);
        union.add_shapes(&with_holes.overlay(OverlayRule::Difference, FillRule::NonZero), ShapeType::Subject);
    }
    let shapes = union.overlay(OverlayRule::Subject, FillRule::NonZero);
    let polygon = |rings: Vec<Vec<IntPoint>>| {
        let mut rings = rings.iter().map(|ring| grid.back(ring));
        rings.next().map(|shell| Polygon::new(shell, rings.collect()))
    };
    shapes.into_iter().filter_map(polygon).collect()
}

/// Points where rings touch stay corners of both: rounding elsewhere cannot pull them apart.
fn options() -> IntOverlayOptions {
    IntOverlayOptions { preserve_output_collinear: true, ..IntOverlayOptions::ogc() }
}

/// Middle of the bounds, and half their longer side.
fn frame(polygons: &MultiPolygon) -> Option<(Coord, f64)> {
    let rect = geo::BoundingRect::bounding_rect(polygons)?;
    Some((rect.center(), rect.width().max(rect.height()) / 2.0))
}

/// The grid around a place.
struct Grid {
    /// The place in steps: whole numbers.
    middle: Coord,
    per_unit: f64,
}

impl Grid {
    fn around(middle: Coord, per_unit: f64) -> Self {
        Self { middle: coord! { x: (middle.x * per_unit).round(), y: (middle.y * per_unit).round() }, per_unit }
    }

    /// An open ring in steps from the middle.
    fn ring(&self, ring: &LineString) -> Vec<IntPoint> {
        let corners = ring.0.get(1..).unwrap_or_default();
        let steps = |value: f64, middle: f64| ((value * self.per_unit).round() - middle) as i32;
        corners.iter().map(|c| IntPoint::new(steps(c.x, self.middle.x), steps(c.y, self.middle.y))).collect()
    }

    fn back(&self, ring: &[IntPoint]) -> LineString {
        // Divided, not multiplied: so the nearest number to the decimal comes out.
        let unit = |steps: i32, middle: f64| (f64::from(steps) + middle) / self.per_unit;
        let corner = |at: &IntPoint| coord! { x: unit(at.x, self.middle.x), y: unit(at.y, self.middle.y) };
        ring.iter().chain(ring.first()).map(corner).collect()
    }
}

/// A ring, reversed where it runs clockwise. One that crosses itself has no direction, and needs none.
fn anticlockwise(mut ring: Vec<IntPoint>) -> Vec<IntPoint> {
    let next = ring.iter().cycle().skip(1);
    let cross = |(a, b): (&IntPoint, &IntPoint)| i128::from(a.x) * i128::from(b.y) - i128::from(b.x) * i128::from(a.y);
    if ring.iter().zip(next).map(cross).sum::<i128>() < 0 {
        ring.reverse();
    }
    ring
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, MapCoords, Orient, Validation, orient::Direction, polygon, wkt};
    use proptest::prelude::*;

    fn reduced(polygons: impl Into<MultiPolygon>) -> MultiPolygon {
        reduce_precision(&polygons.into(), 1000.0)
    }

    #[test]
    fn the_way_a_ring_runs_changes_nothing() {
        let with_hole = wkt! { POLYGON((0. 0.,4. 0.,4. 4.,0. 4.,0. 0.),(1. 1.,2. 1.,2. 2.,1. 2.,1. 1.)) };
        let expected = reduced(with_hole.orient(Direction::Default));
        assert_eq!((expected.signed_area(), expected.0[0].interiors().len()), (15.0, 1));
        assert_eq!(reduced(with_hole.orient(Direction::Reversed)), expected);
        // The hole runs like its shell.
        assert_eq!(reduced(with_hole), expected);
    }

    #[test]
    fn polygons_that_overlap_count_once_however_each_runs() {
        let one = wkt! { POLYGON((0. 0.,2. 0.,2. 2.,0. 2.,0. 0.)) };
        let other = wkt! { POLYGON((1. 0.,1. 2.,3. 2.,3. 0.,1. 0.)) };
        let both = reduced(MultiPolygon(vec![one, other]));
        assert_eq!((both.0.len(), both.signed_area()), (1, 6.0));
    }

    #[test]
    fn hairlines_spikes_and_degenerate_rings_vanish() {
        let hairline = wkt! { POLYGON((0. 0.,10. 0.0001,10. 0.0002,0. 0.)) };
        assert!(reduced(hairline).0.is_empty());
        let spike = wkt! { POLYGON((0. 0.,2. 0.,2. 1.,8. 1.,2. 1.0002,2. 2.,0. 2.,0. 0.)) };
        let left = reduced(spike);
        assert_eq!((left.signed_area(), left.is_valid()), (4.0, true));
        assert!(reduced(polygon![]).0.is_empty());
        assert!(reduced(wkt! { POLYGON((1. 1.,1. 1.,1. 1.,1. 1.)) }).0.is_empty());
    }

    #[test]
    fn a_bow_tie_holds_both_lobes_and_a_hole_adds_nothing_beyond_its_shell() {
        assert_eq!(reduced(wkt! { POLYGON((0. 0.,2. 2.,2. 0.,0. 2.,0. 0.)) }).signed_area(), 2.0);
        let poking = wkt! { POLYGON((0. 0.,2. 0.,2. 2.,0. 2.,0. 0.),(1. 1.,1. 1.5,5. 1.5,5. 1.,1. 1.)) };
        assert_eq!(reduced(poking).signed_area(), 3.5);
    }

    #[test]
    fn coordinates_are_the_nearest_to_their_decimals() {
        let square =
            wkt! { POLYGON((179.99999996 0.12345678,180. 0.1234568,180. 0.2,179.9999 0.2,179.99999996 0.12345678)) };
        let found = reduce_precision(&square.into(), 1e7);
        assert!(found.coords_iter().any(|c| c == coord! { x: 180.0, y: 0.123_456_8 }), "{found:?}");
    }

    #[test]
    fn a_continent_comes_out_on_a_coarser_grid() {
        let wide = wkt! { POLYGON((0. 0.,180. 0.,180. 90.,0. 90.,0. 0.)) };
        assert_eq!(reduce_precision(&wide.into(), 1e8).signed_area(), 180.0 * 90.0);
    }

    proptest! {
        /// Whatever rings come, what leaves is valid, stays so when it is written with the grid's digits, and is
        /// the same when it comes again.
        #[test]
        fn what_leaves_is_valid_and_settled(
            rings in prop::collection::vec(prop::collection::vec((-40_000..40_000, -40_000..40_000), 3..9), 1..6),
        ) {
            let ring = |corners: &Vec<(i32, i32)>| -> LineString {
                corners.iter().map(|(x, y)| coord! { x: f64::from(*x) / 9_000.0, y: f64::from(*y) / 9_000.0 }).collect()
            };
            let rings: MultiPolygon = rings.iter().map(|corners| Polygon::new(ring(corners), vec![])).collect();
            let found = reduced(rings);
            prop_assert!(found.is_valid(), "{:?}", found.check_validation());
            let digits = |value: f64| format!("{value:.3}").parse::<f64>().expect("a number");
            prop_assert_eq!(&found.map_coords(|c| coord! { x: digits(c.x), y: digits(c.y) }), &found);
            prop_assert!((reduced(found.clone()).signed_area() - found.signed_area()).abs() < 1e-9);
        }
    }
}
