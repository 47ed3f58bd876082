//! Areas and other ground: what of each lies within, and what remains without.

use geo::{Area, BooleanOps, BoundingRect, Contains, Euclidean, InteriorPoint, Length, MultiPolygon, Polygon};
use rams_domain::reduce_precision;
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

/// Steps of the grid to a metre: two outlines that nearly coincide leave hairlines thinner than that.
const PER_METRE: f64 = 1000.0;

/// Ground that is narrower is not told from its neighbours in an export, where a step is 11 mm, nor by
/// a surveyor, metres.
const LEAST_WIDTH_M: f64 = 0.02;

/// Ground in local metres put in order: oriented, nothing twice, no hairline. What others drew and what
/// an overlay leaves may be neither.
pub(crate) fn settled(ground: &MultiPolygon) -> MultiPolygon {
    let mut settled = reduce_precision(ground, PER_METRE);
    settled.0.retain(|piece| {
        let around_m: f64 =
            std::iter::once(piece.exterior()).chain(piece.interiors()).map(|ring| Euclidean.length(ring)).sum();
        2.0 * piece.unsigned_area() > LEAST_WIDTH_M * around_m
    });
    settled
}

/// The part of each area that lies within some ground.
pub(crate) fn within(areas: &[MultiPolygon], ground: &MultiPolygon) -> Vec<MultiPolygon> {
    shared_out(areas, |all| all.intersection(ground))
}

/// The part of each area that lies outside some ground.
pub(crate) fn without(areas: &[MultiPolygon], ground: &MultiPolygon) -> Vec<MultiPolygon> {
    if ground.0.is_empty() { areas.to_vec() } else { shared_out(areas, |all| all.difference(ground)) }
}

/// All areas are overlaid at once, since an overlay costs what the ground costs however small the
/// area; then each piece goes to the area that it lies in. Areas must not overlap each other.
fn shared_out(areas: &[MultiPolygon], overlay: impl Fn(&MultiPolygon) -> MultiPolygon) -> Vec<MultiPolygon> {
    let all = MultiPolygon(areas.iter().flatten().cloned().collect());
    let parts: Vec<(usize, &Polygon)> =
        areas.iter().enumerate().flat_map(|(i, area)| area.iter().map(move |polygon| (i, polygon))).collect();
    let entry = |part: usize| {
        let rect = parts[part].1.bounding_rect()?;
        Some(GeomWithData::new(Rectangle::from_corners(rect.min().x_y().into(), rect.max().x_y().into()), part))
    };
    let tree = RTree::bulk_load((0..parts.len()).filter_map(entry).collect());
    let mut shares = vec![MultiPolygon(vec![]); areas.len()];
    for piece in settled(&overlay(&all)) {
        let Some(at) = piece.interior_point() else { continue };
        let around = AABB::from_point([at.x(), at.y()]);
        let mut near = tree.locate_in_envelope_intersecting(&around).map(|entry| parts[entry.data]);
        if let Some((owner, _)) = near.find(|(_, polygon)| polygon.contains(&at)) {
            shares[owner].0.push(piece);
        }
    }
    shares
}
