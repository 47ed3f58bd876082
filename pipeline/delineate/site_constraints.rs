//! What bears on areas beside the evidence: the imagery, released land, the limit of the survey,
//! districts and the use of the land.

use crate::area::DrawnArea;
use crate::basis::Basis;
use crate::boundary::round;
use crate::constrained_area::ConstrainedArea;
use crate::coverage::Coverage;
use crate::evidence::{Evidence, extent};
use crate::overlay::{settled, within, without};
use crate::{Doctrine, LandUseRule};
use geo::{Area, BooleanOps, Buffer, Geometry, Intersects, MultiPolygon, unary_union};
use rams_domain::{
    ExternalEvidence, ExternalEvidenceId, ExternalEvidenceKind, Indicator, Notice, Subject,
};
use std::collections::{BTreeMap, BTreeSet};

/// Outlines are drawn a little wider than buffers, for simplification takes from them, metres.
const DRAWN_WIDER_M: f64 = 0.5;

/// What there is around the areas, local metres.
pub(crate) struct SiteConstraints<'a> {
    coverage: Coverage<'a>,
    /// Released land, with the evidence that says so.
    released: Vec<(ExternalEvidenceId, MultiPolygon)>,
    /// The ground that the survey was ordered for; empty where nobody said.
    survey_limit: MultiPolygon,
    /// Districts by their names.
    districts: Vec<(&'a str, MultiPolygon)>,
    /// Uses of the land, each with what it changes and where it is.
    uses: Vec<(String, LandUseRule, MultiPolygon)>,
}

impl<'a> SiteConstraints<'a> {
    pub(crate) fn new(basis: &Basis<'a>, doctrine: &Doctrine) -> Self {
        let Basis { external_evidence, ground, .. } = *basis;
        let of_kind = |kind| external_evidence.iter().filter(move |e| e.kind == kind);
        let place = |evidence: &ExternalEvidence| polygons(&ground.to_metres(&evidence.geometry));
        let released = external_evidence.iter().filter(|e| e.kind.is_release());
        let limits: Vec<_> = of_kind(ExternalEvidenceKind::SurveyLimit).map(place).collect();
        let districts = of_kind(ExternalEvidenceKind::District);
        Self {
            coverage: Coverage::new(basis),
            released: released.map(|evidence| (evidence.id, place(evidence))).collect(),
            survey_limit: unary_union(&limits),
            districts: districts.map(|e| (e.name.as_str(), place(e))).collect(),
            uses: uses(basis, doctrine),
        }
    }

    /// The areas of a category, which do not overlap, as the site leaves them.
    pub(crate) fn apply(&self, drawn: &[DrawnArea]) -> Vec<ConstrainedArea> {
        let mut areas: Vec<ConstrainedArea> =
            drawn.iter().map(|area| self.without_released(area)).collect();
        self.cut_at_survey_limit(drawn, &mut areas);
        self.coverage.measure(drawn, &mut areas);
        let boundaries = boundaries(&areas);
        self.name_districts(&boundaries, &mut areas);
        for (name, LandUseRule { odds, threat }, used) in &self.uses {
            for (area, part) in areas.iter_mut().zip(within(&boundaries, used)) {
                if part.unsigned_area() > 0.5 * area.boundary.unsigned_area() {
                    area.absence = Some((name.clone(), *odds));
                }
                let least = area.in_use.as_ref().map_or(1.0, |(_, threat)| *threat);
                if !part.0.is_empty() && *threat < least {
                    area.in_use = Some((name.clone(), *threat));
                }
            }
        }
        areas
    }

    /// What of some ground, such as belts, has an image, was not released and lies within the limit
    /// of the survey.
    pub(crate) fn shown(&self, grounds: &[MultiPolygon]) -> Vec<MultiPolygon> {
        let released = unary_union(self.released.iter().map(|(_, land)| land));
        let shown = without(&within(grounds, self.coverage.imaged()), &released);
        if self.survey_limit.0.is_empty() { shown } else { within(&shown, &self.survey_limit) }
    }

    /// Cuts released land out of an area, but for the buffers of what was seen or reported on it.
    fn without_released(&self, drawn: &DrawnArea) -> ConstrainedArea {
        let mut area = ConstrainedArea::of(drawn.boundary.clone());
        let over: Vec<_> =
            self.released.iter().filter(|(_, land)| land.intersects(&drawn.boundary)).collect();
        if over.is_empty() {
            return area;
        }
        let land = unary_union(over.iter().map(|(_, land)| land));
        let on_it: Vec<&Evidence> = drawn
            .members
            .iter()
            .filter(|e| e.row().is_none() && land.intersects(&e.geometry))
            .collect();
        let kept = unary_union(
            &on_it.iter().map(|e| e.geometry.buffer(e.reach.buffer_m)).collect::<Vec<_>>(),
        );
        let released = settled(&drawn.boundary.intersection(&land).difference(&kept));
        let rest = settled(&drawn.boundary.difference(&released));
        // Evidence that leaves nothing to suspect does not vanish with it.
        if !rest.0.is_empty() {
            (area.boundary, area.released) = (rest, released);
        }
        area.released_by = over.iter().map(|(id, _)| *id).collect();
        area.on_released = on_it.len();
        area
    }

    /// Cuts areas at the limit of the survey, but for the ground of what others reported, and those
    /// that lie wholly beyond it: evidence there is evidence nonetheless.
    fn cut_at_survey_limit(&self, drawn: &[DrawnArea], areas: &mut [ConstrainedArea]) {
        if self.survey_limit.0.is_empty() {
            return;
        }
        let inside = within(&boundaries(areas), &self.survey_limit);
        for ((drawn, area), inside) in drawn.iter().zip(areas).zip(inside) {
            area.beyond_limit = inside.0.is_empty();
            if area.beyond_limit {
                continue;
            }
            let reports = drawn.members.iter().filter(|e| e.external().is_some());
            let around = |e: &Evidence| {
                e.geometry.buffer_with_style(round(e.reach.buffer_m + DRAWN_WIDER_M))
            };
            let around: Vec<_> = reports.map(around).collect();
            area.boundary = if around.is_empty() {
                inside
            } else {
                let kept = area.boundary.intersection(&unary_union(&around));
                settled(&inside.union(&kept))
            };
        }
    }

    /// Names for each area the district that holds most of it.
    fn name_districts(&self, boundaries: &[MultiPolygon], areas: &mut [ConstrainedArea]) {
        let mut most_m2 = vec![0.0; areas.len()];
        for (name, district) in &self.districts {
            for ((area, most_m2), part) in
                areas.iter_mut().zip(&mut most_m2).zip(within(boundaries, district))
            {
                if part.unsigned_area() > *most_m2 {
                    *most_m2 = part.unsigned_area();
                    area.district = (*name).to_owned();
                }
            }
        }
    }
}

/// Ground that is used in a way of which the doctrine has a rule, as features of the imagery or
/// others say; local metres.
fn uses(basis: &Basis<'_>, doctrine: &Doctrine) -> Vec<(String, LandUseRule, MultiPolygon)> {
    let Basis { features, external_evidence, ground, .. } = *basis;
    let land_use = external_evidence
        .iter()
        .filter(|e| e.kind == ExternalEvidenceKind::LandUse)
        .map(|e| (use_of(e), polygons(&ground.to_metres(&e.geometry))));
    let is_absence = |indicator| Indicator::OF_ABSENCE.contains(&indicator);
    let seen = features
        .iter()
        .filter(|feature| is_absence(feature.indicator))
        .map(|feature| (feature.indicator.to_string(), polygons(&extent(feature, ground))));
    let mut by_name: BTreeMap<String, Vec<MultiPolygon>> = BTreeMap::new();
    for (name, part) in land_use.chain(seen) {
        by_name.entry(name).or_default().push(part);
    }
    let with_rule = |(name, parts): (String, Vec<MultiPolygon>)| {
        let rule = *doctrine.land_use.get(&name)?;
        Some((name, rule, unary_union(&parts)))
    };
    by_name.into_iter().filter_map(with_rule).collect()
}

/// The use of the land that evidence names, as doctrines write it.
fn use_of(evidence: &ExternalEvidence) -> String {
    evidence.name.trim().to_lowercase().replace(' ', "_")
}

/// Evidence of a use of the land of which the doctrine has no rule, so that it changes nothing: a
/// notice for each file and use, with those that it has rules of.
pub fn unknown_land_uses(evidence: &[ExternalEvidence], doctrine: &Doctrine) -> Vec<Notice> {
    let uses = evidence.iter().filter(|e| e.kind == ExternalEvidenceKind::LandUse);
    let unknown: BTreeSet<(&str, &str)> = uses
        .filter(|e| !doctrine.land_use.contains_key(&use_of(e)))
        .map(|e| (e.file.as_str(), e.name.as_str()))
        .collect();
    let known: Vec<String> = doctrine.land_use.keys().map(|name| name.replace('_', " ")).collect();
    let rules = match known.join(", ") {
        none if none.is_empty() => "no rule for any; give one that has".to_owned(),
        some => format!("rules for {some}; name it so, or give a doctrine with a rule for it"),
    };
    let notice = |(file, name): (&str, &str)| {
        let doctrine = &doctrine.reference.name;
        let text =
            format!("land use {name:?} changes nothing: the doctrine {doctrine} has {rules}");
        Notice::new(Subject::LandUse, file, text)
    };
    unknown.into_iter().map(notice).collect()
}

fn boundaries(areas: &[ConstrainedArea]) -> Vec<MultiPolygon> {
    areas.iter().map(|area| area.boundary.clone()).collect()
}

/// The polygons of a geometry, in order; none of points and lines.
fn polygons(geometry: &Geometry) -> MultiPolygon {
    match geometry {
        Geometry::Polygon(polygon) => settled(&polygon.clone().into()),
        Geometry::MultiPolygon(polygons) => settled(polygons),
        _ => MultiPolygon(vec![]),
    }
}
