//! A survey's review: who may sign in.

use crate::{ReviewError, Users, reviewed_survey::ReviewedSurvey, settings};
use rams_domain::Survey;
use std::path::Path;

/// The users of the review in a survey's folder, which is begun where there is none.
/// `survey_sha256` is that of survey.gpkg, hex.
pub fn users(dir: &Path, survey: &Survey, survey_sha256: String) -> Result<Users, ReviewError> {
    let subject = ReviewedSurvey::subject(survey, survey_sha256, settings::stages(dir)?)?;
    Users::open(dir, &subject)
}
