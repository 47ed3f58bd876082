//! Hand-computed areas on invented ground in the middle of an ocean.

use crate::{Basis, Delineation, Doctrine, delineate};
use geo::{
    Area, Buffer, Coord, Covers, Geometry, LineString, MapCoords, Point, Polygon, Rect, Validation,
    coord, unary_union,
};
use proptest::prelude::*;
use rams_domain::{
    AreaKind, AssessedArea, Crs, DetectionId, EoCategory, Feature, FeatureId, FeaturePart, Ground,
    HazardArea, Indicator, LandClass, ModelRecord, PxBox, RunRecord, Threat, Tier, TileId,
};
use std::f64::consts::PI;
use std::sync::LazyLock;

mod belt;
mod crowd;
mod external_evidence;
mod grade;
mod pattern;
mod sentences;
mod speed;

const BASELINE: &str = include_str!("../../datasets/doctrine/baseline.toml");
const PLAIN: &str = include_str!("tests/plain.toml");
const LON_M: f64 = 78_846.8;
const LAT_M: f64 = 111_131.7;

/// Ground whose CRS has units of so many metres along x and y, around 45 N 30 W.
fn ground_in(x_m: f64, y_m: f64) -> Ground {
    let extent = Rect::new(
        coord! { x: -500.0 / x_m, y: -500.0 / y_m },
        coord! { x: 500.0 / x_m, y: 500.0 / y_m },
    );
    let lonlat = |c: Coord| coord! { x: -30.0 + c.x * x_m / LON_M, y: 45.0 + c.y * y_m / LAT_M };
    let nodes = Ground::node_positions(extent).into_iter().map(lonlat).collect();
    let crs = Crs { name: "invented".into(), code: None, wkt: String::new() };
    Ground::new(crs, extent, nodes).expect("the extent spans an area")
}

pub(crate) fn ground() -> Ground {
    ground_in(1.0, 1.0)
}

/// What the toy model calls its classes.
static RECORD: LazyLock<RunRecord> = LazyLock::new(|| {
    let labels = [
        ("ap-round", "round AP mine"),
        ("pfm-1", "PFM-1"),
        ("ksf-casing", "KSF-1 casing"),
        ("trench", "fire trench"),
        ("at_ditch", "anti-tank ditch"),
    ];
    let labels = labels.map(|(class, label)| (class.to_owned(), label.to_owned())).into();
    let toy = ModelRecord { name: "toy".into(), labels, ..ModelRecord::default() };
    RunRecord { models: vec![toy], ..RunRecord::default() }
});

fn feature(
    id: u32,
    eo_category: EoCategory,
    indicator: Indicator,
    class: &str,
    geometry: Geometry,
) -> Feature {
    Feature {
        id: FeatureId(id),
        class: class.into(),
        indicator,
        eo_category,
        geometry,
        score: 0.8,
        confidence: 0.8,
        size_m: [0.12, 0.06],
        area_m2: 0.0,
        parts: vec![],
        orthomosaic: "invented".into(),
        model: "toy".into(),
        px: PxBox { x0: 0.0, y0: 0.0, x1: 1.0, y1: 1.0 },
        detections: vec![DetectionId { tile: TileId(0), index: id }],
        also: vec![],
    }
}

pub(crate) fn mine(id: u32, x: f64, y: f64) -> Feature {
    feature(id, EoCategory::ApMine, Indicator::MineSurface, "ap-round", Point::new(x, y).into())
}

pub(crate) fn trench(id: u32, line: Vec<(f64, f64)>) -> Feature {
    feature(id, EoCategory::Unknown, Indicator::TrenchFire, "trench", LineString::from(line).into())
}

fn plain() -> Doctrine {
    Doctrine::parse(PLAIN, "plain.toml").expect("the profile of the tests is valid")
}

fn drawn(features: &[Feature]) -> Vec<HazardArea> {
    drawn_by(features, &plain(), &ground())
}

/// The baseline with other weights in its section `[confidence]`.
fn weighing(weights: &str) -> String {
    let (before, rest) = BASELINE.split_once("[confidence]\n").expect("the profile has weights");
    let (_, after) = rest.split_once("\n\n").expect("and a section after them");
    format!("{before}[confidence]\n{weights}\n\n{after}")
}

/// The baseline with round numbers: every find taken by itself, probabilities that add up as
/// independent ones, 5 m around a mine. What can be computed by hand.
fn alone() -> Doctrine {
    let mut text = weighing("intercept = 0.0\nsum = 1.0\nstrongest = 0.0\nrow = 0.0");
    let round = [
        (
            "[front]\nwithin_m = 400.0",
            "[front]\nwithin_m = 400.0\nrows = { mines = 4.0, share = 0.85 }",
        ),
        ("min_confidence = 0.02", "min_confidence = 0.0"),
        ("min_confidence = 0.6", "min_confidence = 0.3"),
        ("draw_confidence = 0.2", "draw_confidence = 0.15"),
    ];
    for (from, to) in round {
        assert!(text.contains(from), "the baseline no longer holds {from:?}");
        text = text.replace(from, to);
    }
    let text: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("context = ") && !line.starts_with("confidence = {"))
        .collect();
    Doctrine::parse(&text.join("\n"), "alone.toml").expect("the baseline is valid without context")
}

fn drawn_by(features: &[Feature], doctrine: &Doctrine, ground: &Ground) -> Vec<HazardArea> {
    delineated(features, doctrine, ground).hazard_areas
}

fn delineated(features: &[Feature], doctrine: &Doctrine, ground: &Ground) -> Delineation {
    let basis = Basis {
        features,
        external_evidence: &[],
        assessed: &[],
        gaps: &[],
        ground,
        record: &RECORD,
    };
    delineate(&basis, doctrine)
}

/// A square of so many metres to either side of the middle that was looked at for mines.
fn assessed(half_m: f64) -> AssessedArea {
    let corner = coord! { x: half_m, y: half_m };
    AssessedArea {
        boundary: Rect::new(-corner, corner).to_polygon().into(),
        area_m2: 4.0 * half_m * half_m,
        orthomosaic: "invented".into(),
        model: "toy".into(),
        classes: vec!["ap-round".into()],
    }
}

fn assert_near(found: f64, expected: f64, share: f64) {
    assert!(
        (found - expected).abs() <= share * expected,
        "{found} is not {expected} within {share}"
    );
}

fn ids(area: &HazardArea) -> Vec<u32> {
    area.features.iter().map(|id| id.0).collect()
}

#[test]
fn a_crowd_on_one_spot_is_drawn_as_wide_as_its_buffers() {
    // 2 x 2 m, a find every 5 cm and a row of three in one place: a square of 2 m with 5 m around
    // it.
    let spots =
        (0..41).flat_map(|x| (0..41).map(move |y| (f64::from(x) * 0.05, f64::from(y) * 0.05)));
    let crowd: Vec<Feature> =
        (1..).zip(spots.chain([(1.0, 1.0); 3])).map(|(id, (x, y))| mine(id, x, y)).collect();
    let areas = drawn(&crowd);
    assert_eq!(areas.len(), 1);
    assert_near(areas[0].area_m2, 4.0 + 4.0 * 2.0 * 5.0 + PI * 25.0, 0.01);
}

#[test]
fn one_mine_is_a_circle_of_the_buffer() {
    let areas = drawn(&[mine(7, 10.0, 20.0)]);
    let [area] = areas.as_slice() else { panic!("expected one area, got {}", areas.len()) };
    assert_near(area.area_m2, PI * 25.0, 0.01);
    assert_eq!(
        (area.id.0, ids(area), area.kind, area.eo_category),
        (1, vec![7], AreaKind::Perimeter, EoCategory::ApMine)
    );
    assert_eq!((area.buffer_m, area.link_m, area.front_unknown), (5.0, 25.0, false));
    assert_eq!(
        (area.land_class, area.tier, area.threat),
        (LandClass::Sha, Some(Tier::Likely), Threat::High)
    );
    assert!((area.confidence - 0.8).abs() < 1e-6);
    assert_eq!(area.doctrine, plain().reference);
    assert!(area.boundary.signed_area() > 0.0, "exteriors run counter-clockwise");
    // Few turning points, since people walk them.
    assert!(
        area.boundary.0[0].exterior().0.len() <= 36,
        "{}",
        area.boundary.0[0].exterior().0.len()
    );
}

#[test]
fn two_mines_within_the_link_are_one_band_and_beyond_it_two_circles() {
    let areas = drawn(&[mine(1, 0.0, 0.0), mine(2, 10.0, 0.0)]);
    assert_eq!(areas.len(), 1);
    assert_near(areas[0].area_m2, PI * 25.0 + 10.0 * 10.0, 0.01);
    assert!((areas[0].confidence - 0.96).abs() < 1e-6, "1 - 0.2 x 0.2");

    let areas = drawn(&[mine(1, 0.0, 0.0), mine(2, 24.9, 0.0)]);
    assert_eq!(
        (areas.len(), areas[0].boundary.0.len()),
        (1, 1),
        "at the very link still one piece"
    );
    assert_near(areas[0].area_m2, PI * 25.0 + 249.0, 0.01);

    for apart in [25.2, 100.0] {
        let areas = drawn(&[mine(1, 0.0, 0.0), mine(2, apart, 0.0)]);
        assert_eq!(areas.len(), 2, "{apart} m");
        areas.iter().for_each(|area| assert_near(area.area_m2, PI * 25.0, 0.01));
    }
}

#[test]
fn a_row_is_a_band_and_rows_beside_each_other_are_a_field() {
    let row: Vec<_> = (0..6).map(|i| mine(i + 1, 20.0 * f64::from(i), 0.0)).collect();
    let areas = drawn(&row);
    assert_eq!(areas.len(), 1);
    assert_near(areas[0].area_m2, PI * 25.0 + 10.0 * 100.0, 0.01);

    // Four rows of four, 10 m apart: a square of 30 m with the buffer around it.
    let field: Vec<_> =
        (0..16).map(|i| mine(i + 1, 10.0 * f64::from(i % 4), 10.0 * f64::from(i / 4))).collect();
    let areas = drawn(&field);
    assert_eq!(
        (areas.len(), areas[0].boundary.0.len(), areas[0].boundary.0[0].interiors().len()),
        (1, 1, 0)
    );
    assert_near(areas[0].area_m2, 900.0 + 4.0 * 30.0 * 5.0 + PI * 25.0, 0.02);
}

#[test]
fn a_bend_stays_a_bend() {
    // Two arms of 100 m at a right angle: the hull would hold 5,000 m2 more.
    let arm =
        |i: u32| if i < 11 { (10.0 * f64::from(i), 0.0) } else { (0.0, 10.0 * f64::from(i - 10)) };
    let bent: Vec<_> = (0..21).map(|i| mine(i + 1, arm(i).0, arm(i).1)).collect();
    let areas = drawn(&bent);
    // Two bands of 10 m, less their shared 5 x 5 m (all but the quarter circle at the outer corner
    // of the bend), plus the fillet of radius 12.5 m that closing leaves in the inner corner.
    let bands = 2.0 * (10.0 * 100.0 + PI * 12.5) - 25.0 + PI * 6.25;
    let fillet = 12.5 * 12.5 * (1.0 - PI / 4.0);
    assert_near(areas[0].area_m2, bands + fillet, 0.02);
}

#[test]
fn a_small_hole_is_filled_and_a_large_one_stays() {
    let ring = |radius_m: f64, count: u32| -> Vec<Feature> {
        let at = |i: u32| 2.0 * PI * f64::from(i) / f64::from(count);
        (0..count).map(|i| mine(i + 1, radius_m * at(i).cos(), radius_m * at(i).sin())).collect()
    };
    // Closing by 12.5 m fills nothing within a radius of 22 m; the hole of 17 m is 900 m2.
    let small = drawn(&ring(22.0, 24));
    assert_eq!((small.len(), small[0].boundary.0[0].interiors().len()), (1, 0));
    assert_near(small[0].area_m2, PI * 27.0 * 27.0, 0.02);
    let large = drawn(&ring(100.0, 100));
    assert_eq!((large.len(), large[0].boundary.0[0].interiors().len()), (1, 1));
    assert_near(large[0].area_m2, PI * (105.0 * 105.0 - 95.0 * 95.0), 0.02);
}

#[test]
fn categories_never_mix_and_submunitions_get_no_perimeter() {
    let cmr =
        feature(2, EoCategory::Cmr, Indicator::Submunition, "9n235", Point::new(1.0, 0.0).into());
    let areas = drawn(&[mine(1, 0.0, 0.0), cmr, mine(3, 2.0, 0.0)]);
    let found: Vec<_> = areas.iter().map(|a| (a.eo_category, a.kind, ids(a))).collect();
    assert_eq!(
        found,
        [
            (EoCategory::ApMine, AreaKind::Perimeter, vec![1, 3]),
            (EoCategory::Cmr, AreaKind::Indicative, vec![2]),
        ]
    );
    assert_near(areas[1].area_m2, PI * 2500.0, 0.01);
}

#[test]
fn an_earthwork_is_an_indication_of_its_own_ground_and_never_overlaps_another() {
    let lone = drawn(&[trench(1, vec![(0.0, 0.0), (100.0, 0.0)])]);
    assert_near(lone[0].area_m2, PI * 25.0 + 10.0 * 100.0, 0.02);
    assert_eq!((lone[0].land_class, lone[0].front_unknown), (LandClass::Indication, true));
    assert_eq!((lone[0].buffer_m, lone[0].link_m), (5.0, 50.0));

    // 60 m lie beyond the link of 50 m; trenches that touch are one area.
    let beside = |y: f64| {
        let trenches =
            [trench(1, vec![(0.0, 0.0), (100.0, 0.0)]), trench(2, vec![(0.0, y), (100.0, y)])];
        let areas = drawn(&trenches);
        (areas.len(), areas[0].boundary.0.len())
    };
    assert_eq!((beside(60.0), beside(9.0)), ((2, 1), (1, 1)));

    // A mine on the parapet is ordnance and makes its own area, and the trench stays what it is.
    let both = drawn(&[trench(1, vec![(0.0, 0.0), (100.0, 0.0)]), mine(2, 50.0, 2.0)]);
    let classes: Vec<_> = both.iter().map(|area| (area.land_class, ids(area))).collect();
    assert_eq!(classes, [(LandClass::Sha, vec![2]), (LandClass::Indication, vec![1])]);
}

#[test]
fn a_traced_line_reaches_from_its_edge_and_a_line_of_a_box_from_its_middle() {
    let part = |from: f64, to: f64, width_m: f64| FeaturePart {
        line: vec![(from, 0.0), (to, 0.0)].into(),
        class: "trench".into(),
        width_m,
        confidence: 0.8,
    };
    let middle = trench(1, vec![(0.0, 0.0), (100.0, 0.0)]);
    let traced =
        Feature { parts: vec![part(0.0, 50.0, 4.0), part(50.0, 100.0, 10.0)], ..middle.clone() };
    let (middle, traced) = (drawn(&[middle]), drawn(&[traced]));
    assert_near(middle[0].area_m2, PI * 25.0 + 10.0 * 100.0, 0.02);
    // Half of it 4 m wide and half 10 m, and ends as wide. Closing fills the step in the edge.
    let expected = PI * 25.0 + 50.0 * 14.0 + 50.0 * 20.0 + 5.0 * (4.0 + 10.0);
    assert_near(traced[0].area_m2, expected, 0.025);
    assert_eq!((traced[0].buffer_m, traced[0].link_m), (5.0, 50.0), "the doctrine's, as written");

    // 54 m between the middles, but 49 m between the edges, and the link is 50 m.
    let apart = |width_m: f64| {
        let one = |id: u32, y: f64| {
            let along = vec![(0.0, y), (100.0, y)];
            let line = LineString::from(along.clone());
            let mut feature = trench(id, along);
            if width_m > 0.0 {
                feature.parts = vec![FeaturePart { line, ..part(0.0, 1.0, width_m) }];
            }
            feature
        };
        drawn(&[one(1, 0.0), one(2, 54.0)]).len()
    };
    assert_eq!((apart(0.0), apart(5.0)), (2, 1));
}

#[test]
fn a_long_ragged_mask_becomes_one_smooth_band() {
    // A ditch of 300 m by 4 m whose edges jump by 20 cm every 30 cm, as a mask's outline may.
    let edge = |y: f64| (0..1000).map(move |i| (0.3 * f64::from(i), y + 0.2 * f64::from(i % 2)));
    let ring: LineString = edge(0.0).chain(edge(4.0).rev()).collect();
    let ditch = Polygon::new(ring, vec![]);
    let areas = drawn(&[feature(
        1,
        EoCategory::Unknown,
        Indicator::AtDitch,
        "ditch",
        ditch.clone().into(),
    )]);
    assert_eq!((areas.len(), areas[0].boundary.0.len()), (1, 1));
    assert_near(areas[0].area_m2, 299.7 * 14.2 + PI * 25.0 + 4.2 * 10.0, 0.02);
    assert!(areas[0].boundary.covers(&ditch) && areas[0].boundary.is_valid());
    assert!(areas[0].boundary.0[0].exterior().0.len() < 60);
}

#[test]
fn weak_evidence_is_graded_never_dropped_and_absence_draws_nothing() {
    let with = |mut feature: Feature, confidence: f32| {
        feature.confidence = confidence;
        feature
    };
    let road =
        feature(9, EoCategory::Unknown, Indicator::RoadInUse, "road", Point::new(0.0, 0.0).into());
    let field =
        feature(8, EoCategory::ApMine, Indicator::Cultivated, "field", Point::new(0.0, 0.0).into());
    let areas = drawn(&[
        with(mine(1, 0.0, 0.0), 0.1),
        with(mine(2, 100.0, 0.0), 0.4),
        with(mine(3, 200.0, 0.0), 0.6),
        with(mine(4, -100.0, 50.0), 0.4),
        road,
        field,
    ]);
    let found: Vec<_> = areas.iter().map(|a| (a.id.0, a.threat, ids(a))).collect();
    assert_eq!(
        found,
        [
            (1, Threat::Medium, vec![3]),
            // Of equal grade: the northern one first.
            (2, Threat::Low, vec![4]),
            (3, Threat::Low, vec![2]),
            (4, Threat::Low, vec![1]),
        ]
    );
    assert!(drawn(&[]).is_empty());
}

#[test]
fn confidence_is_stable_and_capped() {
    let crowd: Vec<_> = (0..1000)
        .map(|i| {
            let mut mine = mine(i + 1, f64::from(i % 40), f64::from(i / 40));
            mine.confidence = 0.0001;
            mine
        })
        .collect();
    // 1 - 0.9999^1000
    assert!((drawn(&crowd)[0].confidence - 0.095_167).abs() < 1e-5);
    let mut certain = mine(1, 0.0, 0.0);
    certain.confidence = 1.0;
    assert_eq!(drawn(&[certain])[0].confidence, 0.99);
    let mut broken = mine(1, 0.0, 0.0);
    broken.confidence = f32::NAN;
    assert_eq!(
        (drawn(&[broken.clone()])[0].confidence, drawn(&[broken])[0].tier),
        (0.0, Some(Tier::WeakSign))
    );
}

#[test]
fn degrees_and_feet_give_the_areas_of_metres() {
    let scatter: Vec<_> = (0..60u32)
        .map(|i| (f64::from(i * 37 % 200) - 100.0, f64::from(i * 61 % 130) - 65.0))
        .enumerate()
        .map(|(i, (x, y))| mine(i as u32 + 1, x, y))
        .chain([trench(100, vec![(-200.0, -100.0), (-150.0, -60.0), (-150.0, 0.0)])])
        .collect();
    let metres = drawn(&scatter);
    assert!(metres.len() > 1);
    for (x_m, y_m) in [(0.3048, 0.3048), (LON_M, LAT_M)] {
        let to_crs = |c: Coord| coord! { x: c.x / x_m, y: c.y / y_m };
        let placed: Vec<_> = scatter
            .iter()
            .map(|f| Feature { geometry: f.geometry.map_coords(to_crs), ..f.clone() })
            .collect();
        let areas = drawn_by(&placed, &plain(), &ground_in(x_m, y_m));
        assert_eq!(areas.len(), metres.len());
        for (area, expected) in areas.iter().zip(&metres) {
            assert_eq!(ids(area), ids(expected));
            assert_near(area.area_m2, expected.area_m2, 0.005);
        }
    }
}

#[test]
fn a_coarser_profile_is_obeyed_and_named() {
    let text = PLAIN.replacen("buffer_m = 5.0", "buffer_m = 8.0", 1).replacen(
        "\"plain\"",
        "\"national\"",
        1,
    );
    let doctrine = Doctrine::parse(&text, "national.toml").expect("valid");
    let areas = drawn_by(&[mine(1, 0.0, 0.0)], &doctrine, &ground());
    assert_near(areas[0].area_m2, PI * 64.0, 0.01);
    assert_eq!((areas[0].buffer_m, areas[0].doctrine.name.as_str()), (8.0, "national"));
}

/// Mines, submunitions, trenches and pits over 400 m, in any mixture.
fn features() -> impl Strategy<Value = Vec<Feature>> {
    let one =
        (0..5u8, -200.0..200.0f64, -200.0..200.0f64, 0.0..1.0f32, -30.0..30.0f64, 2.0..30.0f64);
    prop::collection::vec(one, 0..30).prop_map(|all| {
        let many = all.into_iter().zip(1..);
        many.map(|((kind, x, y, confidence, slant, wide), id)| {
            let pit = || {
                Polygon::from(Rect::new(coord! { x: x, y: y }, coord! { x: x + wide, y: y + 5.0 }))
            };
            let mut feature = match kind {
                0 | 1 => mine(id, x, y),
                2 => feature(
                    id,
                    EoCategory::Cmr,
                    Indicator::Submunition,
                    "9n235",
                    Point::new(x, y).into(),
                ),
                3 => trench(id, vec![(x, y), (x + wide, y + slant), (x + 2.0 * wide, y)]),
                _ => feature(id, EoCategory::Unknown, Indicator::Foxhole, "foxhole", pit().into()),
            };
            feature.confidence = confidence;
            feature
        })
        .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_area_is_one_valid_polygon_that_contains_its_features(features in features()) {
        let areas = drawn(&features);
        let mut found: Vec<_> = areas.iter().flat_map(ids).collect();
        found.sort_unstable();
        prop_assert_eq!(found, features.iter().map(|f| f.id.0).collect::<Vec<_>>());
        for area in &areas {
            prop_assert!(area.boundary.is_valid(), "{:?}", area.boundary.validation_errors());
            // A weak area gives way to the graver ones that it overlaps.
            let least = f64::from(plain().category(area.eo_category).min_confidence);
            let counts = |id: &FeatureId| {
                f64::from(features[id.0 as usize - 1].confidence) >= least
            };
            let is_weak = !area.features.iter().any(counts);
            let is_one_piece = area.boundary.0.len() == 1;
            prop_assert!(is_weak || (is_one_piece && area.area_m2 >= PI * 25.0 * 0.98));
            let of_category = areas.iter().filter(|other| other.eo_category == area.eo_category);
            let all = unary_union(of_category.clone().map(|other| &other.boundary));
            let sum: f64 = of_category.map(|other| other.boundary.unsigned_area()).sum();
            prop_assert!((all.unsigned_area() / sum - 1.0).abs() < 1e-6, "areas of one category \
                overlap");
            for id in &area.features {
                let feature = &features[id.0 as usize - 1];
                prop_assert_eq!(feature.eo_category, area.eo_category);
                let ground = if is_weak { all.buffer(1e-3) } else { area.boundary.clone() };
                let covered = ground.covers(&feature.geometry);
                prop_assert!(covered, "{} lacks {}", area.id, id);
            }
        }
        let gravity = |area: &HazardArea| (area.land_class, area.threat);
        prop_assert!(areas.windows(2).all(|pair| gravity(&pair[0]) >= gravity(&pair[1])));
        let ids: Vec<u32> = areas.iter().map(|area| area.id.0).collect();
        prop_assert_eq!(ids, (1..=areas.len() as u32).collect::<Vec<_>>());
    }

    #[test]
    fn the_order_of_the_features_does_not_matter(
        (ordered, shuffled) in features()
            .prop_flat_map(|f| (Just(f.clone()), Just(f).prop_shuffle()))
    ) {
        prop_assert_eq!(drawn(&ordered), drawn(&shuffled));
    }

    #[test]
    fn mines_of_two_areas_lie_further_apart_than_the_link(features in features()) {
        let at = |id: &FeatureId| match features[id.0 as usize - 1].geometry {
            // Weaker ones tie nothing.
            Geometry::Point(at) if features[id.0 as usize - 1].confidence >= 0.3 => Some(at),
            _ => None,
        };
        let mut areas = drawn(&features);
        areas.retain(|area| area.eo_category == EoCategory::ApMine);
        for (i, a) in areas.iter().enumerate() {
            for b in &areas[i + 1..] {
                for p in a.features.iter().filter_map(at) {
                    for q in b.features.iter().filter_map(at) {
                        prop_assert!((p.x() - q.x()).hypot(p.y() - q.y()) > 24.9);
                    }
                }
            }
        }
    }
}
