//! Rows of a field team -> observations in the log, and what became of each.

use crate::book::{Book, Failed, Head, REVIEW_DIR};
use crate::reviewed_survey::{ReviewedSurvey, grown};
use crate::{ReviewError, settings};
use geo::{Distance, Euclidean, Geometry, Point, Rect};
use rams_domain::{
    Decision, Feature, FieldPlace, FieldRow, Found, ItemState, Observation, Proposal, Review,
    ReviewItem, Reviewer, Survey,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder, within that of the review, of copies of photos.
const ATTACHMENTS_DIR: &str = "attachments";

/// More photos are no day of a team but a whole disk.
const MOST_PHOTOS: usize = 5_000;

/// Where no find is within reach, the nearest is named within so many metres.
const NAMED_M: f64 = 100.0;

/// A table of a field team.
pub struct FieldTable<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its digest, hex.
    pub sha256: String,
    /// Its rows.
    pub rows: Vec<FieldRow>,
    /// A photo by its name in a row, as a JPEG without metadata; `None` where there is no such file.
    pub photo: &'a dyn Fn(&str) -> Result<Option<Vec<u8>>, String>,
}

/// What became of the rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldOutcome {
    /// The file.
    pub path: PathBuf,
    /// Number of its rows: those of the next three.
    pub rows: usize,
    /// Observations that are in the log from now on.
    pub taken: BTreeMap<Found, usize>,
    /// How many were in it before, or stand twice in the table.
    pub repeated: usize,
    /// Rows that were left out, and why.
    pub left_out: Vec<(String, String)>,
    /// Photos that were copied.
    pub photos: usize,
    /// Rows whose photo was not, and why.
    pub without_photo: Vec<(String, String)>,
    /// Areas that were rejected and on whose ground something was seen.
    pub seen_in_rejected: BTreeSet<String>,
    /// The end of the log.
    pub head: Head,
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
        return Err(ReviewError::Import {
            path: table.path.into(),
            row: "field photo".into(),
            cause: format!(
                "{photos} photos, and {MOST_PHOTOS} are taken at once: divide the table"
            ),
        });
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
    let survey = ReviewedSurvey::new(Arc::new(survey));
    let attachments = dir.join(REVIEW_DIR).join(ATTACHMENTS_DIR);
    let mut import =
        Import { table: &table, survey, book, attachments, widest_m: 0.0, importer, outcome };
    let reaches = import.survey.survey.features.iter().map(|it| import.reach(it, 0.0));
    import.widest_m = reaches.fold(NAMED_M, f64::max);
    table.rows.iter().try_for_each(|row| import.take(row))?;
    import.outcome.head = import.book.head();
    Ok(import.outcome)
}

/// What a row speaks of.
struct Target {
    /// A find; `None` of an area.
    feature: Option<String>,
    /// The items that it belongs to.
    items: Vec<String>,
}

struct Import<'a> {
    table: &'a FieldTable<'a>,
    survey: ReviewedSurvey,
    book: Book,
    attachments: PathBuf,
    /// The widest reach of a find, but for the accuracy of a row's position, metres.
    widest_m: f64,
    importer: &'a str,
    outcome: FieldOutcome,
}

impl Import<'_> {
    fn take(&mut self, row: &FieldRow) -> Result<(), ReviewError> {
        let target = self.target(&self.book.state().review, row);
        let target = match target {
            Ok(target) => target,
            Err(why) => {
                self.outcome.left_out.push((row.row.clone(), why));
                return Ok(());
            }
        };
        let photo_sha256 = self.attach(row)?;
        let id = key(row, photo_sha256.is_some());
        if self.book.state().review.items_of(&id).is_some() {
            self.outcome.repeated += 1;
            return Ok(());
        }
        let proposal = self.proposal(row, id, target, photo_sha256);
        let answer = self.book.decide(proposal).map_err(|failed: Failed| ReviewError::Import {
            path: self.table.path.into(),
            row: row.row.clone(),
            cause: format!("{failed}; rows before it are in the log, give the file again"),
        })?;
        *self.outcome.taken.entry(row.found).or_default() += 1;
        if row.found == Found::Seen {
            let state = self.book.state();
            let items = answer.items.iter().filter_map(|id| state.review.item(id));
            let rejected = items.filter(|item| {
                item.standing().disposition == Some(rams_domain::Disposition::Rejected)
            });
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
                (Some([point.x(), point.y()]), Some(accuracy_m))
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
        Proposal {
            id,
            at_utc: String::new(),
            by: Reviewer {
                name: self.importer.into(),
                role: "import".into(),
                ..Reviewer::default()
            },
            stage: standing.map_or(state.review.stages().first(), |standing| standing.stage),
            decision: Decision::Observe,
            item,
            version: 0,
            reason: None,
            comment: row.note.clone(),
            boundary: None,
            eo_category: None,
            others: vec![],
            parts: vec![],
            features,
            verdict: None,
            sampling: None,
            observation: Some(Box::new(observation)),
            seconds_open: None,
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

    fn target(&self, review: &Review, row: &FieldRow) -> Result<Target, String> {
        let place = match row.place {
            Some(FieldPlace::Beyond { km }) => {
                return Err(format!(
                    "its place is {km:.0} km from the survey's middle: check the CRS, and the \
                     order of longitude and latitude"
                ));
            }
            Some(FieldPlace::At { point, accuracy_m }) => {
                Some((self.survey.survey.ground.to_metres(&point), accuracy_m))
            }
            None => None,
        };
        match (row.id.as_str(), place) {
            ("", Some((at, accuracy_m))) => self.by_place(review, at, accuracy_m),
            ("", None) => Err("it has neither an id nor a place".into()),
            (id, place) => self.by_id(review, id, place),
        }
    }

    fn by_id(
        &self,
        review: &Review,
        id: &str,
        place: Option<(Point, f64)>,
    ) -> Result<Target, String> {
        let far = |what: &Geometry, reach_m: f64, at: Point| {
            let distance_m = Euclidean.distance(what, &Geometry::from(at));
            (distance_m > reach_m).then(|| {
                format!(
                    "its place is {distance_m:.1} m from {id}, and its reach {reach_m:.1} m: \
                     check both"
                )
            })
        };
        if let Some(feature) = self.survey.feature(id) {
            let shape = self.survey.survey.ground.to_metres(&feature.geometry);
            let far =
                place.and_then(|(at, accuracy)| far(&shape, self.reach(feature, accuracy), at));
            return far.map_or_else(|| self.of_find(review, feature), Err);
        }
        let Some(item) = review.item(id) else {
            return Err(format!("there is no find and no area {id} in this survey"));
        };
        if item.standing().state == ItemState::Superseded {
            return Err(format!("{id} was superseded: give the id of what took its place"));
        }
        let shape = Geometry::from(self.survey.outline(item).shape.clone());
        match place.and_then(|(at, accuracy_m)| far(&shape, accuracy_m, at)) {
            Some(far) => Err(far),
            None => Ok(Target { feature: None, items: vec![item.id.clone()] }),
        }
    }

    fn by_place(&self, review: &Review, at: Point, accuracy_m: f64) -> Result<Target, String> {
        let survey = &self.survey.survey;
        let within = grown(Rect::new(at, at), accuracy_m + self.widest_m);
        let near = self.survey.features_within(within).into_iter().map(|it| &survey.features[it]);
        let mut near: Vec<(f64, &Feature)> = near
            .map(|feature| {
                let shape = survey.ground.to_metres(&feature.geometry);
                (Euclidean.distance(&shape, &Geometry::from(at)), feature)
            })
            .collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        let is_reached = |(distance_m, feature): &&(f64, &Feature)| {
            *distance_m <= self.reach(feature, accuracy_m)
        };
        let reached: Vec<_> = near.iter().filter(is_reached).collect();
        match (&reached[..], near.first()) {
            ([(_, feature)], _) => self.of_find(review, feature),
            ([], Some((distance_m, nearest))) => Err(format!(
                "no find is there; the nearest, {}, is {distance_m:.1} m away: give the id of the \
                 find or area, or add an area by `rams review`, key N",
                nearest.id
            )),
            ([], None) => Err(format!(
                "no find is within {NAMED_M} m: give the id of the area, or add one by `rams \
                 review`, key N"
            )),
            (several, _) => {
                let ids: Vec<String> = several.iter().map(|(_, it)| it.id.to_string()).collect();
                Err(format!(
                    "it may be any of {} with an accuracy of {accuracy_m} m: give the id",
                    ids.join(", ")
                ))
            }
        }
    }

    /// How far from a find a position may lie that is one of it: the find's width, and the errors
    /// of both positions.
    fn reach(&self, feature: &Feature, accuracy_m: f64) -> f64 {
        feature.size_m[1] + self.survey.position_accuracy_m(feature.id) + accuracy_m
    }

    fn of_find(&self, review: &Review, feature: &Feature) -> Result<Target, String> {
        let items: Vec<String> =
            self.survey.items(review, feature.id).map(|item| item.id.clone()).collect();
        if items.is_empty() {
            return Err(format!("{} belongs to no area of the review", feature.id));
        }
        Ok(Target { feature: Some(feature.id.to_string()), items })
    }
}

/// What makes a row the same as another, in this table or the next one; a photo that comes later
/// makes it another.
fn key(row: &FieldRow, has_photo: bool) -> String {
    let place = match row.place {
        Some(FieldPlace::At { point, accuracy_m }) => {
            format!("{} {} {accuracy_m}", point.x(), point.y())
        }
        _ => String::new(),
    };
    let (found, has_photo) = (row.found.to_string(), has_photo.to_string());
    let mut hasher = Sha256::new();
    for text in [
        "rams-observation-1",
        &row.id,
        &place,
        &found,
        &row.observer,
        &row.organisation,
        &row.date,
        &row.note,
        &row.photo,
        &has_photo,
    ] {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    hex(&hasher.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All of a file, or nothing of it.
fn write(path: &Path, bytes: &[u8]) -> Result<(), ReviewError> {
    let draft = path.with_extension("part");
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder)
        .and_then(|()| fs::write(&draft, bytes))
        .and_then(|()| fs::rename(&draft, path));
    written.map_err(|cause| ReviewError::Io { path: path.into(), cause })
}

/// What was taken, what was left out and why.
impl fmt::Display for FieldOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |found| self.taken.get(&found).copied().unwrap_or(0);
        writeln!(
            f,
            "{}: {} row(s): {} seen, {} not seen, {} other; {} in the log before, {} left out",
            self.path.display(),
            self.rows,
            count(Found::Seen),
            count(Found::NotSeen),
            count(Found::Other),
            self.repeated,
            self.left_out.len()
        )?;
        let mut lines = String::new();
        for (row, why) in &self.left_out {
            writeln!(lines, "left out, {row}: {why}")?;
        }
        for (row, why) in &self.without_photo {
            writeln!(lines, "without photo, {row}: {why}")?;
        }
        for item in &self.seen_in_rejected {
            writeln!(
                lines,
                "{item} is rejected, and something was seen there: return or reopen it"
            )?;
        }
        if self.photos > 0 {
            writeln!(lines, "{} photo(s) copied", self.photos)?;
        }
        write!(f, "{lines}log of {} event(s), head {}", self.head.seq, self.head.hex())
    }
}
