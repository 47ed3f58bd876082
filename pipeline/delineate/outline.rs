//! An outline that is asked often: what lies in it, and what it meets.

use geo::indexed::IntervalTreeMultiPolygon;
use geo::{BoundingRect, Contains, CoordsIter, Intersects, Line, LinesIter, MultiPolygon, Point};
use rstar::{AABB, RTree, RTreeObject, primitives::GeomWithData, primitives::Rectangle};
use std::sync::OnceLock;

/// An outline with indexes that are made when they are first needed: of a million areas few are.
pub(crate) struct Outline<'a> {
    boundary: &'a MultiPolygon,
    inside: OnceLock<IntervalTreeMultiPolygon<f64>>,
    edges: OnceLock<RTree<Line>>,
}

impl<'a> Outline<'a> {
    pub(crate) fn new(boundary: &'a MultiPolygon) -> Self {
        Self { boundary, inside: OnceLock::new(), edges: OnceLock::new() }
    }

    /// Whether a place lies in it.
    pub(crate) fn holds(&self, at: Point) -> bool {
        self.inside.get_or_init(|| IntervalTreeMultiPolygon::new(self.boundary)).contains(&at)
    }

    /// Whether two outlines have any ground in common, or touch.
    pub(crate) fn meets(&self, other: &Outline<'_>) -> bool {
        /// Corners of two outlines of which every edge is compared with every other.
        const FEW: usize = 200;
        let corners = [self, other].map(|outline| outline.boundary.coords_count());
        if corners.iter().sum::<usize>() <= FEW {
            return self.boundary.intersects(other.boundary);
        }
        let (large, small) = if corners[0] > corners[1] { (self, other) } else { (other, self) };
        let edges =
            large.edges.get_or_init(|| RTree::bulk_load(large.boundary.lines_iter().collect()));
        let crosses = |line: Line| {
            edges.locate_in_envelope_intersecting(&line.envelope()).any(|e| e.intersects(&line))
        };
        let within = |one: &Outline<'_>, other: &Outline<'_>| {
            let mut firsts = one.boundary.iter().filter_map(|polygon| polygon.exterior().0.first());
            firsts.any(|first| other.holds(Point::from(*first)))
        };
        // Of two polygons whose edges do not cross, one lies in the other with all its corners, or
        // none.
        small.boundary.lines_iter().any(crosses) || within(small, large) || within(large, small)
    }
}

/// Boxes of some polygons with their numbers.
pub(crate) type Boxes = RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>;

/// An index of polygons by their bounds.
pub(crate) fn boxes<'g, G: BoundingRect<f64, Output: Into<Option<geo::Rect>>> + 'g>(
    polygons: impl IntoIterator<Item = &'g G>,
) -> Boxes {
    let entry = |(i, polygon): (usize, &G)| {
        let bounds = bounds(polygon)?;
        Some(GeomWithData::new(Rectangle::from_corners(bounds.lower(), bounds.upper()), i))
    };
    RTree::bulk_load(polygons.into_iter().enumerate().filter_map(entry).collect())
}

/// The bounds of a polygon; none where it is empty.
pub(crate) fn bounds<G: BoundingRect<f64, Output: Into<Option<geo::Rect>>>>(
    polygon: &G,
) -> Option<AABB<[f64; 2]>> {
    let rect: geo::Rect = polygon.bounding_rect().into()?;
    Some(AABB::from_corners(rect.min().x_y().into(), rect.max().x_y().into()))
}
