//! The real path: a survey is written and read back by GDAL.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its own file has failed")]

mod area;
mod as_stored;
mod earthworks;
mod embeddings;
#[allow(dead_code, reason = "the tests of exports use more of it")]
mod fixture;
mod geopackage;
mod journal;
mod project;
mod support;

use support::{assert_promises_nothing, field, files, names};
