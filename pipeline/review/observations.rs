//! Rows of a field team -> observations in the log, and what became of each.

mod outcome;
mod target;
mod withdraw;

pub use outcome::FieldOutcome;
pub use withdraw::{Withdrawn, withdraw};

use crate::book::{Book, Failed, REVIEW_DIR};
use crate::imported::{bad_row, hashed, hex, importer};
use crate::reviewed_survey::ReviewedSurvey;
use crate::{ReviewError, settings};
use rams_domain::{
    Decision, Disposition, FieldPlace, FieldRow, Found, Observation, Proposal, ReviewItem, Survey,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use target::{Target, Targets};

/// The folder, within that of the review, of copies of photos.
pub(crate) const ATTACHMENTS_DIR: &str = "attachments";

/// More photos are no day of a team but a whole disk.
const MOST_PHOTOS: usize = 5_000;

/// A photo as a JPEG without metadata, `None` where there is no such file, or why it is not taken.
pub type Photo = Result<Option<Vec<u8>>, String>;

/// A table of a field team.
pub struct FieldTable<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its digest, hex.
    pub sha256: String,
    /// Its rows.
    pub rows: Vec<FieldRow>,
    /// A photo by its name in a row.
    pub photo: &'a dyn Fn(&str) -> Photo,
}

/// Takes what people found on the ground into the log of a survey's review, which begins with it
/// where there is none: evidence of the finds and areas that they speak of, and no decision on
/// these. A row is the find or area that it names, else the only find within reach of its place;
/// others are left out. The same row again appends nothing. `importer` is who answers for the
/// import; `survey_sha256` is that of survey.gpkg, hex.
///
/// # Errors
/// [`ReviewError::InUse`] while the review is open elsewhere, [`ReviewError::Import`] where rows
/// cannot be taken, else those of [`Book::open`].
pub fn import_field_table(
    dir: &Path,
    survey: Survey,
    survey_sha256: String,
    table: FieldTable<'_>,
    importer: &str,
) -> Result<FieldOutcome, ReviewError> {
    let photos = table.rows.iter().filter(|row| !row.photo.is_empty()).count();
    if photos > MOST_PHOTOS {
        let cause =
            format!("{photos} photos, and {MOST_PHOTOS} are taken at once: divide the table");
        return Err(bad_row(table.path, "field photo", cause));
    }
    let subject = ReviewedSurvey::subject(&survey, survey_sha256, settings::stages(dir)?)?;
    let book = Book::open(dir, &subject)?;
    let outcome = FieldOutcome {
        path: table.path.into(),
        rows: table.rows.len(),
        taken: BTreeMap::new(),
        repeated: 0,
        left_out: vec![],
        photos: 0,
        without_photo: vec![],
        seen_in_rejected: BTreeSet::new(),
        head: book.head(),
    };
    let targets = Targets::new(ReviewedSurvey::new(Arc::new(survey)));
    let attachments = dir.join(REVIEW_DIR).join(ATTACHMENTS_DIR);
    let mut import = Import { table: &table, targets, book, attachments, importer, outcome };
    table.rows.iter().try_for_each(|row| import.take(row))?;
    import.outcome.head = import.book.head();
    Ok(import.outcome)
}

struct Import<'a> {
    table: &'a FieldTable<'a>,
    targets: Targets,
    book: Book,
    attachments: PathBuf,
    importer: &'a str,
    outcome: FieldOutcome,
}

impl Import<'_> {
    fn take(&mut self, row: &FieldRow) -> Result<(), ReviewError> {
        let target = self.targets.target(&self.book.state().review, row);
        let target = match target {
            Ok(target) => target,
            Err(why) => {
                self.outcome.left_out.push((row.row.clone(), why));
                return Ok(());
            }
        };
        let photo_sha256 = self.attach(row)?;
        let id = key(row, photo_sha256.is_some());
        let is_in = |id: &str| self.book.state().review.items_of(id).is_some();
        if is_in(&id) || (photo_sha256.is_none() && is_in(&key(row, true))) {
            self.outcome.repeated += 1;
            return Ok(());
        }
        let proposal = self.proposal(row, id, target, photo_sha256);
        let answer = self.book.decide(proposal).map_err(|failed: Failed| {
            let cause = format!("{failed}; rows before it are in the log, give the file again");
            bad_row(self.table.path, &row.row, cause)
        })?;
        *self.outcome.taken.entry(row.found).or_default() += 1;
        if row.found == Found::Seen {
            let state = self.book.state();
            let items = answer.items.iter().filter_map(|id| state.review.item(id));
            let rejected =
                items.filter(|item| item.standing().disposition == Some(Disposition::Rejected));
            self.outcome.seen_in_rejected.extend(rejected.map(|item| item.id.clone()));
        }
        Ok(())
    }

    fn proposal(
        &self,
        row: &FieldRow,
        id: String,
        target: Target,
        photo_sha256: Option<String>,
    ) -> Proposal {
        let Target { feature, items } = target;
        let state = self.book.state();
        let item = items[0].clone();
        let standing = state.review.item(&item).map(ReviewItem::standing);
        let of_find =
            feature.iter().flat_map(|feature| items.iter().map(|it| (feature.clone(), it.clone())));
        let features = of_find.collect();
        let (position, accuracy_m) = match row.place {
            Some(FieldPlace::At { point, accuracy_m }) => {
                (Some([point.x(), point.y()]), accuracy_m)
            }
            _ => (None, None),
        };
        let name = self.table.path.file_name().unwrap_or(self.table.path.as_os_str());
        let observation = Observation {
            found: row.found,
            feature,
            observer: row.observer.clone(),
            organisation: row.organisation.clone(),
            date: row.date.clone(),
            position,
            accuracy_m,
            photo: row.photo.clone(),
            photo_sha256,
            file: name.to_string_lossy().into_owned(),
            file_sha256: self.table.sha256.clone(),
            row: row.row.clone(),
        };
        let stage = standing.map_or(state.review.stages().first(), |standing| standing.stage);
        Proposal {
            comment: row.note.clone(),
            features,
            observation: Some(Box::new(observation)),
            ..Proposal::new(id, importer(self.importer), stage, Decision::Observe, &item)
        }
    }

    /// Copies the photo of a row; its digest.
    fn attach(&mut self, row: &FieldRow) -> Result<Option<String>, ReviewError> {
        if row.photo.is_empty() {
            return Ok(None);
        }
        let without = match (self.table.photo)(&row.photo) {
            Ok(Some(jpeg)) => {
                let digest = hex(&Sha256::digest(&jpeg));
                let path = self.attachments.join(format!("{digest}.jpg"));
                if !path.is_file() {
                    write(&path, &jpeg)?;
                    self.outcome.photos += 1;
                }
                return Ok(Some(digest));
            }
            Ok(None) => "it is missing".to_owned(),
            Err(why) => why,
        };
        self.outcome.without_photo.push((row.row.clone(), format!("{}: {without}", row.photo)));
        Ok(None)
    }
}

/// What makes a row the same as another, in this table or the next one; a photo that comes later
/// makes it another.
fn key(row: &FieldRow, has_photo: bool) -> String {
    let place = match row.place {
        Some(FieldPlace::At { point, accuracy_m }) => {
            format!("{} {} {accuracy_m:?}", point.x(), point.y())
        }
        _ => String::new(),
    };
    let (found, has_photo) = (row.found.to_string(), has_photo.to_string());
    let texts = [
        &*row.id,
        &place,
        &found,
        &row.observer,
        &row.organisation,
        &row.date,
        &row.note,
        &row.photo,
    ];
    hashed("rams-observation-1", &texts, has_photo.as_bytes())
}

/// All of a file, or nothing of it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), ReviewError> {
    let draft = path.with_extension("part");
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder)
        .and_then(|()| fs::write(&draft, bytes))
        .and_then(|()| fs::rename(&draft, path));
    written.map_err(|cause| ReviewError::Io { path: path.into(), cause })
}
