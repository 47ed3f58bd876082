//! The log of a review -> what people said of finds and areas.

use crate::book::{Book, Walk};
use crate::outcome::roots;
use crate::reviewed_survey::ReviewedSurvey;
use crate::{ReviewError, settings};
use rams_domain::{Disposition, FeatureVerdict, ItemState, Judgements, Survey};
use std::{collections::HashMap, path::Path};

/// Reads the review of a survey's folder. Nothing is changed, and somebody may review meanwhile.
/// `survey_sha256` is that of survey.gpkg, hex.
pub fn judgements(
    dir: &Path,
    survey: &Survey,
    survey_sha256: String,
) -> Result<Judgements, ReviewError> {
    let subject = ReviewedSurvey::subject(survey, survey_sha256, settings::stages(dir)?)?;
    let Walk { review, head, .. } = Book::read(dir, &subject, None)?;
    let mut judgements = Judgements { events: head.seq, head: head.hex(), ..Judgements::default() };
    let features: HashMap<String, _> =
        survey.features.iter().map(|feature| (feature.id.to_string(), feature.id)).collect();
    let areas: HashMap<String, _> =
        survey.hazard_areas.iter().map(|area| (area.id.to_string(), area.id)).collect();
    for item in review.items() {
        let on_ground = item.observations().filter_map(|observation| {
            Some((observation.feature.as_ref()?, observation.found.verdict()?))
        });
        let in_imagery = item.verdicts().iter().map(|(id, verdict)| (id, *verdict));
        for (id, verdict) in in_imagery.chain(on_ground) {
            let Some(id) = features.get(id) else { continue };
            let said = judgements.features.entry(*id).or_insert(verdict);
            if verdict == FeatureVerdict::Seen {
                *said = FeatureVerdict::Seen;
            }
        }
        let standing = item.standing();
        let disposition = match standing.state {
            ItemState::Superseded => None,
            _ => standing.disposition,
        };
        let Some(disposition) = disposition else { continue };
        for root in roots(&review, item) {
            let Some(id) = areas.get(&root) else { continue };
            let said = judgements.areas.entry(*id).or_insert(disposition);
            if disposition == Disposition::Accepted {
                *said = Disposition::Accepted;
            }
        }
    }
    Ok(judgements)
}
