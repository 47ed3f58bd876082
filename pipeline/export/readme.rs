//! What goes with every export in words: its limits, and who surveyed, when and where.

use crate::job::Job;
use rams_domain::{LIMITS, MetadataField, SurveyMetadata};

/// Writes `STEM_FORMAT_README.txt`, the limits of a survey, who made it and what there is to know
/// about the files beside it, and returns its name.
pub(crate) fn write(job: &Job<'_>, about: &str) -> std::io::Result<String> {
    let name = format!("{}_README.txt", job.set());
    std::fs::write(job.draft.path(&name), text(&job.source.metadata, about))?;
    Ok(name)
}

/// The text of a README.
pub(crate) fn text(metadata: &SurveyMetadata, about: &str) -> String {
    let stated = stated(metadata).join("\n");
    format!("{}\n\n{stated}\n\n{about}", LIMITS.replace(". ", ".\n"))
}

/// Who surveyed, when and where, a line a field, and what nobody stated.
pub(crate) fn stated(metadata: &SurveyMetadata) -> Vec<String> {
    let line = |field: MetadataField| {
        let statement = metadata.get(field)?;
        Some(format!("{}: {statement} (from {})", field.label(), statement.source()))
    };
    let missing = metadata.told_missing().map(|missing| format!("not stated: {missing}"));
    MetadataField::ALL.into_iter().filter_map(line).chain(missing).collect()
}
