//! Features as evidence points: a position, how far it is to be trusted, how far to search around
//! it.

use crate::Halt;
use crate::antimeridian::{continuous, wrapped};
use crate::cell::Cell;
use crate::record::Record;
use crate::sheet::Sheet;
use gdal::vector::ToGdal;
use geo::{Centroid, Geometry, Point};
use std::collections::HashMap;

const HEADER: [&str; 17] = [
    "ID",
    "Class",
    "Indicator",
    "EoCategory",
    "Confidence",
    "Longitude",
    "Latitude",
    "PositionAccuracyM",
    "FadeOutM",
    "GeometryType",
    "LengthM",
    "WidthM",
    "AreaM2",
    "HazardAreas",
    "Orthomosaic",
    "Model",
    "WKT",
];

/// What stands in the README beside a table of evidence points.
pub(crate) const ABOUT: &str = include_str!("evidence_points/about.txt");

/// One row for each feature.
pub(crate) fn sheet(features: &[Record], areas: &[Record]) -> Result<Sheet, Halt> {
    let mut sheet = Sheet::new("evidence_points", &HEADER);
    let around = Surroundings::of(areas);
    for feature in features {
        let [kind, wkt] = shape(feature)?;
        let mut row = ["id", "class", "indicator", "eo_category", "confidence"]
            .map(|field| feature.cell(field))
            .to_vec();
        row.extend(position(feature));
        let fade_out = around.fade_out(&feature.list("hazard_areas"));
        row.extend([around.accuracy(feature), fade_out, kind]);
        row.extend(
            ["length_m", "width_m", "area_m2", "hazard_areas", "orthomosaic", "model"]
                .map(|field| feature.cell(field)),
        );
        row.push(wkt);
        sheet.rows.push(row);
    }
    Ok(sheet)
}

/// Columns of [`external_sheet`].
const EXTERNAL: [&str; 12] = [
    "ID",
    "Kind",
    "EoCategory",
    "Reliability",
    "Name",
    "Date",
    "BearingDeg",
    "File",
    "Longitude",
    "Latitude",
    "GeometryType",
    "WKT",
];

/// One row for each place of the other evidence.
pub(crate) fn external_sheet(external: &[Record]) -> Result<Sheet, Halt> {
    let mut sheet = Sheet::new("external_evidence", &EXTERNAL);
    for record in external {
        let mut row =
            ["id", "kind", "eo_category", "reliability", "name", "date", "bearing_deg", "file"]
                .map(|field| record.cell(field))
                .to_vec();
        row.extend(position(record));
        row.extend(shape(record)?);
        sheet.rows.push(row);
    }
    Ok(sheet)
}

/// Type and WKT of a geometry.
fn shape(record: &Record) -> Result<[Cell; 2], Halt> {
    let wkt = record.geometry.to_gdal()?.wkt()?;
    let kind = wkt.split([' ', '(']).next().unwrap_or_default().to_lowercase();
    Ok([Cell::text(kind), Cell::text(wkt)])
}

/// Where a geometry lies: the centre of lines and polygons, also of those that the 180th meridian
/// cuts.
pub(crate) fn centre(geometry: &Geometry) -> Option<Point> {
    continuous(geometry).centroid().map(wrapped)
}

/// Longitude and latitude of the centre.
pub(crate) fn position(record: &Record) -> [Cell; 2] {
    centre(&record.geometry)
        .map_or([Cell::Empty, Cell::Empty], |at| [Cell::degrees(at.x()), Cell::degrees(at.y())])
}

/// What areas say of the positions they stand on.
pub(crate) struct Surroundings(HashMap<String, [Option<f64>; 2]>);

impl Surroundings {
    pub(crate) fn of(areas: &[Record]) -> Self {
        let metres = |area: &Record| {
            ["fade_out_m", "position_accuracy_m"].map(|field| area.value(field).parse().ok())
        };
        Self(areas.iter().map(|area| (area.value("id"), metres(area))).collect())
    }

    /// How far around evidence the ground is to be searched: the widest of its areas.
    pub(crate) fn fade_out(&self, areas: &[String]) -> Cell {
        self.widest(areas, 0)
    }

    /// Horizontal error of a feature's position: its own where it has one, or else the doctrine's.
    pub(crate) fn accuracy(&self, feature: &Record) -> Cell {
        match feature.cell("position_accuracy_m") {
            Cell::Empty => self.widest(&feature.list("hazard_areas"), 1),
            own => own,
        }
    }

    fn widest(&self, areas: &[String], index: usize) -> Cell {
        let widest = areas.iter().filter_map(|area| self.0.get(area)?[index]).reduce(f64::max);
        widest.map_or(Cell::Empty, |metres| Cell::Number(metres.to_string()))
    }
}
