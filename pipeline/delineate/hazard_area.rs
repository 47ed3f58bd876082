//! A drawn area, as the site leaves it -> a hazard area, graded and explained.

use crate::Doctrine;
use crate::area::DrawnArea;
use crate::constrained_area::ConstrainedArea;
use crate::earthworks::Earthworks;
use crate::evidence::{Evidence, features};
use crate::grade;
use crate::rationale::{Surroundings, rationale};
use geo::{Area, MultiPolygon, Orient, orient::Direction};
use rams_domain::{AreaKind, EoCategory, Ground, HazardArea, HazardAreaId};

/// By what areas are graded and explained.
pub(crate) struct Grading<'a> {
    pub(crate) doctrine: &'a Doctrine,
    pub(crate) earthworks: &'a Earthworks<'a>,
    pub(crate) ground: &'a Ground,
}

impl Grading<'_> {
    /// The hazard area of a number.
    pub(crate) fn hazard_area(
        &self,
        id: HazardAreaId,
        eo_category: EoCategory,
        drawn: &DrawnArea,
        site: ConstrainedArea,
    ) -> HazardArea {
        let Self { doctrine, earthworks, ground } = self;
        let rule = doctrine.category(eo_category);
        let members = &drawn.members;
        let boundary: MultiPolygon = ground.from_metres(&site.boundary).orient(Direction::Default);
        let area_m2 = ground.area_m2(&boundary);
        let widest = |of: fn(&Evidence) -> f64| members.iter().map(of).fold(0.0, f64::max);
        let (front_deg, front_unknown) = grade::front(members);
        let factor = site.absence.as_ref().map_or(1.0, |(_, factor)| *factor);
        let weights = rule.confidence.as_ref().unwrap_or(&doctrine.confidence);
        let confidence = grade::confidence(members, rule.draw_confidence, weights, factor);
        let threat = grade::threat(members, rule);
        let evidence = grade::evidence(members, doctrine);
        let surroundings = Surroundings {
            earthwork: earthworks.nearest(eo_category, members),
            site: &site,
            area_m2,
            front_deg,
            front_unknown,
        };
        let drawn_m2 = site.boundary.unsigned_area();
        HazardArea {
            id,
            kind: rule.kind,
            eo_category,
            rationale: rationale(members, rule, doctrine, threat, evidence, &surroundings),
            confidence,
            threat,
            evidence,
            rows: members.iter().filter(|e| e.row().is_some()).count() as u32,
            buffer_m: widest(|e| e.rule_buffer_m),
            link_m: widest(|e| e.reach.link_m),
            front_unknown,
            front_deg,
            fade_out_m: rule.fade_out_m.filter(|_| rule.kind == AreaKind::Indicative),
            position_accuracy_m: doctrine.area.position_accuracy_m,
            assessed_share: (site.assessed_m2.min(drawn_m2) / drawn_m2) as f32,
            beyond_imagery_m2: site.beyond_imagery * area_m2,
            released_m2: ground.area_m2(&ground.from_metres(&site.released)),
            doctrine: doctrine.reference.clone(),
            features: features(members).map(|feature| feature.id).collect(),
            external_evidence: grade::external_evidence(members, &site),
            district: site.district,
            area_m2,
            boundary,
        }
    }
}
