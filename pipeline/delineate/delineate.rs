//! The verb of this crate.

use crate::boundary::boundary;
use crate::grade::{confidence, rationale, threat};
use crate::link::{Cluster, Evidence, clusters};
use crate::{Category, Doctrine};
use geo::{BoundingRect, MultiPolygon, Orient, orient::Direction};
use rams_domain::{EoCategory, Feature, Ground, HazardArea, HazardAreaId, Indicator};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The suspected hazardous areas that some features stand for, the gravest first: by threat, then
/// confidence, then from north to south. Numbered from 1.
///
/// Categories of ordnance never mix. Every feature that points to hazard is in exactly one area,
/// a lone one in an area of its own, however weak: a low confidence lowers the threat level only.
/// Buffers begin at the edge of a feature: of a traced line half its width from its middle.
/// Features that point to its absence (cultivated ground, a road in use) draw no area and take
/// none away: mines have been found in recently cultivated land.
///
/// The order of `features` does not matter. Their ids must be unique; geometry is in the CRS of
/// `ground`.
pub fn delineate(features: &[Feature], doctrine: &Doctrine, ground: &Ground) -> Vec<HazardArea> {
    let mut ordered: Vec<&Feature> = features.iter().filter(|feature| points_to_hazard(feature.indicator)).collect();
    ordered.sort_by_key(|feature| feature.id);
    let mut by_category: BTreeMap<EoCategory, Vec<Evidence>> = BTreeMap::new();
    for feature in ordered {
        let reach = doctrine.reach(feature.eo_category, feature.indicator);
        let evidence = Evidence::new(feature, ground, reach);
        by_category.entry(feature.eo_category).or_default().extend(evidence);
    }
    let mut areas: Vec<HazardArea> = vec![];
    for (eo_category, evidence) in &by_category {
        let rule = doctrine.category(*eo_category);
        let draw = |cluster: Cluster| area(*eo_category, &cluster, evidence, rule, doctrine, ground);
        areas.par_extend(clusters(evidence).into_par_iter().map(draw));
    }
    areas.sort_by(gravest_first);
    for (id, area) in (1..).zip(&mut areas) {
        area.id = HazardAreaId(id);
    }
    areas
}

fn area(
    eo_category: EoCategory,
    cluster: &Cluster,
    evidence: &[Evidence],
    rule: &Category,
    doctrine: &Doctrine,
    ground: &Ground,
) -> HazardArea {
    let members: Vec<&Evidence> = cluster.members.iter().map(|&i| &evidence[i]).collect();
    let links: Vec<_> = cluster.links.iter().map(|&(i, j)| (&evidence[i], &evidence[j])).collect();
    let drawn: MultiPolygon = ground.from_metres(&boundary(&members, &links, rule));
    let boundary = drawn.orient(Direction::Default);
    let widest = |of: fn(&Evidence) -> f64| members.iter().map(|e| of(e)).fold(0.0, f64::max);
    HazardArea {
        id: HazardAreaId(0),
        kind: rule.kind,
        eo_category,
        area_m2: ground.area_m2(&boundary),
        boundary,
        confidence: confidence(&members),
        threat: threat(&members, rule),
        rationale: rationale(&members, rule),
        buffer_m: widest(|e| e.reach.buffer_m),
        link_m: widest(|e| e.reach.link_m),
        front_unknown: rule.one_sided,
        front_deg: None,
        rows: 0,
        fade_out_m: None,
        evidence: rams_domain::EvidenceKind::Indirect,
        assessed_share: 0.0,
        beyond_imagery_m2: 0.0,
        released_m2: 0.0,
        district: String::new(),
        doctrine: doctrine.reference.clone(),
        features: members.iter().map(|e| e.feature.id).collect(),
        known: vec![],
    }
}

fn points_to_hazard(indicator: Indicator) -> bool {
    !matches!(indicator, Indicator::Cultivated | Indicator::RoadInUse)
}

fn gravest_first(a: &HazardArea, b: &HazardArea) -> Ordering {
    let place = |area: &HazardArea| area.boundary.bounding_rect().map_or([0.0, 0.0], |r| [-r.max().y, r.min().x]);
    let ([north_a, west_a], [north_b, west_b]) = (place(a), place(b));
    let by_place = north_a.total_cmp(&north_b).then(west_a.total_cmp(&west_b));
    let by_grade = b.threat.cmp(&a.threat).then(b.confidence.total_cmp(&a.confidence));
    by_grade.then(by_place).then_with(|| (a.eo_category, &a.features).cmp(&(b.eo_category, &b.features)))
}
