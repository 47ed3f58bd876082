//! A mistake in what was taken in as observed on the ground.

use crate::book::{Book, Head};
use crate::imported::{hashed, importer};
use crate::reviewed_survey::ReviewedSurvey;
use crate::{ReviewError, settings};
use rams_domain::{Decision, EventDetail, Observation, Proposal, Survey};
use std::fmt;
use std::path::Path;

/// An observation that stands no more.
#[derive(Debug, Clone, PartialEq)]
pub struct Withdrawn {
    /// Number of its event.
    pub event: u64,
    /// What was observed.
    pub observation: Observation,
    /// The items that it was of.
    pub items: Vec<String>,
    /// The end of the log.
    pub head: Head,
}

impl fmt::Display for Withdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Observation { found, feature, observer, .. } = &self.observation;
        let of = feature.iter().chain(&self.items).map(String::as_str);
        let of = of.collect::<Vec<_>>().join(", ");
        writeln!(f, "withdrawn: event {}, {found} of {of}, by {observer}", self.event)?;
        write!(f, "{}", self.head)
    }
}

/// Withdraws an observation, by the number of its event: it stays in the log, and counts no more.
/// `who` answers for it, and says why; `survey_sha256` is that of survey.gpkg, hex.
///
/// # Errors
/// [`ReviewError::InUse`] while the review is open elsewhere, [`ReviewError::User`] where the event
/// is no observation that stands, else those of [`Book::open`].
pub fn withdraw(
    dir: &Path,
    survey: &Survey,
    survey_sha256: String,
    event: u64,
    why: &str,
    who: &str,
) -> Result<Withdrawn, ReviewError> {
    let subject = ReviewedSurvey::subject(survey, survey_sha256, settings::stages(dir)?)?;
    let book = Book::open(dir, &subject)?;
    let rows = book.log(event.saturating_sub(1), 1)?;
    let row = rows.first().filter(|row| row.seq == event);
    let found = row.and_then(|row| row.event().ok());
    let observed = found.and_then(|mut it| Some((it.detail.observation.take()?, it)));
    let Some((observation, found)) = observed else {
        return Err(ReviewError::User(format!(
            "event {event} of the log is no observation: give a number that `rams report DIR --day \
             DAY` has"
        )));
    };
    let id = hashed("rams-withdrawal-1", &[&found.decision_id], b"");
    if book.state().review.items_of(&id).is_some() {
        return Err(ReviewError::User(format!("the observation of event {event} was withdrawn")));
    }
    let proposal = Proposal {
        comment: why.into(),
        detail: EventDetail { withdraws: Some(found.decision_id), ..EventDetail::default() },
        ..Proposal::new(id, importer(who), found.stage, Decision::Observe, &found.item)
    };
    let answer = book.decide(proposal).map_err(|failed| ReviewError::User(failed.to_string()))?;
    Ok(Withdrawn { event, observation: *observation, items: answer.items, head: answer.head })
}
