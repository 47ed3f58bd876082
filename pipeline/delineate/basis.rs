//! What hazard areas are drawn from.

use rams_domain::{AssessedArea, ExternalEvidence, Feature, GapArea, GapReason, Ground, RunRecord};

/// What hazard areas are drawn from. Ids are unique; geometry is in the CRS of `ground`.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// Indicators found in the imagery, of presence and of absence of hazard, in any order.
    pub features: &'a [Feature],
    /// Evidence from elsewhere: reports, records, released land, land use, districts, fronts and
    /// the limit of the survey.
    pub external_evidence: &'a [ExternalEvidence],
    /// Ground that was assessed, by model and classes: what tells how much of an area was.
    pub assessed: &'a [AssessedArea],
    /// Ground that was not: where it has an image, an area does not lie beyond the imagery.
    pub gaps: &'a [GapArea],
    /// The ground of the survey: its CRS, and metres on it.
    pub ground: &'a Ground,
    /// The record of the run: what the classes of its models are called for people.
    pub record: &'a RunRecord,
}

/// Whether there is an image where ground was not assessed: one that hides the ground, or on which
/// a model failed, is an image.
pub(crate) fn has_image(gap: &GapArea) -> bool {
    gap.reason.is_hidden() || gap.reason == GapReason::ModelFailed
}
