//! A drawn area, as the site leaves it -> a hazard area, graded and explained.

use crate::Doctrine;
use crate::area::DrawnArea;
use crate::constrained_area::ConstrainedArea;
use crate::earthworks::Earthworks;
use crate::evidence::{Evidence, features};
use crate::grade;
use crate::rationale::Explanation;
use geo::{Area, MultiPolygon, Orient, orient::Direction};
use rams_domain::{AreaKind, EoCategory, Ground, HazardArea, HazardAreaId, RunRecord};

/// By what areas are graded and explained.
pub(crate) struct Grading<'a> {
    pub(crate) doctrine: &'a Doctrine,
    pub(crate) earthworks: &'a Earthworks<'a>,
    pub(crate) ground: &'a Ground,
    /// What classes are called.
    pub(crate) record: &'a RunRecord,
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
        let Self { doctrine, earthworks, ground, record } = *self;
        let rule = doctrine.category(eo_category);
        let members = &drawn.members;
        let boundary: MultiPolygon = ground.from_metres(&site.boundary).orient(Direction::Default);
        let area_m2 = ground.area_m2(&boundary);
        let widest = |of: fn(&Evidence) -> f64| members.iter().map(of).fold(0.0, f64::max);
        let (front_deg, front_unknown) = grade::front(members);
        let earthwork = earthworks.nearest(eo_category, members);
        let in_a_belt = earthwork.as_ref().is_some_and(|nearest| nearest.in_belt);
        let grade = grade::grade(members, rule, doctrine, &site, in_a_belt);
        let evidence = grade::evidence(members, doctrine);
        let explanation = Explanation {
            members,
            grade,
            kind: rule.kind,
            evidence,
            earthwork,
            site: &site,
            larger_than_m2: Some(doctrine.area.max_area_m2).filter(|most| area_m2 > *most),
            front_deg,
            record,
        };
        let drawn_m2 = site.boundary.unsigned_area();
        HazardArea {
            id,
            land_class: grade.land_class,
            kind: rule.kind,
            eo_category,
            rationale: explanation.to_string(),
            confidence: grade.confidence,
            tier: Some(grade.tier),
            threat: grade.threat,
            evidence,
            rows: members.iter().filter(|e| e.row().is_some()).count() as u32,
            buffer_m: widest(|e| e.reach.buffer_m),
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
