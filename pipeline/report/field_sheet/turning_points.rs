//! The corners of a perimeter that a team can find and walk between.

use super::mgrs_of;
use crate::draw;
use crate::frame::Frame;
use crate::words;
use geo::{Bearing, Buffer, Coord, Distance, Geodesic, MultiPolygon, Point, Simplify};
use maud::{Markup, html};
use rams_domain::{AreaKind, HazardArea, LandClass, Survey};

/// More corners than this nobody stakes out.
const MOST: usize = 18;

/// How far the line between corners may lie outside the perimeter, metres, finest first.
const OUTWARDS_M: [f64; 9] = [0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0, 50.0];

/// Corners around an area, in the order of a walk.
pub(super) struct TurningPoints {
    /// Local metres of the ground, and longitude and latitude; a part of the area each.
    rings: Vec<Vec<(Coord, Coord)>>,
    /// How far they may lie outside the perimeter, metres.
    outwards_m: f64,
}

impl TurningPoints {
    /// Of a perimeter; none of an envelope of evidence points, or of an indication.
    ///
    /// The line between them is moved outwards and made simpler by as much: it holds the whole
    /// perimeter, with fewer corners.
    pub(super) fn of(survey: &Survey, area: &HazardArea) -> Self {
        if area.kind != AreaKind::Perimeter || area.land_class != LandClass::Sha {
            return Self { rings: vec![], outwards_m: 0.0 };
        }
        let ground = &survey.ground;
        let boundary = ground.to_metres(&area.boundary);
        let around = |outwards_m: f64| -> MultiPolygon {
            // Half outwards, half simpler: no line comes nearer than the perimeter.
            boundary.buffer(outwards_m / 2.0).simplify(outwards_m / 2.0)
        };
        let count = |polygons: &MultiPolygon| -> usize {
            polygons.iter().map(|polygon| polygon.exterior().0.len().saturating_sub(1)).sum()
        };
        let drawn = OUTWARDS_M.map(|outwards_m| (outwards_m, around(outwards_m)));
        let fits = drawn.iter().find(|(_, polygons)| count(polygons) <= MOST);
        let (outwards_m, polygons) = fits.unwrap_or(&drawn[OUTWARDS_M.len() - 1]);
        let lonlat = |at: &Coord| (*at, ground.lonlat(ground.from_metres(&Point(*at)).0));
        let ring = |polygon: &geo::Polygon| {
            let corners = polygon.exterior().coords();
            let mut ring: Vec<_> = corners.map(lonlat).collect();
            ring.pop();
            // Clockwise, as one walks with the area on the right hand.
            ring.reverse();
            ring
        };
        Self { rings: polygons.iter().map(ring).collect(), outwards_m: *outwards_m }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rings.is_empty()
    }

    /// Numbers on the map.
    pub(super) fn marks(&self, frame: &Frame) -> Markup {
        let corners = self.rings.iter().flatten().map(|(metres, _)| frame.at(*metres));
        html! {
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
                (format!("{}", self.outwards_m)) " m. Bearings are from true north."
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
                            @for (at, (_, lonlat)) in ring.iter().enumerate() {
                                @let next = ring[(at + 1) % ring.len()].1;
                                tr {
                                    th scope="row" { (first + at) }
                                    td { (mgrs_of(*lonlat)) }
                                    td.place { (words::position(*lonlat)) }
                                    td.number { (way(*lonlat, next)) }
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
