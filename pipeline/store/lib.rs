//! Survey -> `survey.gpkg`, and back.
//!
//! This crate never decides what is hazardous and never changes a figure, but for rounding measures
//! to the millimetre: [`write()`] writes what it is given, whole or not at all. [`read()`] and
//! [`Source`] read it back as people left it, in order.
//!
//! [`Journal`] keeps what a survey has done so far, so that the next run can go on where this one
//! was stopped. [`write_areas()`] replaces areas and what they were drawn by in a stored survey;
//! [`check_as_drawn()`] tells whether people edited them. [`Draft`] makes files that appear whole
//! or not at all; [`open_vector`] opens those of others with all that was saved in them.

mod as_stored;
mod boxes;
mod chips;
mod columns;
mod companions;
mod crs;
mod draft;
mod drawn;
mod earthworks;
mod embeddings;
mod error;
mod field_project;
mod form;
mod frame;
mod ground;
mod held;
mod journal;
mod lookup;
mod mend;
mod names;
pub mod palette;
mod piece;
mod project;
mod qml;
mod read;
mod redrawn;
mod reviewed;
mod row;
mod source;
mod spot;
mod style;
mod table;
mod tables;
#[cfg(test)]
mod tests;
mod true_objects;
mod truth;
mod write;
mod xml;
mod zip;

pub use as_stored::as_stored;
pub use boxes::{FoundBox, SurveyBoxes, TrueBox, survey_boxes, truth_boxes};
pub use chips::chips;
pub use crs::{between, mover, wgs84};
pub use draft::Draft;
pub use drawn::check_as_drawn;
pub use earthworks::{
    SurveyEarthwork, SurveyEarthworks, SurveyPart, TruthEarthworks, survey_earthworks,
    truth_earthworks,
};
pub use embeddings::embeddings;
pub use error::{Halt, StoreError};
pub use field_project::write_field_project;
pub use form::alias;
pub use held::{Unopened, cause, open_vector};
pub use journal::{JOURNAL_FILE, Journal};
pub use names::{LAYERS, REJECTED_AREAS_TABLE, SURVEY_FILE, survey_folder};
pub use piece::{
    PIECES_FOLDER, PieceFile, piece_prefix, pieces, read_piece, sweep_pieces, write_piece,
};
pub use read::{read, read_from_confidence};
pub use redrawn::write_areas;
pub use reviewed::write_reviewed;
pub use row::{geometry, text, without_geometry};
pub use source::Source;
pub use spot::is_spot;
pub use table::set_bytes;
pub use true_objects::{TrueObject, has_boxes, true_objects};
pub use write::write;
pub use xml::escape;
