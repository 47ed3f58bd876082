//! Whether the areas of a survey are as they were drawn.

use crate::error::StoreError;
use crate::held;
use crate::names::{RUN_RECORD_TABLE, SURVEY_FILE};
use crate::row::{self, text};
use gdal::Dataset;
use gdal::errors::Result;
use gdal::vector::LayerAccess;
use gdal::vector::sql::Dialect;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Fails with [`StoreError::AreasEdited`] unless the areas of the survey in a folder are as `rams`
/// drew them: what people drew, edited or deleted must not be replaced. It fails, too, where that
/// cannot be told, in a survey of version 0.2.
pub fn check_as_drawn(dir: &Path) -> std::result::Result<(), StoreError> {
    let path = dir.join(SURVEY_FILE);
    let dataset = held::open_survey(&path)?;
    let digests = noted(&dataset).and_then(|noted| Ok((noted, sha256(&dataset)?)));
    let cause = match digests {
        Ok((noted, now)) if noted == now => return Ok(()),
        Ok((noted, _)) if !noted.is_empty() => "people drew, edited or deleted some of them",
        _ => {
            "the version that wrote it did not note how it drew them, and people may have edited \
             them"
        }
    };
    Err(StoreError::AreasEdited { path, cause })
}

/// SHA-256, hex, of the areas as they were drawn. A survey of version 0.2, whose record says
/// nothing of them, has that of the areas as they are: it changes when people edit them. It is
/// empty where a column that people added has values of no type that can be read.
pub(crate) fn as_drawn(dataset: &Dataset) -> String {
    let noted = noted(dataset).ok().filter(|noted| !noted.is_empty());
    noted.or_else(|| sha256(dataset).ok()).unwrap_or_default()
}

/// Notes how the areas that were written are, in the record.
pub(crate) fn note(dataset: &Dataset) -> Result<()> {
    let sql = format!("UPDATE {RUN_RECORD_TABLE} SET areas_sha256 = '{}'", sha256(dataset)?);
    dataset.execute_sql(sql, None, Dialect::DEFAULT).map(drop)
}

/// What the record says of the areas as they were drawn; empty where it says nothing.
fn noted(dataset: &Dataset) -> Result<String> {
    let mut layer = dataset.layer_by_name(RUN_RECORD_TABLE)?;
    layer.defn().field_index("areas_sha256")?;
    Ok(layer.features().next().map(|row| text(&row, "areas_sha256")).unwrap_or_default())
}

/// SHA-256, hex, of outlines and values of all areas. Columns that people added count from their
/// first value on.
fn sha256(dataset: &Dataset) -> Result<String> {
    let mut layer = dataset.layer_by_name("hazard_areas")?;
    let names: Vec<String> = layer.defn().fields().map(|field| field.name()).collect();
    let mut digest = Sha256::new();
    for row in layer.features() {
        digest.update(row::geometry(&row).map_or(Ok(vec![]), |geometry| geometry.wkb())?);
        for (index, name) in names.iter().enumerate() {
            if let Some(value) = row.field(index)? {
                digest.update(format!("{name} {value:?};"));
            }
        }
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
