//! How far drawn boundaries and true ones lie apart.

use geo::{
    BoundingRect, Euclidean, InterpolatableLine, Intersects, Length, Line, LinesIter, MultiPolygon,
    Point, Polygon,
};
use rstar::RTree;

/// Distances between drawn and true boundaries, summed over places 2 m apart. Only where an area
/// meets true ground: an area on nothing has no boundary to compare, and neither has ground that no
/// area meets.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Edge {
    /// Sum of distances from places on drawn boundaries to the true ones, metres.
    pub(super) from_drawn_m: f64,
    /// Number of these places.
    pub(super) drawn: usize,
    /// Sum of distances from places on true boundaries to the drawn ones, metres.
    pub(super) from_true_m: f64,
    /// Number of these places.
    pub(super) true_: usize,
}

/// Distance of places, metres.
const STEP_M: f64 = 2.0;

impl Edge {
    pub(super) fn between(drawn: &[&MultiPolygon], truth: &MultiPolygon) -> Self {
        let meets = |a: &Polygon, b: &Polygon| {
            let boxes = a.bounding_rect().zip(b.bounding_rect());
            boxes.is_some_and(|(a, b)| a.intersects(&b)) && a.intersects(b)
        };
        let drawn: Vec<&Polygon> = drawn.iter().flat_map(|boundary| &boundary.0).collect();
        let met: Vec<&Polygon> =
            drawn.iter().copied().filter(|area| truth.0.iter().any(|t| meets(area, t))).collect();
        let found: Vec<&Polygon> =
            truth.0.iter().filter(|t| met.iter().any(|area| meets(area, t))).collect();
        if met.is_empty() {
            return Self::default();
        }
        let (from_drawn_m, places) = distances(&met, &found);
        let (from_true_m, true_places) = distances(&found, &met);
        Self { from_drawn_m, drawn: places, from_true_m, true_: true_places }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.from_drawn_m += other.from_drawn_m;
        self.drawn += other.drawn;
        self.from_true_m += other.from_true_m;
        self.true_ += other.true_;
    }
}

/// The sum of distances from places on some boundaries to the nearest of others, and how many
/// places.
fn distances(from: &[&Polygon], to: &[&Polygon]) -> (f64, usize) {
    let tree: RTree<Line> =
        RTree::bulk_load(to.iter().flat_map(|polygon| polygon.lines_iter()).collect());
    let (mut sum_m, mut places) = (0.0, 0);
    for line in from.iter().flat_map(|polygon| polygon.lines_iter()) {
        let steps = (Euclidean.length(&line) / STEP_M).ceil().max(1.0) as u32;
        for step in 0..steps {
            let at: Point =
                line.point_at_ratio_from_start(&Euclidean, f64::from(step) / f64::from(steps));
            let nearest = tree.nearest_neighbor_iter_with_distance_2(&at).next();
            if let Some((_, square)) = nearest {
                sum_m += square.sqrt();
                places += 1;
            }
        }
    }
    (sum_m, places)
}
