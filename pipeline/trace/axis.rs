//! The chordal axis of a mask: through the middles of the chords from one side to the other.

use crate::mesh::{Mesh, distance};
use geo::Coord;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A narrow arm of a broad tangle is no spur: it reaches further than this times its own mean
/// width, and further than the whole mask is wide in the mean.
const SPUR_OWN_WIDTHS: f64 = 3.0;

/// Where a branch ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Towards an end of the mask.
    Free,
    /// In a triangle where three branches meet.
    Junction(usize),
    /// In its own beginning.
    Ring,
}

/// A piece of the axis between junctions or ends.
pub(crate) struct Branch {
    /// The middles of its chords, and of the triangles of its junctions.
    pub(crate) points: Vec<Coord>,
    /// The triangle that each leg between two points lies in.
    pub(crate) triangles: Vec<usize>,
    /// Its two ends.
    pub(crate) tails: [Tail; 2],
}

/// The branches of a mask without its spurs. A triangle with one neighbour is an end, with two a
/// piece of a strip, with three a junction; n log n for n triangles.
pub(crate) fn branches(mesh: &Mesh) -> Vec<Branch> {
    let open = prune(mesh);
    let ways = |t: usize| open[t].iter().filter(|open| **open).count();
    let mut walk = Walk { mesh, open: &open, passed: vec![[false; 3]; mesh.len()] };
    let mut branches = vec![];
    for t in (0..mesh.len()).filter(|&t| matches!(ways(t), 1 | 3)) {
        branches.extend((0..3).filter_map(|side| walk.along(t, side)));
    }
    // What is left are rings without a junction.
    for t in (0..mesh.len()).filter(|&t| ways(t) == 2) {
        branches.extend((0..3).filter_map(|side| walk.along(t, side)));
    }
    branches
}

/// Through which sides the axis passes: all chords less those to spurs.
///
/// Triangles are peeled off from the ends inwards, the shallowest first, so that what is left last
/// is the middle of a tree, or its rings. Then each junction knows how far the mask reaches behind
/// each of its chords that leads to no ring: a spur reaches less far than the mask is wide where it
/// leaves it, as the teeth of a ragged rim do, and a sap further.
fn prune(mesh: &Mesh) -> Vec<[bool; 3]> {
    let sides = |t: usize| (0..3).filter(move |&side| mesh.across(t, side).is_some());
    // How far the mask reaches beyond each side, from its middle; infinite where not known. And how
    // much of it lies there.
    let mut reach = vec![[f64::INFINITY; 3]; mesh.len()];
    let mut area = vec![[0.0; 3]; mesh.len()];
    // Positive numbers are in the order of their bits.
    let mut peel: BinaryHeap<Reverse<(u64, usize, usize)>> = BinaryHeap::new();
    for t in 0..mesh.len() {
        let mut sides = sides(t);
        if let (Some(side), None) = (sides.next(), sides.next()) {
            peel.push(Reverse((
                distance(mesh.tip(t, side), mesh.middle(t, side)).to_bits(),
                t,
                side,
            )));
        }
    }
    while let Some(Reverse((bits, t, side))) = peel.pop() {
        let Some(next) = mesh.across(t, side).filter(|_| reach[t][side].is_infinite()) else {
            continue;
        };
        let back = mesh.side_towards(next, t);
        reach[next][back] = f64::from_bits(bits);
        area[next][back] = mesh.area(t)
            + (0..3).filter(|other| *other != side).map(|other| area[t][other]).sum::<f64>();
        let mut unknown = sides(next).filter(|&side| reach[next][side].is_infinite());
        if let (Some(out), None) = (unknown.next(), unknown.next()) {
            let through = |side: usize| {
                reach[next][side] + distance(mesh.middle(next, side), mesh.middle(next, out))
            };
            let farthest = sides(next).filter(|&side| side != out).map(through).fold(0.0, f64::max);
            peel.push(Reverse((farthest.to_bits(), next, out)));
        }
    }
    let mut open: Vec<[bool; 3]> =
        (0..mesh.len()).map(|t| [0, 1, 2].map(|i| mesh.across(t, i).is_some())).collect();
    let mean_width = mesh.mean_width();
    let mut spurs = vec![];
    for t in (0..mesh.len()).filter(|&t| sides(t).count() == 3) {
        for side in 0..3 {
            let width = mesh.length(t, (side + 1) % 3).max(mesh.length(t, (side + 2) % 3));
            let own_width = area[t][side] / reach[t][side];
            if reach[t][side] < width.min(mean_width.max(SPUR_OWN_WIDTHS * own_width)) {
                open[t][side] = false;
                spurs.extend(mesh.across(t, side).map(|spur| (spur, t)));
            }
        }
    }
    while let Some((t, from)) = spurs.pop() {
        let further = sides(t).filter(|&side| mesh.across(t, side) != Some(from) && open[t][side]);
        spurs.extend(
            further.filter_map(|side| Some((mesh.across(t, side)?, t))).collect::<Vec<_>>(),
        );
        open[t] = [false; 3];
    }
    open
}

struct Walk<'a> {
    mesh: &'a Mesh,
    open: &'a [[bool; 3]],
    passed: Vec<[bool; 3]>,
}

impl Walk<'_> {
    /// The branch that leaves a triangle through a side; `None` where that is no way, or was gone.
    fn along(&mut self, start: usize, side: usize) -> Option<Branch> {
        if !self.open[start][side] || self.passed[start][side] {
            return None;
        }
        let ways = |t: usize| self.open[t].iter().filter(|open| **open).count();
        let (mut points, mut triangles) = (vec![], vec![]);
        let tail = |t: usize| if ways(t) == 3 { Tail::Junction(t) } else { Tail::Free };
        if ways(start) == 3 {
            points.push(self.mesh.centre(start));
            triangles.push(start);
        }
        let (mut t, mut out) = (start, side);
        loop {
            points.push(self.mesh.middle(t, out));
            self.passed[t][out] = true;
            let next = self.mesh.across(t, out)?;
            let back = self.mesh.side_towards(next, t);
            self.passed[next][back] = true;
            t = next;
            if ways(t) != 2 {
                break;
            }
            triangles.push(t);
            out = (0..3).find(|&side| side != back && self.open[t][side])?;
            if t == start {
                // Back at the chord it began with.
                points.push(points[0]);
                return Some(Branch { points, triangles, tails: [Tail::Ring; 2] });
            }
        }
        if ways(t) == 3 {
            triangles.push(t);
            points.push(self.mesh.centre(t));
        }
        Some(Branch { points, triangles, tails: [tail(start), tail(t)] })
    }
}
