//! A folder that a survey can be written to.

use crate::{StoreError, draft::Draft, write::SURVEY_FILE};
use std::path::Path;

/// Makes the folder where it is missing and tries it out, so that a survey of hours does not fail
/// at its end for want of a permission.
pub fn check_writable(dir: &Path) -> Result<(), StoreError> {
    Draft::beside(&dir.join(SURVEY_FILE)).map(drop)
}
