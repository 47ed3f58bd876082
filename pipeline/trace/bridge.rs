//! Ends that face each other across a small gap.

use crate::centreline::End;
use crate::mesh::distance;
use geo::Coord;
use rstar::{RTree, primitives::GeomWithData};

/// Longest gap, in widths of the earthwork.
const GAP_WIDTHS: f64 = 3.0;
/// Longest gap of a narrow earthwork, metres: a bush, a plank bridge.
const GAP_NARROW_M: f64 = 4.0;
/// Longest gap of any, metres.
const GAP_MOST_M: f64 = 12.0;
/// Largest angle between the way across and the lines before and after it, and between those.
const FACING_DEGREES: f64 = 35.0;

/// Pairs of ends to be joined, the shortest gaps first; each end once.
pub(crate) fn bridges(ends: &[End]) -> Vec<(usize, usize)> {
    let place = |(i, end): (usize, &End)| GeomWithData::new([end.tip.x, end.tip.y], i);
    let tree = RTree::bulk_load(ends.iter().enumerate().map(place).collect());
    let mut pairs = vec![];
    for (i, end) in ends.iter().enumerate() {
        let near = tree.locate_within_distance([end.tip.x, end.tip.y], GAP_MOST_M * GAP_MOST_M);
        for other in near.map(|other| other.data).filter(|&j| j > i && faces(end, &ends[j])) {
            let gap_m = distance(end.tip, ends[other].tip);
            let width_m = (end.width_m + ends[other].width_m) / 2.0;
            if gap_m <= (GAP_WIDTHS * width_m).clamp(GAP_NARROW_M, GAP_MOST_M) {
                pairs.push((gap_m, i, other));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let mut taken = vec![false; ends.len()];
    let mut joined = vec![];
    for (_, i, j) in pairs {
        if !taken[i] && !taken[j] {
            (taken[i], taken[j]) = (true, true);
            joined.push((i, j));
        }
    }
    joined
}

/// Whether each end points at the other, without a sharp turn in between. Measured from before the
/// ends, since the tips of two ends that nearly touch lie in any direction from each other.
fn faces(a: &End, b: &End) -> bool {
    let along = |v: Coord, w: Coord| v.x * w.x + v.y * w.y;
    let least = FACING_DEGREES.to_radians().cos();
    let across = b.base - a.base;
    let across = across / across.x.hypot(across.y);
    [along(a.ahead, across), -along(b.ahead, across), -along(a.ahead, b.ahead)]
        .iter()
        .all(|cosine| *cosine >= least)
}
