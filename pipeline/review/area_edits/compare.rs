//! Whether two outlines are one, but for what files round.

use geo::{Area, Coord, CoordsIter, Distance, Euclidean, Length, MapCoords, MultiPolygon, Point};
use rams_domain::Ground;
use rstar::RTree;
use std::collections::HashMap;

/// Outlines are the same that differ by no more, metres: a file of seven decimals of a degree
/// rounds to 6 mm, and nobody moves a corner by so little.
const SAME_M: f64 = 0.02;

fn corners(shape: &MultiPolygon) -> RTree<[f64; 2]> {
    RTree::bulk_load(shape.coords_iter().map(|at| [at.x, at.y]).collect())
}

/// The corner that is at a place.
fn corner_at(tree: &RTree<[f64; 2]>, at: Coord) -> Option<[f64; 2]> {
    let nearest = tree.nearest_neighbor(&[at.x, at.y])?;
    let is_there = (nearest[0] - at.x).hypot(nearest[1] - at.y) <= SAME_M;
    is_there.then_some(*nearest)
}

/// Whether all corners of one lie on the lines of the other.
fn follows(one: &MultiPolygon, other: &MultiPolygon) -> bool {
    let tree = corners(other);
    let rings = || other.iter().flat_map(|it| [it.exterior()].into_iter().chain(it.interiors()));
    one.coords_iter().all(|at| {
        corner_at(&tree, at).is_some()
            || rings().any(|ring| Euclidean.distance(&Point(at), ring) <= SAME_M)
    })
}

/// Whether two outlines in the survey's CRS are the same ground.
pub(super) fn is_same(ground: &Ground, one: &MultiPolygon, other: &MultiPolygon) -> bool {
    if one == other {
        return true;
    }
    let (one, other) = (ground.to_metres(one), ground.to_metres(other));
    let line_m: f64 = other.iter().map(|polygon| Euclidean.length(polygon.exterior())).sum();
    let differ_m2 = (one.unsigned_area() - other.unsigned_area()).abs();
    differ_m2 <= SAME_M * line_m && follows(&one, &other) && follows(&other, &one)
}

/// An outline whose corners that are those of another have its coordinates to the last bit.
pub(super) fn snapped(ground: &Ground, to: &MultiPolygon, from: &MultiPolygon) -> MultiPolygon {
    let metres = ground.to_metres(from);
    let key = |x: f64, y: f64| (x.to_bits(), y.to_bits());
    let places = metres.coords_iter().map(|at| key(at.x, at.y)).zip(from.coords_iter());
    let (places, tree): (HashMap<_, Coord>, _) = (places.collect(), corners(&metres));
    let kept = |at: Coord| {
        let [x, y] = corner_at(&tree, ground.to_metres(&Point(at)).0)?;
        places.get(&key(x, y)).copied()
    };
    to.map_coords(|at| kept(at).unwrap_or(at))
}
