//! Where the flight took images: the rest of the raster is transparent.

use crate::random::{Dice, octaves};
use crate::{Arrangement, SceneSpec};
use geo::{Coord, Polygon, coord};

/// The outline of a flight, scene metres: a turned rectangle with cut corners and a ragged edge,
/// and one hole where the images did not overlap.
#[derive(Debug, Clone)]
pub(crate) struct Footprint {
    seed: u64,
    corners: Vec<Coord>,
    ragged_m: f64,
    hole: Coord,
    hole_radius_m: f64,
}

/// Whether a box lies in the footprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Covered {
    Whole,
    Partly,
    Not,
}

/// A rectangle from -1 to 1 as a flight plan leaves it: corners flown around, not into.
#[rustfmt::skip]
const PLAN: [[f64; 2]; 20] = [
    [-1.0, -0.70], [-0.96, -0.88], [-0.84, -0.98], [-0.45, -1.0], [0.0, -1.0], [0.42, -1.0],
    [0.80, -0.98], [0.95, -0.90], [1.0, -0.66], [1.0, -0.20], [1.0, 0.25], [1.0, 0.72],
    [0.93, 0.92], [0.78, 1.0], [0.35, 1.0], [-0.10, 1.0], [-0.55, 1.0], [-0.88, 0.95],
    [-0.97, 0.80], [-1.0, 0.05],
];

impl Footprint {
    /// A field's collar is wide and its hole large, as flights leave them; a dense scene wastes
    /// little.
    pub(crate) fn new(spec: &SceneSpec) -> Self {
        let (seed, gsd_m, [width, height]) = (spec.seed, spec.gsd_m, spec.extent_m());
        let mut dice = Dice::new(seed, "footprint", 0);
        let waste = if spec.arrangement == Arrangement::Field { 1.0 } else { 0.15 };
        // A turn of 2 to 3.5 degrees, in the plan's own units.
        let turn = dice.between(0.035, 0.060) * waste * if dice.happens(0.5) { 1.0 } else { -1.0 };
        let turned: Vec<Coord> = PLAN
            .iter()
            .map(|[x, y]| {
                let inward = dice.between(1.0 - 0.025 * waste, 1.0);
                let (x, y) = (x * inward * width / 2.0, y * inward * height / 2.0);
                coord! { x: x - turn * y, y: y + turn * x }
            })
            .collect();
        let reach =
            |along: fn(&Coord) -> f64| turned.iter().map(|c| along(c).abs()).fold(0.0, f64::max);
        let (reach_x, reach_y) = (reach(|c| c.x), reach(|c| c.y));
        let fit =
            |half: f64, reach: f64| (1.0 - 0.015 * waste) * half / reach.max(f64::MIN_POSITIVE);
        let corners = turned
            .iter()
            .map(|c| {
                coord! {
                    x: width / 2.0 + c.x * fit(width / 2.0, reach_x),
                    y: height / 2.0 + c.y * fit(height / 2.0, reach_y),
                }
            })
            .collect();
        let short = width.min(height);
        let hole =
            coord! { x: width * dice.between(0.62, 0.80), y: height * dice.between(0.60, 0.78) };
        let hole_radius_m = match spec.arrangement {
            Arrangement::Dense | Arrangement::Earthworks => 0.0,
            Arrangement::Field => (0.02 * short).clamp(6.0 * gsd_m, 12.0_f64.max(6.0 * gsd_m)),
        };
        Self { seed, corners, ragged_m: (0.004 * waste * short).min(1.0), hole, hole_radius_m }
    }

    /// Its outline without the ragged edge, scene metres.
    pub(crate) fn outline(&self) -> Polygon {
        Polygon::new(self.corners.clone().into(), vec![])
    }

    /// Whether there is an image at a position.
    pub(crate) fn covers(&self, at: Coord) -> bool {
        let wave = (self.ragged_m * 3.0).max(1e-3);
        let ragged =
            f64::from(octaves(self.seed ^ 0xf007, at.x / wave, at.y / wave, 3)) * 2.0 - 1.0;
        let wave = (self.hole_radius_m * 0.7).max(1e-3);
        let bitten =
            0.6 + 0.8 * f64::from(octaves(self.seed ^ 0x401e, at.x / wave, at.y / wave, 3));
        self.beyond_edge_m(at) + ragged * self.ragged_m < 0.0
            && self.off_hole_m(at) > self.hole_radius_m * bitten
    }

    /// Whether a circle lies in the footprint for certain.
    pub(crate) fn holds(&self, at: Coord, radius_m: f64) -> bool {
        self.beyond_edge_m(at) < -(radius_m + self.ragged_m)
            && self.off_hole_m(at) > radius_m + 1.4 * self.hole_radius_m
    }

    /// Whether any, all or no pixels of a circle are covered.
    pub(crate) fn covers_circle(&self, at: Coord, radius_m: f64) -> Covered {
        if self.holds(at, radius_m) {
            Covered::Whole
        } else if self.beyond_edge_m(at) > radius_m + self.ragged_m {
            Covered::Not
        } else {
            Covered::Partly
        }
    }

    fn off_hole_m(&self, at: Coord) -> f64 {
        let from = at - self.hole;
        (from.x * from.x + from.y * from.y).sqrt()
    }

    /// Signed distance from the outline, negative inside.
    fn beyond_edge_m(&self, at: Coord) -> f64 {
        signed_distance(&self.corners, at)
    }
}

/// Signed distance of a position from a polygon's outline, negative inside.
fn signed_distance(corners: &[Coord], at: Coord) -> f64 {
    let (mut square, mut inside) = (f64::INFINITY, false);
    for (index, from) in corners.iter().enumerate() {
        let to = corners[(index + 1) % corners.len()];
        let (edge, off) = (to - *from, at - *from);
        let length = edge.x * edge.x + edge.y * edge.y;
        let t = ((off.x * edge.x + off.y * edge.y) / length.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        let away = off - edge * t;
        square = square.min(away.x * away.x + away.y * away.y);
        if (from.y > at.y) != (to.y > at.y) && at.x < from.x + edge.x * (at.y - from.y) / edge.y {
            inside = !inside;
        }
    }
    if inside { -square.sqrt() } else { square.sqrt() }
}
