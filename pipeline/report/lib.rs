//! Survey -> a report that people read and print: one HTML file that needs nothing else.
//!
//! This crate never reads a file, never decides what is hazardous and never changes a figure: it is
//! given what a survey found, and pictures of the ground for the asking. What was not assessed
//! comes before what was found. No sentence of its own says that ground is free of hazard; the
//! words of others are shown as they were given.
//!
//! A file is a section of the report ([`Report`] says which follows which), a drawing, or words.

mod area;
mod areas;
mod chip;
mod context;
mod coverage;
mod day;
mod districts;
mod draw;
mod field_sheet;
mod frame;
mod gravity;
mod limits;
mod marks;
mod methods;
mod model_card;
mod not_assessed;
mod other_evidence;
mod overview;
mod picture;
mod report;
mod section;
mod tables;
#[cfg(test)]
mod tests;
mod words;

pub use day::day_to_html;
pub use model_card::Card;
pub use picture::{Picture, Shot};
pub use report::Report;
