//! A survey's review, walked through.

use crate::{Book, ReviewError, Verification, reviewed_survey::ReviewedSurvey, settings};
use rams_domain::Survey;
use std::path::Path;

/// Walks the log of the review in a survey's folder, rebuilds what it comes to, and compares that
/// with what is stored. Nothing is changed. `survey_sha256` is that of survey.gpkg, hex.
pub fn verify(
    dir: &Path,
    survey: &Survey,
    survey_sha256: String,
) -> Result<Verification, ReviewError> {
    let subject = ReviewedSurvey::subject(survey, survey_sha256, settings::stages(dir)?)?;
    Book::verify(dir, &subject)
}
