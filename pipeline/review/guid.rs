//! Ids that never change.

use rams_domain::RunRecord;

/// The id of an item: that of the survey's area, which is the same in every export, or of what
/// people made of areas, whose number is of this review.
pub(crate) fn guid(record: &RunRecord, survey_sha256: &str, item: &str) -> String {
    if item.starts_with('A') {
        record.guid_as_drawn(item)
    } else {
        record.guid_as_drawn(&format!("{survey_sha256} {item}"))
    }
}
