//! What lies near a place.

use geo::{BoundingRect, Coord, Intersects, Line, LineString, MultiPolygon, Point, Rect};
use rstar::{AABB, PointDistance, RTree, RTreeObject, primitives::GeomWithData};

/// Centrelines and grounds, each by a number of the caller's.
pub(crate) struct Index<'a> {
    lines: RTree<GeomWithData<Line, usize>>,
    boxes: RTree<GeomWithData<Rect, usize>>,
    grounds: Vec<&'a MultiPolygon>,
}

impl<'a> Index<'a> {
    /// Lines with their numbers; grounds are numbered in their order.
    pub(crate) fn new<'l>(
        lines: impl IntoIterator<Item = (usize, &'l LineString)>,
        grounds: impl IntoIterator<Item = &'a MultiPolygon>,
    ) -> Self {
        let segments = |(number, line): (usize, &LineString)| {
            line.lines().map(|segment| GeomWithData::new(segment, number)).collect::<Vec<_>>()
        };
        let grounds: Vec<&MultiPolygon> = grounds.into_iter().collect();
        let boxed = |(number, ground): (usize, &&MultiPolygon)| {
            Some(GeomWithData::new(ground.bounding_rect()?, number))
        };
        Self {
            lines: RTree::bulk_load(lines.into_iter().flat_map(segments).collect()),
            boxes: RTree::bulk_load(grounds.iter().enumerate().filter_map(boxed).collect()),
            grounds,
        }
    }

    /// Lines that come within `reach_m` of a place, and how near; one for each segment that does.
    pub(crate) fn lines_near(&self, at: Coord, reach_m: f64) -> impl Iterator<Item = (usize, f64)> {
        let at = Point::from(at);
        let near = self.lines.locate_within_distance(at, reach_m * reach_m);
        near.map(move |line| (line.data, line.distance_2(&at).sqrt()))
    }

    /// Grounds that hold a place.
    pub(crate) fn grounds_at(&self, at: Coord) -> impl Iterator<Item = usize> {
        let around = AABB::from_point(Point::from(at));
        let near = self.boxes.locate_in_envelope_intersecting(&around).map(|near| near.data);
        near.filter(move |number| self.grounds[*number].intersects(&at))
    }

    /// Grounds whose boxes meet that of another ground.
    pub(crate) fn grounds_around(&self, ground: &MultiPolygon) -> Vec<usize> {
        let Some(rect) = ground.bounding_rect() else { return vec![] };
        self.boxes.locate_in_envelope_intersecting(&rect.envelope()).map(|near| near.data).collect()
    }
}

/// A line as stretches of at most `step_m`: the middle and the length of each.
pub(crate) fn stretches(line: &LineString, step_m: f64) -> impl Iterator<Item = (Coord, f64)> {
    line.lines().flat_map(move |segment| {
        let length_m = segment.delta().x.hypot(segment.delta().y);
        let count = (length_m / step_m).ceil();
        let middle =
            move |at: u32| segment.start + segment.delta() * ((f64::from(at) + 0.5) / count);
        (0..count as u32).map(move |at| (middle(at), length_m / count))
    })
}
