//! Boxes by where they lie.

use rams_domain::PxBox;
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

/// Boxes with their numbers: of ten thousands, a prediction is compared with the few that it meets.
pub(crate) struct Near(RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>);

impl Near {
    pub(crate) fn new<'a>(boxes: impl Iterator<Item = &'a PxBox>) -> Self {
        let entry = |(number, px): (usize, &PxBox)| {
            GeomWithData::new(Rectangle::from_corners([px.x0, px.y0], [px.x1, px.y1]), number)
        };
        Self(RTree::bulk_load(boxes.enumerate().map(entry).collect()))
    }

    /// Numbers of the boxes that overlap a box or touch it, ascending.
    pub(crate) fn to(&self, px: &PxBox) -> Vec<usize> {
        let around = AABB::from_corners([px.x0, px.y0], [px.x1, px.y1]);
        let mut found: Vec<usize> =
            self.0.locate_in_envelope_intersecting(&around).map(|entry| entry.data).collect();
        found.sort_unstable();
        found
    }
}
