//! Ground that is counted once.

use super::index::Index;
use geo::{Area, BooleanOps, BoundingRect, MultiPolygon, Rect, coord};

/// What each ground adds to those before it, apart from ground that does not count at all.
pub(crate) fn added(not_counted: &[MultiPolygon], grounds: &[&MultiPolygon]) -> Vec<MultiPolygon> {
    let all: Vec<&MultiPolygon> = not_counted.iter().chain(grounds.iter().copied()).collect();
    let index = Index::new([], all.iter().copied());
    let rest = |number: usize| {
        let mut earlier = index.grounds_around(all[number]);
        earlier.retain(|other| *other < number);
        earlier.sort_unstable();
        earlier.into_iter().fold(all[number].clone(), |rest, other| rest.difference(all[other]))
    };
    (not_counted.len()..all.len()).map(rest).collect()
}

/// Area that two grounds share, square metres.
pub(crate) fn shared_m2(a: &MultiPolygon, b: &MultiPolygon) -> f64 {
    a.intersection(b).unsigned_area()
}

/// What a survey did not look at, as far as any of `grounds` reaches: in parts, so that most
/// grounds meet none of them.
pub(crate) fn not_assessed<'a>(
    assessed: &[MultiPolygon],
    grounds: impl Iterator<Item = &'a MultiPolygon>,
) -> Vec<MultiPolygon> {
    let Some(bounds) = assessed.iter().filter_map(MultiPolygon::bounding_rect).reduce(around)
    else {
        return grounds.cloned().collect();
    };
    let whole = grounds.filter_map(MultiPolygon::bounding_rect).fold(bounds, around);
    let (low, high, inner_low, inner_high) = (whole.min(), whole.max(), bounds.min(), bounds.max());
    let beside = [
        Rect::new(low, coord! { x: inner_low.x, y: high.y }),
        Rect::new(coord! { x: inner_high.x, y: low.y }, high),
        Rect::new(low, coord! { x: high.x, y: inner_low.y }),
        Rect::new(coord! { x: low.x, y: inner_high.y }, high),
    ];
    let within = assessed
        .iter()
        .fold(MultiPolygon::from(bounds.to_polygon()), |rest, ground| rest.difference(ground));
    beside
        .into_iter()
        .map(|rect| rect.to_polygon().into())
        .chain(within.into_iter().map(MultiPolygon::from))
        .collect()
}

fn around(a: Rect, b: Rect) -> Rect {
    let low = coord! { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) };
    Rect::new(low, coord! { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) })
}
