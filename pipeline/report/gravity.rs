//! Which area matters most.

use rams_domain::{HazardArea, Survey, Threat};

/// Areas in the order of their gravity: suspected hazardous areas before indications, then by
/// threat, confidence and size.
pub(crate) fn by_gravity(survey: &Survey) -> Vec<&HazardArea> {
    let mut areas: Vec<_> = survey.hazard_areas.iter().collect();
    // What no rule could judge is no less grave than a low threat: it only says less.
    let level = |threat| {
        [Threat::High, Threat::Medium, Threat::Unassessed, Threat::Low]
            .iter()
            .position(|it| *it == threat)
    };
    areas.sort_by(|a, b| {
        let sure = b.confidence.total_cmp(&a.confidence);
        b.land_class
            .cmp(&a.land_class)
            .then(level(a.threat).cmp(&level(b.threat)))
            .then(sure)
            .then(b.area_m2.total_cmp(&a.area_m2))
            .then(a.id.cmp(&b.id))
    });
    areas
}
