//! Pictures of features, so that a map shows what was found wherever it is opened.

use crate::columns::CHIPS;
use crate::names::CHIPS_TABLE;
use crate::table::{Table, TableRow, Value, describe, text};
use gdal::vector::OGRwkbGeometryType::wkbNone;
use rams_domain::{Chip, Survey};

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
