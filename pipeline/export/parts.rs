//! The layers of formats in which a layer holds one type of geometry.

use crate::record::Record;
use gdal::vector::OGRwkbGeometryType::{self, wkbLineString, wkbMultiPoint, wkbPolygon};
use geo::{Geometry, MultiPoint};

/// What of a layer has one type of geometry.
pub(crate) struct Part {
    /// Its own name.
    pub(crate) name: &'static str,
    /// The layer of the survey.
    pub(crate) layer: &'static str,
    pub(crate) geometry: OGRwkbGeometryType::Type,
    takes: fn(&Geometry) -> bool,
}

impl Part {
    /// The row as it goes in; `None` for one of another type. A witness may report several places
    /// as one row, and these formats hold no point beside a multi-point.
    pub(crate) fn row(&self, record: Record) -> Option<Record> {
        let geometry = match &record.geometry {
            other if !(self.takes)(other) => return None,
            Geometry::Point(at) => MultiPoint(vec![*at]).into(),
            other => other.clone(),
        };
        Some(record.with_geometry(geometry))
    }
}

pub(crate) const PARTS: [Part; 10] = [
    part("hazard_areas", "hazard_areas", wkbPolygon, is_polygon),
    part("features_points", "features", wkbMultiPoint, is_point),
    part("features_lines", "features", wkbLineString, is_line),
    part("features_polygons", "features", wkbPolygon, is_polygon),
    part("external_evidence_points", "external_evidence", wkbMultiPoint, is_point),
    part("external_evidence_lines", "external_evidence", wkbLineString, is_line),
    part("external_evidence_polygons", "external_evidence", wkbPolygon, is_polygon),
    part("indication_belts", "indication_belts", wkbPolygon, is_polygon),
    part("gaps", "gaps", wkbPolygon, is_polygon),
    part("assessed", "assessed", wkbPolygon, is_polygon),
];

const fn part(
    name: &'static str,
    layer: &'static str,
    geometry: OGRwkbGeometryType::Type,
    takes: fn(&Geometry) -> bool,
) -> Part {
    Part { name, layer, geometry, takes }
}

/// A name of at most so many bytes that no other column has: one that is too long keeps its first
/// letters, with a number where that name is taken.
pub(crate) fn shortened(name: &str, longest: usize, is_taken: impl Fn(&str) -> bool) -> String {
    let mut short = name.to_owned();
    let mut taken = 0;
    while short.len() > longest || is_taken(&short) {
        let end = if taken == 0 { String::new() } else { taken.to_string() };
        let room = longest - end.len();
        let cut = (0..=room.min(name.len())).rev().find(|cut| name.is_char_boundary(*cut));
        short = format!("{}{end}", &name[..cut.unwrap_or(0)]);
        taken += 1;
    }
    short
}

fn is_point(geometry: &Geometry) -> bool {
    matches!(geometry, Geometry::Point(_) | Geometry::MultiPoint(_))
}

fn is_line(geometry: &Geometry) -> bool {
    matches!(geometry, Geometry::LineString(_) | Geometry::MultiLineString(_))
}

fn is_polygon(geometry: &Geometry) -> bool {
    matches!(geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_))
}
