//! A cluster of very many pieces of evidence, drawn tile by tile.

use crate::evidence::Evidence;
use geo::{Area, BooleanOps, LineString, MultiPolygon, Polygon, Rect, coord, unary_union};
use rayon::prelude::*;
use rstar::AABB;
use std::collections::BTreeMap;

/// Two pieces of evidence that hold a cluster together.
pub(crate) type Link<'e, 'a> = (&'e Evidence<'a>, &'e Evidence<'a>);

/// By how much tiles overlap, metres: more than a lattice moves their edges, so that no crack is
/// left.
const LAP_M: f64 = 1.0;

/// What lattices leave of holes where tiles overlap, square metres.
const SPECK_M2: f64 = 1e-3;

/// The outline of evidence, of which each piece matters only so far around it: what holds for the
/// buffers, the corridors and a closing of them. Each tile is drawn by itself from all that reaches
/// it, which is exact, and the tiles are joined: so the millions of corners that a crowd has before
/// its bays are closed are never there at once.
pub(crate) fn in_tiles<'e, 'a>(
    members: &[&'e Evidence<'a>],
    links: &[Link<'e, 'a>],
    reach_m: f64,
    outline: impl Fn(&[&'e Evidence<'a>], &[Link<'e, 'a>]) -> MultiPolygon + Sync,
) -> MultiPolygon {
    let side_m = 10.0 * reach_m;
    let mut tiles: BTreeMap<[i64; 2], (Vec<&Evidence>, Vec<Link>)> = BTreeMap::new();
    for e in members {
        touched(e.around(reach_m), side_m)
            .for_each(|tile| tiles.entry(tile).or_default().0.push(e));
    }
    for link in links {
        let around = [link.0.around(reach_m), link.1.around(reach_m)];
        let [low, high] = [0, 1].map(|axis| {
            let [a, b] = [&around[0], &around[1]];
            [a.lower()[axis].min(b.lower()[axis]), a.upper()[axis].max(b.upper()[axis])]
        });
        let both = AABB::from_corners([low[0], high[0]], [low[1], high[1]]);
        touched(both, side_m).for_each(|tile| tiles.entry(tile).or_default().1.push(*link));
    }
    let draw = |([x, y], (members, links)): (
        [i64; 2],
        (Vec<&'e Evidence<'a>>, Vec<Link<'e, 'a>>),
    )| {
        let corner =
            |x: f64, y: f64, lap_m: f64| coord! { x: x * side_m + lap_m, y: y * side_m + lap_m };
        let (x, y) = (x as f64, y as f64);
        let tile = Rect::new(corner(x, y, -LAP_M), corner(x + 1.0, y + 1.0, LAP_M));
        outline(&members, &links).intersection(&tile.to_polygon())
    };
    let drawn: Vec<MultiPolygon> =
        tiles.into_iter().collect::<Vec<_>>().into_par_iter().map(draw).collect();
    let without_specks = |polygon: Polygon| {
        let (exterior, holes) = polygon.into_inner();
        let is_hole =
            |ring: &LineString| Polygon::new(ring.clone(), vec![]).unsigned_area() > SPECK_M2;
        Polygon::new(exterior, holes.into_iter().filter(is_hole).collect())
    };
    let joined = join(&drawn).into_iter().filter(|polygon| polygon.unsigned_area() > SPECK_M2);
    MultiPolygon(joined.map(without_specks).collect())
}

/// The tiles that a box touches.
fn touched(bounds: AABB<[f64; 2]>, side_m: f64) -> impl Iterator<Item = [i64; 2]> {
    let number = |metres: f64| (metres / side_m).floor() as i64;
    let [columns, rows] =
        [0, 1].map(|axis| number(bounds.lower()[axis])..=number(bounds.upper()[axis]));
    columns.flat_map(move |column| rows.clone().map(move |row| [column, row]))
}

/// Polygons as one, by halves of halves: of neighbours first.
fn join(parts: &[MultiPolygon]) -> MultiPolygon {
    if parts.len() <= 16 {
        return unary_union(parts);
    }
    let (one, other) = parts.split_at(parts.len() / 2);
    let (one, other) = rayon::join(|| join(one), || join(other));
    unary_union([&one, &other])
}
