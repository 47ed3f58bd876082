//! [`ReviewOutcome`] -> `survey.gpkg`: a survey as people decided it.

use crate::as_stored::as_stored;
use crate::columns::{FEATURES, HAZARD_AREAS};
use crate::draft::Draft;
use crate::error::StoreError;
use crate::names::{REJECTED_AREAS_TABLE, SURVEY_FILE};
use crate::table::Column::{self, Real, Text, Whole};
use crate::table::{Table, TableRow, Value, describe, list, measure, text, whole};
use crate::tables;
use crate::write::{fill, srs};
use gdal::errors::Result;
use gdal::vector::FieldValue;
use gdal::vector::OGRwkbGeometryType::wkbNone;
use rams_domain::{FeatureVerdict, RejectedArea, ReviewOutcome};
use std::path::{Path, PathBuf};

type Columns = [(&'static str, Column)];

const OF_AREAS: [(&str, Column); 5] = [
    ("guid", Text),
    ("review_item", Text),
    ("parents", Text),
    ("review_stage", Text),
    ("review_version", Whole),
];
const AREAS: [(&str, Column); HAZARD_AREAS.len() + OF_AREAS.len()] =
    joined(&HAZARD_AREAS, &OF_AREAS);

const OF_FEATURES: [(&str, Column); 2] = [("guid", Text), ("observation", Text)];
const FOUND: [(&str, Column); FEATURES.len() + OF_FEATURES.len()] = joined(&FEATURES, &OF_FEATURES);

const REJECTED: [(&str, Column); 13] = [
    ("guid", Text),
    ("review_item", Text),
    ("parents", Text),
    ("review_stage", Text),
    ("status", Text),
    ("reason", Text),
    ("comment", Text),
    ("eo_category", Text),
    ("threat", Text),
    ("district", Text),
    ("area_m2", Real),
    ("longitude", Real),
    ("latitude", Real),
];

const fn joined<const N: usize>(first: &Columns, more: &Columns) -> [(&'static str, Column); N] {
    let mut all = [("", Text); N];
    let mut at = 0;
    while at < N {
        all[at] = if at < first.len() { first[at] } else { more[at - first.len()] };
        at += 1;
    }
    all
}

/// Writes `dir/survey.gpkg`: a survey as people decided it, which everyone reads as any other.
/// Figures of what they drew are measured anew. To the layers of a survey it adds of each area and
/// feature an id that never changes and what people say of it, a table of what they rejected, and
/// the section `review` of `run`.
///
/// The file appears whole or not at all. Errors are those of [`write()`](crate::write()).
pub fn write_reviewed(
    mut outcome: ReviewOutcome,
    dir: &Path,
) -> std::result::Result<PathBuf, StoreError> {
    outcome.survey = as_stored(outcome.survey, dir)?;
    let target = dir.join(SURVEY_FILE);
    let draft = Draft::beside(&target)?;
    fill(
        &outcome.survey,
        tables_of(&outcome),
        &srs(&outcome.survey)?,
        &draft.path(SURVEY_FILE),
        Some(dir),
    )
    .map_err(|halt| draft.blame(&target, halt))?;
    draft.publish(&[SURVEY_FILE.into()])?;
    Ok(target)
}

fn tables_of(outcome: &ReviewOutcome) -> Vec<Table<'_>> {
    let mut tables = tables::of(&outcome.survey);
    for table in &mut tables {
        let rows = std::mem::replace(&mut table.rows, Box::new(std::iter::empty()));
        match table.name {
            "hazard_areas" => {
                table.columns = &AREAS;
                table.rows = Box::new(rows.zip(&outcome.areas).map(|(row, area)| {
                    let mut row = row?;
                    row.values[HAZARD_AREAS.len() - 1] = text(&area.status);
                    row.values.extend([
                        text(&area.guid),
                        text(&area.item),
                        list(&area.parents),
                        text(area.reached),
                        whole(area.version as i64),
                    ]);
                    Ok(row)
                }));
            }
            "features" => {
                table.columns = &FOUND;
                table.rows = Box::new(rows.zip(&outcome.features).map(|(row, feature)| {
                    let mut row = row?;
                    let observation = match feature.verdict {
                        _ if feature.seen_on_ground => text("visual observation on the ground"),
                        Some(FeatureVerdict::Seen) => text("visual observation"),
                        _ => None,
                    };
                    row.values.extend([text(&feature.guid), observation]);
                    Ok(row)
                }));
            }
            "run" => {
                let stated = outcome.statements.iter().map(|(name, value)| {
                    let values = vec![text("review"), text(name), text(value)];
                    Ok(TableRow { geometry: None, values })
                });
                table.rows = Box::new(rows.chain(stated));
            }
            _ => table.rows = rows,
        }
    }
    tables.push(rejected(&outcome.rejected));
    tables
}

/// Without outlines: nobody takes them for areas.
fn rejected(areas: &[RejectedArea]) -> Table<'_> {
    // Seven decimals of a degree are 11 mm.
    let degrees =
        |value: f64| Some(Value::Plain(FieldValue::RealValue((value * 1e7).round() / 1e7)));
    let row = move |area: &RejectedArea| -> Result<TableRow> {
        let values = vec![
            text(&area.guid),
            text(&area.item),
            list(&area.parents),
            text(area.reached),
            text(format!("rejected, {}", area.reached)),
            area.reason.and_then(text),
            text(&area.comment),
            text(area.eo_category),
            text(area.threat),
            text(&area.district),
            measure(area.area_m2),
            degrees(area.lonlat.x()),
            degrees(area.lonlat.y()),
        ];
        Ok(TableRow { geometry: None, values })
    };
    Table {
        name: REJECTED_AREAS_TABLE,
        title: "What people rejected",
        description: describe(
            "Areas of the survey that people rejected, each with the reason: for the record, never \
             as areas. The ground is not said to be without hazard.",
        ),
        geometry: wkbNone,
        columns: &REJECTED,
        rows: Box::new(areas.iter().map(row)),
    }
}
