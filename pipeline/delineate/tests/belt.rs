//! Belts before earthworks, computed by hand.

use super::*;
use crate::Delineation;
use geo::{BoundingRect, Contains};
use rams_domain::{ExternalEvidence, ExternalEvidenceId, ExternalEvidenceKind, Reliability};

/// A trench of 100 m along the x axis, drawn by the profile of round numbers (two bands of 60 m) on
/// ground of which so much has an image.
fn drawn_with(external_evidence: &[ExternalEvidence], imagery_half_m: f64) -> Delineation {
    let basis = Basis {
        features: &[trench(1, vec![(0.0, 0.0), (100.0, 0.0)])],
        external_evidence,
        assessed: &[assessed(imagery_half_m)],
        gaps: &[],
        ground: &ground(),
        record: &RECORD,
    };
    delineate(&basis, &plain())
}

fn external(id: u32, kind: ExternalEvidenceKind, geometry: Geometry) -> ExternalEvidence {
    ExternalEvidence {
        id: ExternalEvidenceId(id),
        kind,
        geometry,
        eo_category: EoCategory::Unknown,
        reliability: Reliability::default(),
        name: String::new(),
        date: String::new(),
        bearing_deg: Some(0.0),
        file: "invented.geojson".into(),
    }
}

fn areas_m2(drawn: &Delineation) -> Vec<f64> {
    drawn.indication_belts.iter().map(|belt| belt.boundary.unsigned_area()).collect()
}

#[test]
fn without_a_front_a_belt_lies_on_both_sides_and_fades() {
    let drawn = drawn_with(&[], 500.0);
    let [near, far] = &drawn.indication_belts[..] else { panic!("two bands") };
    assert_eq!((near.area.0, near.from_m, near.to_m, near.weight), (1, 0.0, 60.0, 1.0));
    assert_eq!((far.from_m, far.to_m, far.weight), (60.0, 120.0, 0.5));
    assert!(near.front_unknown && far.front_unknown);
    // A capsule of 60 m less the area of 5 m around the line; then one of 120 m less that of 60 m.
    let capsule = |r: f64| PI * r * r + 2.0 * r * 100.0;
    let [near_m2, far_m2] = areas_m2(&drawn)[..] else { panic!("two") };
    assert_near(near_m2, capsule(60.0) - capsule(5.0), 0.01);
    assert_near(far_m2, capsule(120.0) - capsule(60.0), 0.01);
}

#[test]
fn with_a_reported_front_a_belt_lies_before_it_alone() {
    let front = external(1, ExternalEvidenceKind::Front, Point::new(50.0, 30.0).into());
    let drawn = drawn_with(&[front], 500.0);
    assert!(drawn.indication_belts.iter().all(|belt| !belt.front_unknown));
    let [near_m2, far_m2] = areas_m2(&drawn)[..] else { panic!("two bands") };
    // 100 m x 60 m before the trench, less the 5 m of its own area.
    assert_near(near_m2, 100.0 * 55.0, 0.01);
    assert_near(far_m2, 100.0 * 60.0, 0.01);
    let bounds = drawn.indication_belts[1].boundary.bounding_rect().expect("a band");
    assert_near(bounds.max().y, 120.0, 0.01);
    assert_near(bounds.min().y, 60.0, 0.01);
    let area = &drawn.hazard_areas[0];
    assert_eq!(area.external_evidence, [ExternalEvidenceId(1)]);
    assert!(
        area.rationale.contains("up to 120 m before it, to the north, where its front is."),
        "{}",
        area.rationale
    );
}

#[test]
fn fronts_that_contradict_each_other_put_a_belt_on_both_sides_whichever_comes_first() {
    let front = |id, bearing_deg, y| ExternalEvidence {
        bearing_deg: Some(bearing_deg),
        ..external(id, ExternalEvidenceKind::Front, Point::new(50.0, y).into())
    };
    let unknown = drawn_with(&[], 500.0);
    for degs in [[0.0, 180.0], [180.0, 0.0], [60.0, 120.0]] {
        let drawn = drawn_with(&[front(1, degs[0], 30.0), front(2, degs[1], 38.0)], 500.0);
        let area = &drawn.hazard_areas[0];
        assert!(area.front_unknown && area.front_deg.is_none());
        assert_eq!(area.external_evidence, [1, 2].map(ExternalEvidenceId));
        assert_eq!(areas_m2(&drawn), areas_m2(&unknown));
        let [notice] = &drawn.notices[..] else { panic!("{:?}", drawn.notices) };
        assert_eq!(
            notice.to_string(),
            format!(
                "invented.geojson: fronts K0001 ({}°) and K0002 ({}°) contradict each other: \
                 belts there lie on both sides; leave out the one that is wrong",
                degs[0], degs[1]
            )
        );
    }
    // Reports that agree, and one from elsewhere, do not; nor does the order of agreeing ones count.
    for (degs, y) in [([350.0, 10.0], 30.0), ([10.0, 350.0], 30.0), ([10.0, 180.0], 60.0)] {
        let drawn = drawn_with(&[front(1, degs[0], 30.0), front(2, degs[1], y)], 500.0);
        assert_eq!((drawn.hazard_areas[0].front_deg, drawn.notices), (Some(10.0), vec![]));
    }
}

#[test]
fn a_belt_ends_with_the_imagery_at_the_limit_and_at_released_land() {
    let square = |x0: f64, y0: f64, x1: f64, y1: f64| -> Geometry {
        Rect::new(coord! { x: x0, y: y0 }, coord! { x: x1, y: y1 }).to_polygon().into()
    };
    // Imagery of 80 m to either side: nothing of the belt lies beyond.
    let drawn = drawn_with(&[], 80.0);
    let bounds = |drawn: &Delineation| {
        let all = unary_union(drawn.indication_belts.iter().map(|belt| &belt.boundary));
        all.bounding_rect().expect("a belt")
    };
    assert_near(bounds(&drawn).max().y, 80.0, 1e-3);
    assert_near(bounds(&drawn).max().x, 80.0, 1e-3);
    let limit = external(1, ExternalEvidenceKind::SurveyLimit, square(-50.0, -20.0, 150.0, 40.0));
    let cut = bounds(&drawn_with(&[limit], 500.0));
    assert_near(cut.max().y, 40.0, 1e-3);
    assert_near(-cut.min().y, 20.0, 1e-3);
    let released = external(1, ExternalEvidenceKind::Released, square(-200.0, 30.0, 300.0, 300.0));
    assert_near(bounds(&drawn_with(&[released], 500.0)).max().y, 30.0, 1e-3);
    // Without any image there is no belt.
    let drawn = delineated(&[trench(1, vec![(0.0, 0.0), (100.0, 0.0)])], &plain(), &ground());
    assert!(drawn.indication_belts.is_empty());
}

#[test]
fn belts_go_by_the_number_of_their_area() {
    let trenches = [
        trench(1, vec![(0.0, -300.0), (100.0, -300.0)]),
        trench(2, vec![(0.0, 300.0), (100.0, 300.0)]),
    ];
    let basis = Basis {
        features: &trenches,
        external_evidence: &[],
        assessed: &[assessed(500.0)],
        gaps: &[],
        ground: &ground(),
        record: &RECORD,
    };
    let drawn = delineate(&basis, &plain());
    let bands: Vec<_> = drawn.indication_belts.iter().map(|b| (b.area.0, b.from_m)).collect();
    assert_eq!(bands, [(1, 0.0), (1, 60.0), (2, 0.0), (2, 60.0)]);
    for belt in &drawn.indication_belts {
        let area = &drawn.hazard_areas[belt.area.0 as usize - 1];
        let middle = area.boundary.bounding_rect().expect("an area").center().y;
        let around = belt.boundary.bounding_rect().expect("a band").center().y;
        assert!((middle - around).abs() < 1.0, "{middle} {around}");
        assert!(!belt.boundary.contains(&Point::new(50.0, middle)));
    }
}
