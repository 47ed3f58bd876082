//! The real path: a survey is written, exported, and read back by GDAL.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its own file has failed")]

mod agreement;
mod antimeridian;
mod checks;
mod edited;
mod exports;
/// The survey of the store's own tests.
#[path = "../store/tests/fixture.rs"]
mod fixture;
mod geodatabase;
mod geos;
mod held;
mod imsma;
mod land_classes;
mod outgoing;
mod read;
mod reviewed;
mod sheets;
#[path = "../store/tests/support.rs"]
mod support;
mod words;

use crate::{ExportError, ExportOptions, Exported, Format};
use std::path::Path;
use support::{assert_promises_nothing, field, files, names};

/// An export of all that a survey has.
fn export(dir: &Path, format: Format, out: &Path) -> Result<Exported, ExportError> {
    crate::export(dir, format, out, &ExportOptions::default())
}

/// The error of the store that an export passes on.
fn of_store(error: ExportError) -> rams_store::StoreError {
    match error {
        ExportError::Store(error) => error,
        error => panic!("{error} is an error of the export itself"),
    }
}
