//! `survey.gpkg` -> GeoJSON, KML, shapefiles, CSV, a workbook, a set for IMSMA, FlatGeobuf,
//! a file geodatabase.
//!
//! An export copies from the file through GDAL and needs none of the survey's types, so that a
//! survey that was reviewed and edited in QGIS exports just the same. It is read back, compared
//! with the map, and checked as an import would. Every file, or the README beside it, says what a
//! survey cannot see ([`rams_domain::LIMITS`]).

mod agreement;
mod antimeridian;
mod areas;
mod cell;
mod check;
mod copy;
mod csv;
mod error;
mod evidence_points;
mod export;
mod exported_row;
mod flatgeobuf;
mod format;
mod geodatabase;
mod geojson;
mod grid;
mod import_checks;
mod imsma;
mod job;
mod kml;
mod layers;
mod outgoing;
mod parts;
mod places;
mod readback;
mod readme;
mod record;
mod rejected;
mod shapefile;
mod sheet;
mod target;
#[cfg(test)]
mod tests;
mod turning_points;
mod validity;
mod xlsx;

pub use error::ExportError;
pub use export::{ExportOptions, Exported, export};
pub use format::{Format, UnknownFormat};
pub use import_checks::{Finding, ImportChecks};

/// What stopped an export half way.
type Halt = rams_store::Halt<ExportError>;
