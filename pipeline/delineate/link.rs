//! Which pieces of evidence belong together, and along which lines.

use crate::evidence::Evidence;
use geo::{Closest, ClosestPoint, CoordsIter, Line, Point};
use rayon::prelude::*;
use rstar::{RTree, primitives::GeomWithData, primitives::Rectangle};

/// Evidence that belongs to one area.
pub(crate) struct Cluster {
    /// Indices of its evidence, ascending.
    pub(crate) members: Vec<usize>,
    /// Pairs that hold it together: the shortest ones that do, a minimum spanning tree.
    pub(crate) links: Vec<(usize, usize)>,
}

/// Boxes of evidence with their indices.
pub(crate) type Boxes = RTree<GeomWithData<Rectangle<[f64; 2]>, usize>>;

/// An index of evidence by its bounds.
pub(crate) fn boxes(evidence: &[Evidence]) -> Boxes {
    let entry = |(i, e): (usize, &Evidence)| {
        let [low, high] = e.corners();
        GeomWithData::new(Rectangle::from_corners(low, high), i)
    };
    RTree::bulk_load(evidence.iter().enumerate().map(entry).collect())
}

/// Single-linkage clusters: two pieces of evidence belong together if a chain of links, each up to
/// the limit of its two ends, joins them. In the order of their first member.
///
/// Kruskal's algorithm in rounds of doubling radius: what lies close is joined first, so that the
/// many long pairs within a dense field are never stored.
pub(crate) fn clusters(evidence: &[Evidence], limit_m: fn(&Evidence, &Evidence) -> f64) -> Vec<Cluster> {
    const ROUNDS: i32 = 6;
    let tree = boxes(evidence);
    let farthest_m = evidence.iter().map(|e| e.reach.link_m.max(2.0 * e.reach.buffer_m)).fold(0.0, f64::max);
    let mut parents: Vec<usize> = (0..evidence.len()).collect();
    let mut links = vec![];
    for round in (0..ROUNDS).rev() {
        let radius_m = farthest_m / f64::from(1 << round);
        let pairs_of = |i: usize| {
            let (tree, parents, around) = (&tree, &parents, evidence[i].around(radius_m));
            let others = tree.locate_in_envelope_intersecting(&around).map(|other| other.data);
            let apart = others.filter(move |&j| j > i && root(parents, i) != root(parents, j));
            let measured = apart.map(|j| (evidence[i].distance_m(&evidence[j]), i, j));
            let close = |&(d, i, j): &(f64, usize, usize)| d <= radius_m.min(limit_m(&evidence[i], &evidence[j]));
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
