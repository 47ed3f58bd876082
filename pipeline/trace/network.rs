//! The outline of a linear earthwork -> its centrelines.

use crate::axis::{Branch, Tail, branches};
use crate::contour::contour;
use crate::mesh::{Mesh, cross, distance};
use crate::place::extent;
use crate::simplify::SMOOTH_CELLS;
use geo::{Area, Coord, LineString, Polygon, Simplify, coord};
use rams_domain::{DisjointSets, Orthomosaic};
use std::collections::BTreeMap;

/// Over how many widths the direction of an end is taken: short, because a bend may be near.
const POSE_WIDTHS: f64 = 0.6;
/// A mask shorter than so many times its width has no direction that a gap could be bridged in.
const DIRECTED_WIDTHS: f64 = 1.5;

/// A centreline between junctions or ends, local metres.
pub(crate) struct Centreline {
    /// Its course.
    pub(crate) line: LineString,
    /// The mask along it; nothing for a patch that is hardly longer than wide.
    pub(crate) samples: Vec<Sample>,
    /// Width of the mask as a whole.
    pub(crate) width_m: f64,
}

/// A piece of the mask across a centreline.
pub(crate) struct Sample {
    /// Where along the line, from 0 to 1.
    pub(crate) along: f64,
    /// Length of the line that it stands for.
    pub(crate) length_m: f64,
    /// Area, square metres.
    pub(crate) area_m2: f64,
    /// Somewhere in it, local metres.
    pub(crate) at: Coord,
}

/// An end of a centreline at the end of the mask, local metres.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    /// Index of the centreline.
    pub(crate) line: usize,
    /// 0 at its first position, 1 at its last.
    pub(crate) tail: usize,
    /// The end itself.
    pub(crate) tip: Coord,
    /// A place on the line before it.
    pub(crate) base: Coord,
    /// Unit vector outwards.
    pub(crate) ahead: Coord,
    /// Width of the mask there.
    pub(crate) width_m: f64,
}

/// The centrelines of a mask, one at least, and their free ends.
///
/// `exact` is the union of its cells in mosaic pixels, `grid_px` one pixel of the model's grid.
/// Everything is measured in metres, so that neither rotated nor oblong pixels matter, and follows
/// from the outline alone: tiles leave no trace. n log n for n corners of the outline, because of
/// the triangulation.
pub(crate) fn network(
    exact: &Polygon,
    orthomosaic: &Orthomosaic,
    grid_px: f64,
) -> (Vec<Centreline>, Vec<End>) {
    let ground = orthomosaic.georef.ground();
    let to_metres =
        |px: Coord| ground.to_metres(&geo::Point::from(orthomosaic.georef.to_ground(px))).0;
    let contour = contour(exact, orthomosaic.size, grid_px);
    let rings: Vec<Vec<Coord>> =
        contour.rings.into_iter().map(|ring| ring.into_iter().map(to_metres).collect()).collect();
    let smooth_m = SMOOTH_CELLS * contour.cell_px * orthomosaic.coarsest_gsd_m();
    let traced = Mesh::new(&rings).and_then(|mesh| {
        let all: Vec<Arm> = branches(&mesh).into_iter().map(|branch| Arm::new(branch, &mesh)).collect();
        // One branch that is no longer than it is wide tells nothing of the direction.
        let is_patch =
            matches!(&all[..], [only] if only.branch.tails[0] == Tail::Free && only.length_m <= only.width_m);
        (!all.is_empty() && !is_patch).then(|| assemble(all, &mesh, smooth_m))
    });
    traced
        .filter(|(lines, _)| !lines.is_empty())
        .unwrap_or_else(|| patch(&ground.to_metres(&orthomosaic.georef.place(exact))))
}

/// The long axis of the smallest rectangle around a mask that is too short for an axis of its own.
fn patch(metres: &Polygon) -> (Vec<Centreline>, Vec<End>) {
    let ([length_m, _], line) = extent(metres);
    let width_m = metres.unsigned_area() / length_m.max(f64::MIN_POSITIVE);
    let (a, b) = (line.0[0], line.0[1]);
    let end = |tail: usize, tip: Coord, other: Coord| End {
        line: 0,
        tail,
        tip,
        base: (tip + other) / 2.0,
        ahead: (tip - other) / length_m,
        width_m,
    };
    let ends = if length_m >= DIRECTED_WIDTHS * width_m {
        vec![end(0, a, b), end(1, b, a)]
    } else {
        vec![]
    };
    (vec![Centreline { line, samples: vec![], width_m }], ends)
}

/// A branch with its measures.
struct Arm {
    branch: Branch,
    /// Way from its first point to each of its points.
    way_m: Vec<f64>,
    length_m: f64,
    width_m: f64,
}

/// How an arm arrives at one of its ends, without the last piece, where a chord axis turns into a
/// corner of the mask or the middle of a junction.
struct Pose {
    base: Coord,
    ahead: Coord,
    /// Way along the arm.
    way_m: f64,
    /// The triangle it lies in.
    triangle: usize,
}

impl Arm {
    fn new(branch: Branch, mesh: &Mesh) -> Self {
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
        let narrowest =
            |t: usize| (0..3).map(|side| mesh.length(t, side)).fold(f64::INFINITY, f64::min);
        let of_ends = || branch.triangles.iter().map(|&t| narrowest(t)).fold(0.0, f64::max);
        let width_m = widths.get(widths.len() / 2).copied().unwrap_or_else(of_ends);
        Self { branch, way_m, length_m, width_m }
    }

    /// The place after some way, and the leg it lies on.
    fn at(&self, way_m: f64) -> (Coord, usize) {
        let leg =
            self.way_m.partition_point(|way| *way <= way_m).clamp(1, self.way_m.len() - 1) - 1;
        let (from, to) = (self.branch.points[leg], self.branch.points[leg + 1]);
        let share = (way_m - self.way_m[leg]) / (self.way_m[leg + 1] - self.way_m[leg]);
        (from + (to - from) * share.clamp(0.0, 1.0), leg)
    }

    fn pose(&self, tail: usize) -> Pose {
        let back_m = (self.width_m / 2.0).min(self.length_m / 3.0);
        let span_m = (POSE_WIDTHS * self.width_m).min(self.length_m - 2.0 * back_m);
        let from_tail = |m: f64| if tail == 0 { m } else { self.length_m - m };
        let (way_m, before_m) = (from_tail(back_m), from_tail(back_m + span_m));
        let (base, leg) = self.at(way_m);
        let run = base - self.at(before_m).0;
        Pose { base, ahead: run / run.x.hypot(run.y), way_m, triangle: self.branch.triangles[leg] }
    }
}

fn is_in_junction(branch: &Branch, leg: usize) -> bool {
    [0, branch.triangles.len() - 1]
        .iter()
        .zip(branch.tails)
        .any(|(end, tail)| *end == leg && matches!(tail, Tail::Junction(_)))
}

/// Joins the arms: junctions closer than the mask is wide become one, ends reach the end of the
/// mask, and the staircase goes.
fn assemble(arms: Vec<Arm>, mesh: &Mesh, smooth_m: f64) -> (Vec<Centreline>, Vec<End>) {
    let narrowest =
        |t: usize| (0..3).map(|side| mesh.length(t, side)).fold(f64::INFINITY, f64::min);
    let is_short = |arm: &Arm| match arm.branch.tails {
        [Tail::Junction(a), Tail::Junction(b)] => arm.length_m < narrowest(a).max(narrowest(b)),
        _ => false,
    };
    let mut sets = DisjointSets::new(mesh.len());
    for arm in arms.iter().filter(|arm| is_short(arm)) {
        if let [Tail::Junction(a), Tail::Junction(b)] = arm.branch.tails {
            sets.join(a, b);
        }
    }
    let firsts = sets.firsts();
    let arms: Vec<Arm> = arms.into_iter().filter(|arm| !is_short(arm)).collect();
    let mut meeting: BTreeMap<usize, Vec<(Pose, f64)>> = BTreeMap::new();
    for arm in &arms {
        for (tail, at) in arm.branch.tails.into_iter().enumerate() {
            if let Tail::Junction(at) = at {
                meeting.entry(firsts[at]).or_default().push((arm.pose(tail), arm.width_m));
            }
        }
    }
    let junctions: BTreeMap<usize, Coord> =
        meeting.iter().map(|(at, poses)| (*at, meet(poses, mesh.centre(*at)))).collect();
    let (mut lines, mut ends) = (vec![], vec![]);
    for arm in arms {
        let (from_m, to_m, course) = if arm.branch.tails[0] == Tail::Ring {
            (0.0, arm.length_m, arm.branch.points.clone())
        } else {
            let poses = [arm.pose(0), arm.pose(1)];
            let tips = [0, 1].map(|tail| match arm.branch.tails[tail] {
                Tail::Junction(at) => junctions[&firsts[at]],
                Tail::Free | Tail::Ring => {
                    let Pose { base, ahead, triangle, .. } = poses[tail];
                    let last = if tail == 0 { 0 } else { arm.branch.points.len() - 1 };
                    let tip = mesh.leave(triangle, base, ahead).unwrap_or(arm.branch.points[last]);
                    ends.push(End {
                        line: lines.len(),
                        tail,
                        tip,
                        base,
                        ahead,
                        width_m: arm.width_m,
                    });
                    tip
                }
            });
            let (from_m, to_m) = (poses[0].way_m, poses[1].way_m);
            let between = arm
                .branch
                .points
                .iter()
                .zip(&arm.way_m)
                .filter(|(_, way)| from_m < **way && **way < to_m);
            let middle = between.map(|(at, _)| *at);
            let [start, end] = [0, 1].map(|tail| [tips[tail], poses[tail].base]);
            (from_m, to_m, start.into_iter().chain(middle).chain([end[1], end[0]]).collect())
        };
        let raw_m = length(&course);
        let line = LineString::new(course).simplify(smooth_m);
        // The staircase makes the way longer than the line.
        let shrink = length(&line.0) / raw_m;
        let lead_m = if from_m > 0.0 { distance(line.0[0], arm.at(from_m).0) } else { 0.0 };
        let sample = |leg: usize| {
            let middle_m = (arm.way_m[leg] + arm.way_m[leg + 1]) / 2.0;
            let triangle = arm.branch.triangles[leg];
            Sample {
                along: ((lead_m + middle_m - from_m) / raw_m).clamp(0.0, 1.0),
                length_m: (arm.way_m[leg + 1] - arm.way_m[leg]) * shrink,
                area_m2: mesh.area(triangle),
                at: mesh.centre(triangle),
            }
        };
        let is_across = |leg: &usize| {
            let middle_m = (arm.way_m[*leg] + arm.way_m[leg + 1]) / 2.0;
            from_m <= middle_m && middle_m <= to_m && !is_in_junction(&arm.branch, *leg)
        };
        let samples = (0..arm.branch.triangles.len()).filter(is_across).map(sample).collect();
        lines.push(Centreline { line, samples, width_m: arm.width_m });
    }
    (lines, ends)
}

/// Where some arms meet: the place with the least squared distances to their lines, but no further
/// from the junction's middle than they are wide.
fn meet(poses: &[(Pose, f64)], centre: Coord) -> Coord {
    /// Weight of the middle beside the lines, which may all be parallel.
    const HOLD: f64 = 0.05;
    // Sums of the projections across each line: a symmetric matrix and the right-hand side.
    let (mut xx, mut xy, mut yy) = (HOLD, 0.0, HOLD);
    let (mut x, mut y) = (HOLD * centre.x, HOLD * centre.y);
    for (Pose { base, ahead, .. }, _) in poses {
        let normal = coord! { x: -ahead.y, y: ahead.x };
        let offset = normal.x * base.x + normal.y * base.y;
        xx += normal.x * normal.x;
        xy += normal.x * normal.y;
        yy += normal.y * normal.y;
        x += normal.x * offset;
        y += normal.y * offset;
    }
    let determinant = cross(coord! { x: xx, y: xy }, coord! { x: xy, y: yy });
    let place = coord! { x: (x * yy - y * xy) / determinant, y: (y * xx - x * xy) / determinant };
    let width_m = poses.iter().map(|(_, width_m)| *width_m).fold(0.0, f64::max);
    if distance(place, centre) <= width_m { place } else { centre }
}

fn length(course: &[Coord]) -> f64 {
    course.windows(2).map(|leg| distance(leg[0], leg[1])).sum()
}
