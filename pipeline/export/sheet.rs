//! A table on its way out: the same rows become CSV, a sheet of a workbook, or GeoJSON.

use crate::Halt;
use crate::cell::Cell;
use crate::copy;
use crate::grid::GEOJSON_DIGITS;
use gdal::DriverManager;
use gdal::vector::{Feature, FieldDefn, LayerAccess, LayerOptions, OGRFieldType, ToGdal};
use geo::Geometry;
use rams_domain::LIMITS;
use std::path::Path;

/// Rows under a header, every row as long as that, each with a shape or none with one.
pub(crate) struct Sheet {
    pub(crate) name: &'static str,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<Cell>>,
    pub(crate) shapes: Vec<Geometry>,
}

impl Sheet {
    pub(crate) fn new(name: &'static str, header: &[&str]) -> Self {
        let header = header.iter().map(|column| (*column).to_owned()).collect();
        Self { name, header, rows: vec![], shapes: vec![] }
    }

    /// RFC 4180 in UTF-8.
    pub(crate) fn write_csv(&self, path: &Path) -> Result<(), Halt> {
        let mut file = csv::Writer::from_path(path).map_err(csv_halt)?;
        file.write_record(self.header.iter().map(|name| as_text(name))).map_err(csv_halt)?;
        for row in &self.rows {
            let cells = row.iter().map(|cell| match cell {
                Cell::Text(text) => as_text(text),
                other => other.as_text().to_owned(),
            });
            file.write_record(cells).map_err(csv_halt)?;
        }
        Ok(file.flush()?)
    }

    /// RFC 7946, the shapes in longitude and latitude.
    pub(crate) fn write_geojson(&self, path: &Path) -> Result<(), Halt> {
        let mut dataset = DriverManager::get_driver_by_name("GeoJSON")?.create_vector_only(path)?;
        let description = format!("DESCRIPTION={LIMITS}");
        let layer = dataset.create_layer(LayerOptions {
            name: self.name,
            options: Some(&[GEOJSON_DIGITS, "WRITE_NAME=YES", &description]),
            ..LayerOptions::default()
        })?;
        for (index, name) in self.header.iter().enumerate() {
            FieldDefn::new(name, self.type_of(index))?.add_to_layer(&layer)?;
        }
        for (row, shape) in self.rows.iter().zip(&self.shapes) {
            let mut feature = Feature::new(layer.defn())?;
            for (index, cell) in row.iter().enumerate() {
                match cell {
                    Cell::Empty => feature.set_field_null(index)?,
                    Cell::Text(text) => feature.set_field_string(index, text)?,
                    Cell::Number(number) => {
                        feature.set_field_double(index, number.parse().unwrap_or(f64::NAN))?
                    }
                }
            }
            feature.set_geometry(shape.to_gdal()?)?;
            feature.create(&layer)?;
        }
        dataset.close()?;
        copy::check(path, self.rows.len() as u64)
    }

    /// A column of numbers, or else of text.
    fn type_of(&self, column: usize) -> OGRFieldType::Type {
        let is_text = self.rows.iter().any(|row| matches!(row[column], Cell::Text(_)));
        let has_numbers = self.rows.iter().any(|row| matches!(row[column], Cell::Number(_)));
        if has_numbers && !is_text { OGRFieldType::OFTReal } else { OGRFieldType::OFTString }
    }
}

/// What stands in the README beside a CSV file.
pub(crate) const ABOUT: &str = "\
    A text that begins with =, +, - or @ has an apostrophe before it: \
    without one a spreadsheet would\ntake it for a formula.\n";

/// A text that a spreadsheet would take for a formula, with an apostrophe before it; others as they
/// are.
fn as_text(text: &str) -> String {
    let quote = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { "'" } else { "" };
    format!("{quote}{text}")
}

/// Header and rows of a CSV file.
pub(crate) fn read_csv(path: &Path) -> Result<Vec<Vec<String>>, Halt> {
    let mut file =
        csv::ReaderBuilder::new().has_headers(false).from_path(path).map_err(csv_halt)?;
    let row = |row: csv::Result<csv::StringRecord>| {
        Ok(row.map_err(csv_halt)?.iter().map(str::to_owned).collect())
    };
    file.records().map(row).collect()
}

fn csv_halt(error: csv::Error) -> Halt {
    let message = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => Halt::Io(error),
        _ => Halt::Torn(message),
    }
}
