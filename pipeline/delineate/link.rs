//! Which pieces of evidence belong together, and along which lines.

use crate::evidence::Evidence;
use crate::evidence_tree::EvidenceTree;
use geo::{Closest, ClosestPoint, CoordsIter, Line, Point};
use rams_domain::DisjointSets;
use rayon::prelude::*;

/// Evidence that belongs to one area.
pub(crate) struct Cluster {
    /// Indices of its evidence, ascending.
    pub(crate) members: Vec<usize>,
    /// Pairs that hold it together: the shortest ones that do, a minimum spanning tree.
    pub(crate) links: Vec<(usize, usize)>,
}

/// A distance and the two pieces of evidence that lie so far apart, the first one first.
type Pair = (f64, usize, usize);

/// Single-linkage clusters: two pieces of evidence belong together if a chain of links, each up to
/// the limit of its two ends, joins them. In the order of their first member.
///
/// Borůvka's algorithm: each cluster joins its nearest one, and these theirs again, so that the
/// many pairs within a crowd are never looked at.
pub(crate) fn clusters(
    evidence: &[Evidence],
    limit_m: fn(&Evidence, &Evidence) -> f64,
) -> Vec<Cluster> {
    let mut tree = EvidenceTree::new(evidence);
    let widest_m = evidence.iter().map(|e| e.reach.buffer_m).fold(0.0, f64::max);
    let mut sets = DisjointSets::new(evidence.len());
    let mut links: Vec<Pair> = vec![];
    // The nearest piece of another cluster; what has none has none ever after.
    let mut open: Vec<(usize, Option<Pair>)> = (0..evidence.len()).map(|i| (i, None)).collect();
    while !open.is_empty() {
        let cluster_of: Vec<usize> = (0..evidence.len()).map(|i| sets.first(i)).collect();
        tree.note_clusters(&cluster_of);
        let nearest = |i: usize| {
            let apart_m = |j: usize| {
                let (a, b) = (&evidence[i.min(j)], &evidence[i.max(j)]);
                let metres = (cluster_of[i] != cluster_of[j]).then(|| a.distance_m(b))?;
                (metres <= limit_m(a, b)).then_some(metres)
            };
            let e = &evidence[i];
            let reach_m = e.reach.link_m.max(e.reach.buffer_m + widest_m);
            let (metres, j) = tree.nearest(e.around(0.0), reach_m, Some(cluster_of[i]), apart_m)?;
            Some((metres, i.min(j), i.max(j)))
        };
        let is_apart = |&(_, i, j): &Pair| cluster_of[i] != cluster_of[j];
        let next = |(i, last): (usize, Option<Pair>)| {
            Some((i, Some(last.filter(is_apart).or_else(|| nearest(i))?)))
        };
        open = open.into_par_iter().filter_map(next).collect();
        let mut shortest: Vec<Pair> = open.iter().filter_map(|(_, pair)| *pair).collect();
        shortest.par_sort_unstable_by(in_order);
        let mut has_joined = vec![false; evidence.len()];
        for pair in shortest {
            // Only the shortest of a cluster is certain: others may close a ring with it.
            let ends = [cluster_of[pair.1], cluster_of[pair.2]];
            let is_shortest = ends.iter().any(|&end| !has_joined[end]);
            ends.into_iter().for_each(|end| has_joined[end] = true);
            if is_shortest && sets.join(pair.1, pair.2) {
                links.push(pair);
            }
        }
    }
    links.par_sort_unstable_by(in_order);
    collect(sets, &links)
}

fn in_order(a: &Pair, b: &Pair) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2)))
}

fn collect(sets: DisjointSets, links: &[Pair]) -> Vec<Cluster> {
    let sets = sets.sets();
    let mut cluster_of = vec![0; sets.iter().map(Vec::len).sum()];
    for (number, set) in sets.iter().enumerate() {
        set.iter().for_each(|&i| cluster_of[i] = number);
    }
    let mut clusters: Vec<Cluster> =
        sets.into_iter().map(|members| Cluster { members, links: vec![] }).collect();
    links.iter().for_each(|&(_, i, j)| clusters[cluster_of[i]].links.push((i, j)));
    clusters
}

/// The shortest line between two pieces of evidence, local metres; `None` where they meet.
pub(crate) fn bridge(a: &Evidence, b: &Evidence) -> Option<Line> {
    // Between two geometries that do not meet, one end of the shortest line is a vertex.
    let from_vertices = |from: &Evidence, to: &Evidence| {
        let nearest = |at: Point| match to.geometry.closest_point(&at) {
            Closest::SinglePoint(there) => Some(Line::new(at.0, there.0)),
            Closest::Intersection(_) | Closest::Indeterminate => None,
        };
        from.geometry.coords_iter().filter_map(|c| nearest(Point::from(c))).collect::<Vec<_>>()
    };
    let length = |line: &Line| line.dx().hypot(line.dy());
    if a.distance_m(b) <= 0.0 {
        return None;
    }
    let mut lines = from_vertices(a, b);
    lines.extend(from_vertices(b, a));
    lines.into_iter().min_by(|a, b| length(a).total_cmp(&length(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Doctrine, front::Fronts};
    use proptest::prelude::*;
    use rams_domain::Feature;

    /// Kruskal's algorithm over all pairs.
    fn all_pairs(evidence: &[Evidence], limit_m: fn(&Evidence, &Evidence) -> f64) -> Vec<Cluster> {
        let pairs = (0..evidence.len()).flat_map(|i| (i + 1..evidence.len()).map(move |j| (i, j)));
        let mut pairs: Vec<Pair> = pairs
            .map(|(i, j)| (evidence[i].distance_m(&evidence[j]), i, j))
            .filter(|&(metres, i, j)| metres <= limit_m(&evidence[i], &evidence[j]))
            .collect();
        pairs.sort_by(in_order);
        let mut sets = DisjointSets::new(evidence.len());
        pairs.retain(|&(_, i, j)| sets.join(i, j));
        collect(sets, &pairs)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// On a lattice many pairs are as long as each other, and many finds lie in one place.
        #[test]
        fn clusters_are_those_of_all_pairs(
            places in prop::collection::vec((0..30i32, 0..30i32, 0..3u8), 0..120),
        ) {
            let ground = crate::tests::ground();
            let doctrine = Doctrine::baseline();
            let features: Vec<Feature> = (1..).zip(places).map(|(id, (x, y, kind))| {
                let (x, y) = (7.0 * f64::from(x), 7.0 * f64::from(y));
                match kind {
                    0 | 1 => crate::tests::mine(id, x, y),
                    _ => crate::tests::trench(id, vec![(x, y), (x + 5.0, y + 3.0)]),
                }
            }).collect();
            let fronts = Fronts::new(doctrine.front, &[], vec![], &ground);
            let of = |feature| Evidence::of_feature(feature, &ground, &doctrine, &fronts);
            let evidence: Vec<Evidence> = features.iter().filter_map(of).collect();
            let limits: [fn(&Evidence, &Evidence) -> f64; 2] =
                [|a, b| a.limit_m(b), |a, b| a.touch_m(b)];
            for limit_m in limits {
                let expected = all_pairs(&evidence, limit_m);
                let found = clusters(&evidence, limit_m);
                prop_assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(&expected) {
                    prop_assert_eq!(&found.members, &expected.members);
                    prop_assert_eq!(&found.links, &expected.links);
                }
            }
        }
    }
}
