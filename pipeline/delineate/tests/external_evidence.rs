//! Evidence from elsewhere by the baseline profile.

use super::{RECORD, assert_near, ground, ids, mine};
use crate::{Basis, Doctrine, delineate};
use geo::{Area, Contains, Geometry, Point, Polygon, Rect, Validation, coord};
use proptest::prelude::*;
use rams_domain::{
    AssessedArea, EoCategory, EvidenceKind, ExternalEvidence, ExternalEvidenceId,
    ExternalEvidenceKind, Feature, GapArea, GapReason, HazardArea, Reliability,
};
use std::f64::consts::PI;

fn known(id: u32, kind: ExternalEvidenceKind, geometry: Geometry) -> ExternalEvidence {
    ExternalEvidence {
        id: ExternalEvidenceId(id),
        kind,
        geometry,
        eo_category: EoCategory::ApMine,
        reliability: Reliability { source: Some('A'), information: Some(1) },
        name: String::new(),
        date: String::new(),
        bearing_deg: None,
        file: "invented.geojson".into(),
    }
}

fn square(x0: f64, y0: f64, x1: f64, y1: f64) -> Geometry {
    Rect::new(coord! { x: x0, y: y0 }, coord! { x: x1, y: y1 }).to_polygon().into()
}

fn drawn(features: &[Feature], known: &[ExternalEvidence]) -> Vec<HazardArea> {
    let basis = Basis {
        features,
        external_evidence: known,
        assessed: &[],
        gaps: &[],
        ground: &ground(),
        record: &RECORD,
    };
    delineate(&basis, &super::alone()).hazard_areas
}

#[test]
fn an_accident_draws_an_area_and_is_direct_evidence() {
    let areas =
        drawn(&[], &[known(1, ExternalEvidenceKind::Accident, Point::new(0.0, 0.0).into())]);
    assert_eq!(
        (areas.len(), areas[0].evidence, &areas[0].external_evidence),
        (1, EvidenceKind::Direct, &vec![ExternalEvidenceId(1)])
    );
    assert_near(areas[0].area_m2, PI * 625.0, 0.01);
    assert!((areas[0].confidence - 0.97).abs() < 1e-6);
}

#[test]
fn a_record_of_low_reliability_counts_for_less_and_is_drawn_all_the_same() {
    let record = known(1, ExternalEvidenceKind::MinefieldRecord, square(0.0, 0.0, 40.0, 20.0));
    let doubtful = ExternalEvidence {
        reliability: Reliability { source: Some('B'), information: Some(4) },
        ..record.clone()
    };
    let worst = ExternalEvidence {
        reliability: Reliability { source: Some('E'), information: Some(5) },
        ..record.clone()
    };
    let (sure, doubtful, worst) =
        (drawn(&[], &[record]), drawn(&[], &[doubtful]), drawn(&[], &[worst]));
    assert_near(sure[0].area_m2, 800.0 + 120.0 * 10.0 + PI * 100.0, 0.01);
    assert_near(doubtful[0].area_m2, sure[0].area_m2, 1e-6);
    // 0.9; 0.9 x 0.9 x 0.5; 0.9 x 0.25 x 0.25 is below the floor of records.
    for (areas, expected) in [(&sure, 0.9), (&doubtful, 0.405), (&worst, 0.3)] {
        assert_near(areas[0].confidence.into(), expected, 1e-5);
    }
    assert!(doubtful[0].threat < sure[0].threat);
}

#[test]
fn released_land_is_cut_out_but_not_what_was_seen_on_it() {
    let mines: Vec<Feature> = (0..11).map(|i| mine(i + 1, 10.0 * f64::from(i), 0.0)).collect();
    let whole = drawn(&mines, &[])[0].area_m2;
    // Beside the row: a strip of 2 m of its belt.
    let beside = known(1, ExternalEvidenceKind::Released, square(-50.0, 3.0, 150.0, 50.0));
    let areas = drawn(&mines, &[beside]);
    assert_eq!(
        (areas.len(), &areas[0].external_evidence, ids(&areas[0]).len()),
        (1, &vec![ExternalEvidenceId(1)], 11)
    );
    assert_near(areas[0].area_m2 + areas[0].released_m2, whole, 1e-3);
    assert!(areas[0].released_m2 > 100.0);
    assert!(
        areas[0].rationale.contains("Land reported as released is cut out (K0001)."),
        "{}",
        areas[0].rationale
    );

    // On the row: every mine keeps its buffer.
    let over = known(1, ExternalEvidenceKind::Cancelled, square(-50.0, -50.0, 150.0, 50.0));
    let areas = drawn(&mines, &[over]);
    let found: usize = areas.iter().map(|area| area.features.len()).sum();
    assert_eq!(found, 11);
    assert!(
        mines.iter().all(|mine| areas.iter().any(|area| area.boundary.contains(&mine.geometry)))
    );
    assert!(
        areas[0].rationale.contains("but 11 pieces of its evidence lie on that land and stay"),
        "{}",
        areas[0].rationale
    );
}

#[test]
fn absence_lowers_and_never_removes() {
    let one = [mine(1, 0.0, 0.0)];
    let land = |name: &str| ExternalEvidence {
        name: name.into(),
        ..known(1, ExternalEvidenceKind::LandUse, square(-50.0, -50.0, 50.0, 50.0))
    };
    let (bare, used) = (drawn(&one, &[]), drawn(&one, &[land("Cultivated")]));
    assert_near(used[0].area_m2, bare[0].area_m2, 1e-9);
    // Odds of 4, halved.
    assert!(
        (bare[0].confidence - 0.8).abs() < 1e-6 && (used[0].confidence - 2.0 / 3.0).abs() < 1e-6
    );
    assert!(used[0].rationale.contains("Most of it is cultivated, which lowers"));
    assert_eq!(
        drawn(&one, &[land("pasture")])[0].confidence,
        bare[0].confidence,
        "not in the doctrine"
    );
}

#[test]
fn areas_are_cut_at_the_limit_and_named_after_their_district() {
    let mines = [mine(1, 0.0, 0.0), mine(2, 300.0, 0.0)];
    let limit = known(1, ExternalEvidenceKind::SurveyLimit, square(-100.0, -100.0, 2.0, 100.0));
    let district = |id, name: &str, x0, x1| ExternalEvidence {
        name: name.into(),
        ..known(id, ExternalEvidenceKind::District, square(x0, -100.0, x1, 100.0))
    };
    let areas =
        drawn(&mines, &[limit, district(2, "West", -100.0, 1.0), district(3, "East", 1.0, 200.0)]);
    let west = areas.iter().find(|area| ids(area) == [1]).expect("of the first mine");
    assert_eq!(west.district, "West");
    // A circle of 5 m cut 2 m east of its middle.
    let cap = 25.0 * (0.4f64).acos() - 2.0 * 21f64.sqrt();
    assert_near(west.area_m2, PI * 25.0 - cap, 0.01);
    let other = areas.iter().find(|area| ids(area) == [2]).expect("of the second mine");
    assert_eq!(other.district, "");
    assert_near(other.area_m2, PI * 25.0, 0.01);
    assert!(
        other.rationale.contains("It lies beyond the limit of the survey and is not cut."),
        "{}",
        other.rationale
    );
}

#[test]
fn the_ground_of_a_report_stays_whole_across_the_limit() {
    let limit = |x1| known(9, ExternalEvidenceKind::SurveyLimit, square(-500.0, -100.0, x1, 100.0));
    let accident = known(1, ExternalEvidenceKind::Accident, Point::new(0.0, 0.0).into());
    // 24 m beyond it, of which one metre reaches across; on it; 10 m within.
    let uncut_m2 = drawn(&[], std::slice::from_ref(&accident))[0].area_m2;
    for x1 in [-24.0, 0.0, 10.0] {
        let areas = drawn(&[], &[accident.clone(), limit(x1)]);
        assert_near(areas[0].area_m2, uncut_m2, 1e-4);
        assert!(!areas[0].rationale.contains("beyond the limit"), "{}", areas[0].rationale);
    }
    // A find in the same area is cut: of the mine's 5 m, half a metre around the report's 25 m.
    let areas = drawn(&[mine(1, 24.0, 0.0)], &[accident, limit(10.0)]);
    assert_eq!((areas.len(), ids(&areas[0]).len()), (1, 1));
    assert_near(areas[0].area_m2, uncut_m2, 5e-3);
}

#[test]
fn an_area_says_how_much_of_it_was_assessed_and_lies_beyond_the_imagery() {
    let assessed = |x1: f64, class: &str| AssessedArea {
        boundary: match square(-100.0, -100.0, x1, 100.0) {
            Geometry::Polygon(polygon) => polygon.into(),
            _ => unreachable!("a square is a polygon"),
        },
        area_m2: 0.0,
        orthomosaic: "invented".into(),
        model: "toy".into(),
        classes: vec![class.into()],
    };
    let ground = ground();
    let drawn = |features: &[Feature], assessed: &[AssessedArea], gaps: &[GapArea]| {
        let basis = Basis {
            features,
            external_evidence: &[],
            assessed,
            gaps,
            ground: &ground,
            record: &RECORD,
        };
        delineate(&basis, &Doctrine::baseline()).hazard_areas.remove(0)
    };
    let areas = |assessed: &[AssessedArea]| drawn(&[mine(1, 0.0, 0.0)], assessed, &[]);
    // Half of it was looked at for PFM-1, all of it for trenches.
    let area = areas(&[assessed(0.0, "ap-round"), assessed(100.0, "trench")]);
    assert!((area.assessed_share - 0.5).abs() < 1e-2 && area.beyond_imagery_m2 < 1e-6, "{area:?}");
    let area = areas(&[assessed(0.0, "ap-round")]);
    assert_near(area.beyond_imagery_m2, area.area_m2 / 2.0, 0.01);
    // A family is not among the classes that were looked for: its model's ground counts.
    assert!((areas(&[assessed(0.0, "pmn-2")]).assessed_share - 0.5).abs() < 1e-2);

    // Of two classes, that of which less was seen.
    let other = Feature { class: "tm-57".into(), ..mine(2, 1.0, 0.0) };
    let both = drawn(
        &[mine(1, 0.0, 0.0), other],
        &[assessed(0.0, "ap-round"), assessed(100.0, "tm-57")],
        &[],
    );
    assert!((0.3..0.5).contains(&both.assessed_share), "{}", both.assessed_share);
    // Under trees there is an image, but nothing was assessed.
    let gap = |reason| GapArea {
        boundary: assessed(100.0, "").boundary,
        area_m2: 0.0,
        orthomosaic: "invented".into(),
        model: "toy".into(),
        classes: vec!["ap-round".into()],
        reason,
        detail: String::new(),
    };
    let under = |reason| drawn(&[mine(1, 0.0, 0.0)], &[assessed(0.0, "ap-round")], &[gap(reason)]);
    let trees = under(GapReason::Vegetation);
    assert!(trees.beyond_imagery_m2 < 1e-6 && (trees.assessed_share - 0.5).abs() < 1e-2);
    assert!(under(GapReason::Nodata).beyond_imagery_m2 > 10.0);
}

/// Middle and radii, metres, and whether its ring runs clockwise.
type Star = ((f64, f64), Vec<f64>, bool);

/// A star around a place, by its radii, metres.
fn star(at: (f64, f64), radii: &[f64], clockwise: bool) -> Polygon {
    let step = std::f64::consts::TAU / radii.len() as f64;
    let corner = |(i, r): (usize, &f64)| {
        (at.0 + r * (i as f64 * step).cos(), at.1 + r * (i as f64 * step).sin())
    };
    let mut ring: Vec<(f64, f64)> = radii.iter().enumerate().map(corner).collect();
    if clockwise {
        ring.reverse();
    }
    Polygon::new(ring.into(), vec![])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Land that others released, wherever its outline runs, whichever way, and however it
    /// overlaps: what is cut and what is left are the area of before, valid and without hairlines.
    #[test]
    fn released_land_cuts_the_same_however_it_was_drawn(
        mines in prop::collection::vec((-20.0..20.0_f64, -20.0..20.0_f64), 1..12),
        stars in prop::collection::vec(
            (
                (-30.0..30.0_f64, -30.0..30.0_f64),
                prop::collection::vec(2.0..25.0_f64, 3..9),
                any::<bool>(),
            ),
            1..5,
        ),
    ) {
        let mines: Vec<Feature> = (1..).zip(&mines).map(|(id, (x, y))| mine(id, *x, *y)).collect();
        let whole_m2: f64 = drawn(&mines, &[]).iter().map(|area| area.area_m2).sum();
        let release = |turned: bool| -> Vec<ExternalEvidence> {
            let polygon = |(id, (at, radii, clockwise)): (u32, &Star)| {
                let land = star(*at, radii, clockwise & turned);
                known(id, ExternalEvidenceKind::Released, land.into())
            };
            (1..).zip(&stars).map(polygon).collect()
        };
        let areas = drawn(&mines, &release(true));
        prop_assert_eq!(&areas, &drawn(&mines, &release(false)));
        let sum = |of: fn(&HazardArea) -> f64| areas.iter().map(of).sum::<f64>();
        let (left_m2, released_m2) = (sum(|area| area.area_m2), sum(|area| area.released_m2));
        // Hairlines that are left out are narrower than 2 cm.
        prop_assert!((left_m2 + released_m2 - whole_m2).abs() < 2e-3 * whole_m2, "{left_m2} \
            {released_m2} {whole_m2}");
        for area in &areas {
            prop_assert!(area.boundary.is_valid(), "{:?}", area.boundary.validation_errors());
            for piece in &area.boundary {
                prop_assert!(piece.signed_area() > 0.0 && !thinner_than(piece, 0.019), "{piece:?}");
            }
        }
        for mine in &mines {
            prop_assert!(areas.iter().any(|area| area.boundary.contains(&mine.geometry)), "{:?} is \
                in no area", mine.id);
        }
    }
}

/// Whether a piece of ground has a mean width of less, metres.
fn thinner_than(piece: &Polygon, metres: f64) -> bool {
    let around: f64 = piece.exterior().lines().map(|line| line.dx().hypot(line.dy())).sum();
    2.0 * piece.unsigned_area() < metres * around
}
