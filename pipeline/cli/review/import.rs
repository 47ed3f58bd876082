//! Takes into a review what others said of its areas: a file of one of three kinds.

use super::field_table;
use crate::output::print;
use rams_evidence::{Mapping, holds_areas, read_areas};
use rams_review::{AreaTable, import_areas, import_log, is_log};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn import(
    dir: &Path,
    file: &Path,
    mapping: Option<&Path>,
    importer: &str,
) -> anyhow::Result<ExitCode> {
    let mapping = mapping.map(Mapping::read).transpose()?.unwrap_or_default();
    let (survey, survey_sha256) = super::read(dir)?;
    let said = if is_log(file) {
        import_log(dir, &survey, survey_sha256, file, importer)?.to_string()
    } else if holds_areas(file)? {
        let rows = read_areas(file, &mapping, &survey.ground)?;
        let sha256 = rams_tile::digest(file, || false)?.unwrap_or_default();
        let table = AreaTable { path: file, sha256, rows };
        import_areas(dir, survey, survey_sha256, &table, importer)?.to_string()
    } else {
        field_table::import(dir, survey, survey_sha256, file, &mapping, importer)?.to_string()
    };
    print(&said)?;
    Ok(ExitCode::SUCCESS)
}
