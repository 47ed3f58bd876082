//! Files of other people -> [`Known`](rams_domain::Known), in the survey's CRS.
//!
//! [`read_known`] reads accidents, minefield records, released land and the like, in the formats and
//! words of others; [`read_limit`] reads the ground that a survey was ordered for. Every row is kept, or
//! counted as kept out, or an error: none is lost without a word.

mod aoi;
mod error;
mod layer;
mod mapping;
mod place;
mod problem;
mod read;
#[cfg(test)]
mod tests;
mod words;

pub use aoi::read_limit;
pub use error::EvidenceError;
pub use mapping::Mapping;
pub use read::{Evidence, EvidenceFile, read_known};
