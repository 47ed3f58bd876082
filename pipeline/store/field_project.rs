//! A survey -> a folder that a team takes to the ground in QField: the map, and a layer for what is
//! found there.

use crate::columns::OBSERVATIONS;
use crate::draft::Draft;
use crate::error::{Halt, StoreError};
use crate::held::check_settled;
use crate::names::{OBSERVATIONS_FILE, OBSERVATIONS_LAYER, SURVEY_FILE};
use crate::table::Table;
use crate::write::{SqliteOptions, add, srs};
use crate::{project, zip};
use gdal::DriverManager;
use gdal::vector::OGRwkbGeometryType::wkbPoint;
use rams_domain::Survey;
use std::path::{Path, PathBuf};
use std::{fs, iter};

/// The project's file.
const PROJECT_FILE: &str = "survey.qgz";

/// Writes `out/survey.qgz`, a copy of the survey in `dir` and an empty `out/observations.gpkg`, in
/// the survey's CRS, whose columns are those of a field table (`rams review DIR import`). Returns
/// their paths.
///
/// Errors: [`StoreError::Observations`] where a team may have written already;
/// [`StoreError::Unsettled`] where edits of the survey lie beside it; [`StoreError::Write`].
pub fn write_field_project(
    survey: &Survey,
    dir: &Path,
    out: &Path,
) -> Result<Vec<PathBuf>, StoreError> {
    let observations = out.join(OBSERVATIONS_FILE);
    if observations.exists() {
        return Err(StoreError::Observations { path: observations });
    }
    let source = dir.join(SURVEY_FILE);
    check_settled(&source)?;
    let draft = Draft::beside(&observations)?;
    let fill = || -> Result<(), Halt> {
        fs::copy(&source, draft.path(SURVEY_FILE))?;
        empty_layer(survey, &draft.path(OBSERVATIONS_FILE))?;
        let document = project::field_document(survey);
        let archive = zip::archive("survey.qgs", document.as_bytes());
        Ok(fs::write(draft.path(PROJECT_FILE), archive)?)
    };
    fill().map_err(|halt| draft.blame(&observations, halt))?;
    draft.publish(&[SURVEY_FILE, OBSERVATIONS_FILE, PROJECT_FILE].map(str::to_owned))
}

fn empty_layer(survey: &Survey, path: &Path) -> Result<(), Halt> {
    let driver = DriverManager::get_driver_by_name("GPKG")?;
    let options = SqliteOptions::set(None)?;
    let mut dataset = driver.create_vector_only(path)?;
    let table = Table {
        name: OBSERVATIONS_LAYER,
        title: "Observations",
        description: "What people found on the ground, for `rams review DIR import`.".into(),
        geometry: wkbPoint,
        columns: &OBSERVATIONS,
        rows: Box::new(iter::empty()),
    };
    add(&mut dataset, &srs(survey)?, table)?;
    dataset.close()?;
    drop(options);
    Ok(())
}
