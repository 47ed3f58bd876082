//! Survey -> `survey.gpkg` -> GeoJSON, KML, shapefiles, CSV, a workbook, a set for IMSMA, FlatGeobuf.
//!
//! This crate never decides what is hazardous and never changes a figure, but for rounding measures
//! to the millimetre: it writes what it is given, whole or not at all. Every file it leaves, or the
//! README beside it, says what a survey cannot see ([`rams_domain::LIMITS`]).
//!
//! [`read_known`] reads what others know of the ground, in the formats and words of others.
//!
//! [`Journal`] keeps what a survey has done so far, so that the next run can go on where this one was
//! stopped.
//!
//! [`write()`] makes the GeoPackage, which is the survey; [`export`] copies from it. An export reads
//! the file through GDAL and needs none of the survey's types, so that a survey written
//! elsewhere, or reviewed and edited in QGIS, exports just the same.

mod agreement;
mod antimeridian;
mod areas;
mod boxes;
mod check;
mod companions;
mod copy;
mod csv;
mod draft;
mod error;
mod evidence;
mod export;
mod flatgeobuf;
mod format;
mod geojson;
mod held;
mod imsma;
mod journal;
mod kml;
mod known;
mod mend;
mod outgoing;
mod palette;
mod places;
mod qml;
mod read;
mod readback;
mod readme;
mod shapefile;
mod sheet;
mod source;
mod style;
mod table;
mod tables;
#[cfg(test)]
mod tests;
mod turning_points;
mod works;
mod write;
mod xlsx;

pub use boxes::{FoundBox, SurveyBoxes, TrueBox, survey_boxes, truth_boxes};
pub use check::{Finding, ImportChecks};
pub use error::StoreError;
pub use export::{Exported, export};
pub use format::Format;
pub use journal::{JOURNAL_FILE, Journal};
pub use known::{Evidence, EvidenceFile, Mapping, read_known, read_limit};
pub use palette::colour;
pub use read::read;
pub use works::{SurveyPart, SurveyWork, SurveyWorks, TruthWorks, survey_works, truth_works};
pub use write::{SURVEY_FILE, write};
