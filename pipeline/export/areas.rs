//! Hazard areas as rows: all that the survey says of each, without its boundary.

use crate::record::Record;
use crate::sheet::{Cell, Sheet};
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
pub(crate) const ABOUT: &str = "The areas: one row each, envelopes (kind `indicative`) too. The \
                                columns of the benchmark and of the\n\
                                reference point are empty: both are recognisable marks outside the \
                                area, and no one has been\n\
                                there to set them. The label point lies INSIDE the area, for maps: \
                                never walk to it.\n";

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
