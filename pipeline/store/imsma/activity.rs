//! The activity that a record comes from, as the draft minimum data requirements ask for it.

use crate::sheet::Cell;

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

    pub(super) fn new(run: &[[String; 3]]) -> Self {
        let value = |section: &str, name: &str| {
            run.iter().find(|row| row[0] == section && row[1] == name).map(|row| row[2].clone()).unwrap_or_default()
        };
        let models = run
            .iter()
            .filter(|row| row[0] == "model")
            .filter_map(|row| Some(format!("{} {}", row[1].strip_suffix(": version")?, row[2])));
        let models: Vec<String> = models.collect();
        let rams = format!("rams {}", value("software", "rams"));
        let method = format!("models on an orthomosaic ({}), {}", models.join(", "), rams.trim());
        Self { start: value("time", "started"), method }
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
