//! What two or three orthomosaics show of the same ground.

use super::{class, ground, px, seen};
use crate::{cross_mosaic_match, trace};
use geo::{Area, Geometry, Validation, coord};
use proptest::prelude::*;
use rams_domain::{
    Detection, Feature, FeatureId, GeometryKind, Georef, Grid, Ground, Model, Orthomosaic, PxBox,
    RasterSize, ReadAs, Shape, Task, TileSpec, Validity,
};

/// 200 m a side; a mine of 0.3 m is three pixels of it.
const SIDE_PX: u32 = 2000;
const GSD_M: f64 = 0.1;
const ACCURACY_M: f64 = 0.5;

const MINE: usize = 0;
const CRATER: usize = 2;
const DITCH: usize = 3;

/// A flight from a place on, metres east and north, off by some decimetres.
fn sheet(name: &str, west_m: f64, off: (f64, f64)) -> Orthomosaic {
    let size = RasterSize { width: SIDE_PX, height: SIDE_PX };
    let transform = [west_m + off.0, GSD_M, 0.0, 200.0 + off.1, 0.0, -GSD_M];
    let extent = Ground::extent_of(&Georef::corners(transform, size)).expect("four corners");
    Orthomosaic {
        path: format!("{name}.tif").into(),
        name: name.into(),
        size,
        georef: Georef::new(transform, ground(extent)).expect("invertible"),
        colour_bands: [1, 2, 3],
        validity: Validity::default(),
        values: String::new(),
        off_colour: None,
        notices: vec![],
        format: String::new(),
        read_as: ReadAs::default(),
    }
}

fn model() -> Model {
    let mut classes = vec![
        class("mine", GeometryKind::Point, [0.06, 0.4]),
        class("kind", GeometryKind::Point, [0.06, 0.4]),
        class("crater", GeometryKind::Polygon, [0.8, 500.0]),
        class("ditch", GeometryKind::Line, [0.8, 500.0]),
        class("other", GeometryKind::Point, [0.06, 0.4]),
    ];
    classes[1].parent = Some("mine".into());
    let tile = TileSpec { tile_px: 640, halo_px: 64 };
    let (name, version) = ("toy".into(), "1".into());
    Model { name, version, digest: String::new(), task: Task::Detect, gsd_m: GSD_M, tile, classes }
}

/// What flights show: class, score, and a box in metres east of the first flight's edge and south
/// of the northern one. Each flight shows it where it believes to be.
type Show<'a> = (&'a Orthomosaic, f64, Vec<(usize, f32, [f64; 4])>);

fn seen_in(shows: &[Show<'_>]) -> Vec<Feature> {
    let model = model();
    let features = shows.iter().flat_map(|(sheet, west_m, things)| {
        let at = |[x0, y0, x1, y1]: [f64; 4]| -> PxBox {
            px((x0 - west_m) / GSD_M, y0 / GSD_M, (x1 - west_m) / GSD_M, y1 / GSD_M)
        };
        let detection = |(i, (class, score, at_m)): (usize, &(usize, f32, [f64; 4]))| -> Detection {
            let is_work = matches!(*class, CRATER | DITCH);
            let shape = if is_work { Shape::Mask(vec![at(*at_m)]) } else { Shape::Box(at(*at_m)) };
            seen(0, i as u32, *class, *score, shape)
        };
        let detections: Vec<Detection> = things.iter().enumerate().map(detection).collect();
        let grid = Grid::new(sheet.size, sheet.gsd_m(), GSD_M);
        trace(
            &detections,
            &model,
            sheet,
            &grid,
            rams_domain::OperatingPoint::Balanced,
            &mut FeatureId::all(),
        )
    });
    features.collect()
}

fn united(shows: &[Show<'_>]) -> Vec<Feature> {
    let sheets: Vec<&Orthomosaic> = shows.iter().map(|(sheet, ..)| *sheet).collect();
    let around = Ground::extent_of(&[coord! { x: 0.0, y: 0.0 }, coord! { x: 400.0, y: 200.0 }])
        .expect("an area");
    cross_mosaic_match(seen_in(shows), &sheets, &[&model()], &ground(around), ACCURACY_M)
}

fn mine(x: f64, y: f64, score: f32) -> (usize, f32, [f64; 4]) {
    (MINE, score, [x - 0.15, y - 0.15, x + 0.15, y + 0.15])
}

#[test]
fn the_more_confident_of_two_is_kept_and_names_the_other() {
    let (west, east) = (sheet("west", 0.0, (0.0, 0.0)), sheet("east", 100.0, (0.3, -0.2)));
    let features = united(&[
        (&west, 0.0, vec![mine(150.0, 50.0, 0.6)]),
        (&east, 100.0, vec![mine(150.0, 50.0, 0.9)]),
    ]);
    let [feature] = features.as_slice() else { panic!("one mine, not {features:?}") };
    assert_eq!(
        (feature.orthomosaic.as_str(), feature.score, feature.detections.len()),
        ("east", 0.9, 1)
    );
    assert_eq!(feature.also.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["west"]);
}

#[test]
fn mines_that_one_flight_shows_apart_stay_apart() {
    let (west, east) = (sheet("west", 0.0, (0.0, 0.0)), sheet("east", 100.0, (0.2, 0.0)));
    // The second of the west's has no partner: the east's goes to the nearer one.
    let two = vec![mine(150.0, 50.0, 0.9), mine(150.4, 50.0, 0.9)];
    let features =
        united(&[(&west, 0.0, two.clone()), (&east, 100.0, vec![mine(150.0, 50.0, 0.8)])]);
    assert_eq!(features.iter().map(|feature| feature.also.len()).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(united(&[(&west, 0.0, two.clone()), (&east, 100.0, two)]).len(), 2);
}

#[test]
fn what_is_of_another_family_or_too_far_stays() {
    let (west, east) = (sheet("west", 0.0, (0.0, 0.0)), sheet("east", 100.0, (0.0, 0.0)));
    let by = |class: usize, off_m: f64| {
        let (_, score, at) = mine(150.0 + off_m, 50.0, 0.9);
        united(&[
            (&west, 0.0, vec![mine(150.0, 50.0, 0.9)]),
            (&east, 100.0, vec![(class, score, at)]),
        ])
    };
    assert_eq!((by(MINE, 0.6).len(), by(MINE, 0.7).len(), by(4, 0.0).len()), (1, 2, 2));
    // A kind of the family is the same; that the other flight could not name it contradicts
    // nothing.
    assert_eq!((by(1, 0.0).len(), by(1, 0.0)[0].class.as_str()), (1, "kind"));
}

#[test]
fn three_flights_make_one_of_each_mine_in_any_order() {
    let sheets = [("a", 0.0, (0.0, 0.0)), ("b", 50.0, (0.25, 0.1)), ("c", 100.0, (-0.2, 0.2))];
    let sheets = sheets.map(|(name, west_m, off)| (sheet(name, west_m, off), west_m));
    let mines: Vec<_> =
        (0..10).map(|i| mine(110.0 + 0.7 * f64::from(i), 60.0 + f64::from(i % 3), 0.5)).collect();
    let shows: Vec<Show> =
        sheets.iter().map(|(sheet, west_m)| (sheet, *west_m, mines.clone())).collect();
    let features = united(&shows);
    assert_eq!(features.len(), 10);
    assert!(features.iter().all(|feature| feature.also.len() == 2));
}

#[test]
fn a_ditch_that_leaves_one_flight_goes_on_in_the_other() {
    let (west, east) = (sheet("west", 0.0, (0.0, 0.0)), sheet("east", 100.0, (0.4, 0.3)));
    // From 20 m to 190 m in the west, from 120 m to 280 m in the east; another one 6 m beside it.
    let features = united(&[
        (&west, 0.0, vec![(DITCH, 0.8, [20.0, 50.0, 190.0, 53.0])]),
        (
            &east,
            100.0,
            vec![
                (DITCH, 0.9, [120.0, 50.0, 280.0, 53.0]),
                (DITCH, 0.9, [120.0, 59.0, 280.0, 62.0]),
            ],
        ),
    ]);
    assert_eq!(features.len(), 2);
    let ditch = features.iter().find(|feature| !feature.also.is_empty()).expect("one is of both");
    assert!(
        (ditch.size_m[0] - 260.0).abs() < 4.0 && (ditch.size_m[1] - 3.0).abs() < 0.3,
        "{:?}",
        ditch.size_m
    );
    assert!((ditch.area_m2 / (260.0 * 3.0) - 1.0).abs() < 0.05, "{}", ditch.area_m2);
    assert!((ditch.score, ditch.orthomosaic.as_str()) == (0.9, "east"));
    let Geometry::MultiLineString(lines) = &ditch.geometry else { panic!("a network") };
    let length: f64 =
        ditch.parts.iter().map(|part| geo::Length::length(&geo::Euclidean, &part.line)).sum();
    assert!(
        lines.0.len() >= 2 && (length - ditch.size_m[0]).abs() < 1.0,
        "{} lines, {length} m",
        lines.0.len()
    );
}

#[test]
fn a_crater_on_the_border_of_a_flight_is_whole() {
    let (west, east) = (sheet("west", 0.0, (0.0, 0.0)), sheet("east", 100.0, (0.2, 0.0)));
    // The west ends at 200 m; the crater reaches from 197 m to 205 m.
    let features = united(&[
        (
            &west,
            0.0,
            vec![
                (CRATER, 0.6, [197.0, 50.0, 200.0, 58.0]),
                (CRATER, 0.6, [197.0, 59.0, 200.0, 66.0]),
            ],
        ),
        (&east, 100.0, vec![(CRATER, 0.9, [197.0, 50.0, 205.0, 58.0])]),
    ]);
    assert_eq!(features.len(), 2, "the other one is another");
    let crater = features.iter().find(|feature| !feature.also.is_empty()).expect("one is of both");
    let Geometry::Polygon(outline) = &crater.geometry else { panic!("one outline") };
    assert!(
        outline.is_valid() && (outline.unsigned_area() - 8.2 * 8.0).abs() < 0.1,
        "{}",
        outline.unsigned_area()
    );
    assert!((crater.area_m2 - 8.2 * 8.0).abs() < 0.2 && (crater.size_m[0] - 8.2).abs() < 0.05);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever two flights show, no detection is lost, none is in two features, and no feature has
    /// two finds that one flight shows apart.
    #[test]
    fn every_find_is_in_one_feature(
        a in prop::collection::vec((110.0f64..130.0, 50.0f64..60.0, 0.3f32..1.0), 0..40),
        b in prop::collection::vec((110.0f64..130.0, 50.0f64..60.0, 0.3f32..1.0), 0..40),
    ) {
        let (west, east) = (sheet("west", 0.0, (0.0, 0.0)), sheet("east", 100.0, (0.3, -0.2)));
        let mines = |seen: &[(f64, f64, f32)]| {
            seen.iter().map(|(x, y, score)| mine(*x, *y, *score)).collect::<Vec<_>>()
        };
        let shows = [(&west, 0.0, mines(&a)), (&east, 100.0, mines(&b))];
        let (apart, united) = (seen_in(&shows), united(&shows));
        let ids = |features: &[Feature]| {
            let own = features
                .iter()
                .flat_map(|f| f.detections.iter().map(|id| (f.orthomosaic.clone(), *id)));
            let mut ids: Vec<_> = own.chain(features.iter().flat_map(|f| f.also.clone())).collect();
            ids.sort();
            ids
        };
        prop_assert_eq!(ids(&apart), ids(&united));
        prop_assert!(united.len() >= apart.iter().filter(|f| f.orthomosaic == "west").count());
        prop_assert!(united.len() >= apart.iter().filter(|f| f.orthomosaic == "east").count());
        prop_assert!(united.iter().all(|f| f.also.iter().all(|(name, _)| *name != f.orthomosaic)));
    }
}
