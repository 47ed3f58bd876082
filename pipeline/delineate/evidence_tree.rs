//! A tree of evidence by place: which piece lies nearest, however much of it lies in one place.

use crate::evidence::Evidence;
use rstar::AABB;

/// Pieces of evidence in one leaf.
const FEW: usize = 8;

/// Evidence in a k-d tree: halves of halves, each with its bounds and with the cluster that all of
/// it is in, if it is in one, so that a search passes over it as a whole.
pub(crate) struct EvidenceTree {
    /// Indices of the evidence, those of a node side by side.
    order: Vec<usize>,
    /// Each before its own halves.
    nodes: Vec<Node>,
}

struct Node {
    /// South-west and north-east corner of its bounds, local metres.
    low: [f64; 2],
    high: [f64; 2],
    /// The least index in it.
    first: usize,
    content: Content,
    /// The cluster that all of it is in, as it was last noted.
    cluster: Option<usize>,
}

enum Content {
    /// The evidence from one place of the order up to another.
    Leaf(usize, usize),
    /// Two halves: the first one is the next node, the second one has this number.
    Halves(usize),
}

impl EvidenceTree {
    pub(crate) fn new(evidence: &[Evidence]) -> Self {
        let mut tree = Self { order: vec![], nodes: vec![] };
        let mut order: Vec<usize> = (0..evidence.len()).collect();
        if !order.is_empty() {
            tree.add(evidence, &mut order, 0);
        }
        tree.order = order;
        tree
    }

    /// Adds a node of some evidence, which lies in the order from `from` on, and returns its
    /// number.
    fn add(&mut self, evidence: &[Evidence], order: &mut [usize], from: usize) -> usize {
        let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for &i in order.iter() {
            let [least, most] = evidence[i].corners();
            for axis in 0..2 {
                low[axis] = low[axis].min(least[axis]);
                high[axis] = high[axis].max(most[axis]);
            }
        }
        let first = order.iter().copied().min().unwrap_or(0);
        let number = self.nodes.len();
        let leaf = Content::Leaf(from, from + order.len());
        self.nodes.push(Node { low, high, first, content: leaf, cluster: None });
        if order.len() > FEW {
            let axis = usize::from(high[1] - low[1] > high[0] - low[0]);
            let at =
                |i: usize| evidence[i].corners().map(|corner| corner[axis]).iter().sum::<f64>();
            let middle = order.len() / 2;
            order.select_nth_unstable_by(middle, |&a, &b| at(a).total_cmp(&at(b)).then(a.cmp(&b)));
            let (one, other) = order.split_at_mut(middle);
            self.add(evidence, one, from);
            self.nodes[number].content = Content::Halves(self.add(evidence, other, from + middle));
        }
        number
    }

    /// Notes in which cluster each piece of evidence is.
    pub(crate) fn note_clusters(&mut self, clusters: &[usize]) {
        for number in (0..self.nodes.len()).rev() {
            let cluster = match self.nodes[number].content {
                Content::Leaf(from, to) => {
                    let first = clusters[self.order[from]];
                    self.order[from..to].iter().all(|&i| clusters[i] == first).then_some(first)
                }
                Content::Halves(second) => {
                    let cluster = self.nodes[number + 1].cluster;
                    cluster.filter(|_| cluster == self.nodes[second].cluster)
                }
            };
            self.nodes[number].cluster = cluster;
        }
    }

    /// Distance and index of the evidence nearest to some ground within a distance, and of several
    /// the first. `measure` says how far a piece is, if it may be one; what is noted to be in the
    /// cluster `except` is passed over.
    pub(crate) fn nearest(
        &self,
        bounds: AABB<[f64; 2]>,
        within_m: f64,
        except: Option<usize>,
        measure: impl Fn(usize) -> Option<f64>,
    ) -> Option<(f64, usize)> {
        let mut best = (within_m, usize::MAX);
        // Once for all: two halves of each of the levels of a tree of billions.
        let mut ahead: Vec<(f64, usize)> = Vec::with_capacity(64);
        ahead.extend(self.nodes.first().map(|node| (node.distance_m(&bounds), 0)));
        while let Some((metres, number)) = ahead.pop() {
            let node = &self.nodes[number];
            if is_after((metres, node.first), best) || (except.is_some() && node.cluster == except)
            {
                continue;
            }
            match node.content {
                Content::Leaf(from, to) => {
                    let measured =
                        self.order[from..to].iter().filter_map(|&i| Some((measure(i)?, i)));
                    best = measured
                        .filter(|&found| !is_after(found, best))
                        .fold(best, |best, found| if is_after(best, found) { found } else { best });
                }
                Content::Halves(second) => {
                    let halves = [number + 1, second]
                        .map(|half| (self.nodes[half].distance_m(&bounds), half));
                    let nearer = usize::from(halves[1].0 < halves[0].0);
                    ahead.extend([halves[1 - nearer], halves[nearer]]);
                }
            }
        }
        (best.1 != usize::MAX).then_some(best)
    }
}

impl Node {
    /// No more than the distance of anything in it.
    fn distance_m(&self, bounds: &AABB<[f64; 2]>) -> f64 {
        let apart = |axis: usize| {
            (self.low[axis] - bounds.upper()[axis])
                .max(bounds.lower()[axis] - self.high[axis])
                .max(0.0)
        };
        // Less by what rounding may add.
        apart(0).hypot(apart(1)) * (1.0 - 1e-12)
    }
}

/// Whether one is farther than the other, or as far and of a higher number.
fn is_after(one: (f64, usize), other: (f64, usize)) -> bool {
    one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)).is_gt()
}
