//! What goes with every export in words: its limits, and who surveyed, when and where.

use crate::job::Job;
use rams_domain::{LIMITS, MetadataField};
use rams_store::Source;

/// Writes `STEM_FORMAT_README.txt`, the limits of a survey, who made it and what there is to know
/// about the files beside it, and returns its name.
pub(crate) fn write(job: &Job<'_>, about: &str) -> std::io::Result<String> {
    let name = format!("{}_README.txt", job.set());
    std::fs::write(job.draft.path(&name), text(&job.source, about))?;
    Ok(name)
}

/// The text of a README.
pub(crate) fn text(source: &Source, about: &str) -> String {
    let stated = stated(source).join("\n");
    format!("{}\n\n{stated}\n\n{about}", LIMITS.replace(". ", ".\n"))
}

/// Who surveyed, when and where, a line a field, what nobody stated, what a review states, and how
/// many areas were left out.
pub(crate) fn stated(source: &Source) -> Vec<String> {
    let metadata = &source.metadata;
    let line = |field: MetadataField| {
        let statement = metadata.get(field)?;
        Some(format!("{}: {statement} (from {})", field.label(), statement.source()))
    };
    let missing = metadata.told_missing().map(|missing| format!("not stated: {missing}"));
    let review = source.review.iter().map(|(name, value)| format!("review, {name}: {value}"));
    let left_out = [source.left_out.to_string()].into_iter().filter(|text| !text.is_empty());
    let stated = MetadataField::ALL.into_iter().filter_map(line).chain(missing);
    stated.chain(review).chain(left_out).collect()
}
