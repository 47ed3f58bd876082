//! Which pieces of evidence belong together, and along which lines.

use crate::Reach;
use geo::buffer::{BufferStyle, LineCap};
use geo::unary_union;
use geo::{BoundingRect, Buffer, Closest, ClosestPoint, CoordsIter, Distance, Euclidean, Geometry, Line, Point};
use rams_domain::{Feature, FeaturePart, Ground};
use rayon::prelude::*;
use rstar::{AABB, RTree, primitives::GeomWithData, primitives::Rectangle};

/// A feature with what the doctrine says of it.
pub(crate) struct Evidence<'a> {
    pub(crate) feature: &'a Feature,
    /// The ground it covers, local metres.
    pub(crate) metres: Geometry,
    /// Smallest box around it, local metres.
    bounds: AABB<[f64; 2]>,
    pub(crate) reach: Reach,
}

impl<'a> Evidence<'a> {
    /// `None` for a geometry without any position: there is no ground to suspect.
    pub(crate) fn new(feature: &'a Feature, ground: &Ground, reach: Reach) -> Option<Self> {
        let metres = extent(feature, ground);
        let rect = metres.bounding_rect()?;
        let corners = [[rect.min().x, rect.min().y], [rect.max().x, rect.max().y]];
        let is_finite = corners.iter().flatten().all(|value| value.is_finite());
        is_finite.then(|| Self { feature, metres, bounds: AABB::from_corners(corners[0], corners[1]), reach })
    }

    /// South-west corner of its bounds, local metres.
    pub(crate) fn corner(&self) -> [f64; 2] {
        self.bounds.lower()
    }

    /// Largest distance at which two pieces of evidence belong together: the shorter link of the
    /// two, or touching buffers, since two areas of one category must not overlap.
    fn limit_m(&self, other: &Self) -> f64 {
        self.reach.link_m.min(other.reach.link_m).max(self.reach.buffer_m + other.reach.buffer_m)
    }

    fn distance_m(&self, other: &Self) -> f64 {
        match (&self.metres, &other.metres) {
            (Geometry::Point(a), Geometry::Point(b)) => Euclidean.distance(*a, *b),
            (a, b) => Euclidean.distance(a, b),
        }
    }
}

/// The ground of a feature in local metres. Of a traced line it is the strip that the earthwork is
/// wide: a buffer begins at its edge.
fn extent(feature: &Feature, ground: &Ground) -> Geometry {
    let strip = |part: &FeaturePart| {
        let half = BufferStyle::new(part.width_m / 2.0).line_cap(LineCap::Butt);
        ground.to_metres(&part.line).buffer_with_style(half)
    };
    let strips = unary_union(&feature.parts.iter().map(strip).collect::<Vec<_>>());
    if strips.0.is_empty() { ground.to_metres(&feature.geometry) } else { strips.into() }
}

/// Evidence that belongs to one area.
pub(crate) struct Cluster {
    /// Indices of its evidence, ascending.
    pub(crate) members: Vec<usize>,
    /// Pairs that hold it together: the shortest ones that do, a minimum spanning tree.
    pub(crate) links: Vec<(usize, usize)>,
}

/// Single-linkage clusters: two pieces of evidence belong together if a chain of links joins them.
/// In the order of their first member.
///
/// Kruskal's algorithm in rounds of doubling radius: what lies close is joined first, so that the
/// many long pairs within a dense field are never stored.
pub(crate) fn clusters(evidence: &[Evidence]) -> Vec<Cluster> {
    const ROUNDS: i32 = 6;
    let entry =
        |(i, e): (usize, &Evidence)| GeomWithData::new(Rectangle::from_corners(e.bounds.lower(), e.bounds.upper()), i);
    let tree = RTree::bulk_load(evidence.iter().enumerate().map(entry).collect());
    let farthest_m = evidence.iter().map(|e| e.reach.link_m.max(2.0 * e.reach.buffer_m)).fold(0.0, f64::max);
    let mut parents: Vec<usize> = (0..evidence.len()).collect();
    let mut links = vec![];
    for round in (0..ROUNDS).rev() {
        let radius_m = farthest_m / f64::from(1 << round);
        let pairs_of = |i: usize| {
            let (low, high) = (evidence[i].bounds.lower(), evidence[i].bounds.upper());
            let around = AABB::from_corners(low.map(|v| v - radius_m), high.map(|v| v + radius_m));
            let (tree, parents) = (&tree, &parents);
            let others = tree.locate_in_envelope_intersecting(&around).map(|other| other.data);
            let apart = others.filter(move |&j| j > i && root(parents, i) != root(parents, j));
            let measured = apart.map(|j| (evidence[i].distance_m(&evidence[j]), i, j));
            let close = |&(d, i, j): &(f64, usize, usize)| d <= radius_m.min(evidence[i].limit_m(&evidence[j]));
            measured.filter(close).collect::<Vec<_>>()
        };
        let mut pairs: Vec<(f64, usize, usize)> = (0..evidence.len()).into_par_iter().flat_map_iter(pairs_of).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        for (_, i, j) in pairs {
            let (a, b) = (root(&parents, i), root(&parents, j));
            if a != b {
                parents[a.max(b)] = a.min(b);
                links.push((i, j));
            }
        }
        for i in 0..parents.len() {
            parents[i] = root(&parents, i);
        }
    }
    // The root of a cluster is its first member, because the smaller index always won.
    let mut clusters: Vec<Cluster> = vec![];
    let mut number = vec![0; parents.len()];
    for (i, &parent) in parents.iter().enumerate() {
        if parent == i {
            number[i] = clusters.len();
            clusters.push(Cluster { members: vec![], links: vec![] });
        }
        clusters[number[parent]].members.push(i);
    }
    for (i, j) in links {
        clusters[number[parents[i]]].links.push((i, j));
    }
    clusters
}

/// The shortest line between two pieces of evidence, local metres; `None` where they meet.
pub(crate) fn bridge(a: &Evidence, b: &Evidence) -> Option<Line> {
    // Between two geometries that do not meet, one end of the shortest line is a vertex.
    let from_vertices = |from: &Evidence, to: &Evidence| {
        let nearest = |at: Point| match to.metres.closest_point(&at) {
            Closest::SinglePoint(there) => Some(Line::new(at.0, there.0)),
            Closest::Intersection(_) | Closest::Indeterminate => None,
        };
        from.metres.coords_iter().filter_map(|c| nearest(Point::from(c))).collect::<Vec<_>>()
    };
    let length = |line: &Line| line.dx().hypot(line.dy());
    if a.distance_m(b) <= 0.0 {
        return None;
    }
    let mut lines = from_vertices(a, b);
    lines.extend(from_vertices(b, a));
    lines.into_iter().min_by(|a, b| length(a).total_cmp(&length(b)))
}

fn root(parents: &[usize], mut i: usize) -> usize {
    while parents[i] != i {
        i = parents[i];
    }
    i
}
