//! Features as evidence points: a position, how far it is to be trusted, how far to search around it.

use crate::error::Halt;
use crate::sheet::{Cell, Sheet};
use crate::source::Record;
use gdal::vector::ToGdal;
use geo::{Centroid, Point};
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
pub(crate) const ABOUT: &str = "The evidence points: the position is the centre of lines and polygons, whose whole shape is in\n\
the column WKT. PositionAccuracyM is empty where it is not known: it is the horizontal error of\n\
the orthomosaic, which no one stated. FadeOutM: of CMR and UXO, how far around the point the\n\
ground is to be searched, by the doctrine.\n";

/// One row for each feature.
pub(crate) fn sheet(features: &[Record], areas: &[Record]) -> Result<Sheet, Halt> {
    let mut sheet = Sheet::new("evidence_points", &HEADER);
    let fade_outs = FadeOuts::of(areas);
    for feature in features {
        let wkt = feature.geometry.to_gdal()?.wkt()?;
        let kind = wkt.split([' ', '(']).next().unwrap_or_default().to_lowercase();
        let mut row =
            ["id", "class", "indicator", "eo_category", "confidence"].map(|field| feature.cell(field)).to_vec();
        row.extend(position(feature));
        row.extend([feature.cell("position_accuracy_m"), fade_outs.around(feature), Cell::text(kind)]);
        row.extend(
            ["length_m", "width_m", "area_m2", "hazard_areas", "orthomosaic", "model"].map(|field| feature.cell(field)),
        );
        row.push(Cell::text(wkt));
        sheet.rows.push(row);
    }
    Ok(sheet)
}

/// Where a record lies: the centre of lines and polygons.
pub(crate) fn centre(record: &Record) -> Option<Point> {
    record.geometry.centroid()
}

/// Longitude and latitude of the centre.
pub(crate) fn position(record: &Record) -> [Cell; 2] {
    centre(record).map_or([Cell::Empty, Cell::Empty], |at| [Cell::degrees(at.x()), Cell::degrees(at.y())])
}

/// Fade-out distances of the envelopes.
pub(crate) struct FadeOuts(HashMap<String, f64>);

impl FadeOuts {
    pub(crate) fn of(areas: &[Record]) -> Self {
        let fade_out = |area: &Record| Some((area.value("id"), area.value("fade_out_m").parse().ok()?));
        Self(areas.iter().filter_map(fade_out).collect())
    }

    /// Around a feature: the widest of the areas that stand on it.
    pub(crate) fn around(&self, feature: &Record) -> Cell {
        let areas = feature.list("hazard_areas");
        let widest = areas.iter().filter_map(|area| self.0.get(area)).copied().reduce(f64::max);
        widest.map_or(Cell::Empty, |metres| Cell::Number(metres.to_string()))
    }
}
