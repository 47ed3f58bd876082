//! How much of each area lies on some ground, of which there may be a great deal.
//!
//! Coverage of an orthomosaic has outlines of ten thousands of corners, cells that touch at their
//! corners among them. General overlays lose holes there, so that ground which was not assessed
//! would count as assessed, or do not come back. Only a figure is asked for, and that needs no
//! overlay: a ring that is cut by the sides of a triangle keeps its signed area, and a ring is the
//! sum of the triangles between its first corner and each of its edges, those that run to the right
//! counting for less.

use geo::{BoundingRect, Coord, MultiPoint, MultiPolygon, Orient, Rect, coord, orient::Direction};
use rayon::prelude::*;
use std::borrow::Cow;

/// Corners of rings that are cut by triangles, not halved again.
const FEW: usize = 64;

/// Halves of halves: 2^-30 of the ground is a speck, whatever lies there.
const DEPTH: u32 = 30;

/// A closed ring: an outer one runs to the left, a hole to the right.
type Ring<'a> = Cow<'a, [Coord]>;

/// A ring of an area, and which area it is.
type AreaRing<'a> = (usize, Ring<'a>);

/// How much of each area lies on ground of the rows, square units of both. Areas are valid; so are
/// rows, and they do not overlap each other.
pub(crate) fn shared_m2<'a>(
    areas: &[MultiPolygon],
    rows: impl IntoIterator<Item = &'a MultiPolygon>,
) -> Vec<f64> {
    let mut shared_m2 = vec![0.0; areas.len()];
    let corners = areas
        .iter()
        .filter_map(|area| area.bounding_rect())
        .flat_map(|bounds| [bounds.min(), bounds.max()]);
    let Some(rect) = MultiPoint::from(corners.collect::<Vec<_>>()).bounding_rect() else {
        return shared_m2;
    };
    // An outer ring counts for more, a hole for less.
    let areas: Vec<MultiPolygon> =
        areas.iter().map(|area| area.orient(Direction::Default)).collect();
    let rows: Vec<MultiPolygon> =
        rows.into_iter().map(|row| row.orient(Direction::Default)).collect();
    let pieces: Vec<AreaRing> = areas
        .iter()
        .enumerate()
        .flat_map(|(owner, area)| rings(area).map(move |ring| (owner, ring)))
        .collect();
    let rings: Vec<Ring> = rows.iter().flat_map(rings).collect();
    for (owner, m2) in halve(&pieces, &rings, rect, DEPTH) {
        shared_m2[owner] += m2;
    }
    shared_m2
}

fn rings(ground: &MultiPolygon) -> impl Iterator<Item = Ring<'_>> {
    let rings = ground
        .iter()
        .flat_map(|polygon| [polygon.exterior()].into_iter().chain(polygon.interiors()));
    rings.map(|ring| Cow::Borrowed(&ring.0[..]))
}

/// Shares of areas, in an order that the threads do not change.
fn halve(pieces: &[AreaRing], rings: &[Ring], rect: Rect, depth: u32) -> Vec<(usize, f64)> {
    if pieces.is_empty() || rings.is_empty() {
        return vec![];
    }
    if depth == 0 || rings.iter().map(|ring| ring.len()).sum::<usize>() <= FEW {
        return pieces.par_iter().map(|(owner, piece)| (*owner, shared(piece, rings))).collect();
    }
    let (min, max, middle) = (rect.min(), rect.max(), rect.center());
    let (one, other) = if rect.width() > rect.height() {
        (
            Rect::new(min, coord! { x: middle.x, y: max.y }),
            Rect::new(coord! { x: middle.x, y: min.y }, max),
        )
    } else {
        (
            Rect::new(min, coord! { x: max.x, y: middle.y }),
            Rect::new(coord! { x: min.x, y: middle.y }, max),
        )
    };
    let of = |half: Rect| {
        let pieces: Vec<AreaRing> = pieces
            .iter()
            .filter_map(|(owner, piece)| Some((*owner, within(piece, half)?)))
            .collect();
        let rings: Vec<Ring> = rings.iter().filter_map(|ring| within(ring, half)).collect();
        halve(&pieces, &rings, half, depth - 1)
    };
    let (mut shares, others) = rayon::join(|| of(one), || of(other));
    shares.extend(others);
    shares
}

/// Signed area that a ring shares with others.
fn shared(piece: &[Coord], rings: &[Ring]) -> f64 {
    let (low, high) = span(piece);
    let passes = |edge: &[Coord]| {
        let (from, to) = span(edge);
        from.x <= high.x && to.x >= low.x && from.y <= high.y && to.y >= low.y
    };
    let (edges, around): (Vec<&Ring>, Vec<&Ring>) =
        rings.iter().partition(|ring| ring.windows(2).any(passes));
    // A ring with no edge nearby lies around all of it, or around none.
    let times: i32 = around.into_iter().map(|ring| turns(ring, piece[0])).sum();
    let whole_m2 = if times == 0 { 0.0 } else { f64::from(times) * area(piece) };
    whole_m2 + edges.into_iter().map(|ring| cut_m2(piece, ring)).sum::<f64>()
}

/// How often a ring runs around a place, to the left.
fn turns(ring: &[Coord], at: Coord) -> i32 {
    let turn = |edge: &[Coord]| {
        let (from, to) = (edge[0], edge[1]);
        let left = (to.x - from.x) * (at.y - from.y) - (to.y - from.y) * (at.x - from.x);
        match (from.y <= at.y, to.y <= at.y) {
            (true, false) if left > 0.0 => 1,
            (false, true) if left < 0.0 => -1,
            _ => 0,
        }
    };
    ring.windows(2).map(turn).sum()
}

/// Signed area that two rings share.
fn cut_m2(piece: &[Coord], ring: &[Coord]) -> f64 {
    let triangle = |edge: &[Coord]| {
        let corners = [piece[0], edge[0], edge[1], piece[0]];
        let m2 = area(&corners);
        let left = if m2 < 0.0 { [piece[0], edge[1], edge[0], piece[0]] } else { corners };
        if m2 == 0.0 { 0.0 } else { m2.signum() * area(&cut(ring, &left)) }
    };
    piece.windows(2).map(triangle).sum()
}

/// The corners of the smallest rectangle around some places.
fn span(places: &[Coord]) -> (Coord, Coord) {
    let none = (coord! { x: f64::MAX, y: f64::MAX }, coord! { x: f64::MIN, y: f64::MIN });
    places.iter().fold(none, |(low, high), at| {
        (
            coord! { x: low.x.min(at.x), y: low.y.min(at.y) },
            coord! { x: high.x.max(at.x), y: high.y.max(at.y) },
        )
    })
}

/// What of a closed ring lies in a rectangle.
fn within<'a>(ring: &'a Ring<'_>, rect: Rect) -> Option<Ring<'a>> {
    let (min, max, (low, high)) = (rect.min(), rect.max(), span(ring));
    if low.x >= max.x || high.x <= min.x || low.y >= max.y || high.y <= min.y {
        return None;
    }
    if low.x >= min.x && high.x <= max.x && low.y >= min.y && high.y <= max.y {
        return Some(Cow::Borrowed(ring));
    }
    let rest = cut(ring, &rect.to_polygon().orient(Direction::Default).exterior().0);
    (rest.len() > 3).then_some(Cow::Owned(rest))
}

/// A closed ring cut by the sides of a convex one that runs to the left. Where it falls apart,
/// edges along the cut hold the parts together: they enclose nothing.
fn cut(ring: &[Coord], convex: &[Coord]) -> Vec<Coord> {
    let mut rest = ring.to_vec();
    for side in convex.windows(2) {
        let along = side[1] - side[0];
        let left = |at: Coord| along.x * (at.y - side[0].y) - along.y * (at.x - side[0].x);
        let mut kept: Vec<Coord> = Vec::with_capacity(rest.len() + 4);
        for edge in rest.windows(2) {
            let (from, to) = (left(edge[0]), left(edge[1]));
            if from >= 0.0 {
                kept.push(edge[0]);
            }
            if (from > 0.0 && to < 0.0) || (from < 0.0 && to > 0.0) {
                kept.push(edge[0] + (edge[1] - edge[0]) * (from / (from - to)));
            }
        }
        kept.extend(kept.first().copied());
        rest = kept;
    }
    rest
}

/// Signed, and reckoned from a corner of its own: far from the origin digits would be lost.
fn area(ring: &[Coord]) -> f64 {
    let Some(first) = ring.first() else { return 0.0 };
    ring.windows(2)
        .map(|edge| (edge[0] - *first, edge[1] - *first))
        .map(|(a, b)| a.x * b.y - a.y * b.x)
        .sum::<f64>()
        / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, LineString, Polygon};

    fn square(x: f64, y: f64, side: f64) -> Rect {
        Rect::new(coord! { x: x, y: y }, coord! { x: x + side, y: y + side })
    }

    /// A square of ground with unit squares taken out of it, some of which touch at their corners,
    /// as cells of coverage do; and how many lie below and left of a place.
    fn sieve(cells: i32, at: f64) -> (MultiPolygon, impl Fn(i32) -> f64) {
        let is_hole = move |x: i32, y: i32| {
            let chance = ((x * 73 + y * 179) as u32).wrapping_mul(2_654_435_761) >> 24;
            (x + y) % 2 == 0 && chance < 150 && x > 0 && y > 0 && x < cells - 1 && y < cells - 1
        };
        let all = (0..cells * cells)
            .map(move |i| (i % cells, i / cells))
            .filter(move |(x, y)| is_hole(*x, *y));
        let hole = |(x, y): (i32, i32)| {
            let ring =
                square(at + f64::from(x), at + f64::from(y), 1.0).to_polygon().exterior().clone();
            LineString(ring.0.into_iter().rev().collect())
        };
        let outer = square(at, at, f64::from(cells)).to_polygon();
        let ground = Polygon::new(outer.exterior().clone(), all.clone().map(hole).collect()).into();
        (ground, move |to| all.clone().filter(|(x, y)| *x < to && *y < to).count() as f64)
    }

    #[test]
    fn no_hole_of_a_great_ground_is_lost() {
        let (ground, holes) = sieve(160, 0.0);
        let areas = [square(0.0, 0.0, 90.0), square(500.0, 0.0, 10.0), square(-30.0, -30.0, 60.0)];
        let areas = areas.map(|area| MultiPolygon::from(area.to_polygon()));
        let found = shared_m2(&areas, [&ground]);
        let expected = [90.0 * 90.0 - holes(90), 0.0, 30.0 * 30.0 - holes(30)];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-3, "{found} is not {expected}");
        }
    }

    #[test]
    fn an_area_with_a_bay_and_a_hole_is_no_more_than_it_is() {
        let (ground, _) = sieve(40, 0.0);
        let bay = [(5.0, 5.0), (35.0, 5.0), (35.0, 35.0), (20.0, 10.0), (5.0, 35.0)]
            .map(|(x, y)| coord! { x: x, y: y });
        let hole = [(18.0, 6.0), (22.0, 6.0), (20.0, 8.0)].map(|(x, y)| coord! { x: x, y: y });
        let area =
            MultiPolygon::from(Polygon::new(bay.to_vec().into(), vec![hole.to_vec().into()]));
        let (whole, other) = (
            Rect::new(coord! { x: 0.0, y: 0.0 }, coord! { x: 40.0, y: 40.0 }),
            ground.0[0].clone(),
        );
        let holes = MultiPolygon(
            other.interiors().iter().map(|ring| Polygon::new(ring.clone(), vec![])).collect(),
        );
        let of = |rows: &[&MultiPolygon]| {
            shared_m2(std::slice::from_ref(&area), rows.iter().copied())[0]
        };
        let all = of(&[&MultiPolygon::from(whole.to_polygon())]);
        assert!((all - area.unsigned_area()).abs() < 1e-9, "{all}");
        assert!(
            (of(&[&ground]) + of(&[&holes]) - all).abs() < 1e-9,
            "ground and its holes are the whole"
        );
    }

    #[test]
    fn rows_add_up() {
        let ((one, holes), (moved, _)) = (sieve(40, 0.0), sieve(40, 40.0));
        let area = MultiPolygon::from(square(0.0, 0.0, 40.0).to_polygon());
        let of = |rows: &[&MultiPolygon]| {
            shared_m2(std::slice::from_ref(&area), rows.iter().copied())[0]
        };
        let alone = of(&[&one]);
        assert!((alone - (1600.0 - holes(40))).abs() < 1e-3, "{alone}");
        let beside = of(&[&one, &moved]);
        assert!((beside - alone).abs() < 1e-9, "what only touches adds nothing: {beside}");
    }
}
