//! The activity that a record comes from, as the draft minimum data requirements ask for it.

use crate::cell::Cell;
use rams_domain::RunRecord;

/// When and how the survey was made. Who made it, its file does not know.
pub(super) struct Activity {
    start: String,
    method: String,
}

impl Activity {
    pub(super) const HEADER: [&str; 6] = [
        "activity_type",
        "activity_organisation",
        "activity_method",
        "activity_start",
        "activity_end",
        "activity_status",
    ];

    pub(super) fn new(record: &RunRecord) -> Self {
        let models: Vec<_> =
            record.models.iter().map(|model| format!("{} {}", model.name, model.version)).collect();
        let rams = format!("rams {}", record.software.rams);
        let method = format!("models on an orthomosaic ({}), {}", models.join(", "), rams.trim());
        Self { start: record.started().unwrap_or_default().to_owned(), method }
    }

    /// Cells of [`Activity::HEADER`]. The date is that of the analysis; that of the flight is not
    /// in the orthomosaic.
    pub(super) fn cells(&self) -> [Cell; 6] {
        let date = self.start.split('T').next().unwrap_or_default();
        [
            Cell::text("Non-technical survey, remote aerial"),
            Cell::Empty,
            Cell::text(&self.method),
            Cell::text(date),
            Cell::text(date),
            Cell::text("awaiting review"),
        ]
    }
}
