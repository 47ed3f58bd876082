//! Whether a position is one of the map's: where its shapes have a corner, or on a leg between two.

use crate::antimeridian::near;
use geo::{Coord, CoordsIter, Distance, Euclidean, Geometry, Line, LinesIter, Point, coord};
use std::collections::HashMap;

/// How far from the map's an exported position may lie, metres: some steps of the grid.
const TOLERANCE_M: f64 = 0.05;

const EARTH_M: f64 = 6.37e6;

/// Corners and legs of the map in metres around one of them, near enough for centimetres between
/// neighbours.
pub(crate) struct Places {
    middle: Coord,
    /// By their cell of the tolerance's size.
    corners: HashMap<[i64; 2], Vec<Coord>>,
    legs: Vec<Leg>,
}

struct Leg {
    line: Line,
    /// How far from the line a place on the leg may lie: by the tolerance, and by what the straight
    /// line between two longitudes and latitudes leaves the shortest way on the earth.
    most_m: f64,
}

impl Places {
    /// The corners and legs of shapes in longitude and latitude.
    pub(crate) fn of(shapes: &[Geometry]) -> Self {
        let middle = shapes.iter().find_map(|shape| shape.coords_iter().next()).unwrap_or_default();
        let mut places = Self { middle, corners: HashMap::new(), legs: vec![] };
        for shape in shapes {
            for corner in shape.coords_iter() {
                let corner = places.metres(corner);
                places.corners.entry(cell(corner)).or_default().push(corner);
            }
            for leg in legs(shape) {
                // A sagitta, by the curvature of a geodesic in longitude and latitude; an eighth
                // for a leg due east, and a tenth more for one across.
                let curve =
                    leg.start.y.abs().max(leg.end.y.abs()).to_radians().tan() / (7.0 * EARTH_M);
                let line = Line::new(places.metres(leg.start), places.metres(leg.end));
                let square = line.dx() * line.dx() + line.dy() * line.dy();
                places.legs.push(Leg { line, most_m: TOLERANCE_M + curve * square });
            }
        }
        places
    }

    /// How far a position lies from the nearest of these places, metres; `None` where it is one of
    /// them.
    pub(crate) fn beyond_m(&self, at: Coord) -> Option<f64> {
        let at = self.metres(at);
        let [x, y] = cell(at);
        let around = (x - 1..=x + 1).flat_map(|x| (y - 1..=y + 1).map(move |y| [x, y]));
        let mut corners = around.filter_map(|cell| self.corners.get(&cell)).flatten();
        if corners.any(|corner| distance(*corner, at) <= TOLERANCE_M) {
            return None;
        }
        if self.legs.iter().any(|leg| leg.may_hold(at) && distance_to(&leg.line, at) <= leg.most_m)
        {
            return None;
        }
        let corners = self.corners.values().flatten().map(|corner| distance(*corner, at));
        Some(
            corners
                .chain(self.legs.iter().map(|leg| distance_to(&leg.line, at)))
                .fold(f64::INFINITY, f64::min),
        )
    }

    fn metres(&self, at: Coord) -> Coord {
        let degree_m = EARTH_M.to_radians();
        let east = (near(at.x, self.middle.x) - self.middle.x) * self.middle.y.to_radians().cos();
        coord! { x: east * degree_m, y: (at.y - self.middle.y) * degree_m }
    }
}

impl Leg {
    fn may_hold(&self, at: Coord) -> bool {
        let holds =
            |a: f64, b: f64, at: f64| a.min(b) - self.most_m <= at && at <= a.max(b) + self.most_m;
        let (start, end) = (self.line.start, self.line.end);
        holds(start.x, end.x, at.x) && holds(start.y, end.y, at.y)
    }
}

fn cell(at: Coord) -> [i64; 2] {
    [at.x, at.y].map(|metres| (metres / TOLERANCE_M).floor() as i64)
}

fn distance(a: Coord, b: Coord) -> f64 {
    Euclidean.distance(Point(a), Point(b))
}

fn distance_to(leg: &Line, at: Coord) -> f64 {
    Euclidean.distance(leg, &Point(at))
}

/// Legs of lines and rings.
fn legs(shape: &Geometry) -> Vec<Line> {
    match shape {
        Geometry::LineString(line) => line.lines_iter().collect(),
        Geometry::MultiLineString(lines) => lines.lines_iter().collect(),
        Geometry::Polygon(polygon) => polygon.lines_iter().collect(),
        Geometry::MultiPolygon(polygons) => polygons.lines_iter().collect(),
        Geometry::GeometryCollection(all) => all.iter().flat_map(legs).collect(),
        _ => vec![],
    }
}
