//! Areas that people drew elsewhere, such as in QGIS -> ordinary decisions in the log.

mod compare;
mod history;
mod outcome;

pub use outcome::{AreaChange, AreasOutcome};

use crate::book::Book;
use crate::guid::guid;
use crate::imported::{bad_row, file_row, hashed, importer};
use crate::reviewed_survey::ReviewedSurvey;
use crate::{ReviewError, settings, shapes};
use compare::{is_same, snapped};
use geo::MultiPolygon;
use history::{Drawn, History};
use rams_domain::{
    AreaRow, Decision, Disposition, EventDetail, ItemState, Proposal, Review, ReviewItem,
    ReviewStage, Reviewer, Survey,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

/// Areas that people drew in a file.
pub struct AreaTable<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its digest, hex.
    pub sha256: String,
    /// Its rows.
    pub rows: Vec<AreaRow>,
}

/// Takes areas that people drew elsewhere into the log of a survey's review: each whose outline or
/// category is another than in the version that it was drawn on is modified, each without an id is
/// added, in the name of `importer` and by the rules of the review. An area that is not in the
/// file is named and left as it is. All of the file is taken, or nothing; the same file again
/// appends nothing. `survey_sha256` is that of survey.gpkg, hex.
///
/// # Errors
/// [`ReviewError::InUse`] while the review is open elsewhere, [`ReviewError::Import`] where a row
/// cannot be taken, else those of [`Book::open`].
pub fn import_areas(
    dir: &Path,
    survey: Survey,
    survey_sha256: String,
    table: &AreaTable<'_>,
    importer: &str,
) -> Result<AreasOutcome, ReviewError> {
    let subject = ReviewedSurvey::subject(&survey, survey_sha256, settings::stages(dir)?)?;
    let book = Book::open(dir, &subject)?;
    let stages = book.stages_of_importer(importer)?;
    let walk = book.walk(&subject, None)?;
    let history = History::of(&subject, &walk.events)?;
    let items = walk.review.items();
    let guid_of = |id: &str| guid(&survey.record, &subject.survey_sha256, id);
    let guids = items.map(|item| (guid_of(&item.id), item.id.clone())).collect();
    let import = Import {
        table,
        survey: ReviewedSurvey::new(Arc::new(survey)),
        guids,
        history,
        stages,
        importer,
    };
    let (proposals, mut outcome) = import.of(walk.review)?;
    let rows: Vec<String> = proposals.iter().map(|(row, _)| row.clone()).collect();
    let proposals = proposals.into_iter().map(|(_, proposal)| proposal).collect();
    let head = book.decide_all(proposals);
    let row = |at: usize| rows.get(at).map_or("", String::as_str);
    outcome.head = head.map_err(|(at, failed)| bad_row(table.path, row(at), failed))?;
    Ok(outcome)
}

struct Import<'a> {
    table: &'a AreaTable<'a>,
    survey: ReviewedSurvey,
    /// The item of each id that is the same in every export.
    guids: HashMap<String, String>,
    history: History,
    /// Where the importer may act.
    stages: Vec<ReviewStage>,
    importer: &'a str,
}

/// Decisions, each with its row.
type Proposals = Vec<(String, Proposal)>;

impl Import<'_> {
    /// What the rows come to, one upon the other; nothing is written.
    fn of(&self, mut review: Review) -> Result<(Proposals, AreasOutcome), ReviewError> {
        let named = self.named(&review)?;
        let mut outcome = AreasOutcome::new(self.table.path, self.table.rows.len());
        outcome.missing = self.missing(&review, named.values().collect());
        let mut proposals = vec![];
        for row in &self.table.rows {
            let refused = |cause: String| bad_row(self.table.path, &row.row, cause);
            let proposal = match named.get(&row.row) {
                Some(item) => self.modified(&review, row, item, &mut outcome).map_err(refused)?,
                None => self.added(&review, row, &mut outcome).map_err(refused)?,
            };
            let Some(proposal) = proposal else { continue };
            self.warn(row, &mut outcome);
            let before = review.item(&proposal.item).cloned();
            let events = review.decide(&proposal).map_err(|it| refused(it.to_string()))?;
            let taken = events.iter().try_for_each(|event| review.apply(event));
            taken.map_err(|error| refused(error.to_string()))?;
            let item = review.item(&events[0].item).cloned();
            outcome.changed.extend(item.map(|item| AreaChange {
                item: item.id.clone(),
                row: row.row.clone(),
                stage: proposal.stage,
                before_m2: before.map(|before| self.survey.outline(&before).area_m2),
                after_m2: self.survey.outline(&item).area_m2,
                eo_category: item.eo_category(),
            }));
            proposals.push((row.row.clone(), proposal));
        }
        Ok((proposals, outcome))
    }

    /// The item of each row that names one.
    fn named(&self, review: &Review) -> Result<BTreeMap<String, String>, ReviewError> {
        let mut rows: BTreeMap<String, &AreaRow> = BTreeMap::new();
        let mut named = BTreeMap::new();
        for row in &self.table.rows {
            let refused = |cause: String| bad_row(self.table.path, &row.row, cause);
            let by_guid = self.guids.get(&row.guid);
            let id = match (row.item.as_str(), by_guid) {
                ("", None) if row.guid.is_empty() => continue,
                ("", None) => {
                    let cause = format!("there is no item of the guid {} here", row.guid);
                    return Err(refused(format!("{cause}: empty it to add an area")));
                }
                ("", Some(item)) => item.clone(),
                (id, _) => id.to_owned(),
            };
            if review.item(&id).is_none() {
                let cause = format!("there is no item {id} in this review");
                return Err(refused(format!("{cause}: empty its id to add an area")));
            }
            if !row.guid.is_empty() && by_guid != Some(&id) {
                return Err(refused(format!(
                    "its guid is {}, which is not that of {id} here: it is of another drawing of \
                     the areas; export the survey anew and edit that, or empty its guid if it is \
                     {id} as it should be",
                    row.guid
                )));
            }
            if let Some(other) = rows.insert(id.clone(), row) {
                return Err(refused(format!(
                    "{} is {id}, too: empty the id of one of both, which adds it as an area, or \
                     split {id} in the review, key S",
                    other.row
                )));
            }
            named.insert(row.row.clone(), id);
        }
        Ok(named)
    }

    /// Those that the file could have and has not.
    fn missing(&self, review: &Review, named: BTreeSet<&String>) -> Vec<String> {
        // Of a copy of the survey the rows say no version: people's own areas are in none.
        let is_reviewed = self.table.rows.iter().any(|row| row.version.is_some());
        let could_be = |item: &&ReviewItem| match item.standing().disposition {
            _ if item.standing().state == ItemState::Superseded => false,
            Some(Disposition::Rejected) => false,
            Some(Disposition::Accepted) if is_reviewed => true,
            _ => !is_reviewed && self.history.is_of_survey(&item.id),
        };
        let missing = review.items().filter(could_be).filter(|item| !named.contains(&item.id));
        missing.map(|item| item.id.clone()).collect()
    }

    /// The change of an item, if there is one.
    fn modified(
        &self,
        review: &Review,
        row: &AreaRow,
        id: &str,
        outcome: &mut AreasOutcome,
    ) -> Result<Option<Proposal>, String> {
        let version = row.version.unwrap_or(1);
        let drawn_on = self.history.at(id, version).ok_or_else(|| {
            format!("its review_version is {version}, which {id} never had: export it anew")
        })?;
        let item = review.item(id).ok_or("it is not in this review")?;
        let now = Drawn::of(item)?;
        let category = row.eo_category.unwrap_or(drawn_on.eo_category);
        let ground = &self.survey.survey.ground;
        let is = |drawn: &Drawn| {
            drawn.eo_category == category && is_same(ground, &row.boundary, &drawn.boundary)
        };
        if is(drawn_on) || is(&now) {
            outcome.unchanged += 1;
            return Ok(None);
        }
        let boundary = snapped(ground, &row.boundary, &drawn_on.boundary);
        let bytes = self.checked(&boundary)?;
        let texts = [id, &version.to_string(), &category.to_string()];
        let key = hashed("rams-area-edit-1", &texts, &bytes);
        if review.items_of(&key).is_some() {
            outcome.repeated += 1;
            return Ok(None);
        }
        if item.version != version {
            return Err(format!(
                "{id} was decided on since: it was drawn on version {version}, and has version {} \
                 now; export the review anew and edit that",
                item.version
            ));
        }
        let stage = item.standing().stage;
        if item.standing().is_open() && !self.stages.contains(&stage) {
            let who = self.importer;
            return Err(format!(
                "{id} waits at {stage}, where {who} does not act: give --as one who does"
            ));
        }
        let is_drawn = !is_same(ground, &boundary, &now.boundary);
        Ok(Some(Proposal {
            version,
            boundary: is_drawn.then_some(bytes),
            eo_category: (category != now.eo_category).then_some(category),
            ..self.proposal(key, stage, Decision::Modify, id, row)
        }))
    }

    /// A new item, if nobody has it.
    fn added(
        &self,
        review: &Review,
        row: &AreaRow,
        outcome: &mut AreasOutcome,
    ) -> Result<Option<Proposal>, String> {
        let category = row.eo_category.ok_or("its eo_category is empty: give that of the area")?;
        let bytes = self.checked(&row.boundary)?;
        let key = hashed("rams-area-edit-1", &["", "", &category.to_string()], &bytes);
        if review.items_of(&key).is_some() {
            outcome.repeated += 1;
            return Ok(None);
        }
        let ground = &self.survey.survey.ground;
        let has_it = self.history.of_people().any(|drawn| {
            drawn.eo_category == category && is_same(ground, &row.boundary, &drawn.boundary)
        });
        if has_it {
            outcome.repeated += 1;
            return Ok(None);
        }
        let stage = self.stages.iter().copied().find(|stage| stage.decides()).ok_or_else(|| {
            let who = self.importer;
            format!("{who} acts at no stage that draws: give --as an analyst or an NTS team")
        })?;
        Ok(Some(Proposal {
            boundary: Some(bytes),
            eo_category: Some(category),
            ..self.proposal(key, stage, Decision::Add, "", row)
        }))
    }

    /// An outline that can be kept, as bytes.
    fn checked(&self, boundary: &MultiPolygon) -> Result<Arc<[u8]>, String> {
        let shape = self.survey.survey.ground.to_metres(boundary);
        let checked = shapes::check(&shape).and_then(|()| shapes::bytes(boundary));
        checked.map_err(|problem| problem.flaw.to_string())
    }

    fn warn(&self, row: &AreaRow, outcome: &mut AreasOutcome) {
        let shape = self.survey.survey.ground.to_metres(&row.boundary);
        let warnings = shapes::warnings(&self.survey, &shape).into_iter();
        outcome.warnings.extend(warnings.map(|warning| (row.row.clone(), warning.to_string())));
    }

    fn proposal(
        &self,
        id: String,
        stage: ReviewStage,
        decision: Decision,
        item: &str,
        row: &AreaRow,
    ) -> Proposal {
        let row = file_row(self.table.path, &self.table.sha256, &row.row);
        let by = Reviewer { role: stage.to_string(), ..importer(self.importer) };
        Proposal {
            detail: EventDetail { row: Some(Box::new(row)), ..EventDetail::default() },
            ..Proposal::new(id, by, stage, decision, item)
        }
    }
}
