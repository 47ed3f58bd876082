//! The survey as tables: turning points of the hazard areas, the areas, evidence points, and other
//! evidence.

use crate::Halt;
use crate::job::Job;
use crate::record;
use crate::sheet::Sheet;
use crate::{areas, evidence_points, readme, sheet, turning_points};

const ABOUT: &str = "Coordinates are WGS 84, decimal degrees.\n";

const MAP: &str = "\
    The ground that was not assessed is not in these tables: see the layer `gaps` \
    of survey.gpkg, or\nof the other formats.\n";

pub(crate) fn make(job: &Job<'_>) -> Result<Vec<String>, Halt> {
    let mut names = Vec::new();
    for (sheet, name) in sheets(job)?.iter().zip(names_of(job)) {
        sheet.write_csv(&job.draft.path(&name))?;
        names.push(name);
    }
    names.push(readme::write(job, &[about(), sheet::ABOUT.into()].join("\n"))?);
    Ok(names)
}

/// Names of the files of [`sheets`].
pub(crate) fn names_of(job: &Job<'_>) -> [String; 4] {
    [
        job.name.clone(),
        format!("{}_hazard_areas.csv", job.stem),
        format!("{}_features.csv", job.stem),
        format!("{}_external_evidence.csv", job.stem),
    ]
}

/// Turning points, areas, evidence points, other evidence: the tables of CSV and of a workbook.
pub(crate) fn sheets(job: &Job<'_>) -> Result<[Sheet; 4], Halt> {
    let (areas, features) =
        (record::records(&job.source, "hazard_areas")?, record::places(&job.source, "features")?);
    let points = turning_points::sheet(&areas, |area| area.value("id"));
    let evidence = evidence_points::sheet(&features, &areas)?;
    let external =
        evidence_points::external_sheet(&record::places(&job.source, "external_evidence")?)?;
    let areas = areas::sheet(&areas, &job.source.columns("hazard_areas")?);
    Ok([points, areas, evidence, external])
}

/// What there is to know about these tables.
pub(crate) fn about() -> String {
    [ABOUT, turning_points::ABOUT, areas::ABOUT, evidence_points::ABOUT, MAP].join("\n")
}
