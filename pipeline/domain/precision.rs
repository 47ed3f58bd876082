//! Polygons on a grid: valid there, oriented, without slivers.
//!
//! An overlay in floating point leaves hairlines, and rounding lets an outline cross itself. Here
//! both happen on integers: corners are rounded to the grid, and where edges cross or meet
//! afterwards they are noded there (snap rounding), so that what comes out is valid when it is
//! written with as many digits as the grid has.

use geo::{
    Area, BoundingRect, Contains, Coord, CoordsIter, InteriorPoint, LineString, MultiPolygon,
    Polygon, Rect, coord,
};
use i_overlay::core::{
    fill_rule::FillRule,
    overlay::{IntOverlayOptions, Overlay, ShapeType},
    overlay_rule::OverlayRule,
    simplify::Simplify,
};
use i_overlay::i_float::int::point::IntPoint;

/// The ground of some polygons, on a grid of `per_unit` steps to a unit of their coordinates:
/// exteriors run anticlockwise and holes clockwise, whichever way they came; what overlaps counts
/// once; rings that cross themselves hold all that they go around; what is thinner than a step
/// vanishes.
///
/// ```
/// use geo::{Area, wkt};
/// use rams_domain::reduce_precision;
///
/// // Two squares that overlap, one of them run the wrong way round.
/// let squares = wkt! { MULTIPOLYGON(((0. 0.,2. 0.,2. 2.,0. 2.,0. 0.)),
///                                   ((1. 0.,1. 2.,3. 2.,3. 0.,1. 0.))) };
/// let ground = reduce_precision(&squares, 1000.0);
/// assert_eq!((ground.0.len(), ground.signed_area()), (1, 6.0));
/// ```
pub fn reduce_precision(polygons: &MultiPolygon, per_unit: f64) -> MultiPolygon {
    let mut union = Overlay::new_custom(polygons.coords_count(), options(), Default::default());
    for polygon in polygons {
        // Each by itself first: the two lobes of a ring that crosses itself run opposite ways, and
        // one of them would cancel the ground of another polygon.
        let settled =
            |ring: &LineString| to_grid(ring, per_unit).simplify(FillRule::NonZero, options());
        let shell = settled(polygon.exterior());
        let holes: Vec<_> = polygon.interiors().iter().flat_map(settled).collect();
        let ground = if holes.is_empty() {
            shell
        } else {
            let mut both =
                Overlay::from_subj_and_clip_custom(&shell, &holes, options(), Default::default());
            both.overlay(OverlayRule::Difference, FillRule::NonZero)
        };
        union.add_source(&ground, ShapeType::Subject);
    }
    let mut shapes = union.overlay(OverlayRule::Subject, FillRule::NonZero);
    // Where edges cross they are rounded to the grid, and may cross others then, by less than a
    // step.
    for _ in 0..ROUNDS {
        let again = shapes.simplify(FillRule::NonZero, options());
        if again == shapes {
            break;
        }
        shapes = again;
    }
    assemble(shapes.iter().flatten().map(|ring| from_grid(ring, per_unit)))
}

/// Polygons of oriented rings. The overlay puts a hole that touches two shells into either.
fn assemble(rings: impl Iterator<Item = LineString>) -> MultiPolygon {
    let alone = rings.map(|ring| Polygon::new(ring, vec![]));
    let (mut shells, holes): (Vec<Polygon>, Vec<Polygon>) =
        alone.partition(|ring| ring.signed_area() > 0.0);
    shells.sort_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()));
    let bounds: Vec<Option<Rect>> = shells.iter().map(BoundingRect::bounding_rect).collect();
    for hole in holes {
        let around = |i: &usize| {
            bounds[*i].zip(hole.bounding_rect()).is_some_and(|(shell, hole)| shell.contains(&hole))
        };
        let inner = hole.interior_point();
        let mut near = (0..shells.len()).filter(around).peekable();
        while let Some(i) = near.next() {
            // The last one holds it; the smallest that does, where shells lie in holes of others.
            if near.peek().is_none() || inner.is_some_and(|inner| shells[i].contains(&inner)) {
                shells[i].interiors_push(hole.into_inner().0);
                break;
            }
        }
    }
    MultiPolygon(shells)
}

/// How often an outline may be rounded before it must have settled.
const ROUNDS: usize = 16;

/// Points where rings touch stay corners of both: rounding elsewhere cannot pull them apart.
fn options() -> IntOverlayOptions<u128> {
    IntOverlayOptions { preserve_output_collinear: true, ..IntOverlayOptions::ogc() }
}

/// An open ring in steps.
fn to_grid(ring: &LineString, per_unit: f64) -> Vec<IntPoint<i64>> {
    let steps = |value: f64| (value * per_unit).round() as i64;
    ring.0.iter().skip(1).map(|c| IntPoint::new(steps(c.x), steps(c.y))).collect()
}

fn from_grid(ring: &[IntPoint<i64>], per_unit: f64) -> LineString {
    // Divided, not multiplied: so the nearest number to the decimal comes out.
    let corner = |at: &IntPoint<i64>| -> Coord {
        coord! { x: at.x as f64 / per_unit, y: at.y as f64 / per_unit }
    };
    ring.iter().chain(ring.first()).map(corner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, LinesIter, MapCoords, Orient, Validation, orient::Direction, polygon, wkt};
    use proptest::prelude::*;

    fn reduced(polygons: impl Into<MultiPolygon>) -> MultiPolygon {
        reduce_precision(&polygons.into(), 1000.0)
    }

    #[test]
    fn the_way_a_ring_runs_changes_nothing() {
        let with_hole =
            wkt! { POLYGON((0. 0.,4. 0.,4. 4.,0. 4.,0. 0.),(1. 1.,2. 1.,2. 2.,1. 2.,1. 1.)) };
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
        let poking =
            wkt! { POLYGON((0. 0.,2. 0.,2. 2.,0. 2.,0. 0.),(1. 1.,1. 1.5,5. 1.5,5. 1.,1. 1.)) };
        assert_eq!(reduced(poking).signed_area(), 3.5);
    }

    #[test]
    fn coordinates_are_the_nearest_to_their_decimals() {
        let square = wkt! {
            POLYGON((179.99999996 0.12345678,180. 0.1234568,180. 0.2,179.9999 0.2,
                     179.99999996 0.12345678))
        };
        let found = reduce_precision(&square.into(), 1e7);
        assert!(found.coords_iter().any(|c| c == coord! { x: 180.0, y: 0.123_456_8 }), "{found:?}");
    }

    #[test]
    fn far_from_the_origin_and_a_continent_wide_it_is_the_same() {
        let wide = wkt! { POLYGON((0. 0.,180. 0.,180. 90.,0. 90.,0. 0.)) };
        assert_eq!(reduce_precision(&wide.into(), 1e8).signed_area(), 180.0 * 90.0);
        let far = wkt! { POLYGON((9e6 9e6,9000001. 9e6,9000001. 9000001.,9e6 9000001.,9e6 9e6)) };
        assert_eq!(reduced(far).signed_area(), 1.0);
    }

    proptest! {
        /// Whatever rings come, what leaves is valid, stays so when it is written with the grid's
        /// digits, and hardly changes when it comes again.
        #[test]
        fn what_leaves_is_valid_and_settled(
            rings in prop::collection::vec(
                prop::collection::vec((-40_000..40_000, -40_000..40_000), 3..9), 1..6,
            ),
        ) {
            let ring = |corners: &Vec<(i32, i32)>| -> LineString {
                let scaled = |value: i32| f64::from(value) / 9_000.0;
                corners.iter().map(|(x, y)| coord! { x: scaled(*x), y: scaled(*y) }).collect()
            };
            let polygon = |corners| Polygon::new(ring(corners), vec![]);
            let rings: MultiPolygon = rings.iter().map(polygon).collect();
            let found = reduced(rings);
            prop_assert!(found.is_valid(), "{:?}", found.check_validation());
            let digits = |value: f64| format!("{value:.3}").parse::<f64>().expect("a number");
            let written = found.map_coords(|c| coord! { x: digits(c.x), y: digits(c.y) });
            prop_assert_eq!(&written, &found);
            let again = reduced(found.clone()).signed_area();
            let edges: f64 = found.lines_iter().map(|edge| edge.dx().hypot(edge.dy())).sum();
            let area = found.signed_area();
            prop_assert!((again - area).abs() <= 1e-3 * edges, "{again} {area}");
        }
    }
}
