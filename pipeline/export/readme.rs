//! The text that goes with formats that cannot hold one.

use crate::job::Job;
use rams_domain::LIMITS;

/// Writes `STEM_FORMAT_README.txt`, the limits of a survey and what there is to know about the
/// files beside it, and returns its name.
pub(crate) fn write(job: &Job<'_>, about: &str) -> std::io::Result<String> {
    let name = format!("{}_README.txt", job.set());
    std::fs::write(job.draft.path(&name), format!("{}\n\n{about}", LIMITS.replace(". ", ".\n")))?;
    Ok(name)
}
