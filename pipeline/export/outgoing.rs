//! A geometry as it leaves the house: longitude and latitude to the seventh decimal (11 mm), valid
//! there, cut at the 180th meridian. More digits claim more than an orthomosaic knows.

use crate::antimeridian::{continuous, cut};
use crate::grid::{DEGREE, STEP_M, step};
use geo::{ConvexHull, Coord, Geodesic, Geometry, Length, coord};
use geo::{LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use rams_domain::{geodesic_area_m2, reduce_precision};

/// Puts a geometry of longitudes and latitudes on the grid and cuts it at the 180th meridian. No
/// geometry vanishes: one that is smaller than a step becomes the smallest that there is.
pub(crate) fn settled(geometry: &Geometry) -> Geometry {
    cut(on_grid(continuous(geometry)))
}

/// Geodesic area, square metres, of polygons in longitude and latitude, whichever way their rings
/// run.
pub(crate) fn area_m2(geometry: &Geometry) -> f64 {
    match geometry {
        Geometry::Polygon(one) => geodesic_area_m2(&one.clone().into()),
        Geometry::MultiPolygon(all) => geodesic_area_m2(all),
        Geometry::GeometryCollection(all) => all.iter().map(area_m2).sum(),
        _ => 0.0,
    }
}

/// By how much, at most, the area of polygons changes when their corners go to the grid, square
/// metres: a strip of one step along their outlines.
pub(crate) fn rounding_m2(geometry: &Geometry) -> f64 {
    outline_m(geometry) * STEP_M + STEP_M * STEP_M
}

/// Length of lines, metres.
pub(crate) fn length_m(geometry: &Geometry) -> f64 {
    match geometry {
        Geometry::LineString(line) => Geodesic.length(line),
        Geometry::MultiLineString(lines) => Geodesic.length(lines),
        Geometry::GeometryCollection(all) => all.iter().map(length_m).sum(),
        _ => 0.0,
    }
}

/// Length of the rings of polygons, metres.
fn outline_m(geometry: &Geometry) -> f64 {
    let polygon = |polygon: &Polygon| {
        std::iter::once(polygon.exterior())
            .chain(polygon.interiors())
            .map(|ring| Geodesic.length(ring))
            .sum::<f64>()
    };
    match geometry {
        Geometry::Polygon(one) => polygon(one),
        Geometry::MultiPolygon(all) => all.iter().map(polygon).sum(),
        Geometry::GeometryCollection(all) => all.iter().map(outline_m).sum(),
        _ => 0.0,
    }
}

fn on_grid(geometry: Geometry) -> Geometry {
    match geometry {
        Geometry::Point(at) => Point(step(at.0)).into(),
        Geometry::MultiPoint(all) => {
            MultiPoint(all.into_iter().map(|at| Point(step(at.0))).collect()).into()
        }
        Geometry::LineString(one) => line(&one).into(),
        Geometry::MultiLineString(all) => MultiLineString(all.iter().map(line).collect()).into(),
        Geometry::Polygon(one) => {
            let mut parts = polygons(&one.into());
            if parts.0.len() == 1 { parts.0.remove(0).into() } else { parts.into() }
        }
        Geometry::MultiPolygon(all) => polygons(&all).into(),
        Geometry::GeometryCollection(all) => {
            Geometry::GeometryCollection(all.into_iter().map(on_grid).collect())
        }
        // GDAL gives no others.
        other => other,
    }
}

fn line(line: &LineString) -> LineString {
    let mut corners: Vec<Coord> = line.coords().map(|at| step(*at)).collect();
    corners.dedup();
    if let [one] = corners[..] {
        // A line has two ends.
        corners.push(step(coord! { x: one.x + 1.0 / DEGREE, y: one.y }));
    }
    LineString(corners)
}

fn polygons(polygons: &MultiPolygon) -> MultiPolygon {
    let found = reduce_precision(polygons, DEGREE);
    if found.0.is_empty() { thickened(polygons) } else { found }
}

/// The outlines of polygons that are thinner than a step everywhere, a step wide.
fn thickened(polygons: &MultiPolygon) -> MultiPolygon {
    const CORNERS: [[f64; 2]; 4] = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
    let square = |at: Coord| {
        CORNERS.map(|[x, y]| Point(step(coord! { x: at.x + x / DEGREE, y: at.y + y / DEGREE })))
    };
    let leg =
        |leg: geo::Line| MultiPoint([square(leg.start), square(leg.end)].concat()).convex_hull();
    let legs: MultiPolygon =
        polygons.iter().flat_map(|polygon| polygon.exterior().lines().map(leg)).collect();
    reduce_precision(&legs, DEGREE)
}
