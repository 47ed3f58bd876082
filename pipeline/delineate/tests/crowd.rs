//! Models that find more than can lie there.

use super::*;
use crate::crowds;
use rams_domain::AssessedArea;

/// So many finds at random on a square of ground around a place.
fn scattered(from: u32, count: u32, at: (f64, f64), side_m: f64) -> Vec<Feature> {
    let mut state = u64::from(from) + 1;
    let mut random = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 / (1u64 << 53) as f64 - 0.5) * side_m
    };
    (0..count).map(|i| mine(from + i, at.0 + random(), at.1 + random())).collect()
}

fn found(features: &[Feature], assessed: &[AssessedArea]) -> Vec<rams_domain::Crowd> {
    crowds(&Basis {
        features,
        external_evidence: &[],
        assessed,
        gaps: &[],
        ground: &ground(),
        record: &RECORD,
    })
}

#[test]
fn finds_closer_than_those_of_any_minefield_are_named_with_their_ground() {
    // Everywhere in an image of 8 x 8 m, which lies across the squares that are counted in.
    let image = Rect::new(coord! { x: -3.0, y: -3.0 }, coord! { x: 5.0, y: 5.0 });
    let seen = AssessedArea {
        boundary: image.to_polygon().into(),
        area_m2: 64.0,
        orthomosaic: "invented".into(),
        model: "toy".into(),
        classes: vec!["ap-round".into(), "tm-62m".into()],
    };
    let features = scattered(1, 320, (1.0, 1.0), 8.0);
    let [crowd] = &found(&features, std::slice::from_ref(&seen))[..] else { panic!("one crowd") };
    assert_eq!((crowd.finds, &crowd.classes[..]), (320, &["ap-round".to_owned()][..]));
    assert_near(crowd.ground_m2, 64.0, 1e-3);
    assert_near(crowd.per_hectare, 50_000.0, 1e-3);
    let text = crowd.to_string();
    let start = "MODEL toy IS BESIDE ITSELF ON invented: 320 finds of AP_MINE (ap-round) on 64 m²,";
    assert!(text.starts_with(start), "{text}");

    // As many on a hectare are none, nor are few on a spot; what another model found is another
    // crowd.
    assert!(found(&scattered(1, 320, (0.0, 0.0), 100.0), &[]).is_empty());
    assert!(found(&scattered(1, 150, (0.0, 0.0), 1.0), &[]).is_empty());
    let mut other = scattered(1000, 150, (1.0, 1.0), 8.0);
    other.iter_mut().for_each(|feature| feature.model = "other".into());
    assert!(found(&[scattered(1, 150, (1.0, 1.0), 8.0), other].concat(), &[]).is_empty());
}

#[test]
fn of_a_wide_survey_only_the_crowd_is_counted() {
    // Ten mines per hectare on 100 ha, and a road of 4 x 60 m on which a model sees a mine in each
    // stone.
    let wide = scattered(1, 1000, (0.0, 0.0), 1000.0);
    let road = scattered(5000, 1500, (0.0, 0.0), 60.0);
    let road: Vec<Feature> = road
        .into_iter()
        .map(|f| Feature {
            geometry: f.geometry.map_coords(|c| coord! { x: c.x, y: c.y / 15.0 }),
            ..f
        })
        .collect();
    let [crowd] = &found(&[wide, road].concat(), &[])[..] else { panic!("one crowd") };
    assert!((1500..1510).contains(&crowd.finds), "{}", crowd.finds);
    assert!(crowd.ground_m2 <= 2000.0, "squares of 10 m along the road: {}", crowd.ground_m2);
}

#[test]
fn every_find_of_a_crowd_is_in_an_area() {
    let mut crowd = scattered(1, 1500, (0.0, 0.0), 30.0);
    // A row that a crowd hides is no row, and its mines are in the area all the same.
    crowd.extend((0..20).map(|i| mine(5000 + i, -15.0 + 1.5 * f64::from(i), 0.0)));
    // All in one place.
    crowd.extend((0..300).map(|i| mine(6000 + i, 100.0, 100.0)));
    let areas = drawn_by(&crowd, &alone(), &ground());
    let mut found: Vec<u32> = areas.iter().flat_map(ids).collect();
    found.sort_unstable();
    assert_eq!(found, crowd.iter().map(|feature| feature.id.0).collect::<Vec<_>>());
    assert!(areas.iter().all(|area| area.rows == 0 && area.boundary.is_valid()));
    assert!(areas.iter().any(|area| ids(area).len() == 300));
}

#[test]
fn a_row_beside_a_crowd_stays_a_row() {
    // Fifteen mines 3 m apart; five metres from their end the crowd begins.
    let row = (0..15).map(|i| mine(1 + i, -50.0 + 3.0 * f64::from(i), 0.0));
    let all: Vec<Feature> = row.chain(scattered(100, 1500, (12.0, 0.0), 30.0)).collect();
    let areas = drawn_by(&all, &alone(), &ground());
    let rows: u32 = areas.iter().map(|area| area.rows).sum();
    assert_eq!(rows, 1, "{:?}", areas.iter().map(|area| &area.rationale).collect::<Vec<_>>());
}

#[test]
fn a_row_of_a_thousand_mines_is_one_row() {
    let row: Vec<Feature> =
        (0..1000).map(|i| mine(1 + i, 2.0 * f64::from(i) - 1000.0, 0.0)).collect();
    let areas = drawn_by(&row, &alone(), &ground());
    assert_eq!((areas.len(), areas[0].rows, areas[0].features.len()), (1, 1, 1000));
}
