//! Areas whose figures are known by hand, metres.

mod by_class;

use crate::{AreaField, AreasEvaluation, DrawnField, TrueOrdnance};
use geo::{Geometry, MultiPolygon, Point, Rect, coord};
use rams_domain::{
    AreaKind, DetectionId, DoctrineRef, EoCategory, EvidenceKind, Feature, FeatureId, HazardArea,
    HazardAreaId, IndicationBelt, Indicator, LandClass, PxBox, Threat, Tier, TileId,
};

fn square(from: (f64, f64), to: (f64, f64)) -> MultiPolygon {
    MultiPolygon::from(rect(from, to).to_polygon())
}

fn rect(from: (f64, f64), to: (f64, f64)) -> Rect {
    Rect::new(coord! { x: from.0, y: from.1 }, coord! { x: to.0, y: to.1 })
}

fn area(id: u32, eo_category: EoCategory, confidence: f32, boundary: MultiPolygon) -> HazardArea {
    HazardArea {
        id: HazardAreaId(id),
        land_class: if eo_category == EoCategory::Unknown {
            LandClass::Indication
        } else {
            LandClass::Sha
        },
        kind: if eo_category == EoCategory::Cmr {
            AreaKind::Indicative
        } else {
            AreaKind::Perimeter
        },
        eo_category,
        boundary,
        area_m2: 0.0,
        confidence,
        tier: Some(Tier::Likely),
        threat: Threat::Medium,
        rationale: String::new(),
        buffer_m: 5.0,
        link_m: 25.0,
        position_accuracy_m: 0.05,
        front_unknown: false,
        front_deg: None,
        rows: 0,
        fade_out_m: None,
        evidence: EvidenceKind::Indirect,
        assessed_share: 1.0,
        beyond_imagery_m2: 0.0,
        released_m2: 0.0,
        district: String::new(),
        doctrine: DoctrineRef {
            name: "by hand".into(),
            version: "1".into(),
            digest: String::new(),
        },
        features: vec![],
        external_evidence: vec![],
    }
}

fn find(id: u32, eo_category: EoCategory, confidence: f32, at: (f64, f64)) -> Feature {
    Feature {
        id: FeatureId(id),
        class: "pfm-1".into(),
        indicator: Indicator::MineSurface,
        eo_category,
        geometry: Geometry::Point(Point::from(at)),
        score: confidence,
        confidence,
        size_m: [0.12, 0.06],
        area_m2: 0.0,
        parts: vec![],
        orthomosaic: "by hand".into(),
        model: "by hand".into(),
        px: PxBox { x0: 0.0, y0: 0.0, x1: 1.0, y1: 1.0 },
        detections: vec![DetectionId { tile: TileId(0), index: id }],
        also: vec![],
    }
}

fn item(eo_category: EoCategory, at: (f64, f64)) -> TrueOrdnance {
    TrueOrdnance { at: Point::from(at), eo_category, group: "by hand" }
}

/// Judges one field of 600 x 600 m about the origin.
fn judged(
    assessed: &MultiPolygon,
    items: &[TrueOrdnance],
    mined: &[(EoCategory, MultiPolygon)],
    features: &[Feature],
    areas: Vec<HazardArea>,
) -> AreasEvaluation {
    let field = AreaField {
        name: "1",
        extent: rect((-300.0, -300.0), (300.0, 300.0)),
        assessed,
        items,
        mined,
        trench_m: 500.0,
        front_deg: Some(350.0),
        features,
    };
    AreasEvaluation::of(&["by hand".into()], &[field.outcome(&[drawn(areas)])])
}

fn drawn(hazard_areas: Vec<HazardArea>) -> DrawnField {
    DrawnField { hazard_areas, indication_belts: vec![] }
}

fn whole() -> MultiPolygon {
    square((-300.0, -300.0), (300.0, 300.0))
}

fn assert_near(found: Option<f64>, expected: f64, within: f64) {
    assert!(
        found.is_some_and(|found| (found - expected).abs() <= within),
        "{found:?} is not {expected}"
    );
}

use EoCategory::{ApMine, AvMine, Cmr, Unknown};

#[test]
fn a_perfect_area_takes_the_true_ground_and_no_more() {
    let ground = square((0.0, 0.0), (100.0, 20.0));
    let items = [item(ApMine, (10.0, 10.0)), item(ApMine, (90.0, 10.0))];
    let evaluation = judged(
        &whole(),
        &items,
        &[(ApMine, ground.clone())],
        &[],
        vec![area(1, ApMine, 0.85, ground)],
    );
    let doctrine = &evaluation.doctrines[0];
    let figures = &doctrine.method.mines;
    assert_eq!((figures.mines, figures.mines_assessed, figures.true_m2), (2, 2, 2000.0));
    let first = figures.steps[0];
    assert_eq!(
        (first.inside, first.inside_all, first.ratio, first.ratio_all),
        (Some(1.0), Some(1.0), Some(1.0), Some(1.0))
    );
    assert_near(first.areas_per_km2, 1.0 / 0.36, 1e-9);
    assert_near(doctrine.boundary_error_m[&ApMine][0], 0.0, 1e-9);
    assert_near(doctrine.boundary_error_m[&ApMine][1], 0.0, 1e-9);
    assert_eq!(doctrine.boundary_error_m[&AvMine], [None, None]);
    // The area counts up to its confidence, and not beyond; so it holds all mines at 95 % up to
    // there.
    let of = |cut: f64| {
        figures.steps.iter().find(|step| step.confidence == cut).and_then(|step| step.inside)
    };
    assert_eq!((of(0.85), of(0.9)), (Some(1.0), Some(0.0)));
}

#[test]
fn half_the_mines_in_twice_the_ground() {
    // The true ground is 10 x 10 m about each of two mines; one area of 20 x 20 m holds one of
    // them, and an area of the wrong category the other.
    let items = [item(ApMine, (0.0, 0.0)), item(ApMine, (100.0, 0.0))];
    let ground = MultiPolygon(vec![
        square((-5.0, -5.0), (5.0, 5.0)).0[0].clone(),
        square((95.0, -5.0), (105.0, 5.0)).0[0].clone(),
    ]);
    let areas = vec![
        area(1, ApMine, 0.9, square((-10.0, -10.0), (10.0, 10.0))),
        area(2, Unknown, 0.5, square((80.0, -20.0), (120.0, 20.0))),
    ];
    let evaluation = judged(&whole(), &items, &[(ApMine, ground)], &[], areas);
    let doctrine = &evaluation.doctrines[0];
    let first = doctrine.method.by_category[&ApMine].steps[0];
    assert_eq!((first.inside, first.inside_any, first.ratio), (Some(0.5), Some(1.0), Some(2.0)));
    assert_eq!(doctrine.method.mines.at_95, None);
    // 5 m from each place of the true square to the drawn one; from the drawn one 5 m at a side and
    // more at corners.
    let [from_drawn, from_true] = doctrine.boundary_error_m[&ApMine];
    assert_near(from_true, 5.0, 1e-6);
    assert!(from_drawn.is_some_and(|m| (5.0..5.7).contains(&m)), "{from_drawn:?}");
    assert_eq!(doctrine.works.inside, Some(0.5));
    assert_near(doctrine.works.km2_per_trench_km, 0.0016 / 0.5, 1e-9);
}

#[test]
fn what_was_not_assessed_counts_apart() {
    // The western half was assessed. Mines on both sides; the area covers the eastern one and as
    // much of the west.
    let assessed = square((-300.0, -300.0), (0.0, 300.0));
    let items = [item(AvMine, (-50.0, 0.0)), item(AvMine, (50.0, 0.0))];
    let ground = square((-60.0, -10.0), (60.0, 10.0));
    let areas = vec![area(1, AvMine, 0.9, square((-30.0, -10.0), (60.0, 10.0)))];
    let evaluation = judged(&assessed, &items, &[(AvMine, ground)], &[], areas);
    let first = evaluation.doctrines[0].method.by_category[&AvMine].steps[0];
    assert_eq!((first.inside, first.inside_all), (Some(0.0), Some(0.5)));
    assert_near(first.ratio, 30.0 / 60.0, 1e-9);
    assert_near(first.ratio_all, 90.0 / 120.0, 1e-9);
}

#[test]
fn the_ratio_at_95_lies_between_two_steps() {
    // 100 mines in two areas of 90 and 10: at 0.9 the second one of twice the true ground drops
    // out.
    let mut items: Vec<_> = (0..90).map(|i| item(ApMine, (f64::from(i), 1.0))).collect();
    items.extend((0..10).map(|i| item(ApMine, (f64::from(i), 101.0))));
    let ground = square((-0.5, 0.0), (99.5, 10.0));
    let areas = vec![
        area(1, ApMine, 0.95, square((-0.5, 0.0), (99.5, 10.0))),
        area(2, ApMine, 0.875, square((-0.5, 100.0), (99.5, 120.0))),
    ];
    let evaluation = judged(&whole(), &items, &[(ApMine, ground)], &[], areas);
    let at = evaluation.doctrines[0].method.mines.at_95.expect("all are inside at first");
    // From 3.0 with all inside at 0.85 to 1.0 with 90 % at 0.9: half way.
    assert!((at.ratio - 2.0).abs() < 1e-9 && (at.confidence - 0.875).abs() < 1e-9, "{at:?}");
}

#[test]
fn the_confidence_of_areas_is_held_against_what_they_hold() {
    // Ten areas of 0.8, eight of them with a mine; one of 0.1 with none.
    let side = |i: u32| square((f64::from(i) * 20.0, 0.0), (f64::from(i) * 20.0 + 10.0, 10.0));
    let mut areas: Vec<_> = (0..10).map(|i| area(i + 1, ApMine, 0.8, side(i))).collect();
    areas.push(area(11, ApMine, 0.1, square((0.0, -100.0), (10.0, -90.0))));
    areas[0].threat = Threat::High;
    let items: Vec<_> = (0..8).map(|i| item(ApMine, (f64::from(i) * 20.0 + 5.0, 5.0))).collect();
    let evaluation = judged(&whole(), &items, &[], &[], areas);
    let doctrine = &evaluation.doctrines[0];
    let calibration = doctrine.calibration_mines.as_ref().expect("there are areas");
    assert_eq!(
        (calibration.areas, calibration.bins[8].count, calibration.bins[1].count),
        (11, 10, 1)
    );
    assert_near(calibration.bins[8].right, 0.8, 1e-9);
    // (8 x 0.04 + 2 x 0.64 + 0.01) / 11, and 0.1 off for one of 11.
    assert_near(Some(calibration.brier), 1.61 / 11.0, 1e-6);
    assert_near(Some(calibration.expected_calibration_error), 0.1 / 11.0, 1e-6);
    let levels: Vec<_> =
        doctrine.levels.iter().map(|level| (level.threat, level.areas, level.real)).collect();
    assert_eq!(levels, [(Threat::High, 1, 1), (Threat::Medium, 10, 7)]);
    assert_near(doctrine.levels[0].mines, 1.0 / 8.0, 1e-9);
    assert!(doctrine.calibration_cmr.is_none());
}

#[test]
fn submunitions_count_in_an_envelope_or_within_its_fade_out() {
    let mut envelope = area(1, Cmr, 0.9, square((-10.0, -10.0), (10.0, 10.0)));
    (envelope.fade_out_m, envelope.features) = (Some(50.0), vec![FeatureId(1)]);
    let found = [find(1, Cmr, 0.9, (0.0, 0.0))];
    let items = [
        item(Cmr, (5.0, 5.0)),
        item(Cmr, (45.0, 0.0)),
        item(Cmr, (55.0, 0.0)),
        item(Cmr, (0.0, 200.0)),
    ];
    let evaluation = judged(&whole(), &items, &[], &found, vec![envelope]);
    let doctrine = &evaluation.doctrines[0];
    assert_eq!((doctrine.cmr.items_assessed, doctrine.cmr.inside), (4, Some(0.5)));
    assert_eq!(doctrine.method.mines.mines, 0, "none of them is a mine");
}

#[test]
fn directions_are_compared_the_short_way_round() {
    let with = |id: u32, front_deg: f64| HazardArea {
        front_deg: Some(front_deg),
        ..area(id, Unknown, 0.5, square((0.0, 0.0), (1.0, 1.0)))
    };
    // The truth is 350 degrees: 20 and 170 off.
    let evaluation = judged(&whole(), &[], &[], &[], vec![with(1, 10.0), with(2, 180.0)]);
    let fronts = &evaluation.doctrines[0].fronts;
    assert_eq!((fronts.areas, fronts.right), (2, Some(0.5)));
    assert_near(fronts.off_deg, 95.0, 1e-9);
}

#[test]
fn baselines_take_the_ground_that_they_say() {
    // Two finds 20 m apart, of which one is sure; a mine at each and one 30 m off.
    let found = [
        find(1, ApMine, 0.99, (0.0, 0.0)),
        find(2, ApMine, 0.3, (20.0, 0.0)),
        find(3, Cmr, 0.99, (200.0, 0.0)),
    ];
    let items = [item(ApMine, (0.0, 0.0)), item(ApMine, (20.0, 0.0)), item(ApMine, (0.0, 30.0))];
    let ground = square((-50.0, -50.0), (50.0, 50.0));
    let evaluation = judged(&whole(), &items, &[(ApMine, ground)], &found, vec![]);
    let at = |name: &str, cut: f64| {
        let method =
            evaluation.baselines.iter().find(|method| method.name == name).expect("a baseline");
        let step = *method.mines.steps.iter().find(|step| step.confidence == cut).expect("a cut");
        (step.inside.map(|share| (share * 3.0).round()), step.ratio.unwrap_or(-1.0) * 10_000.0)
    };
    let close = |(inside, m2): (Option<f64>, f64), mines: f64, expected: f64, share: f64| {
        assert_eq!(inside, Some(mines));
        assert!((m2 - expected).abs() <= share * expected, "{m2} is not {expected}");
    };
    let circle = std::f64::consts::PI;
    close(at("circles of 10 m", 0.0), 2.0, 200.0 * circle, 0.02);
    close(at("circles of 10 m", 0.5), 1.0, 100.0 * circle, 0.02);
    // The find at the middle of four squares falls into the north-eastern one.
    close(at("squares of 50 m", 0.0), 3.0, 2500.0, 0.0);
    close(at("squares of 100 m", 0.5), 3.0, 10_000.0, 0.0);
    // A band of 20 m with round ends.
    close(at("hulls of clusters", 0.0), 2.0, 200.0 + 25.0 * circle, 0.02);
    close(at("hulls of clusters", 0.5), 1.0, 25.0 * circle, 0.02);
    assert!(evaluation.baselines[3].mines.steps[0].areas_per_km2.is_some());
}

#[test]
fn the_interval_of_the_ratio_is_that_of_the_fields() {
    let (assessed, mine) = (whole(), [item(ApMine, (0.0, 0.0))]);
    let mined = [(ApMine, square((-10.0, -10.0), (10.0, 10.0)))];
    let outcome = |half_m: f64| {
        let field = AreaField {
            name: "1",
            extent: rect((-300.0, -300.0), (300.0, 300.0)),
            assessed: &assessed,
            items: &mine,
            mined: &mined,
            trench_m: 0.0,
            front_deg: None,
            features: &[],
        };
        let square = square((-half_m, -half_m), (half_m, half_m));
        field.outcome(&[drawn(vec![area(1, ApMine, 0.5, square)])])
    };
    let of = |halves_m: &[f64]| {
        let outcomes: Vec<_> = halves_m.iter().map(|half_m| outcome(*half_m)).collect();
        AreasEvaluation::of(&["by hand".into()], &outcomes).doctrines[0].method.at_95_interval
    };
    assert_eq!(of(&[10.0; 5]), Some([1.0, 1.0]), "fields alike");
    // Fields of ratio 1 and 4: of 20 drawn from both, the mean lies between both.
    let mixed = of(&[[10.0; 10], [20.0; 10]].concat()).expect("all get there");
    assert!((1.3..2.1).contains(&mixed[0]) && (2.9..3.7).contains(&mixed[1]), "{mixed:?}");
    assert_eq!(of(&[10.0]), None, "one field says nothing of others");
}

#[test]
fn two_fields_add_up_and_the_table_has_a_row_for_each_area() {
    let extent = rect((-300.0, -300.0), (300.0, 300.0));
    let (assessed, mine) = (whole(), [item(ApMine, (0.0, 0.0))]);
    let mined = [(ApMine, square((-10.0, -10.0), (10.0, 10.0)))];
    let found = [find(1, ApMine, 0.5, (0.0, 0.0)), find(2, ApMine, 0.8, (1.0, 0.0))];
    let field = |name: &'static str| AreaField {
        name,
        extent,
        assessed: &assessed,
        items: &mine,
        mined: &mined,
        trench_m: 0.0,
        front_deg: None,
        features: &found,
    };
    let mut one = area(1, ApMine, 0.9, square((-10.0, -10.0), (10.0, 10.0)));
    one.features = vec![FeatureId(1), FeatureId(2)];
    let names = ["by hand".to_owned()];
    let (seven, eight) = (drawn(vec![one]), drawn(vec![]));
    let outcomes = [field("7").outcome(&[seven]), field("8").outcome(&[eight])];
    let evaluation = AreasEvaluation::of(&names, &outcomes);
    let group = &evaluation.doctrines[0].groups["by hand"];
    assert_eq!(
        (group.mines, group.inside[0], group.inside[13], group.inside[14]),
        (2, (0.0, Some(0.5)), (0.9, Some(0.0)), (0.93, Some(0.0)))
    );
    assert_eq!((evaluation.fields, evaluation.km2), (2, 0.72));
    let first = evaluation.doctrines[0].method.mines.steps[0];
    assert_eq!((first.inside, first.ratio), (Some(0.5), Some(0.5)));
    let csv = AreasEvaluation::csv(&names, &outcomes);
    let lines: Vec<&str> = csv.lines().collect();
    // -ln(0.5) - ln(0.2) = 2.302585
    let row = "by hand,7,1,SHA,perimeter,AP_MINE,MEDIUM,0.900000,likely,1,1,2,2.302585,0.800000,\
               0,400.0,400.0";
    assert_eq!((lines.len(), lines[1]), (2, row));
    assert_eq!(lines[0].split(',').count(), row.split(',').count());
    let plots = evaluation.plots().expect("drawn");
    assert_eq!(plots.len(), 2);
    let text = evaluation.to_string();
    assert!(text.contains("| by hand | all | 50.0 % | 0.50 | 1.4 | not reached | - |"), "{text}");
    assert!(!text.to_lowercase().contains("safe") && !text.to_lowercase().contains("clear"));
}

#[test]
fn indications_and_their_belts_are_counted_apart_from_shas() {
    // Four mines: in an SHA, in an indication, in its belt, and in nothing.
    let items = [10.0, 110.0, 150.0, 250.0].map(|x| item(ApMine, (x, 10.0)));
    let mined = [(ApMine, square((0.0, 0.0), (20.0, 20.0)))];
    let field = AreaField {
        name: "1",
        extent: rect((-300.0, -300.0), (300.0, 300.0)),
        assessed: &whole(),
        items: &items,
        mined: &mined,
        trench_m: 0.0,
        front_deg: None,
        features: &[],
    };
    let of_class = |id, category, x: f64, land_class| HazardArea {
        land_class,
        ..area(id, category, 0.4, square((x, 0.0), (x + 30.0, 20.0)))
    };
    // Half of the second indication lies beyond the field, and it overlaps no other.
    let hazard_areas = vec![
        of_class(1, ApMine, 0.0, LandClass::Sha),
        of_class(2, Unknown, 100.0, LandClass::Indication),
        of_class(3, ApMine, 285.0, LandClass::Indication),
    ];
    let belt = |x: f64| IndicationBelt {
        area: HazardAreaId(2),
        from_m: 0.0,
        to_m: 30.0,
        weight: 1.0,
        front_unknown: true,
        boundary: square((x, 0.0), (x + 30.0, 20.0)),
    };
    let drawn = DrawnField { hazard_areas, indication_belts: vec![belt(130.0), belt(140.0)] };
    let outcome = field.outcome(&[drawn]);
    let real: Vec<bool> = outcome.judged[0].rows.iter().map(|row| row.real).collect();
    assert_eq!(real, [true, true, false], "a mine in its belt makes an indication right");
    let items: Vec<usize> = outcome.judged[0].rows.iter().map(|row| row.items).collect();
    assert_eq!(items, [1, 2, 0], "of two bands over a mine one counts");
    let evaluation = AreasEvaluation::of(&["by hand".into()], &[outcome]);
    let of = &evaluation.doctrines[0].land_classes;
    assert_eq!((of.in_sha, of.in_either, of.in_belts_too), (Some(0.25), Some(0.5), Some(0.75)));
    // 600 m2 of SHA over 400 m2; 600 + 300 m2 of indications and 800 m2 of belts in 0.36 km2.
    assert_near(of.sha_ratio, 1.5, 1e-9);
    assert_near(of.indication_ground, 900.0 / 360_000.0, 1e-9);
    assert_near(of.belt_ground, 800.0 / 360_000.0, 1e-9);
    let tiers = &evaluation.doctrines[0].tiers;
    assert_eq!((tiers.len(), tiers[0].tier, tiers[0].areas), (1, Tier::Likely, 2));
    assert_near(tiers[0].confidence, 0.4, 1e-6);
    assert_eq!(tiers[0].share.map(|share| share[0]), Some(0.5));
}
