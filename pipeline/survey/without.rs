//! A stored area -> what it would be without some of its finds.

use crate::redraw::known_doctrine;
use rams_delineate::{Basis, delineate};
use rams_domain::{ExternalEvidence, Feature, FeatureId, HazardArea, Survey};

/// What the doctrine of a stored survey draws in place of an area if some of its finds are left
/// out: of its other finds and the reports that it stands on, within the same limits. Nothing, if
/// those are too doubtful; more than one area, if nothing joins them any more. `None` where the
/// survey was drawn by a doctrine other than the baseline, which is not at hand.
pub fn without(
    survey: &Survey,
    area: &HazardArea,
    left_out: &[FeatureId],
) -> Option<Vec<HazardArea>> {
    let mut doctrine = known_doctrine(&survey.record)?;
    doctrine.area.min_confidence = survey.record.left_out.min_confidence;
    let is_left = |it: &&Feature| area.features.contains(&it.id) && !left_out.contains(&it.id);
    let features: Vec<Feature> = survey.features.iter().filter(is_left).cloned().collect();
    // What limits areas limits this one, too; what points to hazard elsewhere draws others.
    let is_its = |it: &&ExternalEvidence| {
        !it.kind.points_to_hazard() || area.external_evidence.contains(&it.id)
    };
    let external_evidence: Vec<_> =
        survey.external_evidence.iter().filter(is_its).cloned().collect();
    let basis = Basis {
        features: &features,
        external_evidence: &external_evidence,
        assessed: &survey.assessed,
        gaps: &survey.gaps,
        ground: &survey.ground,
        record: &survey.record,
    };
    let drawn = delineate(&basis, &doctrine).hazard_areas;
    Some(drawn.into_iter().filter(|drawn| drawn.eo_category == area.eo_category).collect())
}
