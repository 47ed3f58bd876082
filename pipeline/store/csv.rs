//! The survey as tables for IMSMA: turning points of the hazard areas, and evidence points.

use crate::error::Halt;
use crate::export::Job;
use crate::readme;
use crate::source::Record;
use geo::orient::{Direction, Orient};
use geo::{Bearing, Centroid, Coord, Distance, Geodesic, Geometry, InterpolatePoint, LineString, Point, Polygon};
use std::fmt::Write;

/// Points further apart than this get intermediate points between them, metres (IMSMA).
const LONGEST_LEG_M: f64 = 50.0;

const POINTS_HEADER: &str = "PolyID,PointNo,PointID,PointType,Longitude,Latitude,Bearing,Distance,\
Ring,AreaID,Kind,EoCategory,Threat,Confidence,Evidence,Status\n";

const FEATURES_HEADER: &str = "ID,Class,Indicator,EoCategory,Confidence,Longitude,Latitude,GeometryType,\
LengthM,WidthM,AreaM2,HazardAreas,Orthomosaic,Model,WKT\n";

const ABOUT: &str = "Coordinates are WGS 84, decimal degrees.\n\n\
The turning points: one row a point, each area's points in order, anticlockwise. PolyID is the\n\
area's id; an area of several parts adds .1, .2, and a hole in a part H1, H2 (column Ring: `hole`\n\
is ground inside the boundary that does not belong to the area). Bearing (degrees from true\n\
north) and Distance (metres, on the ellipsoid) lead from the previous point; a start point has\n\
none; the last point joins the start point. Legs of more than 50 m have intermediate points.\n\n\
The evidence points (_features.csv): the position is the centre of lines and polygons, whose\n\
whole shape is in the column WKT.\n\n\
The ground that was not assessed is not in these tables: see the layer `gaps` of survey.gpkg, or\n\
of the other formats.\n";

pub(crate) fn make(job: &Job<'_>) -> Result<Vec<String>, Halt> {
    let names = [job.name.clone(), format!("{}_features.csv", job.stem), readme::write(job, ABOUT)?];
    let mut points = String::from(POINTS_HEADER);
    for area in job.source.records("hazard_areas")? {
        turning_points(&mut points, &area);
    }
    std::fs::write(job.draft.path(&names[0]), points)?;
    let mut features = String::from(FEATURES_HEADER);
    for feature in job.source.records("features")? {
        evidence_point(&mut features, &feature)?;
    }
    std::fs::write(job.draft.path(&names[1]), features)?;
    Ok(names.to_vec())
}

fn turning_points(csv: &mut String, area: &Record) {
    let parts: Vec<&Polygon> = match &area.geometry {
        Geometry::Polygon(polygon) => vec![polygon],
        Geometry::MultiPolygon(polygons) => polygons.iter().collect(),
        _ => vec![],
    };
    let id = area.value("id");
    let about: Vec<String> = ["id", "kind", "eo_category", "threat", "confidence", "evidence", "status"]
        .map(|field| cell(&area.value(field)))
        .into();
    for (index, part) in parts.iter().enumerate() {
        let part_id = if parts.len() > 1 { format!("{id}.{}", index + 1) } else { id.clone() };
        let part = part.orient(Direction::Default);
        ring(csv, &part_id, "outer", part.exterior(), &about);
        for (hole, interior) in part.interiors().iter().enumerate() {
            ring(csv, &format!("{part_id}H{}", hole + 1), "hole", interior, &about);
        }
    }
}

fn ring(csv: &mut String, id: &str, role: &str, ring: &LineString, about: &[String]) {
    let mut previous: Option<Point> = None;
    for (index, (at, kind)) in with_intermediates(ring).into_iter().enumerate() {
        let (bearing, distance) = match previous {
            Some(from) => (degrees(Geodesic.bearing(from, at)), format!("{:.2}", Geodesic.distance(from, at))),
            None => (String::new(), String::new()),
        };
        previous = Some(at);
        let number = index + 1;
        // Writing to a String cannot fail.
        let _ = writeln!(
            csv,
            "{},{number},{},{kind},{:.7},{:.7},{bearing},{distance},{role},{}",
            cell(id),
            cell(&format!("{id}-{number:03}")),
            at.x(),
            at.y(),
            about.join(",")
        );
    }
}

/// The points of a closed ring, the last one not repeated, with equal legs where one was too long.
fn with_intermediates(ring: &LineString) -> Vec<(Point, &'static str)> {
    let mut corners: Vec<Coord> = ring.coords().copied().collect();
    // Corners that are one to the seventh decimal are one.
    corners.dedup();
    let mut points = Vec::new();
    for (index, leg) in corners.windows(2).enumerate() {
        let (from, to) = (Point::from(leg[0]), Point::from(leg[1]));
        points.push((from, if index == 0 { "start point" } else { "turning point" }));
        let legs = (Geodesic.distance(from, to) / LONGEST_LEG_M).ceil().max(1.0) as u32;
        for step in 1..legs {
            let at = Geodesic.point_at_ratio_between(from, to, f64::from(step) / f64::from(legs));
            points.push((at, "intermediate point"));
        }
    }
    points
}

fn evidence_point(csv: &mut String, feature: &Record) -> Result<(), Halt> {
    let centre = feature.geometry.centroid();
    let (longitude, latitude) = match centre {
        Some(at) => (format!("{:.7}", at.x()), format!("{:.7}", at.y())),
        None => (String::new(), String::new()),
    };
    let value = |field: &str| cell(&feature.value(field));
    let wkt = gdal::vector::ToGdal::to_gdal(&feature.geometry)?.wkt()?;
    let kind = wkt.split([' ', '(']).next().unwrap_or_default().to_lowercase();
    let before = ["id", "class", "indicator", "eo_category", "confidence"].map(value).join(",");
    let after = ["length_m", "width_m", "area_m2", "hazard_areas", "orthomosaic", "model"].map(value).join(",");
    // Writing to a String cannot fail.
    let _ = writeln!(csv, "{before},{longitude},{latitude},{kind},{after},{}", cell(&wkt));
    Ok(())
}

/// Degrees from north, 0.00 to 359.99.
fn degrees(bearing: f64) -> String {
    let hundredths = (bearing * 100.0).round().rem_euclid(36_000.0);
    format!("{:.2}", hundredths / 100.0)
}

/// A value as one cell of RFC 4180.
fn cell(value: &str) -> String {
    if value.contains([',', '"', '\n', '\r']) { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.into() }
}
