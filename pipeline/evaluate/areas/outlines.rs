//! Which of some outlines hold a place.

use geo::{BoundingRect, Intersects, MultiPolygon, Point, Rect};

/// Outlines of areas or belts, found by place.
pub(super) struct Outlines<'a> {
    outlines: Vec<&'a MultiPolygon>,
    bounds: Vec<Option<Rect>>,
}

impl<'a> Outlines<'a> {
    pub(super) fn new(outlines: impl Iterator<Item = &'a MultiPolygon>) -> Self {
        let outlines: Vec<_> = outlines.collect();
        Self { bounds: outlines.iter().map(|outline| outline.bounding_rect()).collect(), outlines }
    }

    /// Indices of those that hold a place, ascending.
    pub(super) fn around(&self, at: &Point) -> Vec<usize> {
        let holds = |number: &usize| {
            self.bounds[*number].is_some_and(|rect| rect.intersects(at))
                && self.outlines[*number].intersects(at)
        };
        (0..self.outlines.len()).filter(holds).collect()
    }
}
