//! A stored survey -> the same with other areas.

use crate::draft::Draft;
use crate::drawn;
use crate::error::{Halt, StoreError};
use crate::held;
use crate::names::SURVEY_FILE;
use crate::table::{GEOMETRY_COLUMN, Table};
use crate::write::{SqliteOptions, add, check};
use crate::{project, style, tables};
use gdal::spatial_ref::SpatialRef;
use gdal::vector::LayerAccess;
use gdal::vector::sql::Dialect;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use rams_domain::{FeatureId, HazardAreaId, Survey};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The table of the styles of QGIS.
const STYLES: &str = "layer_styles";

/// Writes `dir/survey.gpkg`: that of the folder `from` with the areas of a survey and with what
/// they were drawn by. `stored` is the survey as it was read there; of its layers those that are
/// not as they were then are replaced. All else stays as it is in the file, to the byte: detections
/// and their embeddings, and what people added. Of features only their ids and their links to areas
/// are written.
///
/// The file appears whole or not at all, as that of [`write()`](crate::write()). Errors are
/// [`StoreError::Unsettled`] for changes that are not in the file of `from` yet,
/// [`StoreError::Open`] for a survey in `dir` that someone has open, and [`StoreError::Write`].
pub fn write_areas(
    survey: &Survey,
    stored: &Survey,
    from: &Path,
    dir: &Path,
) -> Result<PathBuf, StoreError> {
    let (source, target) = (from.join(SURVEY_FILE), dir.join(SURVEY_FILE));
    held::check_settled(&source)?;
    let draft = Draft::beside(&target)?;
    replace(survey, stored, [from, dir], &draft.path(SURVEY_FILE))
        .map_err(|halt| draft.blame(&target, halt))?;
    draft.publish(&[SURVEY_FILE.into()])?;
    Ok(target)
}

fn replace(
    survey: &Survey,
    stored: &Survey,
    [from, dir]: [&Path; 2],
    path: &Path,
) -> Result<(), Halt> {
    fs::copy(from.join(SURVEY_FILE), path)?;
    let drawn = survey.record.drawings.last().map(|drawing| drawing.time.as_str());
    let options = SqliteOptions::set(drawn)?;
    let update = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_UPDATE,
        allowed_drivers: Some(&["GPKG"]),
        ..DatasetOptions::default()
    };
    let mut dataset = Dataset::open_ex(path, update)?;
    let srs = dataset.layer_by_name("features")?.spatial_ref();
    let srs = srs.ok_or_else(|| Halt::Torn("layer features has no CRS".into()))?;
    let is_new = |name: &str| match name {
        "gaps" => survey.gaps != stored.gaps,
        "assessed" => survey.assessed != stored.assessed,
        "external_evidence" => survey.external_evidence != stored.external_evidence,
        "survey_metadata" => survey.metadata != stored.metadata,
        name => ["hazard_areas", "indication_belts", "run", "run_record"].contains(&name),
    };
    let mut written = Vec::new();
    // Surveys of older versions do not have all of them.
    let there: Vec<String> = dataset.layers().map(|layer| layer.name()).collect();
    let is_written = |name: &str| is_new(name) || !there.iter().any(|layer| layer == name);
    for table in tables::of(survey).into_iter().filter(|table| is_written(table.name)) {
        written.push((table.name, refill(&mut dataset, &srs, table)?));
    }
    link(&mut dataset, survey)?;
    restyle(&mut dataset, survey, stored)?;
    project::replace(&dataset, (stored, from), (survey, dir))?;
    drawn::note(&dataset)?;
    dataset.close()?;
    drop(options);
    check(path, &written)
}

/// Writes a table in place of the rows that it has; one of another version's columns is made anew.
fn refill(dataset: &mut Dataset, srs: &SpatialRef, table: Table<'_>) -> Result<u64, Halt> {
    let name = table.name;
    let at = dataset.layers().position(|layer| layer.name() == name);
    let has_columns = |at: usize| {
        let layer = dataset.layer(at)?;
        let names: Vec<String> = layer.defn().fields().map(|field| field.name()).collect();
        let is_column =
            |(index, (name, _)): (usize, &(&str, _))| names.get(index) == Some(&(*name).into());
        Ok::<bool, gdal::errors::GdalError>(table.columns.iter().enumerate().all(is_column))
    };
    match at {
        Some(at) if !has_columns(at)? => {
            dataset.delete_layer(at)?;
            if dataset.layer_by_name(STYLES).is_ok() {
                let sql = format!("DELETE FROM {STYLES} WHERE f_table_name = '{name}'");
                execute(dataset, &sql)?;
            }
        }
        Some(_) => {
            let sql = [
                format!("DELETE FROM \"{name}\""),
                // So that rows have the numbers of a survey that is drawn for the first time.
                format!("DELETE FROM sqlite_sequence WHERE name = '{name}'"),
            ];
            sql.iter().try_for_each(|sql| execute(dataset, sql))?;
            let transaction = dataset.start_transaction()?;
            let rows = table.fill(&mut transaction.layer_by_name(name)?)?;
            transaction.commit()?;
            return Ok(rows);
        }
        None => {}
    }
    add(dataset, srs, table)
}

/// Writes ids of features, which those that people drew may not have, and of the areas that stand
/// on each.
fn link(dataset: &mut Dataset, survey: &Survey) -> Result<(), Halt> {
    let mut standing: BTreeMap<FeatureId, Vec<HazardAreaId>> = BTreeMap::new();
    for area in &survey.hazard_areas {
        area.features.iter().for_each(|id| standing.entry(*id).or_default().push(area.id));
    }
    let numbers: Vec<u64> =
        dataset.layer_by_name("features")?.features().filter_map(|row| row.fid()).collect();
    if numbers.len() != survey.features.len() {
        let (found, expected) = (numbers.len(), survey.features.len());
        return Err(Halt::Torn(format!("layer features reads back {found} rows of {expected}")));
    }
    let transaction = dataset.start_transaction()?;
    for (number, feature) in numbers.into_iter().zip(&survey.features) {
        let areas = standing.get(&feature.id).into_iter().flatten().map(ToString::to_string);
        let areas = areas.collect::<Vec<_>>().join(",");
        let id = feature.id;
        let sql = format!(
            "UPDATE features SET id = '{id}', hazard_areas = '{areas}' WHERE fid = {number} AND \
             (id IS NOT '{id}' OR hazard_areas IS NOT '{areas}')"
        );
        execute(&transaction, &sql)?;
    }
    transaction.commit()?;
    Ok(())
}

/// Gives layers the styles of what they hold now, but for those whose styles people made.
fn restyle(dataset: &mut Dataset, survey: &Survey, stored: &Survey) -> Result<(), Halt> {
    if dataset.layer_by_name(STYLES).is_err() {
        return Ok(());
    }
    let transaction = dataset.start_transaction()?;
    for ((layer, now), (_, before)) in style::styles(survey).into_iter().zip(style::styles(stored))
    {
        let [now, before] = [now, before].map(|style| style.replace('\'', "''"));
        let sql = format!(
            "UPDATE {STYLES} SET styleQML = '{now}' WHERE f_table_name = '{layer}' AND \
             styleQML = '{before}'"
        );
        execute(&transaction, &sql)?;
        let sql = format!(
            "INSERT INTO {STYLES} (f_table_catalog, f_table_schema, f_table_name, \
             f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, \
             ui) SELECT '', '', '{layer}', '{GEOMETRY_COLUMN}', 'rams', '{now}', '', 1, \
             'Written by rams', '', '' WHERE NOT EXISTS \
             (SELECT 1 FROM {STYLES} WHERE f_table_name = '{layer}')"
        );
        execute(&transaction, &sql)?;
    }
    transaction.commit()?;
    Ok(())
}

fn execute(dataset: &Dataset, sql: &str) -> Result<(), Halt> {
    dataset.execute_sql(sql, None, Dialect::DEFAULT)?;
    Ok(())
}
