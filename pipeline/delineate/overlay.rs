//! Areas and other ground: what of each lies within, and what remains without.

use geo::{
    Area, BooleanOps, BoundingRect, Contains, Euclidean, InteriorPoint, Length, MultiPolygon,
};
use rams_domain::reduce_precision;
use rstar::{AABB, RTree, RTreeObject, primitives::GeomWithData, primitives::Rectangle};

/// Steps of the grid to a metre: two outlines that nearly coincide leave hairlines thinner than
/// that.
const PER_METRE: f64 = 1000.0;

/// Ground that is narrower is not told from its neighbours in an export, where a step is 11 mm, nor
/// by a surveyor, metres.
const LEAST_WIDTH_M: f64 = 0.02;

/// Ground in local metres put in order: oriented, nothing twice, no hairline. What others drew and
/// what an overlay leaves may be neither.
pub(crate) fn settled(ground: &MultiPolygon) -> MultiPolygon {
    broad(reduce_precision(ground, PER_METRE))
}

/// Ground without its hairlines.
fn broad(mut ground: MultiPolygon) -> MultiPolygon {
    ground.0.retain(|piece| {
        let rings = std::iter::once(piece.exterior()).chain(piece.interiors());
        let around_m: f64 = rings.map(|ring| Euclidean.length(ring)).sum();
        2.0 * piece.unsigned_area() > LEAST_WIDTH_M * around_m
    });
    ground
}

/// The part of each area that lies within some ground.
pub(crate) fn within(areas: &[MultiPolygon], ground: &MultiPolygon) -> Vec<MultiPolygon> {
    shared_out(areas, |all| settled(&all.intersection(ground)))
}

/// The part of each area that lies outside some ground; edges that they share stay the same.
pub(crate) fn without(areas: &[MultiPolygon], ground: &MultiPolygon) -> Vec<MultiPolygon> {
    if ground.0.is_empty() {
        areas.to_vec()
    } else {
        shared_out(areas, |all| broad(all.difference(ground)))
    }
}

/// Areas are overlaid many at once, since an overlay costs what the ground costs however small the
/// area; then each piece goes to the area that it lies in. Areas must not overlap each other; those
/// that may touch are overlaid apart, since an overlay makes one piece of two that share an edge.
fn shared_out(
    areas: &[MultiPolygon],
    overlay: impl Fn(&MultiPolygon) -> MultiPolygon,
) -> Vec<MultiPolygon> {
    let mut shares = vec![MultiPolygon(vec![]); areas.len()];
    for group in apart(areas) {
        let entry = |&(i, bounds): &(usize, Bounds)| GeomWithData::new(bounds, i);
        let tree = RTree::bulk_load(group.iter().map(entry).collect());
        let all = MultiPolygon(group.iter().flat_map(|(i, _)| &areas[*i]).cloned().collect());
        for piece in overlay(&all) {
            let Some(at) = piece.interior_point() else { continue };
            let around = AABB::from_point([at.x(), at.y()]);
            let mut near = tree.locate_in_envelope_intersecting(&around).map(|entry| entry.data);
            if let Some(owner) = near.find(|i| areas[*i].contains(&at)) {
                shares[owner].0.push(piece);
            }
        }
    }
    shares
}

/// The bounds of an area.
type Bounds = Rectangle<[f64; 2]>;

/// Areas in groups whose bounds do not meet.
fn apart(areas: &[MultiPolygon]) -> Vec<Vec<(usize, Bounds)>> {
    let mut groups: Vec<Vec<(usize, Bounds)>> = vec![];
    let mut trees: Vec<RTree<Bounds>> = vec![];
    for (i, area) in areas.iter().enumerate() {
        let Some(rect) = area.bounding_rect() else { continue };
        let bounds = Rectangle::from_corners(rect.min().x_y().into(), rect.max().x_y().into());
        let is_free = |tree: &RTree<Bounds>| {
            tree.locate_in_envelope_intersecting(&bounds.envelope()).next().is_none()
        };
        let free = trees.iter().position(is_free).unwrap_or(trees.len());
        if free == trees.len() {
            trees.push(RTree::new());
            groups.push(vec![]);
        }
        trees[free].insert(bounds);
        groups[free].push((i, bounds));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Rect, coord};

    #[test]
    fn two_areas_that_share_an_edge_keep_each_its_own() {
        let square = |x: f64| -> MultiPolygon {
            Rect::new(coord! { x: x, y: 0.0 }, coord! { x: x + 10.0, y: 10.0 }).to_polygon().into()
        };
        let limit =
            Rect::new(coord! { x: 2.0, y: -5.0 }, coord! { x: 18.0, y: 5.0 }).to_polygon().into();
        let inside = within(&[square(0.0), square(10.0), square(50.0)], &limit);
        assert_eq!(inside.iter().map(Area::unsigned_area).collect::<Vec<_>>(), [40.0, 40.0, 0.0]);
        let rest = without(&[square(0.0), square(10.0)], &limit);
        assert_eq!(rest.iter().map(Area::unsigned_area).collect::<Vec<_>>(), [60.0, 60.0]);
    }
}
