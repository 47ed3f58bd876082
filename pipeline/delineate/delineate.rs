//! Evidence -> hazard areas.

use crate::Doctrine;
use crate::area::{DrawnArea, areas_of};
use crate::basis::Basis;
use crate::belt;
use crate::constrained_area::ConstrainedArea;
use crate::earthworks::Earthworks;
use crate::evidence::Evidence;
use crate::front::{Front, Fronts, dispute};
use crate::hazard_area::Grading;
use crate::site_constraints::SiteConstraints;
use geo::{BoundingRect, Point};
use rams_domain::{
    EoCategory, ExternalEvidence, ExternalEvidenceId, Feature, Ground, HazardArea, HazardAreaId,
    IndicationBelt, Indicator, LandClass, Notice,
};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Areas that are placed and graded at a time: what that takes of memory is given back before the
/// next.
const AT_A_TIME: usize = 32_768;

/// What was drawn from a basis.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Delineation {
    /// Suspected hazardous areas and indications, numbered from 1.
    pub hazard_areas: Vec<HazardArea>,
    /// Belts of the indications, in the order of these and outwards.
    pub indication_belts: Vec<IndicationBelt>,
    /// How many areas were left out because they are too doubtful.
    pub left_out: usize,
    /// Reports of fronts that contradict each other, so that belts lie on both sides.
    pub notices: Vec<Notice>,
}

/// Draws the suspected hazardous areas and indications that some evidence stands for, the gravest
/// first: by land class, threat, confidence, then from north to south. Numbered from 1.
///
/// An area is a candidate SHA where others reported something, or where ordnance was seen and the
/// area is probable enough by the doctrine; all else is an indication. Earthworks are indications:
/// their ground with a close buffer, and beside it belts that fade, where an image shows the
/// ground.
///
/// Categories of ordnance never mix, nor ordnance and reports with signs such as earthworks. Every
/// feature that points to hazard and is no weaker than the doctrine's `draw_confidence` is in
/// exactly one area, a lone one in an area of its own; weaker ones are where a mine row or an area
/// holds them, and else stay features. Areas below the doctrine's `min_confidence` are left out,
/// but for those that others reported. Buffers begin at the edge of a feature: of a traced line
/// half its width from its middle.
///
/// What points to the absence of hazard (cultivated ground, a road in use) draws no area and takes
/// none away: mines have been found in recently cultivated land. Released land is cut out, but for
/// the buffers of what was seen on it; at the limit of the survey areas are cut, but for the
/// buffers of what others reported and areas that lie wholly beyond it.
///
/// All distances and weights are the doctrine's. The result does not depend on the order of the
/// evidence or on the number of threads.
///
/// # Examples
/// Two mines 10 m apart, by the baseline doctrine: AP mines have a buffer of 5 m and are linked
/// across 25 m, so they make one band.
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/example.rs")); }
/// # use example::*;
/// use rams_delineate::{Basis, Doctrine, delineate};
/// use rams_domain::{LandClass, RunRecord};
/// use std::f64::consts::PI;
///
/// let ground = ground(); // metres around 45 N 30 W
/// let features = [mine(1, 0.0, 0.0), mine(2, 10.0, 0.0), mine(3, 300.0, 0.0)];
/// let basis = Basis {
///     features: &features,
///     external_evidence: &[],
///     assessed: &[],
///     gaps: &[],
///     ground: &ground,
///     record: &RunRecord::default(),
/// };
///
/// let drawn = delineate(&basis, &Doctrine::baseline());
///
/// let [band, circle] = &drawn.hazard_areas[..] else { panic!("of two mines, of the third") };
/// assert_eq!((band.features.len(), band.buffer_m, band.link_m), (2, 5.0, 25.0));
/// assert!((band.area_m2 / (10.0 * 10.0 + PI * 25.0) - 1.0).abs() < 0.01);
/// assert!((circle.area_m2 / (PI * 25.0) - 1.0).abs() < 0.01);
/// // So few doubtful finds are no suspected hazardous area.
/// assert_eq!(circle.land_class, LandClass::Indication);
/// assert!(circle.rationale.starts_with("One possible pmn-2 was seen. "), "{}", circle.rationale);
/// ```
pub fn delineate(basis: &Basis<'_>, doctrine: &Doctrine) -> Delineation {
    let constraints = SiteConstraints::new(basis, doctrine);
    let (drawn, earthworks) = draw(basis, doctrine);
    let Basis { ground, record, .. } = *basis;
    let grading = Grading { doctrine, earthworks: &earthworks, ground, record };
    let count = drawn.iter().map(|(_, drawn)| drawn.len()).sum();
    let notices = disputes(&drawn, basis.external_evidence);
    let mut areas: Vec<HazardArea> = Vec::with_capacity(count);
    let (mut belts, mut graded) = (vec![], 0);
    let min_confidence = doctrine.area.min_confidence;
    for (eo_category, mut drawn) in drawn {
        // From south to north: what is placed at a time then lies together.
        drawn.par_sort_by(|a, b| a.north_m().total_cmp(&b.north_m()));
        let mut left = drawn.into_iter();
        loop {
            let some: Vec<DrawnArea> = left.by_ref().take(AT_A_TIME).collect();
            if some.is_empty() {
                break;
            }
            let constrained = constraints.apply(&some);
            let first = graded + 1;
            graded += some.len() as u32;
            let grade = |((drawn, site), at): ((&DrawnArea, ConstrainedArea), u32)| {
                grading.hazard_area(HazardAreaId(first + at), eo_category, drawn, site)
            };
            let numbers = 0..some.len() as u32;
            let all: Vec<HazardArea> =
                some.par_iter().zip(constrained).zip(numbers).map(grade).collect();
            let kept = all.into_iter().zip(&some).filter(|(area, _)| area.is_kept(min_confidence));
            let kept: Vec<(HazardArea, &DrawnArea)> = kept.collect();
            let signs = kept.iter().filter(|(area, _)| area.land_class == LandClass::Indication);
            let signs: Vec<_> = signs.map(|(area, drawn)| (area.id, *drawn)).collect();
            belts.extend(belt::belts(&signs, &constraints, doctrine, ground));
            areas.extend(kept.into_iter().map(|(area, _)| area));
        }
    }
    let left_out = graded as usize - areas.len();
    areas.par_sort_unstable_by(gravest_first);
    Delineation { left_out, notices, ..numbered(areas, belts) }
}

/// A notice for each two reports of a front that contradict each other beside an earthwork.
fn disputes(areas: &AreasByCategory<'_>, external_evidence: &[ExternalEvidence]) -> Vec<Notice> {
    let members = areas.iter().flat_map(|(_, drawn)| drawn).flat_map(|drawn| &drawn.members);
    let disputed = members.filter_map(|member| match member.belt?.front {
        Front::Disputed(ids) => Some(ids),
        Front::Towards { .. } | Front::Unknown => None,
    });
    let by_id: HashMap<ExternalEvidenceId, &ExternalEvidence> =
        external_evidence.iter().map(|row| (row.id, row)).collect();
    let ids: BTreeSet<[ExternalEvidenceId; 2]> = disputed.collect();
    ids.into_iter().map(|ids| dispute(ids.map(|id| by_id[&id]))).collect()
}

/// Areas numbered in their order, the gravest as the first, and belts under these numbers.
fn numbered(areas: Vec<HazardArea>, belts: Vec<IndicationBelt>) -> Delineation {
    let ids = || (1..).map(HazardAreaId);
    let now: HashMap<HazardAreaId, HazardAreaId> =
        areas.iter().map(|area| area.id).zip(ids()).collect();
    let mut indication_belts: Vec<IndicationBelt> =
        belts.into_iter().map(|belt| IndicationBelt { area: now[&belt.area], ..belt }).collect();
    // Stable, so that the bands of a belt stay in their order.
    indication_belts.sort_by_key(|belt| belt.area);
    let hazard_areas =
        areas.into_iter().zip(ids()).map(|(area, id)| HazardArea { id, ..area }).collect();
    Delineation { hazard_areas, indication_belts, ..Delineation::default() }
}

/// The areas of each category.
type AreasByCategory<'a> = Vec<(EoCategory, Vec<DrawnArea<'a>>)>;

/// The areas of all evidence that points to hazard, and the earthworks among it. Mines come first:
/// the rows among them tell where the fronts of earthworks are.
fn draw<'a>(basis: &Basis<'a>, doctrine: &Doctrine) -> (AreasByCategory<'a>, Earthworks<'a>) {
    let Basis { features, external_evidence, ground, .. } = *basis;
    let mut ordered: Vec<&Feature> =
        features.iter().filter(|feature| points_to_hazard(feature.indicator)).collect();
    ordered.sort_by_key(|feature| feature.id);
    let (mine_features, other_features): (Vec<&Feature>, _) =
        ordered.into_iter().partition(|feature| is_mine(feature.eo_category));
    let (mine_reports, other_reports): (Vec<&ExternalEvidence>, _) =
        external_evidence.iter().partition(|evidence| is_mine(evidence.eo_category));
    let fronts = Fronts::new(doctrine.front, external_evidence, vec![], ground);
    let mut areas = draw_by_category(&mine_features, &mine_reports, &fronts, doctrine, ground);
    let fronts = Fronts::new(doctrine.front, external_evidence, in_rows(&areas), ground);
    let others = draw_by_category(&other_features, &other_reports, &fronts, doctrine, ground);
    let members = others.iter().flat_map(|(_, drawn)| drawn).flat_map(|drawn| &drawn.members);
    let earthworks = Earthworks::new(members, ground, doctrine);
    areas.extend(others);
    (areas, earthworks)
}

/// What was seen and what others reported.
type FeaturesAndReports<'a> = (Vec<&'a Feature>, Vec<&'a ExternalEvidence>);

/// The areas of some evidence, category by category: categories never mix, nor do ordnance and
/// reports with signs, which are no suspected hazardous area and must not lead from one to another.
fn draw_by_category<'a>(
    features: &[&'a Feature],
    external_evidence: &[&'a ExternalEvidence],
    fronts: &Fronts<'_>,
    doctrine: &Doctrine,
    ground: &Ground,
) -> AreasByCategory<'a> {
    let mut by_group: BTreeMap<(EoCategory, bool), FeaturesAndReports<'a>> = BTreeMap::new();
    for feature in features {
        let group = (feature.eo_category, is_sign(feature.indicator));
        by_group.entry(group).or_default().0.push(feature);
    }
    for report in external_evidence {
        by_group.entry((report.eo_category, false)).or_default().1.push(report);
    }
    let evidence = |(features, reports): FeaturesAndReports<'a>| {
        let seen = features.par_iter().map(|it| Evidence::of_feature(it, ground, doctrine, fronts));
        let seen: Vec<Option<Evidence>> = seen.collect();
        // In place: there may be millions.
        let mut evidence: Vec<Evidence> = seen.into_iter().flatten().collect();
        evidence.extend(
            reports
                .into_iter()
                .filter_map(|report| Evidence::of_external(report, ground, doctrine)),
        );
        evidence
    };
    let areas = |((category, _), of_group)| {
        (category, areas_of(evidence(of_group), doctrine.category(category), doctrine))
    };
    by_group.into_iter().map(areas).collect()
}

/// The mines of rows with their probabilities: single finds are too often wrong to tell a front.
fn in_rows(mines: &AreasByCategory<'_>) -> Vec<(Point, f64)> {
    let areas = mines.iter().flat_map(|(_, drawn)| drawn);
    let rows = areas.flat_map(|area| &area.members).filter_map(|e| e.row());
    // The places of a row are its mines and its two ends; each stands for one mine.
    rows.flat_map(|row| row.line.points().map(|at| (at, 1.0))).collect()
}

fn is_mine(category: EoCategory) -> bool {
    matches!(category, EoCategory::ApMine | EoCategory::AvMine | EoCategory::MixedMine)
}

/// Whether an indicator is neither ordnance nor what carried it.
fn is_sign(indicator: Indicator) -> bool {
    !indicator.is_ordnance() && indicator != Indicator::CmCarrier
}

fn points_to_hazard(indicator: Indicator) -> bool {
    !Indicator::OF_ABSENCE.contains(&indicator)
}

/// By land class, threat, then confidence, then from north to south.
fn gravest_first(a: &HazardArea, b: &HazardArea) -> Ordering {
    let by_grade = b
        .land_class
        .cmp(&a.land_class)
        .then(b.threat.cmp(&a.threat))
        .then(b.confidence.total_cmp(&a.confidence));
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
