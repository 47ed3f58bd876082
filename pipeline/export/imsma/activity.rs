//! The activity that a record comes from, and its place, as the draft minimum data requirements ask
//! for them.

use crate::cell::Cell;
use crate::record::Record;
use rams_domain::{MetadataField, SurveyMetadata};
use rams_store::Source;

/// Who surveyed, when, where and how.
pub(super) struct Activity {
    metadata: SurveyMetadata,
    method: String,
    status: &'static str,
    /// Whether areas know their own districts.
    has_districts: bool,
}

impl Activity {
    pub(super) const HEADER: [&str; 14] = [
        "activity_type",
        "activity_organisation",
        "activity_operator",
        "activity_task",
        "activity_method",
        "activity_start",
        "activity_end",
        "activity_status",
        "contact",
        "country",
        "province",
        "district",
        "nearest_place",
        "land_use",
    ];

    pub(super) fn new(source: &Source, areas: &[Record]) -> Self {
        let Source { record, metadata, review, .. } = source;
        let models: Vec<_> =
            record.models.iter().map(|model| format!("{} {}", model.name, model.version)).collect();
        let rams = format!("rams {}", record.software.rams);
        let method = format!("models on an orthomosaic ({}), {}", models.join(", "), rams.trim());
        let on = |time: &str| format!(" on {}", time.split('T').next().unwrap_or_default());
        let analysed = record.started().map(on).unwrap_or_default();
        let (reviewed, status) = match review.is_empty() {
            true => ("", "awaiting review"),
            false => (", review by people", "reviewed"),
        };
        Self {
            metadata: metadata.clone(),
            method: method + &analysed + reviewed,
            status,
            has_districts: areas.iter().any(|area| !area.value("district").is_empty()),
        }
    }

    /// Cells of [`Activity::HEADER`] of a row. The dates are those of the flight, and those of the
    /// analysis stand in the method. The district is that of the row, or that of the survey where
    /// no row has one.
    pub(super) fn cells(&self, of: &Record) -> [Cell; 14] {
        let stated = |field| Cell::text(self.metadata.text(field));
        let dates = self.metadata.flight_dates();
        let [start, end] = [dates.first(), dates.last()]
            .map(|day| Cell::text(day.map(ToString::to_string).unwrap_or_default()));
        let district =
            if self.has_districts { of.cell("district") } else { stated(MetadataField::District) };
        [
            Cell::text("Non-technical survey, remote aerial"),
            stated(MetadataField::Organisation),
            stated(MetadataField::Operator),
            stated(MetadataField::Task),
            Cell::text(&self.method),
            start,
            end,
            Cell::text(self.status),
            stated(MetadataField::Contact),
            stated(MetadataField::Country),
            stated(MetadataField::Province),
            district,
            stated(MetadataField::NearestPlace),
            stated(MetadataField::LandUse),
        ]
    }
}
