//! What people rejected in a review, as a table: for the record, never as areas.

use crate::Halt;
use crate::cell::Cell;
use crate::job::Job;
use crate::record::as_cell;
use crate::sheet::Sheet;
use gdal::vector::LayerAccess;
use rams_store::REJECTED_AREAS_TABLE;

/// Writes `STEM_FORMAT_rejected_areas.csv` of a survey as people decided it, and returns its name;
/// none for a survey that nobody reviewed.
pub(crate) fn write(job: &Job<'_>) -> Result<Option<String>, Halt> {
    if job.source.review.is_empty() {
        return Ok(None);
    }
    let columns = job.source.columns(REJECTED_AREAS_TABLE)?;
    let mut sheet = Sheet::new(REJECTED_AREAS_TABLE, &[]);
    let mut layer = job.source.layer(REJECTED_AREAS_TABLE)?;
    for row in layer.features() {
        let cell = |index| -> Result<Cell, Halt> {
            Ok(row.field(index)?.as_ref().map_or(Cell::Empty, as_cell))
        };
        sheet.rows.push((0..columns.len()).map(cell).collect::<Result<_, _>>()?);
    }
    sheet.header = columns;
    let name = format!("{}_{REJECTED_AREAS_TABLE}.csv", job.set());
    sheet.write_csv(&job.draft.path(&name))?;
    Ok(Some(name))
}
