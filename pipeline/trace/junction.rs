//! Where the arms of a mask meet.

use crate::arm::{Arm, Pose};
use crate::axis::Tail;
use crate::mesh::{Mesh, cross, distance};
use geo::{Coord, coord};
use rams_domain::DisjointSets;
use std::collections::BTreeMap;

/// The junctions of a network of centrelines, local metres.
pub(crate) struct Junctions {
    /// For each triangle of the mask the first one of its junction: those that lie closer together
    /// than the mask is wide are one.
    first_of: Vec<usize>,
    /// Where the arms meet, by the first triangle of the junction.
    places: BTreeMap<usize, Coord>,
}

impl Junctions {
    /// The junctions between some arms.
    pub(crate) fn of(arms: &[Arm], mesh: &Mesh) -> Self {
        let mut sets = DisjointSets::new(mesh.len());
        for [a, b] in arms.iter().filter_map(|arm| arm.within_junction(mesh)) {
            sets.join(a, b);
        }
        let first_of = sets.firsts();
        let mut meeting: BTreeMap<usize, Vec<(Pose, f64)>> = BTreeMap::new();
        for arm in arms.iter().filter(|arm| arm.within_junction(mesh).is_none()) {
            for (tail, at) in arm.branch.tails.into_iter().enumerate() {
                if let Tail::Junction(at) = at {
                    meeting.entry(first_of[at]).or_default().push((arm.pose(tail), arm.width_m));
                }
            }
        }
        let places =
            meeting.iter().map(|(at, poses)| (*at, meet(poses, mesh.centre(*at)))).collect();
        Self { first_of, places }
    }

    /// Where the junction that a triangle belongs to lies.
    pub(crate) fn place(&self, triangle: usize) -> Coord {
        self.places[&self.first_of[triangle]]
    }
}

/// Where some arms meet, each with its width: the place with the least squared distances to their
/// lines, but no further from the junction's middle than they are wide.
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
