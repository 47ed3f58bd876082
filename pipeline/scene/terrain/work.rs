//! Works: whatever changed the ground, with its shape, its cross-section and its look.

use super::kind::EarthworkKind;
use super::look::{Coat, Look, Spot};
use super::path::{Offset, Path, circle};
use super::profile::Profile;
use crate::angle::{dot, length, right_of};
use crate::random::{octaves, rise, value};
use geo::{Coord, LineString, MultiPolygon, Polygon, coord, unary_union};
use rams_domain::Indicator;

/// Something that changed the ground: dug, heaped, laid or worn.
#[derive(Debug, Clone)]
pub(crate) struct Work {
    pub(crate) shape: Shape,
    pub(crate) profile: Profile,
    pub(crate) look: Look,
    /// What it is in the truth; `None` for look-alikes.
    pub(crate) truth: Option<EarthworkTruth>,
    /// Whether later works are cut into it: an embankment, a terrace, a stream.
    pub(crate) lies: bool,
    pub(crate) seed: u64,
}

/// Where a work is.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    Line(Path),
    /// A rectangle with round corners; its profile runs outwards from its edge.
    Box {
        centre: Coord,
        along: Coord,
        half_m: [f64; 2],
        round_m: f64,
    },
    /// A round hole with a rim and rays.
    Crater {
        centre: Coord,
        radius_m: f64,
        depth_m: f64,
        rim_m: f64,
    },
}

/// What a work is in the truth of a scene, scene metres.
#[derive(Debug, Clone)]
pub(crate) struct EarthworkTruth {
    pub(crate) class: &'static str,
    pub(crate) indicator: Indicator,
    /// All disturbed ground.
    pub(crate) outline: MultiPolygon,
    pub(crate) centreline: Option<LineString>,
    /// Width of the disturbed ground, metres.
    pub(crate) width_m: f64,
    /// 1 fresh, less overgrown.
    pub(crate) visibility: f64,
}

/// What a work does to a place.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Touch {
    pub(crate) heap_m: f32,
    pub(crate) cut_m: f32,
    pub(crate) coat: Coat,
}

impl Work {
    /// A look-alike.
    pub(crate) fn new(shape: Shape, profile: Profile, look: Look, seed: u64) -> Self {
        Self { shape, profile, look, truth: None, lies: true, seed }
    }

    /// What is taken away where something is cut: a wall, a trunk.
    pub(crate) fn loose(self) -> Self {
        Self { lies: false, ..self }
    }

    /// An earthwork: the whole of it is disturbed ground.
    pub(super) fn of_class(self, (class, indicator): EarthworkKind, visibility: f64) -> Self {
        let reach_m = self.profile.reach_m();
        let (centreline, width_m) = match &self.shape {
            Shape::Line(path) => {
                (Some(LineString::from(path.line())), (reach_m[0] + reach_m[1]) * path.mean_wide())
            }
            _ => (None, 0.0),
        };
        let outline = unary_union(&self.cover());
        let truth = EarthworkTruth { class, indicator, outline, centreline, width_m, visibility };
        Self { truth: Some(truth), lies: false, ..self }
    }

    /// Simple polygons that together are what it covers.
    pub(crate) fn cover(&self) -> Vec<Polygon> {
        match &self.shape {
            Shape::Line(path) => path.cover(self.profile.reach_m()),
            Shape::Box { centre, along, half_m, .. } => {
                let inner = half_m[0].min(half_m[1]);
                let grown_m =
                    (self.profile.reach_m()[0].max(self.profile.reach_m()[1]) - inner).max(0.0);
                let across = right_of(*along);
                let corners = [[1.0, 1.0], [-1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]
                    .map(|[x, y]| *centre + *along * (x * half_m[0]) + across * (y * half_m[1]));
                let points = corners.into_iter().flat_map(|corner| circle(corner, grown_m, 16));
                let hull = geo::ConvexHull::convex_hull(&geo::MultiPoint::from_iter(
                    points.map(geo::Point::from),
                ));
                vec![hull]
            }
            Shape::Crater { centre, radius_m, .. } => {
                let ring = circle(coord! { x: 0.0, y: 0.0 }, 1.0, 32);
                let ring =
                    ring.map(|way| *centre + way * (Self::RIM_END * radius_m * self.wobble(way)));
                vec![Polygon::new(ring.collect(), vec![])]
            }
        }
    }

    /// Where a crater's rim ends, against its radius.
    const RIM_END: f64 = 1.4;
    /// How far its rays go.
    const RAYS_END: f64 = 3.2;

    /// Number of its parts: see [`Work::bounds`].
    pub(crate) fn parts(&self) -> usize {
        match &self.shape {
            Shape::Line(path) => path.parts(),
            _ => 1,
        }
    }

    /// Box around one part.
    pub(crate) fn bounds(&self, part: usize) -> [Coord; 2] {
        let reach_m = self.profile.reach_m()[0].max(self.profile.reach_m()[1]);
        let around = |centre: Coord, reach_m: f64| {
            let reach = coord! { x: reach_m, y: reach_m };
            [centre - reach, centre + reach]
        };
        match &self.shape {
            Shape::Line(path) => path.bounds(part, reach_m),
            Shape::Box { centre, half_m, .. } => {
                around(*centre, half_m[0].hypot(half_m[1]) + reach_m)
            }
            Shape::Crater { centre, radius_m, .. } => around(*centre, Self::RAYS_END * radius_m),
        }
    }

    /// Highest less lowest, metres.
    pub(crate) fn drop_m(&self) -> f64 {
        match &self.shape {
            Shape::Crater { depth_m, rim_m, .. } => depth_m + 1.5 * rim_m,
            _ => self.profile.drop_m(),
        }
    }

    /// A place as a part sees it.
    pub(crate) fn offset(&self, part: usize, at: Coord) -> Offset {
        match &self.shape {
            Shape::Line(path) => path.offset(part, at),
            Shape::Box { centre, along, half_m, round_m } => {
                let off = at - *centre;
                let local = [dot(off, *along), dot(off, right_of(*along))];
                let round = round_m.min(half_m[0]).min(half_m[1]);
                let beyond = [0, 1].map(|axis: usize| local[axis].abs() - half_m[axis] + round);
                let outside = length(coord! { x: beyond[0].max(0.0), y: beyond[1].max(0.0) });
                let signed = outside + beyond[0].max(beyond[1]).min(0.0) - round;
                let across_m = (signed + half_m[0].min(half_m[1])).max(0.0);
                Offset {
                    across_m: if local[1] < 0.0 { -across_m } else { across_m },
                    wide: 1.0,
                    full: 1.0,
                }
            }
            Shape::Crater { centre, .. } => {
                Offset { across_m: length(at - *centre), wide: 1.0, full: 1.0 }
            }
        }
    }

    /// Whether a place with this offset is untouched.
    pub(crate) fn misses(&self, off: Offset) -> bool {
        match &self.shape {
            Shape::Crater { radius_m, .. } => off.across_m > Self::RAYS_END * radius_m,
            _ => {
                off.across_m.abs()
                    > self.profile.reach_m()[usize::from(off.across_m > 0.0)] * off.wide
            }
        }
    }

    /// What it does to a place.
    pub(crate) fn touch(&self, at: Coord, off: Offset) -> Touch {
        // Clods: no one digs by the ruler.
        let clods = octaves(self.seed ^ 0xea47, at.x / 0.6, at.y / 0.6, 4) - 0.5;
        if let Shape::Crater { centre, radius_m, depth_m, rim_m } = self.shape {
            return self.crater(at, clods, centre, radius_m, [depth_m as f32, rim_m as f32]);
        }
        let thrown = rise(0.25, 0.7, octaves(self.seed ^ 0xea48, at.x / 2.6, at.y / 2.6, 3));
        let height = self.profile.at(off, clods, thrown);
        let heights = [
            self.profile.heaps[0].height_m,
            self.profile.heaps[1].height_m,
            self.profile.bank.height_m,
        ];
        let highest = heights.into_iter().fold(0.05, f64::max) as f32;
        let depth_m = self.profile.cut.depth_m as f32 * off.full as f32;
        let spot = Spot {
            at,
            away_m: (off.across_m.abs() / off.wide) as f32,
            open: height.open,
            heaped: (height.heap_m / highest).clamp(0.0, 1.0),
            fade: height.fade,
            above_floor_m: height.cut_m + depth_m,
            clods,
        };
        let coat = self.look.coat(self.seed, &spot);
        let mut cut_m = height.cut_m;
        if self.look.pool_m > 0.0 && height.open > 0.3 {
            cut_m = cut_m.max(self.look.pool_m - depth_m);
        }
        Touch { heap_m: height.heap_m, cut_m, coat }
    }

    /// How far out a crater's edge lies in a direction, against its radius.
    fn wobble(&self, way: Coord) -> f64 {
        0.86 + 0.28 * f64::from(octaves(self.seed, 9.0 + 1.6 * way.x, 9.0 + 1.6 * way.y, 2))
    }

    fn crater(
        &self,
        at: Coord,
        clods: f32,
        centre: Coord,
        radius_m: f64,
        [depth_m, rim_m]: [f32; 2],
    ) -> Touch {
        let off = at - centre;
        let away_m = length(off);
        let way = off / away_m.max(1e-3);
        let r = (away_m / (radius_m * self.wobble(way))) as f32 + 0.06 * clods;
        let bowl = 1.0 - (r * r).min(1.0);
        let rim_end = Self::RIM_END as f32;
        let t = ((r - 0.9) / (rim_end - 0.9)).clamp(0.0, 1.0);
        // Thrown earth: thick near the rim and in some directions, as rays.
        let ray = value(self.seed ^ 0x3a75, 9.0 + 5.0 * way.x, 9.0 + 5.0 * way.y);
        let lop = value(self.seed ^ 0x3a76, 9.0 + 1.2 * way.x, 9.0 + 1.2 * way.y);
        let rim = 6.75 * t * (1.0 - t) * (1.0 - t) * (0.45 + 0.7 * lop + 0.4 * ray);
        let reach = rim_end + (Self::RAYS_END as f32 - rim_end) * ray * ray;
        let thrown =
            (1.0 - rise(0.75, 1.0, r / reach.max(1e-3))) * rise(0.35, 0.75, ray + 0.8 * clods);
        let spot = Spot {
            at,
            away_m: away_m as f32,
            open: bowl,
            heaped: rim.max(if r > 1.0 { 0.22 * thrown } else { 0.0 }),
            fade: 1.0 - rise(0.75 * rim_end, rim_end, r).min(1.0 - 0.7 * thrown),
            above_floor_m: depth_m * (1.0 - bowl),
            clods,
        };
        let mut cut_m = -depth_m * bowl * (1.0 + 0.15 * clods);
        if self.look.pool_m > 0.0 && bowl > 0.3 {
            cut_m = cut_m.max(self.look.pool_m - depth_m);
        }
        let heap_m = rim * rim_m * (1.0 + 1.2 * clods);
        Touch { heap_m, cut_m, coat: self.look.coat(self.seed, &spot) }
    }
}
