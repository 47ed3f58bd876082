//! What people decided of the ground in an older survey -> a note to those who decide now.

mod outcome;
#[cfg(test)]
mod tests;

pub use outcome::OlderOutcome;

use crate::book::{Book, Subject, Walk};
use crate::imported::{hashed, importer};
use crate::reviewed_survey::ReviewedSurvey;
use crate::{ReviewError, settings, shapes};
use geo::{Area, BoundingRect, Intersects, MultiPolygon};
use rams_domain::{
    Decision, Disposition, EoCategory, EventDetail, ItemState, OlderDecision, Proposal, Reached,
    Review, ReviewEvent, ReviewItem, Survey,
};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

/// Areas of one category that share more of their ground are taken for the same.
const SAME_IOU: f64 = 0.5;

/// Less of an older area is within newer ones: a person is told.
const MOST_OF_IT: f64 = 0.5;

/// A survey that was reviewed before.
pub struct OlderSurvey<'a> {
    /// Its folder.
    pub dir: &'a Path,
    /// What is in it.
    pub survey: Survey,
    /// SHA-256 of its survey.gpkg, hex.
    pub survey_sha256: String,
}

/// Takes what people decided in an older survey into the review of a newer one of the same ground,
/// and decides nothing by it: each area that overlaps one of theirs gets a remark that says who
/// decided what, when and why; what they accepted and nothing overlaps becomes an area that waits,
/// for somebody to look at. The same again appends nothing. `survey_sha256` is that of survey.gpkg,
/// hex; `reviewer` is who begins the review, where that is known.
///
/// # Errors
/// [`ReviewError::InUse`] while the review is open elsewhere, [`ReviewError::User`] where both are
/// one survey, else those of [`Book::open`].
pub fn note_older(
    dir: &Path,
    survey: &Arc<Survey>,
    survey_sha256: String,
    older: &OlderSurvey<'_>,
    reviewer: Option<&str>,
) -> Result<OlderOutcome, ReviewError> {
    if survey_sha256 == older.survey_sha256 {
        return Err(ReviewError::User(format!(
            "{} holds the same survey: give its review/review.db to `rams review DIR import`",
            older.dir.display()
        )));
    }
    if reviewer.is_none() && !Book::is_begun(dir) {
        return Err(ReviewError::Nameless);
    }
    let stages = settings::stages(older.dir)?;
    let theirs = ReviewedSurvey::subject(&older.survey, older.survey_sha256.clone(), stages)?;
    let walk = Book::read(older.dir, &theirs, None)?;
    let decided = decided(&walk, &theirs, older, survey)?;
    let subject = ReviewedSurvey::subject(survey, survey_sha256, settings::stages(dir)?)?;
    let book = Book::open(dir, &subject)?;
    let notes = Notes { survey: ReviewedSurvey::new(survey.clone()), reviewer };
    let (proposals, mut outcome) = {
        let state = book.state();
        notes.of(&state.review, &decided, older.dir)?
    };
    let head = book.decide_all(proposals);
    outcome.head = head.map_err(|(_, failed)| ReviewError::User(failed.to_string()))?;
    Ok(outcome)
}

/// An area of the older survey on which people decided.
struct Decided {
    older: OlderDecision,
    /// The decision that said so.
    decision: String,
    eo_category: EoCategory,
    /// In the CRS of the newer survey.
    boundary: MultiPolygon,
}

fn decided(
    walk: &Walk,
    theirs: &Subject,
    older: &OlderSurvey<'_>,
    survey: &Survey,
) -> Result<Vec<Decided>, ReviewError> {
    let undone: HashSet<&String> =
        walk.events.iter().filter_map(|event| event.detail.undoes.as_ref()).collect();
    let says = |event: &&ReviewEvent| {
        matches!(event.kind, Decision::Accept | Decision::Modify | Decision::Reject)
            && !undone.contains(&event.decision_id)
    };
    let last: HashMap<&str, &ReviewEvent> =
        walk.events.iter().filter(says).map(|event| (event.item.as_str(), event)).collect();
    let moved = rams_store::mover(older.survey.ground.crs(), survey.ground.crs())
        .map_err(|cause| ReviewError::User(format!("{}: {cause}", older.dir.display())))?;
    let mut found = vec![];
    for item in walk.review.items() {
        let standing = item.standing();
        let Some(disposition) = standing.disposition else { continue };
        let Some(last) =
            last.get(item.id.as_str()).filter(|_| standing.state != ItemState::Superseded)
        else {
            continue;
        };
        let failed = |cause| ReviewError::Geometry { area: item.id.clone(), cause };
        let boundary = rams_overlay::from_wkb(item.boundary()).map_err(failed)?;
        found.push(Decided {
            boundary: moved(&boundary).map_err(failed)?,
            eo_category: item.eo_category(),
            decision: last.decision_id.clone(),
            older: OlderDecision {
                survey_sha256: theirs.survey_sha256.clone(),
                item: item.id.clone(),
                disposition,
                reached: Reached::of(standing),
                who: last.who.clone(),
                at_utc: last.at_utc.clone(),
                reason: last.reason,
                comment: last.comment.clone(),
                iou: 0.0,
            },
        });
    }
    Ok(found)
}

struct Notes<'a> {
    survey: ReviewedSurvey,
    reviewer: Option<&'a str>,
}

impl Notes<'_> {
    fn of(
        &self,
        review: &Review,
        decided: &[Decided],
        dir: &Path,
    ) -> Result<(Vec<Proposal>, OlderOutcome), ReviewError> {
        let mut proposals = vec![];
        let mut outcome = OlderOutcome::new(dir, decided.len());
        let items = review.items().filter(|it| it.standing().state != ItemState::Superseded);
        let items: Vec<&ReviewItem> = items.collect();
        for area in decided {
            if review.items_of(&key(area, "not found")).is_some() {
                outcome.repeated += 1;
                continue;
            }
            let overlaps = self.overlaps(area, &items)?;
            let within: f64 = overlaps.iter().map(|(_, _, share)| share).sum();
            let is_accepted = area.older.disposition == Disposition::Accepted;
            let is_lost = overlaps.is_empty() && is_accepted;
            if is_lost && !self.is_on_ground(area) {
                outcome.beyond.push(area.older.item.clone());
            } else if is_lost {
                proposals.push(self.lost(review, area)?);
                outcome.not_found.push(area.older.item.clone());
            } else if is_accepted && within < MOST_OF_IT {
                outcome.partly.push((area.older.item.clone(), within));
            }
            for (item, iou, _) in overlaps {
                let key = key(area, &item.id);
                if review.items_of(&key).is_some() {
                    outcome.repeated += 1;
                    continue;
                }
                outcome.noted.insert(item.id.clone());
                proposals.push(self.note(key, area, item, iou));
            }
        }
        Ok((proposals, outcome))
    }

    /// Items that share ground with an area: intersection over union, and the share of the area
    /// that is theirs.
    fn overlaps<'b>(
        &self,
        area: &Decided,
        items: &[&'b ReviewItem],
    ) -> Result<Vec<(&'b ReviewItem, f64, f64)>, ReviewError> {
        let shape = self.survey.outline_of(&area.boundary);
        let failed = |cause| ReviewError::Geometry { area: area.older.item.clone(), cause };
        let mut found = vec![];
        for item in items {
            let outline = self.survey.outline(item);
            if !outline.extent.intersects(&shape.extent) {
                continue;
            }
            let both = rams_overlay::intersection(&shape.shape, &outline.shape).map_err(failed)?;
            let (both, all) = (both.unsigned_area(), shape.shape.unsigned_area());
            // Outlines that only touch share a line.
            if both > 1e-6 {
                let union = all + outline.shape.unsigned_area() - both;
                found.push((*item, both / union, both / all));
            }
        }
        Ok(found)
    }

    fn is_on_ground(&self, area: &Decided) -> bool {
        let extent = self.survey.survey.ground.extent();
        area.boundary.bounding_rect().is_some_and(|of| extent.intersects(&of))
    }

    fn note(&self, key: String, area: &Decided, item: &ReviewItem, iou: f64) -> Proposal {
        let is_same = area.eo_category == item.eo_category();
        let category = match is_same {
            true => "same category".to_owned(),
            false => format!("it was {} there", area.eo_category),
        };
        let proposed = match is_same && iou > SAME_IOU {
            true => format!("proposed: {} as there. ", area.older.disposition),
            false => String::new(),
        };
        let text = format!(
            "{}. Overlap (IoU) {iou:.2}, {category}; {proposed}Nothing is decided by that.",
            said(&area.older)
        );
        self.proposal(key, area, iou, text, Decision::Comment, item)
    }

    /// An area that waits, for what nothing overlaps.
    fn lost(&self, review: &Review, area: &Decided) -> Result<Proposal, ReviewError> {
        let failed = |problem: shapes::Problem| ReviewError::Geometry {
            area: area.older.item.clone(),
            cause: problem.flaw.to_string(),
        };
        let text = format!("{}, and nothing of the new survey overlaps it.", said(&area.older));
        let stage = review.stages().first();
        Ok(Proposal {
            boundary: Some(shapes::bytes(&area.boundary).map_err(failed)?),
            eo_category: Some(area.eo_category),
            comment: text,
            detail: detail(area, 0.0),
            ..Proposal::new(key(area, "not found"), self.by(), stage, Decision::Add, "")
        })
    }

    fn proposal(
        &self,
        key: String,
        area: &Decided,
        iou: f64,
        comment: String,
        decision: Decision,
        item: &ReviewItem,
    ) -> Proposal {
        let detail = detail(area, iou);
        let bare = Proposal::new(key, self.by(), item.standing().stage, decision, &item.id);
        Proposal { comment, detail, ..bare }
    }

    fn by(&self) -> rams_domain::Reviewer {
        importer(self.reviewer.unwrap_or("rams"))
    }
}

fn detail(area: &Decided, iou: f64) -> EventDetail {
    let older = OlderDecision { iou, ..area.older.clone() };
    EventDetail { older: Some(Box::new(older)), ..EventDetail::default() }
}

/// The id of what is noted of an area: another where people decided anew.
fn key(area: &Decided, of: &str) -> String {
    let OlderDecision { survey_sha256, item, .. } = &area.older;
    hashed("rams-older-1", &[survey_sha256, item, &area.decision, of], b"")
}

fn said(older: &OlderDecision) -> String {
    let OlderDecision { item, disposition, reached, who, at_utc, reason, comment, .. } = older;
    let day = at_utc.get(..10).unwrap_or(at_utc);
    let reason = reason.map_or(String::new(), |reason| format!(", {}", reason.label()));
    let comment = if comment.is_empty() { String::new() } else { format!(", \"{comment}\"") };
    format!(
        "In an older survey {item} was {disposition} ({reached}) by {who} on {day}{reason}{comment}"
    )
}
