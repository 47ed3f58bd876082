//! Files of other people -> [`ExternalEvidence`](rams_domain::ExternalEvidence), in the survey's
//! CRS.
//!
//! [`read_evidence`] reads accidents, minefield records, released land and the like, in the formats
//! and words of others; [`read_aoi`] reads the ground that a survey was ordered for;
//! [`read_field_table`] reads what people found who were there, [`read_areas`] areas that they
//! drew. Every row is kept, or counted as kept out, or an error: none is lost without a word.

mod aoi;
mod areas;
mod error;
mod evidence_row;
mod field_table;
mod fields;
mod layer;
mod mapping;
mod place;
mod problem;
mod read;
mod repeats;
mod row_words;
#[cfg(test)]
mod tests;
mod words;

pub use aoi::read_aoi;
pub use areas::{holds_areas, read_areas};
pub use error::EvidenceError;
pub use field_table::read_field_table;
pub use mapping::Mapping;
pub use read::{Evidence, EvidenceFile, read_evidence};
