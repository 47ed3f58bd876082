//! The last stage: areas, drawn from what the store keeps of a survey.

use crate::{Progress, SurveyError, record};
use rams_delineate::{Basis, Delineation, Doctrine};
use rams_domain::{LeftOut, Notice, RunRecord, Subject, Survey};
use std::path::Path;

/// What drawing areas has to say of the evidence.
const OF_EVIDENCE: [Subject; 2] = [Subject::LandUse, Subject::Front];

/// Draws the areas of a survey whose folder is `dir`, in place of those that it has, and notes in
/// its record when and by what. Areas are drawn from features as they read back once they are
/// stored, so that they are the same when they are drawn again.
pub(crate) fn draw(
    survey: Survey,
    doctrine: &Doctrine,
    dir: &Path,
    time: String,
) -> Result<Survey, SurveyError> {
    let without_areas = Survey { hazard_areas: vec![], indication_belts: vec![], ..survey };
    let mut survey = rams_store::as_stored(without_areas, dir)?;
    let basis = Basis {
        features: &survey.features,
        external_evidence: &survey.external_evidence,
        assessed: &survey.assessed,
        gaps: &survey.gaps,
        ground: &survey.ground,
        record: &survey.record,
    };
    let crowds = rams_delineate::crowds(&basis);
    let Delineation { hazard_areas, indication_belts, left_out, notices } =
        rams_delineate::delineate(&basis, doctrine);
    let record = &mut survey.record;
    record.crowds = crowds;
    // Of an earlier drawing, by another doctrine or with other evidence.
    record.notices.retain(|notice| !OF_EVIDENCE.contains(&notice.subject));
    record.notices.extend(rams_delineate::unknown_land_uses(&survey.external_evidence, doctrine));
    record.notices.extend(notices);
    record.doctrine = record::doctrine(doctrine);
    record.left_out = LeftOut { min_confidence: doctrine.area.min_confidence, areas: left_out };
    record.add_drawing(time, env!("CARGO_PKG_VERSION"));
    Ok(Survey { hazard_areas, indication_belts, ..survey })
}

/// Notes, and says, where ground could not be told from that of others, which uses of the land
/// change nothing, which fronts contradict each other, and where a model found more than can lie
/// there.
pub(crate) fn tell_of_results(
    record: &mut RunRecord,
    uncut: &[(String, String)],
    progress: &dyn Progress,
) {
    let of_evidence = record.notices.iter().filter(|notice| OF_EVIDENCE.contains(&notice.subject));
    of_evidence.for_each(|notice| progress.notice(&notice.to_string()));
    for (orthomosaic, cause) in uncut {
        let text = format!("part of what others show too is counted twice: {cause}");
        let notice = Notice::new(Subject::Overlap, orthomosaic, text);
        progress.notice(&notice.to_string());
        record.notices.push(notice);
    }
    record.crowds.iter().for_each(|crowd| progress.notice(&crowd.to_string()));
}
