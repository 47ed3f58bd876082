//! Names of the survey's file and of what is in it.

use std::path::Path;

/// Name of the survey's file within its folder.
pub const SURVEY_FILE: &str = "survey.gpkg";

/// The layers that every survey has and that leave the house.
pub const LAYERS: [&str; 4] = ["features", "hazard_areas", "gaps", "assessed"];

/// The table of the record for programs.
pub(crate) const RUN_RECORD_TABLE: &str = "run_record";

/// The table of what people rejected, in a survey as they decided it.
pub const REJECTED_AREAS_TABLE: &str = "rejected_areas";

/// The table of pictures of features.
pub(crate) const CHIPS_TABLE: &str = "chips";

/// The table of who surveyed, when and where.
pub(crate) const SURVEY_METADATA_TABLE: &str = "survey_metadata";

/// The folder of a survey that is named by its folder or its file.
pub fn survey_folder(survey: &Path) -> &Path {
    match survey.parent() {
        Some(parent) if survey.ends_with(SURVEY_FILE) => parent,
        _ => survey,
    }
}
