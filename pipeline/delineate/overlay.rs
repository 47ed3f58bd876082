//! Areas and other ground: what of each lies within, and what remains without.

use geo::{Area, BooleanOps, BoundingRect, Contains, InteriorPoint, MultiPolygon, Polygon};
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

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
    // Slivers of less than a square centimetre come from the overlay's lattice.
    for piece in overlay(&all).into_iter().filter(|piece| piece.unsigned_area() > 1e-4) {
        let Some(at) = piece.interior_point() else { continue };
        let around = AABB::from_point([at.x(), at.y()]);
        let mut near = tree.locate_in_envelope_intersecting(&around).map(|entry| parts[entry.data]);
        if let Some((owner, _)) = near.find(|(_, polygon)| polygon.contains(&at)) {
            shares[owner].0.push(piece);
        }
    }
    shares
}
