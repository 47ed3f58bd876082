//! One contiguous, valid outline around the evidence of a cluster.

use crate::evidence::Evidence;
use crate::footprint::footprint;
use crate::held_ground::HeldGround;
use crate::link::bridge;
use crate::outline::bounds;
use crate::tiles::{Link, in_tiles};
use crate::{AreaRule, CategoryRule};
use geo::buffer::{BufferStyle, LineCap, LineJoin};
use geo::{
    Area, Buffer, ConvexHull, Euclidean, Geometry, IsConvex, Length, Line, LineString, MultiPoint,
    MultiPolygon, Point, Polygon, Simplify, unary_union,
};
use rayon::prelude::*;
use rstar::{AABB, Envelope};
use std::{collections::BTreeMap, f64::consts::PI};

/// Angle between the corners of a rounded edge: 63 to the circle, an area 0.17 % too small.
const STEP_RADIANS: f64 = 0.1;

/// Pieces of evidence whose buffers are united at once.
const FEW: usize = 16;

/// Pieces of evidence from which on they may be a field, whose buffers cross each other far too
/// often.
const FIELD: usize = 500;

/// Pieces of evidence from which on an outline is drawn in tiles.
const MANY: usize = 5_000;

/// The outline of a cluster in local metres.
///
/// 1. A buffer around each piece of evidence, and a corridor of the same width along the shortest
///    links between them: that alone makes one piece that follows the evidence.
/// 2. A morphological closing by half the link distance: bays and slots narrower than the link are
///    filled, and nothing grows outwards, unlike with a wider buffer or a hull. A row stays a band;
///    rows beside each other become one field.
/// 3. Holes up to the doctrine's size are filled: so small a piece of ground enclosed by evidence
///    is not told apart in a first survey. Larger ones stay, since a ring of positions around a
///    village does not put the village under suspicion.
/// 4. Simplification, after buffers drawn wider by half of it, so that it takes as much as it
///    gives.
/// 5. Of a category without perimeters, the ellipse of the strike that enough points suggest.
pub(crate) fn boundary(
    members: &[&Evidence],
    links: &[Link<'_, '_>],
    rule: &CategoryRule,
    area: &AreaRule,
) -> MultiPolygon {
    let widest_m = members.iter().map(|e| e.reach.buffer_m).fold(0.0, f64::max);
    // Half the shortest link.
    let distance_m = members.iter().map(|e| e.reach.link_m).fold(f64::INFINITY, f64::min) / 2.0;
    let whole =
        |members: &[&Evidence], links: &[Link<'_, '_>]| outline(members, links, distance_m, rule);
    let mut parts = vec![if members.len() > MANY {
        // A place is closed or not by what lies within the closing distance of where the buffers
        // end.
        in_tiles(members, links, widest_m + rule.simplify_m + 2.0 * distance_m, whole)
    } else {
        whole(members, links)
    }];
    if rule.strike_points.is_some_and(|least| members.len() >= least) {
        parts.extend(footprint(members, rule.buffer_m).map(MultiPolygon::from));
    }
    finished(united(parts), rule, area)
}

/// The first two steps: buffers and corridors, and their closing by some distance.
fn outline(
    members: &[&Evidence],
    links: &[Link<'_, '_>],
    distance_m: f64,
    rule: &CategoryRule,
) -> MultiPolygon {
    let ease_m = rule.simplify_m / 2.0;
    let held = held_ground(members, ease_m);
    let mut parts = dilate(members, ease_m, &held);
    let corridor = |(a, b): &Link<'_, '_>| {
        let width_m = a.reach.buffer_m.min(b.reach.buffer_m) + ease_m;
        if held.holds(&a.around(width_m).merged(&b.around(width_m))) {
            return None;
        }
        // Between circles that nearly coincide the corridor would smooth a notch that the
        // simplification takes anyway: its depth is the sagitta of the link's length.
        let notch_m = |line: &Line| (line.dx().powi(2) + line.dy().powi(2)) / (8.0 * width_m);
        let line = bridge(a, b).filter(|line| notch_m(line) > rule.simplify_m / 2.0);
        line.map(|line| line.buffer_with_style(round(width_m)))
    };
    let squares = by_squares(links, 4.0 * rule.link_m, |link| link.0.corners()[0]);
    let corridors =
        |links: &Vec<&Link<'_, '_>>| links.iter().filter_map(|link| corridor(link)).collect();
    parts.extend(squares.par_iter().map(|links| united(corridors(links))).collect::<Vec<_>>());
    if has_bays(members, links) {
        // Dilating the evidence by buffer and closing distance at once gives what offsetting the
        // drawn outline would, a hundred times faster.
        let wider_m = ease_m + distance_m;
        let wider = dilate(members, wider_m, &held_ground(members, wider_m));
        parts.push(united(wider).buffer_with_style(round(-distance_m)));
    }
    united(parts)
}

/// The outline of a point alone, around the origin.
pub(crate) fn around_point(buffer_m: f64, rule: &CategoryRule, area: &AreaRule) -> MultiPolygon {
    let circle = Point::new(0.0, 0.0).buffer_with_style(round(buffer_m + rule.simplify_m / 2.0));
    finished(unary_union(&circle), rule, area)
}

/// An outline as it is recorded: not too small, without small holes, and simple.
fn finished(drawn: MultiPolygon, rule: &CategoryRule, area: &AreaRule) -> MultiPolygon {
    let drawn = widened(drawn, area.min_area_m2);
    let filled = MultiPolygon(
        drawn.0.into_iter().map(|polygon| fill(polygon, rule.fill_holes_m2)).collect(),
    );
    let simple = filled.simplify(rule.simplify_m);
    if is_sound(&simple) { simple } else { filled }
}

/// Polygons, wider all around so that they come to a least area: for a convex outline exactly.
fn widened(drawn: MultiPolygon, least_m2: f64) -> MultiPolygon {
    let lacking_m2 = least_m2 - drawn.unsigned_area();
    if lacking_m2 <= 0.0 {
        return drawn;
    }
    let around_m: f64 = drawn.iter().map(|polygon| Euclidean.length(polygon.exterior())).sum();
    // around d + pi d² = lacking
    let distance_m = ((around_m * around_m + 4.0 * PI * lacking_m2).sqrt() - around_m) / (2.0 * PI);
    drawn.buffer_with_style(round(distance_m))
}

/// Whether closing may add to the buffers and corridors of some evidence: to one convex shape, and
/// to two points of equal buffers with the corridor between them, it adds nothing.
fn has_bays(members: &[&Evidence], links: &[Link<'_, '_>]) -> bool {
    match members {
        [one] => match &one.geometry {
            Geometry::Point(_) => false,
            Geometry::Polygon(polygon) => {
                !polygon.interiors().is_empty() || !polygon.exterior().is_convex()
            }
            _ => true,
        },
        [one, other] => {
            links.len() != 1
                || one.point().is_none()
                || other.point().is_none()
                || one.reach.buffer_m != other.reach.buffer_m
        }
        _ => true,
    }
}

/// The ground that the buffers of a field, wider by so much, hold for certain; none of few.
fn held_ground(members: &[&Evidence], wider_m: f64) -> HeldGround {
    let circle = |e: &&Evidence| Some((e.point()?, e.reach.buffer_m + wider_m));
    let circles =
        if members.len() < FIELD { vec![] } else { members.iter().filter_map(circle).collect() };
    HeldGround::new(&circles)
}

/// The buffers of some evidence, wider by so much, which are yet to be united: the ground that they
/// hold for certain, and those that reach beyond it.
fn dilate(members: &[&Evidence], wider_m: f64, held: &HeldGround) -> Vec<MultiPolygon> {
    let cell_m = members.iter().map(|e| e.reach.buffer_m).fold(0.0, f64::max) + wider_m;
    let cells = by_squares(members, cell_m, |e| e.corners()[0]);
    let buffer =
        |(shape, buffer_m): (Geometry, f64)| shape.buffer_with_style(round(buffer_m + wider_m));
    let reaches_beyond = |(shape, buffer_m): &(Geometry, f64)| {
        let reach_m = buffer_m + wider_m;
        let around = |bounds: AABB<[f64; 2]>| {
            let (low, high) = (bounds.lower(), bounds.upper());
            AABB::from_corners(low.map(|v| v - reach_m), high.map(|v| v + reach_m))
        };
        !bounds(shape).is_some_and(|bounds| held.holds(&around(bounds)))
    };
    let cell = |cell: &Vec<&&Evidence>| {
        thin(cell).into_iter().filter(reaches_beyond).map(buffer).collect::<Vec<_>>()
    };
    if members.len() <= FEW {
        return cells.iter().flat_map(cell).collect();
    }
    let mut parts: Vec<MultiPolygon> =
        cells.par_iter().map(|members| by_halves(cell(members))).collect();
    parts.push(united(held.rectangles()));
    parts
}

/// Polygons as one, of a crowd by halves of halves: of a hundred circles on one spot each crosses
/// each other, but the union of some is hardly more than one of them.
fn by_halves(mut parts: Vec<MultiPolygon>) -> MultiPolygon {
    if parts.len() <= FEW {
        return united(parts);
    }
    let rest = parts.split_off(parts.len() / 2);
    let (one, other) = rayon::join(|| by_halves(parts), || by_halves(rest));
    united(vec![one, other])
}

/// Polygons as one.
fn united(parts: Vec<MultiPolygon>) -> MultiPolygon {
    let mut parts: Vec<MultiPolygon> =
        parts.into_iter().filter(|part| !part.0.is_empty()).collect();
    // What is alone comes from an overlay or is a circle.
    if parts.len() == 1 { parts.swap_remove(0) } else { unary_union(&parts) }
}

/// Things by the squares that they lie in, in the order of these: the circles of a dense field
/// cross each other far too often to be sorted out all at once, and are united by squares first.
fn by_squares<T>(things: &[T], side_m: f64, at: impl Fn(&T) -> [f64; 2]) -> Vec<Vec<&T>> {
    let mut squares: BTreeMap<[i64; 2], Vec<&T>> = BTreeMap::new();
    for thing in things {
        squares
            .entry(at(thing).map(|metres| (metres / side_m).floor() as i64))
            .or_default()
            .push(thing);
    }
    squares.into_values().collect()
}

/// Shapes whose buffers are those of some evidence, and the buffers, metres. Points that lie
/// together within a tenth of their buffer become their hull, whose buffer is wider by a hundredth
/// of that at the most: a thousand finds on one spot are drawn like ten.
fn thin(cell: &[&&Evidence]) -> Vec<(Geometry, f64)> {
    let mut shapes = vec![];
    let mut spots: BTreeMap<([i64; 2], u64), Vec<Point>> = BTreeMap::new();
    for e in cell {
        let buffer_m = e.reach.buffer_m;
        match e.geometry {
            Geometry::Point(at) if buffer_m > 0.0 => {
                let spot = e.corners()[0].map(|metres| (metres / (buffer_m / 10.0)).floor() as i64);
                spots.entry((spot, buffer_m.to_bits())).or_default().push(at);
            }
            _ => shapes.push((e.geometry.clone(), buffer_m)),
        }
    }
    for ((_, buffer_m), points) in spots {
        let hull = MultiPoint::from(points.clone()).convex_hull();
        let shape = match points[..] {
            [only] => Geometry::Point(only),
            _ if hull.unsigned_area() > 0.0 => Geometry::Polygon(hull),
            // On one line, or all in one place: neither has a hull with an area.
            _ => Geometry::MultiPoint(MultiPoint::from(points)),
        };
        shapes.push((shape, f64::from_bits(buffer_m)));
    }
    shapes
}

/// A buffer with rounded edges.
pub(crate) fn round(distance_m: f64) -> BufferStyle<f64> {
    BufferStyle::new(distance_m)
        .line_cap(LineCap::Round(STEP_RADIANS))
        .line_join(LineJoin::Round(STEP_RADIANS))
}

fn fill(polygon: Polygon, up_to_m2: f64) -> Polygon {
    let (exterior, holes) = polygon.into_inner();
    let area_m2 = |hole: &LineString| Polygon::new(hole.clone(), vec![]).unsigned_area();
    Polygon::new(exterior, holes.into_iter().filter(|hole| area_m2(hole) > up_to_m2).collect())
}

/// Whether the polygons are their own union: crossing rings would change the area.
fn is_sound(polygons: &MultiPolygon) -> bool {
    /// Share of the area that snapping to the overlay's 32-bit lattice may change.
    const SNAP: f64 = 1e-6;
    let (area, union) = (polygons.signed_area(), unary_union([polygons]));
    let rings = |all: &MultiPolygon| all.iter().map(|p| 1 + p.interiors().len()).sum::<usize>();
    rings(polygons) == rings(&union)
        && area > 0.0
        && (union.unsigned_area() - area).abs() <= SNAP * area
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Doctrine, front::Fronts};
    use geo::{BooleanOps, Validation};
    use rams_domain::{EoCategory, Feature};

    #[test]
    fn tiles_give_the_outline_of_the_whole() {
        // Mines 20 m apart on average, and trenches among them, over four tiles.
        let (ground, doctrine) = (crate::tests::ground(), Doctrine::baseline());
        let mut state = 7_u64;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64 * 500.0 - 250.0
        };
        let mine = |id| {
            let (x, y) = (random(), random());
            let line = || {
                crate::tests::trench(id, vec![(x, y), (x + 40.0, y + 10.0), (x + 60.0, y - 20.0)])
            };
            if id % 50 == 0 {
                Feature { eo_category: EoCategory::ApMine, ..line() }
            } else {
                crate::tests::mine(id, x, y)
            }
        };
        let features: Vec<Feature> = (1..650).map(mine).collect();
        let fronts = Fronts::new(doctrine.front, &[], vec![], &ground);
        let of = |feature| Evidence::of_feature(feature, &ground, &doctrine, &fronts);
        let evidence: Vec<Evidence> = features.iter().filter_map(of).collect();
        let clusters = crate::link::clusters(&evidence, |a, b| a.limit_m(b));
        let most = clusters.iter().max_by_key(|cluster| cluster.members.len()).expect("a cluster");
        assert!(most.members.len() > 400, "{}", most.members.len());
        let members: Vec<&Evidence> = most.members.iter().map(|&i| &evidence[i]).collect();
        let links: Vec<Link<'_, '_>> =
            most.links.iter().map(|&(i, j)| (&evidence[i], &evidence[j])).collect();
        let rule = doctrine.category(EoCategory::ApMine);
        let whole = outline(&members, &links, 12.5, rule);
        let tiled = in_tiles(&members, &links, 5.0 + 0.05 + 25.0, |members, links| {
            outline(members, links, 12.5, rule)
        });
        assert!(tiled.is_valid(), "{:?}", tiled.validation_errors());
        let apart_m2 = whole.xor(&tiled).unsigned_area();
        assert!(
            apart_m2 < 1e-7 * whole.unsigned_area(),
            "{apart_m2} of {} m²",
            whole.unsigned_area()
        );
        let holes = |all: &MultiPolygon| {
            let rings = all.iter().flat_map(|polygon| polygon.interiors());
            rings
                .filter(|ring| Polygon::new((*ring).clone(), vec![]).unsigned_area() > 0.01)
                .count()
        };
        assert_eq!((tiled.0.len(), holes(&tiled)), (whole.0.len(), holes(&whole)));
    }

    #[test]
    fn held_ground_in_place_of_circles_has_the_outline_of_all_circles() {
        // A thousand mines on 120 m x 120 m, with ground between them that no buffer reaches.
        let (ground, doctrine) = (crate::tests::ground(), Doctrine::baseline());
        let mut state = 3_u64;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64 * 120.0 - 60.0
        };
        let places = (1..=1200).map(|id| (id, random(), random()));
        let features: Vec<Feature> = places
            .filter(|(_, x, y)| (x - 20.0).hypot(*y) > 25.0)
            .map(|(id, x, y)| crate::tests::mine(id, x, y))
            .collect();
        let fronts = Fronts::new(doctrine.front, &[], vec![], &ground);
        let of = |feature| Evidence::of_feature(feature, &ground, &doctrine, &fronts);
        let evidence: Vec<Evidence> = features.iter().filter_map(of).collect();
        let members: Vec<&Evidence> = evidence.iter().collect();
        let held = held_ground(&members, 0.05);
        let drawn = united(dilate(&members, 0.05, &held));
        let all = united(dilate(&members, 0.05, &HeldGround::new(&[])));
        assert!(held.rectangles().iter().map(Area::unsigned_area).sum::<f64>() > 8_000.0);
        assert!(all.iter().any(|polygon| !polygon.interiors().is_empty()), "a hole of 20 m");
        let apart_m2 = drawn.xor(&all).unsigned_area();
        assert!(apart_m2 < 1e-6 * all.unsigned_area(), "{apart_m2} of {} m²", all.unsigned_area());
        let off = drawn.unsigned_area() / all.unsigned_area() - 1.0;
        assert!(off.abs() < 1e-9, "{off}");
    }
}
