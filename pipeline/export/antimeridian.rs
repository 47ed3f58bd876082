//! The 180th meridian, where longitudes jump: across it they are kept together to reckon with, and
//! a shape is cut there to leave the house.

use crate::grid::{DEGREE, step};
use geo::{BoundingRect, Coord, CoordsIter, Geodesic, InterpolatePoint, MapCoords, Rect, coord};
use geo::{Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use rams_domain::reduce_precision;

/// Where the cut is; beyond it the next turn of the earth begins.
pub(crate) const MERIDIAN: f64 = 180.0;
const TURN: f64 = 360.0;

/// A geometry without jumps: its longitudes run on beyond 180 or -180 degrees, around its first
/// corner.
pub(crate) fn continuous(geometry: &Geometry) -> Geometry {
    let Some(first) = geometry.coords_iter().next() else { return geometry.clone() };
    geometry.map_coords(|c| coord! { x: near(c.x, first.x), y: c.y })
}

/// A longitude, whole turns away, that lies nearest to another.
pub(crate) fn near(longitude: f64, other: f64) -> f64 {
    longitude - TURN * ((longitude - other) / TURN).round()
}

/// A position with its longitude between -180 and 180 degrees.
pub(crate) fn wrapped(at: Point) -> Point {
    Point(shifted(at.0, turn_of(at.x())))
}

/// A continuous geometry of the grid, cut into the parts on either side of the meridian, each with
/// longitudes of its own side (RFC 7946, 3.1.9). One that lies on one side is moved there whole.
pub(crate) fn cut(geometry: Geometry) -> Geometry {
    let Some(bounds) = geometry.bounding_rect() else { return geometry };
    if within(bounds.min().x) && within(bounds.max().x) {
        return geometry;
    }
    match geometry {
        Geometry::Point(at) => wrapped(at).into(),
        Geometry::MultiPoint(points) => {
            MultiPoint(points.into_iter().map(wrapped).collect()).into()
        }
        Geometry::LineString(line) => lines(&[line]),
        Geometry::MultiLineString(all) => lines(&all.0),
        Geometry::Polygon(polygon) => polygons(&polygon.into(), bounds),
        Geometry::MultiPolygon(all) => polygons(&all, bounds),
        Geometry::GeometryCollection(all) => {
            Geometry::GeometryCollection(all.into_iter().map(cut).collect())
        }
        other => other,
    }
}

fn within(longitude: f64) -> bool {
    (-MERIDIAN..=MERIDIAN).contains(&longitude)
}

/// In which turn of the earth a longitude lies: 0 for -180 to 180.
fn turn_of(longitude: f64) -> f64 {
    if within(longitude) { 0.0 } else { ((longitude + MERIDIAN) / TURN).floor() }
}

fn shifted(at: Coord, turn: f64) -> Coord {
    // On the grid again: 180.1 - 360 is not.
    step(coord! { x: at.x - turn * TURN, y: at.y })
}

fn lines(lines: &[LineString]) -> Geometry {
    let mut parts: Vec<LineString> = vec![];
    for line in lines {
        let corners = with_crossings(line);
        let mut side = None;
        for leg in corners.lines() {
            let middle = f64::midpoint(leg.start.x, leg.end.x);
            let turn = turn_of(middle);
            match parts.last_mut().filter(|_| side == Some(turn)) {
                Some(part) => part.0.push(shifted(leg.end, turn)),
                None => {
                    parts.push(LineString(vec![shifted(leg.start, turn), shifted(leg.end, turn)]))
                }
            }
            side = Some(turn);
        }
    }
    if parts.len() == 1 { parts.remove(0).into() } else { MultiLineString(parts).into() }
}

fn polygons(polygons: &MultiPolygon, bounds: Rect) -> Geometry {
    let (first, last) = (turn_of(bounds.min().x), turn_of(bounds.max().x));
    let mut parts = vec![];
    for turn in (first as i64..=last as i64).map(|turn| turn as f64) {
        // What lies on other sides is a hole.
        const MARGIN: f64 = 1e-3;
        let strip = |west: f64, east: f64| {
            let south_west = coord! { x: west, y: bounds.min().y - MARGIN };
            Rect::new(south_west, coord! { x: east, y: bounds.max().y + MARGIN })
                .to_polygon()
                .into_inner()
                .0
        };
        let (west, east) = (turn * TURN - MERIDIAN, turn * TURN + MERIDIAN);
        let beyond_west = (bounds.min().x < west).then(|| strip(bounds.min().x - MARGIN, west));
        let beyond_east = (bounds.max().x > east).then(|| strip(east, bounds.max().x + MARGIN));
        let side = |polygon: &Polygon| {
            let holes = polygon.interiors().iter().map(with_crossings);
            let holes = holes.chain(beyond_west.clone()).chain(beyond_east.clone()).collect();
            Polygon::new(with_crossings(polygon.exterior()), holes)
                .map_coords(|at| shifted(at, turn))
        };
        parts.extend(reduce_precision(&polygons.iter().map(side).collect(), DEGREE));
    }
    MultiPolygon(parts).into()
}

/// A line with a corner wherever it crosses the meridian, on the geodesic between its neighbours:
/// the straight line between two longitudes and latitudes is another way.
fn with_crossings(line: &LineString) -> LineString {
    let mut corners: Vec<Coord> = line.0.first().copied().into_iter().collect();
    for leg in line.lines() {
        let (from, to) = (leg.start, leg.end);
        for meridian in [-MERIDIAN, MERIDIAN] {
            if (from.x < meridian && to.x > meridian) || (from.x > meridian && to.x < meridian) {
                corners.push(crossing(from, to, meridian));
            }
        }
        corners.push(to);
    }
    LineString(corners)
}

fn crossing(from: Coord, to: Coord, meridian: f64) -> Coord {
    let at = |ratio: f64| {
        let at = Geodesic.point_at_ratio_between(from.into(), to.into(), ratio);
        coord! { x: near(at.x(), meridian), y: at.y() }
    };
    let (mut before, mut after) = (0.0, 1.0);
    // Halved to less than a micrometre of any leg on the earth.
    const HALVINGS: usize = 45;
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(before, after);
        if (at(middle).x < meridian) == (from.x < meridian) {
            before = middle
        } else {
            after = middle
        }
    }
    coord! { x: meridian, y: at(f64::midpoint(before, after)).y }
}
