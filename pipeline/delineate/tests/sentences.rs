//! What areas say of themselves, word for word.

use super::*;
use rams_domain::{ExternalEvidence, ExternalEvidenceId, ExternalEvidenceKind, Reliability};

fn says(features: &[Feature], external_evidence: &[ExternalEvidence]) -> Vec<String> {
    let basis = Basis {
        features,
        external_evidence,
        assessed: &[],
        gaps: &[],
        ground: &ground(),
        record: &RECORD,
    };
    let areas = delineate(&basis, &super::alone()).hazard_areas;
    areas.into_iter().map(|area| area.rationale).collect()
}

fn report(kind: ExternalEvidenceKind, at: (f64, f64), date: &str) -> ExternalEvidence {
    ExternalEvidence {
        id: ExternalEvidenceId(1),
        kind,
        geometry: Point::new(at.0, at.1).into(),
        eo_category: EoCategory::ApMine,
        reliability: Reliability { source: Some('B'), information: Some(2) },
        name: String::new(),
        date: date.into(),
        bearing_deg: Some(0.0),
        file: "invented.geojson".into(),
    }
}

/// Seven mines 3 m apart along the x axis.
fn row_at(first_id: u32, y: f64) -> impl Iterator<Item = Feature> {
    (0..7).map(move |i| mine(first_id + i, 3.0 * f64::from(i), y))
}

fn line() -> Feature {
    Feature { size_m: [173.0, 3.0], ..trench(100, vec![(-80.0, -60.0), (93.0, -60.0)]) }
}

#[test]
fn two_rows_before_a_trench_and_an_accident() {
    let features: Vec<Feature> = row_at(1, 0.0).chain(row_at(10, 5.0)).chain([line()]).collect();
    let accident = report(ExternalEvidenceKind::Accident, (58.0, 2.5), "2022-05-04");
    let front = ExternalEvidence {
        id: ExternalEvidenceId(2),
        ..report(ExternalEvidenceKind::Front, (0.0, -60.0), "")
    };
    assert_eq!(
        says(&features, &[accident, front]),
        [
            "An accident was reported 40 m to the east in 2022 (source B, information 2). Two rows \
             of round AP mines (14 seen, about 3 m apart) run 60 m in front of a fire trench. \
             Confidence 0.99 (reported), threat high. Others report direct evidence; nothing is \
             confirmed here.",
            "A fire trench of 173 m was seen. Mines may lie up to 120 m before it, to the \
             north, where its front is. Confidence 0.80 (likely), threat medium. An indication \
             from imagery, not confirmed.",
        ]
    );
}

#[test]
fn reports_without_any_find() {
    let mut record = report(ExternalEvidenceKind::MinefieldRecord, (0.0, 0.0), "1993");
    record.id = ExternalEvidenceId(2);
    record.reliability = Reliability { source: None, information: None };
    let witness = report(ExternalEvidenceKind::Witness, (5.0, 0.0), "last summer");
    assert_eq!(
        says(&[], &[witness, record]),
        ["A minefield record names this ground in 1993 (reliability not stated). A witness \
          reported a hazard here (last summer) (source B, information 2). Confidence 0.78 \
          (reported), threat high. Evidence is indirect: reported, not confirmed."]
    );
}

#[test]
fn scattered_mines_and_their_carriers() {
    let at = |x: f64, y: f64| Point::new(x, y).into();
    let of = |id, class: &str, indicator, x, y| {
        feature(id, EoCategory::ApMine, indicator, class, at(x, y))
    };
    let features = [
        of(1, "pfm-1", Indicator::MineSurface, 0.0, 0.0),
        of(2, "pfm-1", Indicator::MineSurface, 6.0, 8.0),
        of(3, "ksf-casing", Indicator::CmCarrier, 3.0, 4.0),
    ];
    assert_eq!(
        says(&features, &[]),
        ["Two PFM-1 and one KSF-1 casing were seen within 10 m. Confidence 0.99 (likely), threat \
          high. Evidence is indirect: imagery, not confirmed."]
    );
}

#[test]
fn a_single_find_that_is_believed_and_one_that_is_not() {
    let mut doubtful = mine(1, 0.0, 0.0);
    doubtful.confidence = 0.16;
    // -3 + 0.9 x ln odds: 0.5 of a find of 0.97, and 0.02 of one of 0.3.
    let text = super::weighing("intercept = -3.0\nsum = 0.0\nstrongest = 0.9\nrow = 0.0");
    let doctrine = Doctrine::parse(&text, "mine.toml").expect("valid");
    let areas = drawn_by(&[doubtful], &doctrine, &ground());
    assert!(areas.is_empty(), "below the draw confidence");
    let says = |confidence: f32| {
        let find = Feature { confidence, ..mine(1, 0.0, 0.0) };
        drawn_by(&[find], &doctrine, &ground()).remove(0).rationale
    };
    assert_eq!(
        says(0.3),
        "One possible round AP mine was seen. Confidence 0.02 (a weak sign), threat low. An \
         indication from imagery, not confirmed."
    );
    assert!(says(0.97).starts_with("One round AP mine was seen. Confidence 0.5"), "{}", says(0.97));
}

#[test]
fn works_of_several_kinds_whose_front_nobody_knows() {
    let pit = |id: u32, x: f64| {
        let corner = coord! { x: x, y: -52.0 };
        let pit = Rect::new(corner, corner + coord! { x: 2.0, y: 2.0 }).to_polygon();
        feature(id, EoCategory::Unknown, Indicator::Foxhole, "foxhole", pit.into())
    };
    assert_eq!(
        says(&[line(), pit(1, 0.0), pit(2, 10.0)], &[]),
        ["Two foxholes and one fire trench of 173 m were seen within 173 m. Mines may lie up to \
          120 m from them, on either side, for their front is not known. Confidence 0.99 (likely), \
          threat medium. An indication from imagery, not confirmed."]
    );
}

#[test]
fn a_crater_is_a_sign_without_a_belt() {
    let hole = Rect::new(coord! { x: 0.0, y: 0.0 }, coord! { x: 4.0, y: 4.0 }).to_polygon();
    let crater = feature(1, EoCategory::Unknown, Indicator::Crater, "crater", hole.into());
    assert_eq!(
        says(&[crater], &[]),
        [
            "A crater was seen. Confidence 0.80 (likely), threat medium. An indication from imagery, \
          not confirmed."
        ]
    );
}

#[test]
fn submunitions_in_use_ground() {
    let cmr = |id: u32| {
        let at = Point::new(f64::from(id), 0.0);
        feature(id, EoCategory::Cmr, Indicator::Submunition, "submunition", at.into())
    };
    let corner = coord! { x: 100.0, y: 100.0 };
    let field = ExternalEvidence {
        name: "cultivated".into(),
        geometry: Rect::new(-corner, corner).to_polygon().into(),
        ..report(ExternalEvidenceKind::LandUse, (0.0, 0.0), "")
    };
    assert_eq!(
        says(&[cmr(1), cmr(2)], &[field]),
        [
            "Two submunitions were seen within 1.0 m. The outline is an envelope of evidence points, \
          no perimeter. Most of it is cultivated, which lowers the confidence of what was seen. \
          People use the ground (cultivated), which raises the threat. Confidence 0.92 (likely), \
          threat high. Evidence is indirect: imagery, not confirmed."
        ]
    );
}

#[test]
fn what_was_released_is_said() {
    let corner = coord! { x: 50.0, y: 50.0 };
    let released = ExternalEvidence {
        geometry: Rect::new(-corner, corner).to_polygon().into(),
        ..report(ExternalEvidenceKind::Released, (0.0, 0.0), "")
    };
    assert_eq!(
        says(&[mine(1, 0.0, 0.0)], &[released]),
        [
            "One round AP mine was seen. Land reported as released is cut out (K0001), but one piece \
          of its evidence lies on that land and stays. Confidence 0.80 (likely), threat high. Evidence is \
          indirect: imagery, not confirmed."
        ]
    );
}

#[test]
fn two_models_that_call_a_find_alike_are_named() {
    let other = Feature { model: "other".into(), ..mine(2, 0.2, 0.0) };
    let [said] = &says(&[mine(1, 0.0, 0.0), other], &[])[..] else { panic!("one area") };
    assert!(
        said.starts_with(
            "One ap-round (other) and one round AP mine (toy) were seen within 0.2 m."
        ),
        "{said}"
    );
}
