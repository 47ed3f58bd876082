//! Pictures of features, so that a map shows what was found wherever it is opened.

use crate::columns::CHIPS;
use crate::error::StoreError;
use crate::held;
use crate::names::{CHIPS_TABLE, SURVEY_FILE};
use crate::read::id;
use crate::row;
use crate::table::{Table, TableRow, Value, describe, text};
use gdal::vector::OGRwkbGeometryType::wkbNone;
use gdal::vector::{Feature, LayerAccess};
use rams_domain::{Chip, FeatureId, Survey};
use std::path::Path;

/// The pictures of a survey's folder, in the order of the file; none where it has no such table. A
/// picture may be of a feature that people have taken out since, and one of no feature is left out.
pub fn chips(dir: &Path) -> Result<Vec<Chip>, StoreError> {
    let dataset = held::open_survey(&dir.join(SURVEY_FILE))?;
    let Ok(mut layer) = dataset.layer_by_name(CHIPS_TABLE) else { return Ok(vec![]) };
    let chip = |row: Feature<'_>| {
        let feature = FeatureId(id(&row::text(&row, "feature"), 'F').ok()?);
        Some(Chip { feature, jpeg: row::bytes(&row, "jpeg")? })
    };
    Ok(layer.features().filter_map(chip).collect())
}

pub(crate) fn table(survey: &Survey) -> Table<'_> {
    let row = |chip: &Chip| {
        Ok(TableRow {
            geometry: None,
            values: vec![text(chip.feature), Some(Value::Bytes(chip.jpeg.clone()))],
        })
    };
    Table {
        name: CHIPS_TABLE,
        title: "Pictures of finds",
        description: describe("What the imagery shows of features of areas, the surest first."),
        geometry: wkbNone,
        columns: &CHIPS,
        rows: Box::new(survey.chips.iter().map(row)),
    }
}
