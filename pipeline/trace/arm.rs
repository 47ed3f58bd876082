//! A branch of a mask's chordal axis, measured.

use crate::axis::{Branch, Tail};
use crate::mesh::{Mesh, distance};
use geo::Coord;

/// Over how many widths the direction of an end is taken: short, because a bend may be near.
const POSE_WIDTHS: f64 = 0.6;

/// A branch with its measures, local metres.
pub(crate) struct Arm {
    pub(crate) branch: Branch,
    /// Way from its first point to each of its points.
    pub(crate) way_m: Vec<f64>,
    pub(crate) length_m: f64,
    /// Median width of the mask across it.
    pub(crate) width_m: f64,
}

/// How an arm arrives at one of its ends, without the last piece, where a chord axis turns into a
/// corner of the mask or the middle of a junction.
pub(crate) struct Pose {
    /// A place on the arm before its end.
    pub(crate) base: Coord,
    /// Unit vector towards the end.
    pub(crate) ahead: Coord,
    /// Way along the arm from its first point to the base.
    pub(crate) way_m: f64,
    /// The triangle that the base lies in.
    pub(crate) triangle: usize,
}

impl Arm {
    pub(crate) fn new(branch: Branch, mesh: &Mesh) -> Self {
        let mut way_m = vec![0.0];
        way_m.extend(branch.points.windows(2).scan(0.0, |way, leg| {
            *way += distance(leg[0], leg[1]);
            Some(*way)
        }));
        let length_m = way_m[way_m.len() - 1];
        let mut widths: Vec<f64> = (0..branch.triangles.len())
            .filter(|&leg| !is_in_junction(&branch, leg))
            .map(|leg| mesh.area(branch.triangles[leg]) / (way_m[leg + 1] - way_m[leg]))
            .collect();
        widths.sort_by(f64::total_cmp);
        let of_ends =
            || branch.triangles.iter().map(|&t| mesh.shortest_side(t)).fold(0.0, f64::max);
        let width_m = widths.get(widths.len() / 2).copied().unwrap_or_else(of_ends);
        Self { branch, way_m, length_m, width_m }
    }

    /// The place after some way, and the leg it lies on.
    pub(crate) fn at(&self, way_m: f64) -> (Coord, usize) {
        let leg =
            self.way_m.partition_point(|way| *way <= way_m).clamp(1, self.way_m.len() - 1) - 1;
        let (from, to) = (self.branch.points[leg], self.branch.points[leg + 1]);
        let share = (way_m - self.way_m[leg]) / (self.way_m[leg + 1] - self.way_m[leg]);
        (from + (to - from) * share.clamp(0.0, 1.0), leg)
    }

    /// How it arrives at its first end (`tail` 0) or its last (1).
    pub(crate) fn pose(&self, tail: usize) -> Pose {
        let back_m = (self.width_m / 2.0).min(self.length_m / 3.0);
        let span_m = (POSE_WIDTHS * self.width_m).min(self.length_m - 2.0 * back_m);
        let from_tail = |m: f64| if tail == 0 { m } else { self.length_m - m };
        let (way_m, before_m) = (from_tail(back_m), from_tail(back_m + span_m));
        let (base, leg) = self.at(way_m);
        let run = base - self.at(before_m).0;
        Pose { base, ahead: run / run.x.hypot(run.y), way_m, triangle: self.branch.triangles[leg] }
    }

    /// Whether it is one branch without a junction that is no longer than it is wide, and so tells
    /// nothing of a direction.
    pub(crate) fn is_patch(&self) -> bool {
        self.branch.tails[0] == Tail::Free && self.length_m <= self.width_m
    }

    /// The junctions at its two ends where it is shorter than the mask is wide at them: these are
    /// one junction, and it is no arm between two.
    pub(crate) fn within_junction(&self, mesh: &Mesh) -> Option<[usize; 2]> {
        let [Tail::Junction(a), Tail::Junction(b)] = self.branch.tails else { return None };
        (self.length_m < mesh.shortest_side(a).max(mesh.shortest_side(b))).then_some([a, b])
    }

    /// Whether one of its legs, by number, lies in a junction and not across the mask.
    pub(crate) fn is_in_junction(&self, leg: usize) -> bool {
        is_in_junction(&self.branch, leg)
    }
}

fn is_in_junction(branch: &Branch, leg: usize) -> bool {
    [0, branch.triangles.len() - 1]
        .iter()
        .zip(branch.tails)
        .any(|(end, tail)| *end == leg && matches!(tail, Tail::Junction(_)))
}
