//! One probability: land class, tier and threat follow from it, reports are independent of it.

use super::*;
use rams_domain::{ExternalEvidence, ExternalEvidenceId, ExternalEvidenceKind, Reliability};

fn report(id: u32, kind: ExternalEvidenceKind, at: (f64, f64), level: &str) -> ExternalEvidence {
    let mut letters = level.chars();
    let source = letters.next();
    ExternalEvidence {
        id: ExternalEvidenceId(id),
        kind,
        geometry: Point::new(at.0, at.1).into(),
        eo_category: EoCategory::ApMine,
        reliability: Reliability {
            source,
            information: letters.next().and_then(|digit| digit.to_digit(10)).map(|it| it as u8),
        },
        name: String::new(),
        date: String::new(),
        bearing_deg: None,
        file: "invented.geojson".into(),
    }
}

fn land_use(id: u32, name: &str) -> ExternalEvidence {
    let corner = coord! { x: 400.0, y: 400.0 };
    ExternalEvidence {
        name: name.into(),
        geometry: Rect::new(-corner, corner).to_polygon().into(),
        ..report(id, ExternalEvidenceKind::LandUse, (0.0, 0.0), "A1")
    }
}

fn drawn_with(
    features: &[Feature],
    external_evidence: &[ExternalEvidence],
    doctrine: &Doctrine,
) -> Delineation {
    let basis = Basis {
        features,
        external_evidence,
        assessed: &[],
        gaps: &[],
        ground: &ground(),
        record: &RECORD,
    };
    delineate(&basis, doctrine)
}

fn with(confidence: f32, feature: Feature) -> Feature {
    Feature { confidence, ..feature }
}

#[test]
fn an_accident_is_believed_whatever_the_imagery_shows() {
    use ExternalEvidenceKind::{Accident, MinefieldRecord};
    let baseline = Doctrine::baseline();
    for (reports, expected) in [
        // 0.97; 0.97 x 0.9 x 0.9 is below the floor of 0.9, and so is the worst source.
        (vec![report(1, Accident, (0.0, 0.0), "A1")], 0.97),
        (vec![report(1, Accident, (0.0, 0.0), "B2")], 0.9),
        (vec![report(1, Accident, (0.0, 0.0), "E5")], 0.9),
        // 1 - 0.1 x (1 - 0.9 x 0.9 x 0.9)
        (
            vec![
                report(1, Accident, (0.0, 0.0), "B2"),
                report(2, MinefieldRecord, (5.0, 0.0), "B2"),
            ],
            0.9729,
        ),
    ] {
        let [area] = &drawn_with(&[], &reports, &baseline).hazard_areas[..] else {
            panic!("one area")
        };
        assert_near(area.confidence.into(), expected, 1e-5);
        assert_eq!(
            (area.land_class, area.tier, area.threat),
            (LandClass::Sha, Some(Tier::Reported), Threat::High)
        );
        // Where nobody expects mines it is as true.
        let used = [reports.clone(), vec![land_use(9, "cultivated")]].concat();
        let [used] = &drawn_with(&[], &used, &baseline).hazard_areas[..] else { panic!("one") };
        assert_eq!(used.confidence, area.confidence);
    }
}

#[test]
fn what_is_seen_adds_to_a_report_and_never_takes() {
    use ExternalEvidenceKind::Witness;
    let alone = super::alone();
    let witness = [report(1, Witness, (0.0, 0.0), "A1")];
    // 1 - (1 - 0.6) (1 - p) for a mine of each probability.
    for p in [0.16, 0.5, 0.9] {
        let mines = [with(p, mine(1, 10.0, 0.0))];
        let [area] = &drawn_with(&mines, &witness, &alone).hazard_areas[..] else { panic!("one") };
        assert_near(area.confidence.into(), 1.0 - 0.4 * (1.0 - f64::from(p)), 1e-4);
    }
}

#[test]
fn a_doubtful_find_is_an_indication_and_two_kinds_of_sign_are_not() {
    let plain = plain();
    let class = |features: &[Feature]| {
        let areas = drawn_with(features, &[], &plain).hazard_areas;
        let of_mine = areas.into_iter().find(|area| area.eo_category == EoCategory::ApMine);
        of_mine.expect("of the mine").land_class
    };
    let doubtful = with(0.2, mine(1, 50.0, 60.0));
    let line = trench(2, vec![(0.0, 0.0), (100.0, 0.0)]);
    // The profile: from 0.3 on, in a belt from 0.1 on.
    assert_eq!(class(&[with(0.31, mine(1, 0.0, 0.0))]), LandClass::Sha);
    assert_eq!(class(std::slice::from_ref(&doubtful)), LandClass::Indication);
    assert_eq!(class(&[doubtful.clone(), line.clone()]), LandClass::Sha);
    assert_eq!(class(&[with(0.09, doubtful.clone()), line.clone()]), LandClass::Indication);
    // The belt is 120 m deep.
    let beyond = Feature { geometry: Point::new(50.0, 121.0).into(), ..doubtful };
    assert_eq!(class(&[beyond, line]), LandClass::Indication);
    // What carried mines is no mine.
    let casing = feature(
        1,
        EoCategory::ApMine,
        Indicator::CmCarrier,
        "ksf-casing",
        Point::new(0.0, 0.0).into(),
    );
    assert_eq!(class(&[with(0.95, casing)]), LandClass::Indication);
}

#[test]
fn too_doubtful_areas_are_left_out_and_counted_but_no_reported_one() {
    let text = PLAIN.replacen("min_confidence = 0.0", "min_confidence = 0.5", 1);
    let doctrine = Doctrine::parse(&text, "strict.toml").expect("valid");
    let mines = [with(0.4, mine(1, 0.0, 0.0)), with(0.6, mine(2, 200.0, 0.0))];
    let witness = [report(1, ExternalEvidenceKind::Witness, (-200.0, 0.0), "E5")];
    let drawn = drawn_with(&mines, &witness, &doctrine);
    let kept: Vec<_> = drawn.hazard_areas.iter().map(|area| (area.id.0, area.tier)).collect();
    assert_eq!(kept, [(1, Some(Tier::Likely)), (2, Some(Tier::Reported))]);
    assert!(drawn.hazard_areas[1].confidence < 0.5);
    assert_eq!(drawn.left_out, 1);
}

#[test]
fn carriers_do_not_vouch_for_mines() {
    let baseline = Doctrine::baseline();
    let casing = |id: u32| {
        let at = Point::new(3.0 * f64::from(id), 4.0);
        feature(id, EoCategory::ApMine, Indicator::CmCarrier, "ksf-casing", at.into())
    };
    let alone = drawn_with(&[mine(100, 0.0, 0.0)], &[], &baseline).hazard_areas;
    // Forty doubtful casings about it leave the mine what it was.
    let casings = (1..41).map(casing).map(|feature| with(0.3, feature));
    let all: Vec<Feature> = casings.chain([mine(100, 0.0, 0.0)]).collect();
    let among = drawn_with(&all, &[], &baseline).hazard_areas;
    let of_mine = among.iter().find(|area| ids(area).contains(&100)).expect("of the mine");
    assert!((of_mine.confidence - alone[0].confidence).abs() < 0.02, "{}", of_mine.confidence);
}

/// A mine of a class that is scattered.
fn scattered(class: &str, confidence: f32, feature: Feature) -> Feature {
    Feature { class: class.into(), ..with(confidence, feature) }
}

#[test]
fn scattered_mines_close_together_are_likely_and_a_single_one_is_not() {
    let baseline = Doctrine::baseline();
    // A spiral 14.6 m across, on ground with few false finds.
    let place = |i: u32| {
        let (radius_m, turn) = (2.3 * f64::from(i).sqrt(), 2.399_96 * f64::from(i));
        (radius_m * turn.cos(), radius_m * turn.sin())
    };
    for p in [0.8, 0.95] {
        let ten = (1..=10).map(|i| scattered("pfm-1", p, mine(i, place(i).0, place(i).1)));
        let false_finds = (0..5).map(|i| with(0.25, mine(20 + i, 90.0 * f64::from(i), 200.0)));
        let all: Vec<Feature> = ten.chain(false_finds).collect();
        let areas = drawn_with(&all, &[], &baseline).hazard_areas;
        assert!(!areas.is_empty(), "ten of {p}");
        assert_eq!((ids(&areas[0]), areas[0].rows), ((1..=10).collect(), 0));
        let found = (areas[0].land_class, areas[0].tier, areas[0].threat);
        let confidence = areas[0].confidence;
        assert_eq!(
            found,
            (LandClass::Sha, Some(Tier::Likely), Threat::High),
            "ten of {p}: {confidence}"
        );
    }
    let one = [scattered("pfm-1", 0.5, mine(1, 0.0, 0.0))];
    let areas = drawn_with(&one, &[], &baseline).hazard_areas;
    assert!(areas.iter().all(|area| area.tier < Some(Tier::Likely)), "{areas:?}");
}

#[test]
fn scattered_mines_count_together_less_the_doubtful_ones() {
    // Nothing else counts: the odds of other weights are e to the -9.
    let text = PLAIN.replacen("intercept = 0.0\nsum = 1.0", "intercept = -9.0\nsum = 0.0", 1);
    let doctrine = Doctrine::parse(&text, "together.toml").expect("valid");
    let confidence = |features: &[Feature]| {
        let [area] = &drawn_with(features, &[], &doctrine).hazard_areas[..] else { panic!("one") };
        f64::from(area.confidence)
    };
    let three = |class: &str| -> Vec<Feature> {
        (1..4).map(|i| scattered(class, 0.9, mine(i, 3.0 * f64::from(i), 0.0))).collect()
    };
    // The profile: ln odds = -2 + 2 ln(1 + n); n = 2.7.
    assert_near(confidence(&three("pom-2")), 0.6495, 1e-3);
    assert_near(confidence(&three("ap-round")), 1.234e-4, 1e-2);
    // Below 0.3 a find is doubtful, and one outweighs a probable one: n = 1.7.
    let doubtful = with(0.2, mine(9, 6.0, 2.0));
    let beside = |other: Feature| [three("pom-2"), vec![other]].concat();
    assert_near(confidence(&beside(doubtful.clone())), 0.4966, 1e-3);
    let casing = Feature { indicator: Indicator::CmCarrier, ..doubtful };
    assert_near(confidence(&beside(casing)), 0.6495, 1e-3);
    // A single one is believed as any mine is: 0.9, not 0.33.
    let [area] = &drawn_with(&three("pom-2")[..1], &[], &plain()).hazard_areas[..] else {
        panic!("one")
    };
    assert_near(area.confidence.into(), 0.9, 1e-5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Of any two areas of one category and one use of the ground, the more probable one is of no
    /// lower tier of those of imagery, and of no lower threat.
    #[test]
    fn threat_and_tier_never_contradict_confidence(
        finds in prop::collection::vec((-300.0..300.0f64, -300.0..300.0f64, 0.0..1.0f32), 1..40),
        reports in prop::collection::vec((-300.0..300.0f64, -300.0..300.0f64, 0..6u32), 0..5),
        in_use in prop::option::of(0..3usize),
    ) {
        let mines: Vec<Feature> =
            (1..).zip(finds).map(|(id, (x, y, p))| with(p, mine(id, x, y))).collect();
        let kinds = [ExternalEvidenceKind::Accident, ExternalEvidenceKind::Witness];
        let mut external: Vec<ExternalEvidence> = (1..)
            .zip(reports)
            .map(|(id, (x, y, kind))| report(id, kinds[kind as usize % 2], (x, y), "C3"))
            .collect();
        let uses = ["cultivated", "settlement", "road_in_use"];
        external.extend(in_use.map(|of| land_use(50, uses[of])));
        for doctrine in [Doctrine::baseline(), plain()] {
            let areas = drawn_with(&mines, &external, &doctrine).hazard_areas;
            for (a, b) in areas.iter().flat_map(|a| areas.iter().map(move |b| (a, b))) {
                if a.confidence >= b.confidence {
                    prop_assert!(a.threat >= b.threat, "{a:?} {b:?}");
                    let reported = Some(Tier::Reported);
                    prop_assert!(a.tier >= b.tier || b.tier == reported, "{a:?} {b:?}");
                    prop_assert!(
                        a.land_class >= b.land_class || b.tier == reported,
                        "{a:?} {b:?}"
                    );
                }
            }
        }
    }
}
