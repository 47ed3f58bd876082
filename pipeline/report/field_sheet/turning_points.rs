//! The corners of a perimeter that a team can find and walk between.

use super::corner::Corner;
use crate::draw;
use crate::frame::Frame;
use crate::words;
use geo::algorithm::buffer::{BufferStyle, LineJoin};
use geo::{
    Bearing, BoundingRect, Buffer, Contains, Coord, Densify, Distance, Euclidean, Geodesic,
    LineString, MultiPolygon, Point, Polygon, Rect, Simplify, Validation, coord,
};
use maud::{Markup, html};
use rams_domain::{AreaKind, Ground, HazardArea, LandClass, Survey};

/// More corners than this nobody stakes out.
const MOST: usize = 18;

/// How much simpler than the perimeter the line between corners may be, metres, finest first.
const SIMPLER_M: [f64; 9] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 12.5, 25.0];

/// Six decimals of a degree move a corner by up to 8 cm.
const ROUNDED_M: f64 = 0.1;

/// The nearest place that has a name lies at most so far away, metres.
const NAMED_M: f64 = 0.71;

/// Sharper corners than this are cut, radians: their points would lie far out.
const SHARPEST: f64 = 0.7;

/// Places on the line at which its distance from the perimeter is taken are so far apart, metres.
const APART_M: f64 = 0.1;

/// Corners around an area, in the order of a walk.
pub(super) struct TurningPoints {
    /// A part of the area each.
    rings: Vec<Vec<Corner>>,
    /// How far the line between them lies outside the perimeter at most, metres.
    outwards_m: f64,
}

impl TurningPoints {
    /// Of a perimeter; none of an envelope of evidence points, or of an indication.
    ///
    /// The line between them holds the whole perimeter, with fewer corners, each where its grid
    /// reference says that it is.
    pub(super) fn of(survey: &Survey, area: &HazardArea) -> Self {
        let mut points = Self { rings: vec![], outwards_m: 0.0 };
        let boundary = survey.ground.to_metres(&area.boundary);
        let is_walked = area.kind == AreaKind::Perimeter && area.land_class == LandClass::Sha;
        let Some(bounds) = boundary.bounding_rect().filter(|_| is_walked) else { return points };
        let around = Around { ground: &survey.ground, held: boundary.buffer(ROUNDED_M) };
        let simplest = SIMPLER_M[SIMPLER_M.len() - 1];
        points.rings = SIMPLER_M
            .iter()
            .find_map(|simpler_m| around.lines(&boundary, *simpler_m, MOST))
            .or_else(|| around.lines(&boundary, simplest, usize::MAX))
            .unwrap_or_else(|| around.rectangle(bounds));
        let far = points.rings.iter().map(|ring| farthest_m(ring, &boundary));
        points.outwards_m = far.fold(0.0, f64::max);
        points
    }

    /// The ground that they and a perimeter take up, local metres.
    pub(super) fn with(&self, bounds: Rect) -> Rect {
        self.rings.iter().flatten().fold(bounds, |bounds, corner| {
            let [low, high] = [bounds.min(), bounds.max()];
            let at = corner.metres;
            Rect::new(
                coord! { x: low.x.min(at.x), y: low.y.min(at.y) },
                coord! { x: high.x.max(at.x), y: high.y.max(at.y) },
            )
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rings.is_empty()
    }

    /// The line, and numbers, on the map.
    pub(super) fn marks(&self, frame: &Frame) -> Markup {
        let corners = self.rings.iter().flatten().map(|corner| frame.at(corner.metres));
        html! {
            @for ring in &self.rings {
                path d=(frame.outline(&metres_of(ring).0)) fill="none" stroke="#111"
                    stroke-width="2" {}
            }
            @for (number, [x, y]) in (1..).zip(corners) {
                circle cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="9" fill="#fff"
                    stroke="#111" stroke-width="3" {}
                (draw::label([x, y - 26.0], &format!("{number}")))
            }
        }
    }

    /// Number, place, and the way to the next one.
    pub(super) fn table(&self) -> Markup {
        let numbered = self.rings.iter().scan(1, |next, ring| {
            let first = *next;
            *next += ring.len();
            Some((first, ring))
        });
        html! {
            h3 { "Turning points" }
            p.quiet {
                "The perimeter lies within the line between them, by at most "
                (format!("{:.1}", self.outwards_m)) " m. Both columns name the same points; a grid \
                reference is read as the south-west corner of its square. Bearings are from true \
                north."
            }
            div.turning {
                @for (first, ring) in numbered {
                    table {
                        thead {
                            tr {
                                th { "No." } th { "MGRS" } th { "WGS 84" }
                                th.number { "To next" }
                            }
                        }
                        tbody {
                            @for (at, corner) in ring.iter().enumerate() {
                                @let next = ring[(at + 1) % ring.len()].lonlat;
                                tr {
                                    th scope="row" { (first + at) }
                                    td { (corner.mgrs) }
                                    td.place { (words::position(corner.lonlat)) }
                                    td.number { (way(corner.lonlat, next)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// `087°, 12.3 m`.
fn way(from: Coord, to: Coord) -> String {
    let (from, to) = (Point(from), Point(to));
    let degrees = Geodesic.bearing(from, to).rem_euclid(360.0).round() % 360.0;
    format!("{degrees:03.0}°, {:.1} m", Geodesic.distance(from, to))
}

/// Lines around a perimeter.
struct Around<'a> {
    ground: &'a Ground,
    /// What they have to hold, local metres.
    held: MultiPolygon,
}

impl Around<'_> {
    /// Rings of at most so many corners around a perimeter.
    fn lines(
        &self,
        boundary: &MultiPolygon,
        simpler_m: f64,
        most: usize,
    ) -> Option<Vec<Vec<Corner>>> {
        let simple = boundary.simplify(simpler_m);
        let step_m = (simpler_m / 4.0).max(0.25);
        let enough_m = simpler_m + NAMED_M + ROUNDED_M;
        let mitred = (0..)
            .map(|step| 0.5 + f64::from(step) * step_m)
            .take_while(|wider_m| *wider_m < enough_m + step_m)
            .map(|wider_m| BufferStyle::new(wider_m).line_join(LineJoin::Miter(SHARPEST)))
            .map(|style| simple.buffer_with_style(style));
        // Made simpler first, sharp points are cut and small parts stay apart. Made wider first,
        // the line always holds it.
        let round = || boundary.buffer(enough_m).simplify(simpler_m);
        mitred.chain(std::iter::once_with(round)).find_map(|wide| {
            let rings: Vec<_> = wide.iter().map(|part| self.ring(part.exterior())).collect();
            let corners: usize = rings.iter().map(Vec::len).sum();
            (corners <= most && self.is_held(&rings)).then_some(rings)
        })
    }

    /// A rectangle holds everything.
    fn rectangle(&self, bounds: Rect) -> Vec<Vec<Corner>> {
        let edge = coord! { x: 1.0, y: 1.0 };
        let wide = Rect::new(bounds.min() - edge, bounds.max() + edge).to_polygon();
        vec![self.ring(wide.exterior())]
    }

    /// Corners with names, clockwise, as one walks with the area on the right hand.
    fn ring(&self, line: &LineString) -> Vec<Corner> {
        let corners = line.coords().skip(1).map(|at| Corner::nearest(self.ground, *at));
        let mut ring: Vec<Corner> = corners.collect();
        ring.reverse();
        let is_same = |a: &Corner, b: &Corner| Euclidean.distance(a.metres, b.metres) < 0.5;
        ring.dedup_by(|a, b| is_same(a, b));
        if let [first, .., last] = &ring[..]
            && is_same(first, last)
        {
            ring.pop();
        }
        ring
    }

    fn is_held(&self, rings: &[Vec<Corner>]) -> bool {
        let lines: Vec<_> =
            rings.iter().map(|ring| Polygon::new(metres_of(ring), vec![])).collect();
        let is_in = |part: &Polygon| {
            let part = Polygon::new(part.exterior().clone(), vec![]);
            lines.iter().any(|line| line.contains(&part))
        };
        lines.iter().all(Validation::is_valid) && self.held.iter().all(is_in)
    }
}

fn metres_of(ring: &[Corner]) -> LineString {
    let mut line: LineString = ring.iter().map(|corner| corner.metres).collect();
    line.close();
    line
}

/// How far a line lies from a perimeter at most, metres.
fn farthest_m(ring: &[Corner], boundary: &MultiPolygon) -> f64 {
    let line = Euclidean.densify(&metres_of(ring), APART_M);
    let far = line.points().map(|at| Euclidean.distance(&at, boundary));
    far.fold(0.0, f64::max) + APART_M / 2.0
}
