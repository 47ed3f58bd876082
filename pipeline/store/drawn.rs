//! Whether the areas of a survey are as they were drawn.

use crate::columns::HAZARD_AREAS;
use crate::error::StoreError;
use crate::held::{self, Unopened};
use crate::names::{RUN_RECORD_TABLE, SURVEY_FILE};
use crate::row::{self, text};
use crate::table::{TableRow, Value};
use gdal::Dataset;
use gdal::errors::Result;
use gdal::vector::{Feature, LayerAccess};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Fails with [`StoreError::AreasEdited`] unless the areas of the survey in a folder are as `rams`
/// drew them: what people drew, edited or deleted must not be replaced. So it does where that cannot
/// be told, in a survey of version 0.2.
pub fn check_as_drawn(dir: &Path) -> std::result::Result<(), StoreError> {
    let path = dir.join(SURVEY_FILE);
    let dataset = held::open_vector(&path, Some(&["GPKG"])).map_err(|unopened| match unopened {
        Unopened::Gdal(error) => {
            StoreError::NotASurvey { path: path.clone(), cause: held::cause(error) }
        }
        Unopened::Unsettled(error) => error,
    })?;
    let digests = kept(&dataset).and_then(|kept| Ok((kept, stored(&dataset)?)));
    let cause = match digests {
        Ok((kept, stored)) if kept == stored => return Ok(()),
        Ok((kept, _)) if !kept.is_empty() => "people drew, edited or deleted some of them",
        _ => {
            "the version that wrote it did not note how it drew them, and people may have edited them"
        }
    };
    Err(StoreError::AreasEdited { path, cause })
}

/// What the record says of the areas as they were drawn; empty where it says nothing.
fn kept(dataset: &Dataset) -> Result<String> {
    let mut layer = dataset.layer_by_name(RUN_RECORD_TABLE)?;
    layer.defn().field_index("areas_sha256")?;
    Ok(layer.features().next().map(|row| text(&row, "areas_sha256")).unwrap_or_default())
}

/// The same of the areas as they are now.
fn stored(dataset: &Dataset) -> Result<String> {
    let mut layer = dataset.layer_by_name("hazard_areas")?;
    let at = HAZARD_AREAS.iter().map(|(name, _)| layer.defn().field_index(name));
    let at = at.collect::<Result<Vec<usize>>>()?;
    // Columns that people added are empty until they write there.
    let own = (0..layer.defn().fields().count()).filter(|index| !at.contains(index));
    let own: Vec<usize> = own.collect();
    let row = |row: Feature<'_>| {
        let value = |index: &usize| Ok(row.field(*index)?.map(Value::Plain));
        let mut values = at.iter().map(value).collect::<Result<Vec<_>>>()?;
        let written = own.iter().map(value).collect::<Result<Vec<_>>>()?;
        values.extend(written.into_iter().filter(Option::is_some));
        Ok(TableRow { geometry: row::geometry(&row).cloned(), values })
    };
    sha256(layer.features().map(row))
}

/// SHA-256, hex, of outlines and values of some rows, in their order.
pub(crate) fn sha256(rows: impl Iterator<Item = Result<TableRow>>) -> Result<String> {
    let mut digest = Sha256::new();
    for row in rows {
        let TableRow { geometry, values } = row?;
        digest.update(geometry.map_or(Ok(vec![]), |geometry| geometry.wkb())?);
        for value in values {
            match value {
                Some(Value::Plain(value)) => digest.update(format!("{value:?};")),
                Some(Value::Bytes(bytes)) => digest.update(bytes),
                None => digest.update("NULL;"),
            }
        }
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
