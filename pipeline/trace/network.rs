//! The outline of a linear earthwork -> its centrelines.

use crate::arm::{Arm, Pose};
use crate::axis::{Tail, branches};
use crate::centreline::{Centreline, End, Sample};
use crate::contour::contour;
use crate::extent::extent;
use crate::junction::Junctions;
use crate::mesh::{Mesh, distance};
use crate::simplify::SMOOTH_CELLS;
use geo::{Area, Coord, LineString, Polygon, Simplify};
use rams_domain::Orthomosaic;

/// A mask shorter than so many times its width has no direction that a gap could be bridged in.
const DIRECTED_WIDTHS: f64 = 1.5;

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
        let arms: Vec<Arm> =
            branches(&mesh).into_iter().map(|branch| Arm::new(branch, &mesh)).collect();
        let is_patch = matches!(&arms[..], [only] if only.is_patch());
        (!arms.is_empty() && !is_patch).then(|| assemble(arms, &mesh, smooth_m))
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

/// Joins the arms: junctions closer than the mask is wide become one, ends reach the end of the
/// mask, and the staircase goes.
fn assemble(arms: Vec<Arm>, mesh: &Mesh, smooth_m: f64) -> (Vec<Centreline>, Vec<End>) {
    let junctions = Junctions::of(&arms, mesh);
    let (mut lines, mut ends) = (vec![], vec![]);
    for arm in arms.into_iter().filter(|arm| arm.within_junction(mesh).is_none()) {
        let course = if arm.branch.tails[0] == Tail::Ring {
            Course { points: arm.branch.points.clone(), from_m: 0.0, to_m: arm.length_m }
        } else {
            let (course, free_ends) = between_ends(&arm, lines.len(), &junctions, mesh);
            ends.extend(free_ends);
            course
        };
        lines.push(centreline(&arm, course, mesh, smooth_m));
    }
    (lines, ends)
}

/// The way of a centreline, with the staircase of the mask's cells.
struct Course {
    points: Vec<Coord>,
    /// From where to where along its arm it follows that, metres: before and after, it goes
    /// straight to a junction or to the end of the mask.
    from_m: f64,
    to_m: f64,
}

/// The course of an arm that is no ring, and those of its ends that lead to no junction. `line` is
/// the index of its centreline.
fn between_ends(arm: &Arm, line: usize, junctions: &Junctions, mesh: &Mesh) -> (Course, Vec<End>) {
    let mut ends = vec![];
    let poses = [arm.pose(0), arm.pose(1)];
    let tips = [0, 1].map(|tail| match arm.branch.tails[tail] {
        Tail::Junction(triangle) => junctions.place(triangle),
        Tail::Free | Tail::Ring => {
            let Pose { base, ahead, triangle, .. } = poses[tail];
            let last = if tail == 0 { 0 } else { arm.branch.points.len() - 1 };
            let tip = mesh.leave(triangle, base, ahead).unwrap_or(arm.branch.points[last]);
            ends.push(End { line, tail, tip, base, ahead, width_m: arm.width_m });
            tip
        }
    });
    let (from_m, to_m) = (poses[0].way_m, poses[1].way_m);
    let with_ways = arm.branch.points.iter().zip(&arm.way_m);
    let between = with_ways.filter(|(_, way)| from_m < **way && **way < to_m).map(|(at, _)| *at);
    let [start, end] = [0, 1].map(|tail| [tips[tail], poses[tail].base]);
    let points = start.into_iter().chain(between).chain([end[1], end[0]]).collect();
    (Course { points, from_m, to_m }, ends)
}

/// The centreline of an arm, without the staircase of the mask's cells, and the mask along it.
fn centreline(arm: &Arm, course: Course, mesh: &Mesh, smooth_m: f64) -> Centreline {
    let Course { points, from_m, to_m } = course;
    let raw_m = length(&points);
    let line = LineString::new(points).simplify(smooth_m);
    // The staircase makes the way longer than the line.
    let shrink = length(&line.0) / raw_m;
    let lead_m = if from_m > 0.0 { distance(line.0[0], arm.at(from_m).0) } else { 0.0 };
    let middle_m = |leg: usize| (arm.way_m[leg] + arm.way_m[leg + 1]) / 2.0;
    let sample = |leg: usize| {
        let triangle = arm.branch.triangles[leg];
        Sample {
            along: ((lead_m + middle_m(leg) - from_m) / raw_m).clamp(0.0, 1.0),
            length_m: (arm.way_m[leg + 1] - arm.way_m[leg]) * shrink,
            area_m2: mesh.area(triangle),
            at: mesh.centre(triangle),
        }
    };
    let is_across =
        |leg: &usize| (from_m..=to_m).contains(&middle_m(*leg)) && !arm.is_in_junction(*leg);
    let samples = (0..arm.branch.triangles.len()).filter(is_across).map(sample).collect();
    Centreline { line, samples, width_m: arm.width_m }
}

fn length(course: &[Coord]) -> f64 {
    course.windows(2).map(|leg| distance(leg[0], leg[1])).sum()
}
