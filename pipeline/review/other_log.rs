//! The log of another copy of a review -> what it has more than ours.

mod conflict;
mod merge;
mod outcome;
mod proposals;
#[cfg(test)]
mod tests;

pub use outcome::{Conflict, LogOutcome};

use crate::book::{Book, REVIEW_DIR, Walk};
use crate::imported::bad_row;
use crate::imported::hex;
use crate::observations::{ATTACHMENTS_DIR, write};
use crate::reviewed_survey::ReviewedSurvey;
use crate::{ReviewError, settings};
use merge::Merge;
use rams_domain::Survey;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// Whether a file is the log of a review: SQLite, and no GeoPackage.
pub fn is_log(path: &Path) -> bool {
    let mut start = vec![];
    let read = File::open(path).and_then(|file| file.take(100).read_to_end(&mut start));
    let is_geopackage = start.get(68..70) == Some(b"GP");
    read.is_ok() && start.starts_with(b"SQLite format 3\0") && !is_geopackage
}

/// Takes what another copy of a survey's review has more than this one into its log: each decision
/// anew, by the rules, in the name of who made it there, with where it comes from. Where both
/// decided on an item, neither is overwritten: the decision of the other becomes a comment that
/// names both, and the item waits where people say what it is, or is sent back there by `importer`.
/// Samples stay where they were drawn. The chain of the other log is walked first. The same log
/// again appends nothing. `survey_sha256` is that of survey.gpkg, hex.
///
/// # Errors
/// [`ReviewError::InUse`] while the review is open elsewhere, [`ReviewError::Import`] where the log
/// is of another survey or its own, [`ReviewError::Broken`] where it does not fit, else those of
/// [`Book::open`].
pub fn import_log(
    dir: &Path,
    survey: &Survey,
    survey_sha256: String,
    file: &Path,
    importer: &str,
) -> Result<LogOutcome, ReviewError> {
    let subject = ReviewedSurvey::subject(survey, survey_sha256, settings::stages(dir)?)?;
    let book = Book::open(dir, &subject)?;
    let refused = |cause: &str| bad_row(file, "the log", cause);
    // SQLite loses its locks where one process opens a file a second time by itself.
    if file.canonicalize().ok() == book.path().canonicalize().ok() {
        return Err(refused("it is that of this review: give the one of another copy"));
    }
    let theirs = Book::read_file(file, &subject).map_err(|error| match error {
        ReviewError::OtherSurvey { was, is, .. } => refused(&format!(
            "it is of another survey.gpkg (sha256 {was}) than this review ({is}): only copies of \
             one survey have logs that go together; that of an older survey is for `rams review \
             DIR --from OLD`"
        )),
        ReviewError::Sql { cause, .. } => refused(&format!(
            "{cause}; end the review there and copy its whole folder, review.db-wal with review.db"
        )),
        error => error,
    })?;
    let ours = book.walk(&subject, None)?;
    let stages = book.stages_of_importer(importer)?;
    let merge = Merge::new(&subject, &ours, &theirs, importer, stages);
    let (proposals, mut outcome) =
        merge.of(file).map_err(|(item, why)| bad_row(file, &item, why))?;
    let sha256s = proposals.iter().filter_map(|it| it.observation.as_ref()?.photo_sha256.clone());
    let sha256s: Vec<String> = sha256s.collect();
    let head = book.decide_all(proposals);
    outcome.head = head.map_err(|(_, failed)| bad_row(file, "the log", failed))?;
    outcome.without_photo = photos(dir, file, &sha256s)?;
    Ok(outcome)
}

/// Copies the photos of observations; how many are not there, or are not what the log says.
fn photos(dir: &Path, file: &Path, sha256s: &[String]) -> Result<usize, ReviewError> {
    let from = file.parent().unwrap_or(file).join(ATTACHMENTS_DIR);
    let to = dir.join(REVIEW_DIR).join(ATTACHMENTS_DIR);
    let mut missing = 0;
    for sha256 in sha256s {
        let name = format!("{sha256}.jpg");
        let is_name = sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        match fs::read(from.join(&name)) {
            Ok(jpeg) if is_name && hex(&Sha256::digest(&jpeg)) == *sha256 => {
                write(&to.join(&name), &jpeg)?;
            }
            _ => missing += 1,
        }
    }
    Ok(missing)
}
