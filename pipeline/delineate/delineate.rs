//! The verb of this crate.

use crate::area::{DrawnArea, areas_of};
use crate::evidence::Evidence;
use crate::front::Fronts;
use crate::grade::{confidence, threat};
use crate::sentence::{Around, rationale};
use crate::site_constraints::{Share, SiteConstraints};
use crate::{Doctrine, earthworks::Earthworks};
use geo::{Area, BoundingRect, MultiPolygon, Orient, orient::Direction};
use rams_domain::{
    AreaKind, AssessedArea, EoCategory, ExternalEvidence, Feature, GapArea, Ground, HazardArea,
    HazardAreaId, Indicator,
};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Areas that are placed and graded at a time: what that takes of memory is given back before the
/// next.
const AT_A_TIME: usize = 32_768;

/// What areas are drawn from. Ids are unique; geometry is in the CRS of `ground`.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// Indicators seen in the imagery, in any order.
    pub features: &'a [Feature],
    /// Evidence from elsewhere.
    pub external_evidence: &'a [ExternalEvidence],
    /// Ground that was assessed: what tells how much of an area was.
    pub assessed: &'a [AssessedArea],
    /// Ground that was not: where it has an image, an area does not lie beyond the imagery.
    pub gaps: &'a [GapArea],
    /// The ground of the survey.
    pub ground: &'a Ground,
}

/// The suspected hazardous areas that some evidence stands for, the gravest first: by threat, then
/// confidence, then from north to south. Numbered from 1.
///
/// Categories of ordnance never mix. Every feature that points to hazard and is no weaker than the
/// doctrine's `draw_confidence` is in exactly one area, a lone one in an area of its own; weaker
/// ones are where a mine row or an area holds them, and else stay features. Buffers begin at the
/// edge of a feature: of a traced line half its width from its middle.
///
/// What points to the absence of hazard (cultivated ground, a road in use) draws no area and takes
/// none away: mines have been found in recently cultivated land. Released land is cut out, but for
/// the buffers of what was seen on it.
pub fn delineate(basis: &Basis<'_>, doctrine: &Doctrine) -> Vec<HazardArea> {
    let Basis { features, external_evidence: known, ground, .. } = *basis;
    let mut ordered: Vec<&Feature> =
        features.iter().filter(|feature| points_to_hazard(feature.indicator)).collect();
    ordered.sort_by_key(|feature| feature.id);
    let setting = SiteConstraints::new(basis, doctrine);
    // Mines first: the rows among them tell where the fronts of earthworks are.
    let is_mine = |category| {
        matches!(category, EoCategory::ApMine | EoCategory::AvMine | EoCategory::MixedMine)
    };
    let fronts = Fronts::new(doctrine.front, known, vec![], ground);
    let (mine_features, other_features): (Vec<&Feature>, _) =
        ordered.into_iter().partition(|f| is_mine(f.eo_category));
    let (mine_known, other_known): (Vec<&ExternalEvidence>, _) =
        known.iter().partition(|known| is_mine(known.eo_category));
    let mines = draw(&mine_features, &mine_known, &fronts, doctrine, ground);
    let fronts = Fronts::new(doctrine.front, known, in_rows(&mines), ground);
    let others = draw(&other_features, &other_known, &fronts, doctrine, ground);
    let works = Earthworks::new(
        others.iter().flat_map(|(_, drawn)| drawn).flat_map(|drawn| &drawn.members),
        ground,
        doctrine,
    );
    let mut areas: Vec<HazardArea> =
        Vec::with_capacity(mines.iter().chain(&others).map(|(_, drawn)| drawn.len()).sum());
    for (eo_category, mut drawn) in mines.into_iter().chain(others) {
        // From south to north: what is placed at a time then lies together.
        drawn.par_sort_by(|a, b| a.north_m().total_cmp(&b.north_m()));
        let mut left = drawn.into_iter();
        loop {
            let some: Vec<DrawnArea> = left.by_ref().take(AT_A_TIME).collect();
            if some.is_empty() {
                break;
            }
            let shares = setting.place(&some);
            let first = areas.len() as u32 + 1;
            let finish = |((drawn, share), at): ((&DrawnArea, Share), u32)| {
                area(HazardAreaId(first + at), eo_category, drawn, share, &works, doctrine, ground)
            };
            let numbers = 0..some.len() as u32;
            areas.par_extend(some.par_iter().zip(shares).zip(numbers).map(finish));
        }
    }
    areas.par_sort_unstable_by(gravest_first);
    // The gravest is the first one.
    let numbered = areas.into_iter().zip((1..).map(HazardAreaId));
    numbered.map(|(area, id)| HazardArea { id, ..area }).collect()
}

fn area(
    id: HazardAreaId,
    eo_category: EoCategory,
    drawn: &DrawnArea,
    share: Share,
    works: &Earthworks<'_>,
    doctrine: &Doctrine,
    ground: &Ground,
) -> HazardArea {
    let rule = doctrine.category(eo_category);
    let members = &drawn.members;
    let boundary: MultiPolygon = ground.from_metres(&share.boundary).orient(Direction::Default);
    let area_m2 = ground.area_m2(&boundary);
    let widest = |of: fn(&Evidence) -> f64| members.iter().map(of).fold(0.0, f64::max);
    let (front_deg, front_unknown) = crate::front::of_area(members);
    let factor = share.absence.as_ref().map_or(1.0, |(_, factor)| *factor);
    let weights = rule.confidence.as_ref().unwrap_or(&doctrine.confidence);
    let confidence = confidence(members, rule.draw_confidence, weights, factor);
    let threat = threat(members, rule);
    let evidence = crate::grade::evidence(members, doctrine);
    let around = Around {
        near: works.near(eo_category, members),
        share: &share,
        area_m2,
        front_deg,
        front_unknown,
    };
    let geodesic = |part: &MultiPolygon| ground.area_m2(&ground.from_metres(part));
    let assessed_m2 = share.assessed_m2.min(share.boundary.unsigned_area());
    HazardArea {
        id,
        kind: rule.kind,
        eo_category,
        rationale: rationale(members, rule, doctrine, threat, evidence, &around),
        confidence,
        threat,
        evidence,
        rows: members.iter().filter(|e| e.row().is_some()).count() as u32,
        buffer_m: widest(|e| e.rule_m),
        link_m: widest(|e| e.reach.link_m),
        front_unknown,
        front_deg,
        fade_out_m: rule.fade_out_m.filter(|_| rule.kind == AreaKind::Indicative),
        position_accuracy_m: doctrine.area.position_accuracy_m,
        assessed_share: (assessed_m2 / share.boundary.unsigned_area()) as f32,
        beyond_imagery_m2: share.beyond * area_m2,
        released_m2: geodesic(&share.released),
        district: share.district.clone(),
        doctrine: doctrine.reference.clone(),
        features: crate::grade::features(members).map(|feature| feature.id).collect(),
        external_evidence: crate::grade::known(members, &share),
        area_m2,
        boundary,
    }
}

/// The areas of some evidence, by category.
fn draw<'a>(
    features: &[&'a Feature],
    known: &[&'a ExternalEvidence],
    fronts: &Fronts<'_>,
    doctrine: &Doctrine,
    ground: &Ground,
) -> Vec<(EoCategory, Vec<DrawnArea<'a>>)> {
    let seen =
        features.par_iter().map(|feature| Evidence::of_feature(feature, ground, doctrine, fronts));
    let seen: Vec<Option<Evidence>> = seen.collect();
    let told = known.iter().map(|known| Evidence::of_known(known, ground, doctrine));
    let categories = features
        .iter()
        .map(|feature| feature.eo_category)
        .chain(known.iter().map(|known| known.eo_category));
    let mut by_category: BTreeMap<EoCategory, Vec<Evidence>> = BTreeMap::new();
    for (category, evidence) in categories.zip(seen.into_iter().chain(told)) {
        by_category.entry(category).or_default().extend(evidence);
    }
    let areas = |(category, evidence)| {
        (category, areas_of(evidence, doctrine.category(category), doctrine))
    };
    by_category.into_iter().map(areas).collect()
}

/// The mines of rows with their probabilities: single finds are too often wrong to tell a front.
fn in_rows(mines: &[(EoCategory, Vec<DrawnArea<'_>>)]) -> Vec<(geo::Point, f64)> {
    let with_rows = mines
        .iter()
        .flat_map(|(_, drawn)| drawn)
        .filter(|area| area.members.iter().any(|e| e.row().is_some()));
    let lines = |area: &DrawnArea<'_>| {
        area.members.iter().filter_map(|e| Some(e.row()?.line.clone())).collect::<Vec<_>>()
    };
    let points = |line: geo::LineString| line.points().collect::<Vec<_>>();
    // The places of a row are its mines and its two ends; each stands for one mine.
    with_rows.flat_map(lines).flat_map(points).map(|at| (at, 1.0)).collect()
}

fn points_to_hazard(indicator: Indicator) -> bool {
    !matches!(indicator, Indicator::Cultivated | Indicator::RoadInUse)
}

fn gravest_first(a: &HazardArea, b: &HazardArea) -> Ordering {
    let by_grade = b.threat.cmp(&a.threat).then(b.confidence.total_cmp(&a.confidence));
    let place = |area: &HazardArea| {
        area.boundary.bounding_rect().map_or([0.0, 0.0], |r| [-r.max().y, r.min().x])
    };
    let by_place = || {
        let ([north_a, west_a], [north_b, west_b]) = (place(a), place(b));
        north_a.total_cmp(&north_b).then(west_a.total_cmp(&west_b))
    };
    by_grade
        .then_with(by_place)
        .then_with(|| (a.eo_category, &a.features).cmp(&(b.eo_category, &b.features)))
}
