//! The perimeters of hazard areas, point by point, in the shape in which IMSMA takes them.

use crate::antimeridian::{MERIDIAN, near};
use crate::cell::Cell;
use crate::grid::{DEGREE, step};
use crate::record::Record;
use crate::sheet::Sheet;
use crate::validity::is_valid;
use geo::orient::{Direction, Orient};
use geo::{
    Area, Bearing, Coord, CoordsIter, Distance, Geodesic, Geometry, InterpolatePoint, LineString,
};
use geo::{MapCoords, coord};
use geo::{MultiPolygon, Point, Polygon};
use rams_domain::{LandClass, reduce_precision};
use rams_store::is_spot;
use std::cmp::Ordering;
use std::collections::HashSet;

/// Points further apart than this get intermediate points between them, metres (IMSMA).
const LONGEST_LEG_M: f64 = 50.0;

const HEADER: [&str; 18] = [
    "PolyID",
    "PointNo",
    "PointID",
    "PointType",
    "Longitude",
    "Latitude",
    "Bearing",
    "Distance",
    "ClosingBearing",
    "ClosingDistance",
    "Ring",
    "AreaID",
    "Kind",
    "EoCategory",
    "Threat",
    "Confidence",
    "Evidence",
    "Status",
];

/// What stands in the README beside a table of turning points.
pub(crate) const ABOUT: &str = include_str!("turning_points/about.txt");

/// Whether an area is an indication, and no suspected hazardous area.
pub(crate) fn is_indication(area: &Record) -> bool {
    area.value("land_class") == LandClass::Indication.to_string()
}

/// Whether an area is recorded by its perimeter. Indications never are, nor CMR and UXO, whatever
/// an area's kind.
pub(crate) fn has_perimeter(area: &Record) -> bool {
    !is_indication(area)
        && area.value("kind") != "indicative"
        && !is_spot(&area.value("eo_category"))
}

/// The turning points of areas, whose ids `name` makes.
pub(crate) fn sheet(areas: &[Record], name: impl Fn(&Record) -> String) -> Sheet {
    let mut sheet = Sheet::new("turning_points", &HEADER);
    for area in areas.iter().filter(|area| has_perimeter(area)) {
        let id = name(area);
        let about: Vec<_> = ["kind", "eo_category", "threat", "confidence", "evidence", "status"]
            .map(|field| area.cell(field))
            .into_iter()
            .collect();
        let about = [&[Cell::text(&id)], &about[..]].concat();
        let outlines = polygons(&area.geometry);
        let corners: Corners = outlines.iter().flat_map(Polygon::coords_iter).map(bits).collect();
        // One by one: parts on either side of the 180th meridian are far apart in longitude.
        let mut parts: Vec<Polygon> = outlines.into_iter().flat_map(with_intermediates).collect();
        parts.sort_by(|a, b| b.unsigned_area().total_cmp(&a.unsigned_area()));
        for (index, part) in parts.iter().enumerate() {
            let part_id = if parts.len() > 1 { format!("{id}.{}", index + 1) } else { id.clone() };
            let part = part.orient(Direction::Default);
            ring(&mut sheet, &part_id, "outer", &points(part.exterior(), &corners), &about);
            for (hole, interior) in part.interiors().iter().enumerate() {
                ring(
                    &mut sheet,
                    &format!("{part_id}H{}", hole + 1),
                    "hole",
                    &points(interior, &corners),
                    &about,
                );
            }
        }
    }
    sheet
}

/// The parts of a polygon or multipolygon; of anything else none.
pub(crate) fn polygons(geometry: &Geometry) -> Vec<Polygon> {
    match geometry {
        Geometry::Polygon(polygon) => vec![polygon.clone()],
        Geometry::MultiPolygon(polygons) => polygons.0.clone(),
        _ => vec![],
    }
}

fn ring(sheet: &mut Sheet, id: &str, role: &str, points: &[(Point, &str)], about: &[Cell]) {
    let leg = |from: Point, to: Point| {
        let distance = Cell::Number(format!("{:.2}", Geodesic.distance(from, to)));
        [Cell::Number(degrees(Geodesic.bearing(from, to))), distance]
    };
    let none = || [Cell::Empty, Cell::Empty];
    for (index, (at, kind)) in points.iter().enumerate() {
        let is_end = index > 0 && index + 1 == points.len();
        let number = index + 1;
        let mut row = vec![
            Cell::text(id),
            Cell::Number(number.to_string()),
            Cell::text(format!("{id}-{number:03}")),
            Cell::text(if is_end { "end point" } else { *kind }),
            Cell::degrees(at.x()),
            Cell::degrees(at.y()),
        ];
        row.extend(index.checked_sub(1).map_or_else(none, |previous| leg(points[previous].0, *at)));
        row.extend(if is_end { leg(*at, points[0].0) } else { none() });
        row.push(Cell::text(role));
        row.extend(about.iter().cloned());
        sheet.rows.push(row);
    }
}

/// A polygon with equal legs where one was too long, on the geodesic between its corners. Where
/// they would let a narrow place cross itself, it is mended, and may come out in parts.
fn with_intermediates(polygon: Polygon) -> MultiPolygon {
    let dense = |ring: &LineString| {
        let mut points: Vec<Coord> = ring.0.first().copied().into_iter().collect();
        for leg in ring.lines() {
            let (from, to) = (Point(leg.start), Point(leg.end));
            // A leg along the meridian where an area is cut is no boundary on the ground.
            let is_cut = [from, to].iter().all(|end| end.x().abs() == MERIDIAN);
            let length_m = if is_cut { 0.0 } else { Geodesic.distance(from, to) };
            let legs = (length_m / LONGEST_LEG_M).ceil().max(1.0) as u32;
            for step in 1..legs {
                let at =
                    Geodesic.point_at_ratio_between(from, to, f64::from(step) / f64::from(legs));
                points.push(coord! { x: near(at.x(), from.x()), y: at.y() });
            }
            points.push(leg.end);
        }
        LineString(points)
    };
    let rings = polygon.interiors().iter().map(dense).collect();
    let dense = Polygon::new(dense(polygon.exterior()), rings).map_coords(step);
    if is_valid(&dense.clone().into()) {
        dense.into()
    } else {
        reduce_precision(&dense.into(), DEGREE)
    }
}

/// Corners of an area, but for the intermediate points.
type Corners = HashSet<[u64; 2]>;

fn bits(at: Coord) -> [u64; 2] {
    [at.x.to_bits(), at.y.to_bits()]
}

/// The points of a closed ring from its westernmost corner on that is one on the ground, the last
/// one not repeated.
fn points(ring: &LineString, corners: &Corners) -> Vec<(Point, &'static str)> {
    let open = &ring.0[..ring.0.len().saturating_sub(1)];
    let is_corner = |at: &Coord| corners.contains(&bits(*at));
    let candidates = open.iter().enumerate().filter(|(_, at)| is_corner(at));
    let order = |at: &Coord| (at.x.abs() == MERIDIAN, at.x, at.y);
    let first = candidates
        .min_by(|(_, a), (_, b)| order(a).partial_cmp(&order(b)).unwrap_or(Ordering::Equal));
    let first = first.map_or(0, |(index, _)| index);
    let kind = |index: usize, at: &Coord| match index {
        0 => "start point",
        _ if is_corner(at) => "turning point",
        _ => "intermediate point",
    };
    let from_first = open.iter().cycle().skip(first).take(open.len());
    from_first.enumerate().map(|(index, at)| (Point(*at), kind(index, at))).collect()
}

/// Degrees from north, 0.00 to 359.99.
fn degrees(bearing: f64) -> String {
    let hundredths = (bearing * 100.0).round().rem_euclid(36_000.0);
    format!("{:.2}", hundredths / 100.0)
}
