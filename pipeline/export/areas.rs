//! Hazard areas as rows: all that the survey says of each, without its boundary.

use crate::cell::Cell;
use crate::record::Record;
use crate::sheet::Sheet;
use geo::InteriorPoint;

/// Columns that people fill in on the ground, and a point for a label.
pub(crate) const PLACES: [&str; 6] = [
    "benchmark_longitude",
    "benchmark_latitude",
    "reference_longitude",
    "reference_latitude",
    "label_longitude",
    "label_latitude",
];

/// What stands in the README beside a table of areas.
pub(crate) const ABOUT: &str = include_str!("areas/about.txt");

/// One row for each area, with the columns of the survey.
pub(crate) fn sheet(areas: &[Record], columns: &[String]) -> Sheet {
    let mut sheet = Sheet::new("hazard_areas", &[]);
    sheet.header = columns.iter().cloned().chain(PLACES.map(str::to_owned)).collect();
    for area in areas {
        sheet
            .rows
            .push(columns.iter().map(|column| area.cell(column)).chain(places(area)).collect());
    }
    sheet
}

/// Cells of [`PLACES`].
pub(crate) fn places(area: &Record) -> [Cell; 6] {
    let [longitude, latitude] = match area.geometry.interior_point() {
        Some(at) => [Cell::degrees(at.x()), Cell::degrees(at.y())],
        None => [Cell::Empty, Cell::Empty],
    };
    [Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, longitude, latitude]
}
