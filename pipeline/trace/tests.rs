//! What the whole crate must keep, on an invented orthomosaic off any coast.

mod cross_mosaic_match;
mod lines;

use crate::outline::components;
use crate::{cover, outline};
use geo::{
    Area, BooleanOps, BoundingRect, Centroid, Contains, Coord, Geometry, Length, MultiPolygon,
    Point, Rect, Validation, coord, unary_union,
};
use proptest::prelude::*;
use rams_domain::{
    Calibration, Class, Crs, Detection, DetectionId, EoCategory, Feature, FeatureId, GeometryKind,
    Georef, Grid, Ground, Indicator, Model, Orthomosaic, PxBox, RasterSize, ReadAs, Shape, Task,
    TileId, TileSpec, Validity,
};

const SIDE_PX: u32 = 40_000;

/// Ground in metres around 0.5 N 0.5 E, equirectangular on the WGS 84 ellipsoid.
fn ground(extent: Rect) -> Ground {
    let lonlat = |c: Coord| coord! { x: 0.5 + c.x / 111_315.3, y: 0.5 + c.y / 110_574.4 };
    let nodes = Ground::node_positions(extent).into_iter().map(lonlat).collect();
    let crs = Crs { name: "invented".into(), code: None, wkt: String::new() };
    Ground::new(crs, extent, nodes).expect("the extent spans an area")
}

/// North-up unless turned, `gsd_m` metres per pixel, upper left corner at (-200, 200).
fn orthomosaic(gsd_m: f64, turned_degrees: f64) -> Orthomosaic {
    let size = RasterSize { width: SIDE_PX, height: SIDE_PX };
    let (sin, cos) = turned_degrees.to_radians().sin_cos();
    let transform = [-200.0, gsd_m * cos, gsd_m * sin, 200.0, gsd_m * sin, -gsd_m * cos];
    let extent = Ground::extent_of(&Georef::corners(transform, size)).expect("four corners");
    Orthomosaic {
        path: "invented.tif".into(),
        name: "invented".into(),
        size,
        georef: Georef::new(transform, ground(extent)).expect("invertible"),
        colour_bands: [1, 2, 3],
        values: String::new(),
        off_colour: None,
        notices: vec![],
        validity: Validity::default(),
        format: String::new(),
        read_as: ReadAs::default(),
    }
}

fn class(name: &str, geometry: GeometryKind, size_m: [f64; 2]) -> Class {
    Class {
        name: name.into(),
        label: None,
        indicator: Indicator::MineSurface,
        eo_category: EoCategory::ApMine,
        geometry,
        parent: None,
        gsd_name_m: None,
        size_m,
        gsd_max_m: 0.1,
        threshold: 0.25.into(),
        pixel_threshold: None,
        hidden_by: vec![],
        calibration: Calibration { slope: 1.0, intercept: 1.0 },
    }
}

/// Classes: 0 a mine (point), 1 another (point), 2 a trench (polygon), 3 a ditch (line).
/// At the scale of the model, as the pipeline does it.
fn trace(detections: &[Detection], model: &Model, orthomosaic: &Orthomosaic) -> Vec<Feature> {
    let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), model.gsd_m);
    crate::trace(
        detections,
        model,
        orthomosaic,
        &grid,
        rams_domain::OperatingPoint::Balanced,
        &mut FeatureId::all(),
    )
}

fn model() -> Model {
    Model {
        name: "toy".into(),
        version: "1".into(),
        digest: String::new(),
        task: Task::Detect,
        gsd_m: 0.01,
        tile: TileSpec { tile_px: 640, halo_px: 64 },
        classes: vec![
            class("pfm-1", GeometryKind::Point, [0.06, 0.2]),
            class("pmn-2", GeometryKind::Point, [0.06, 0.2]),
            class("trench", GeometryKind::Polygon, [0.8, 500.0]),
            class("ditch", GeometryKind::Line, [0.8, 500.0]),
        ],
    }
}

fn px(x0: f64, y0: f64, x1: f64, y1: f64) -> PxBox {
    PxBox { x0, y0, x1, y1 }
}

fn seen(tile: u32, index: u32, class: usize, score: f32, shape: Shape) -> Detection {
    let id = DetectionId { tile: TileId(tile), index };
    Detection { id, class, score, shape, embedding: None }
}

fn polygon(feature: &Feature) -> &geo::Polygon {
    match &feature.geometry {
        Geometry::Polygon(polygon) => polygon,
        other => panic!("expected a polygon, got {other:?}"),
    }
}

#[test]
fn a_kind_out_of_reach_is_called_by_its_family_only_within_its_category_of_ordnance() {
    let family =
        |eo_category| Class { eo_category, ..class("family", GeometryKind::Point, [0.06, 0.2]) };
    let kind = |name: &str, eo_category, gsd_max_m| Class {
        parent: Some("family".into()),
        gsd_name_m: Some(0.1),
        eo_category,
        gsd_max_m,
        ..class(name, GeometryKind::Point, [0.06, 0.2])
    };
    let find = [seen(0, 0, 1, 0.9, Shape::Box(px(10.0, 10.0, 20.0, 20.0)))];
    let named = |of_family, of_kind| -> Vec<String> {
        let kinds = vec![
            kind("near", EoCategory::ApMine, 0.1),
            kind("far", of_kind, 0.0),
            family(of_family),
        ];
        let model = Model { classes: kinds, ..model() };
        trace(&find, &model, &orthomosaic(0.01, 0.0))
            .into_iter()
            .map(|feature| feature.class)
            .collect()
    };
    assert_eq!(named(EoCategory::Cmr, EoCategory::Cmr), ["family"]);
    assert!(named(EoCategory::Unknown, EoCategory::Cmr).is_empty(), "categories never mix");
}

#[test]
fn one_mine_seen_by_two_tiles_is_one_feature_with_both_ids() {
    let (a, b) = (px(510.0, 100.0, 522.0, 106.0), px(511.0, 100.0, 523.0, 106.0));
    let detections = [seen(1, 0, 0, 0.9, Shape::Box(b)), seen(0, 3, 0, 0.6, Shape::Box(a))];
    let features = trace(&detections, &model(), &orthomosaic(0.01, 0.0));
    let [feature] = features.as_slice() else { panic!("expected one feature, got {features:?}") };
    assert_eq!(feature.id, FeatureId(1));
    assert_eq!((feature.class.as_str(), feature.score, feature.px), ("pfm-1", 0.9, b));
    assert_eq!(feature.detections, vec![detections[1].id, detections[0].id]);
    // Centre at pixel 517, 103 of 1 cm from (-200, 200).
    let Geometry::Point(at) = feature.geometry else { panic!("expected a point") };
    assert!((at.x() - -194.83).abs() < 1e-9 && (at.y() - 198.97).abs() < 1e-9, "{at:?}");
    assert!(
        (feature.size_m[0] - 0.12).abs() < 1e-5 && (feature.size_m[1] - 0.06).abs() < 1e-5,
        "{feature:?}"
    );
    assert_eq!(feature.area_m2, 0.0);
    // Logit of 0.9 is 2.1972; sigmoid of 3.1972 is 0.96072.
    assert!((feature.confidence - 0.96072).abs() < 1e-4, "{}", feature.confidence);
}

#[test]
fn two_classes_on_one_object_stay_two_features() {
    let at = px(100.0, 100.0, 112.0, 106.0);
    let detections = [seen(0, 0, 1, 0.9, Shape::Box(at)), seen(0, 1, 0, 0.3, Shape::Box(at))];
    let features = trace(&detections, &model(), &orthomosaic(0.01, 0.0));
    assert_eq!(features.iter().map(|f| f.class.as_str()).collect::<Vec<_>>(), ["pfm-1", "pmn-2"]);
}

/// The toy model with its two mines as kinds of `ap`, which is class 4; named up to 2 cm.
fn family_model() -> Model {
    let mut model = model();
    model.classes.push(class("ap", GeometryKind::Point, [0.06, 0.2]));
    for kind in &mut model.classes[..2] {
        (kind.parent, kind.gsd_name_m) = (Some("ap".into()), Some(0.02));
    }
    model
}

#[test]
fn kinds_that_contradict_each_other_are_called_by_their_family() {
    let at = Shape::Box(px(100.0, 100.0, 112.0, 106.0));
    let named = |classes: &[usize], gsd_m: f64| {
        let seen = |(index, class): (usize, &usize)| {
            seen(index as u32, 0, *class, 0.9 - 0.1 * index as f32, at.clone())
        };
        let detections: Vec<_> = classes.iter().enumerate().map(seen).collect();
        let features = trace(&detections, &family_model(), &orthomosaic(gsd_m, 0.0));
        features.into_iter().map(|feature| feature.class).collect::<Vec<_>>()
    };
    assert_eq!(named(&[1, 0], 0.01), ["ap"], "pmn-2 says one tile, pfm-1 the next");
    assert_eq!(named(&[1, 4], 0.01), ["pmn-2"], "the next tile was not sure");
    assert_eq!(named(&[4, 1], 0.01), ["ap"], "the better look was not sure");
    assert_eq!(named(&[1, 1], 0.0199), ["pmn-2"]);
    assert_eq!(named(&[1, 1], 0.021), ["ap"], "the pixels are too large to tell");
}

#[test]
fn a_small_kind_beside_a_slanted_long_one_is_not_lost_where_neither_is_named() {
    let (long, small) = (px(100.0, 100.0, 159.0, 159.0), px(147.0, 100.0, 159.0, 112.0));
    for [a, b] in [[0, 1], [4, 4]] {
        let detections =
            [seen(0, 0, a, 0.9, Shape::Box(long)), seen(0, 1, b, 0.6, Shape::Box(small))];
        let features = trace(&detections, &family_model(), &orthomosaic(0.03, 0.0));
        assert_eq!(features.iter().map(|f| f.class.as_str()).collect::<Vec<_>>(), ["ap", "ap"]);
    }
}

#[test]
fn a_mask_through_sixty_tiles_is_one_feature() {
    // Cores of 512 grid px at 1.6 mosaic px each, as in a plan whose scale is not 1.
    let edge = |i: u32| f64::from(i * 512) * 1.6;
    let part = |i: u32| {
        let boxes = vec![px(edge(i), 800.0, edge(i + 1), 900.0)];
        seen(i, 0, 2, 0.5 + 0.005 * i as f32, Shape::Mask(boxes))
    };
    let detections: Vec<_> = (0..60).map(part).collect();
    let features = trace(&detections, &model(), &orthomosaic(0.00625, 0.0));
    let [feature] = features.as_slice() else {
        panic!("expected one feature, got {}", features.len())
    };
    assert_eq!(feature.detections.len(), 60);
    // The mean of 0.5 to 0.795: every tile holds as much of it.
    assert!((feature.score - 0.6475).abs() < 1e-6, "{}", feature.score);
    assert_eq!(polygon(feature).exterior().0.len(), 5, "no corner is left at a seam");
    // 60 x 512 x 1.6 px of 6.25 mm by 100 px: 307.2 m by 0.625 m.
    assert!(
        (feature.size_m[0] - 307.2).abs() < 0.03 && (feature.size_m[1] - 0.625).abs() < 1e-3,
        "{feature:?}"
    );
    assert!((feature.area_m2 - 192.0).abs() < 0.02, "{}", feature.area_m2);
}

#[test]
fn a_gap_between_masks_keeps_them_apart_and_speckle_goes() {
    let boxes =
        vec![px(0.0, 0.0, 300.0, 100.0), px(301.0, 0.0, 600.0, 100.0), px(700.0, 0.0, 719.0, 10.0)];
    let features =
        trace(&[seen(0, 0, 2, 0.5, Shape::Mask(boxes))], &model(), &orthomosaic(0.01, 0.0));
    // 19 px of 1 cm are less than a quarter of 0.8 m.
    assert_eq!(features.iter().map(|f| f.px.x0).collect::<Vec<_>>(), [0.0, 301.0]);
}

#[test]
fn faint_masks_count_as_part_of_a_strong_one_and_not_alone() {
    let model = model();
    let mask = |x0: f64, x1: f64| Shape::Mask(vec![px(x0, 0.0, x1, 100.0)]);
    let (strong, faint, alone) = (mask(0.0, 300.0), mask(300.0, 400.0), mask(600.0, 900.0));
    let all = [seen(0, 0, 2, 0.5, strong), seen(1, 0, 2, 0.1, faint), seen(2, 0, 2, 0.24, alone)];
    let features = trace(&all, &model, &orthomosaic(0.01, 0.0));
    assert_eq!(features.len(), 1);
    assert_eq!(features[0].px, px(0.0, 0.0, 400.0, 100.0));
    assert!((features[0].score - 0.4).abs() < 1e-6, "three quarters at 0.5 and one at 0.1");
}

#[test]
fn a_line_is_the_long_axis_whatever_the_rotation_of_the_raster() {
    for turned in [0.0, 30.0, 90.0] {
        let orthomosaic = orthomosaic(0.01, turned);
        let at = px(1000.0, 2000.0, 1400.0, 2100.0);
        let features = trace(&[seen(0, 0, 3, 0.5, Shape::Box(at))], &model(), &orthomosaic);
        let Geometry::LineString(line) = &features[0].geometry else { panic!("expected a line") };
        assert!((geo::Euclidean.length(line) - 4.0).abs() < 1e-3);
        let mut ends = [line.0[0], line.0[1]].map(|end| orthomosaic.georef.to_pixel(end));
        ends.sort_by(|a, b| a.x.total_cmp(&b.x));
        for (end, x) in ends.iter().zip([1000.0, 1400.0]) {
            assert!(
                (end.x - x).abs() < 0.1 && (end.y - 2050.0).abs() < 0.1,
                "turned {turned}: {ends:?}"
            );
        }
    }
}

#[test]
fn a_detectors_polygon_is_its_box_counter_clockwise_on_the_ground() {
    let features = trace(
        &[seen(0, 0, 2, 0.5, Shape::Box(px(0.0, 0.0, 400.0, 100.0)))],
        &model(),
        &orthomosaic(0.01, 0.0),
    );
    assert!((polygon(&features[0]).signed_area() - 4.0).abs() < 1e-6);
    assert!((features[0].area_m2 - 4.0).abs() < 1e-3);
}

#[test]
fn a_slanting_mask_loses_its_staircase_but_not_its_place() {
    // Cells of one pixel of the model, and of four.
    for cell in [1.0, 4.0] {
        let step = |i: f64| px(i * cell, i * cell, (i + 80.0) * cell, (i + 1.0) * cell);
        let steps: Vec<_> = (0..300).map(|i| step(f64::from(i))).collect();
        let exact = outline(&steps);
        let features =
            trace(&[seen(0, 0, 2, 0.5, Shape::Mask(steps))], &model(), &orthomosaic(0.01, 0.0));
        let simple = polygon(&features[0]);
        assert!(
            exact.0[0].exterior().0.len() > 1000 && simple.exterior().0.len() < 12,
            "{simple:?}"
        );
        assert!(simple.is_valid());
        let area_m2 = 2.4 * cell * cell;
        assert!(
            (features[0].area_m2 - area_m2).abs() < 0.02 * area_m2,
            "{} of {area_m2}",
            features[0].area_m2
        );
    }
}

#[test]
fn a_ring_keeps_its_hole_and_corners_that_touch_stay_valid() {
    let ring = [px(0., 0., 3., 1.), px(0., 1., 1., 2.), px(2., 1., 3., 2.), px(0., 2., 3., 3.)];
    let found = outline(&ring);
    assert_eq!((found.0.len(), found.0[0].interiors().len(), found.unsigned_area()), (1, 1, 8.0));

    // Two boxes that share a corner only are two polygons.
    let found = outline(&[px(0., 0., 1., 1.), px(1., 1., 2., 2.)]);
    assert_eq!((found.0.len(), found.unsigned_area()), (2, 2.0));

    // The lower right corner of the ring missing: the hole touches the outside at a point.
    let open = [px(0., 0., 3., 1.), px(0., 1., 1., 2.), px(2., 1., 3., 2.), px(0., 2., 2., 3.)];
    let found = outline(&open);
    assert_eq!((found.0.len(), found.0[0].interiors().len(), found.unsigned_area()), (1, 1, 7.0));
    assert!(found.is_valid(), "{:?}", found.validation_errors());
}

#[test]
fn nothing_covers_nothing_and_broken_boxes_are_left_out() {
    assert_eq!(outline(&[]), MultiPolygon(vec![]));
    assert_eq!(
        outline(&[px(0., 0., 0., 5.), px(0., 0., f64::NAN, 5.), px(5., 5., 1., 9.)]),
        MultiPolygon(vec![])
    );
    assert!(
        trace(&[seen(0, 0, 2, 0.5, Shape::Mask(vec![]))], &model(), &orthomosaic(0.01, 0.0))
            .is_empty()
    );
    assert_eq!(cover(&[], &orthomosaic(0.01, 0.0)).1, 0.0);
}

#[test]
fn cover_has_the_geodesic_area_and_counts_overlaps_once() {
    let cores: Vec<_> = (0..100u32)
        .map(|i| (f64::from(i % 10) * 512.0, f64::from(i / 10) * 512.0))
        .map(|(x, y)| px(x, y, x + 512.0, y + 512.0))
        .filter(|core| (core.x0, core.y0) != (1024.0, 1024.0))
        .chain([px(100.0, 100.0, 300.0, 700.0)])
        .collect();
    let (boundary, area_m2) = cover(&cores, &orthomosaic(0.01, 0.0));
    assert_eq!((boundary.0.len(), boundary.0[0].interiors().len()), (1, 1));
    assert_eq!(boundary.0[0].exterior().0.len(), 5);
    assert!(boundary.signed_area() > 0.0);
    let expected = 99.0 * 5.12 * 5.12;
    assert!((area_m2 - expected).abs() < 1e-4 * expected, "{area_m2} for {expected}");
}

/// Boxes on a small lattice, so that edges and corners often meet, overlaps included.
fn lattice_boxes() -> impl Strategy<Value = Vec<PxBox>> {
    let one = (0..12i32, 0..12i32, 1..5i32, 1..4i32);
    prop::collection::vec(one, 0..40).prop_map(|boxes| {
        let scale = |v: i32| f64::from(v) * 1.6;
        boxes
            .into_iter()
            .map(|(x, y, w, h)| px(scale(x), scale(y), scale(x + w), scale(y + h)))
            .collect()
    })
}

fn detections() -> impl Strategy<Value = Vec<Detection>> {
    let one = (0..4u32, 0..4usize, 1..100u8, lattice_boxes(), any::<bool>());
    prop::collection::vec(one, 0..12).prop_map(|all| {
        let many = all.into_iter().enumerate();
        let shape = |boxes: Vec<PxBox>, mask: bool| match boxes.first() {
            Some(first) if !mask => Shape::Box(*first),
            _ => Shape::Mask(boxes),
        };
        many.map(|(i, (tile, class, score, boxes, mask))| {
            seen(tile, i as u32, class, f32::from(score) / 100.0, shape(boxes, mask))
        })
        .collect()
    })
}

proptest! {
    #[test]
    fn the_outline_is_the_union_exactly_on_box_edges(boxes in lattice_boxes()) {
        let found = outline(&boxes);
        let polygons: Vec<_> = boxes.iter().map(|b| b.rect().to_polygon()).collect();
        let expected = unary_union(&polygons);
        prop_assert!(found.is_valid(), "{:?}", found.validation_errors());
        prop_assert!((found.unsigned_area() - expected.unsigned_area()).abs() < 1e-6);
        prop_assert!(found.xor(&expected).unsigned_area() < 1e-6);
        let on_edge = |c: &Coord| boxes.iter().any(|b| c.x == b.x0 || c.x == b.x1)
            && boxes.iter().any(|b| c.y == b.y0 || c.y == b.y1);
        for polygon in &found {
            prop_assert!(polygon.exterior().coords().all(on_edge));
            let is_upright = |l: geo::Line| (l.start.x == l.end.x) != (l.start.y == l.end.y);
            prop_assert!(polygon.exterior().lines().all(is_upright));
            prop_assert!(Area::signed_area(polygon) > 0.0);
        }
    }

    #[test]
    fn every_box_is_in_one_component_and_inside_its_outline(boxes in lattice_boxes()) {
        let mut members = vec![];
        for component in components(&boxes) {
            for &i in &component.members {
                prop_assert!(component.outline.contains(&Point::from(boxes[i].centre())));
            }
            members.extend(component.members);
        }
        members.sort_unstable();
        prop_assert_eq!(members, (0..boxes.len()).collect::<Vec<_>>());
    }

    #[test]
    fn the_order_of_the_detections_does_not_matter(
        (ordered, shuffled) in detections()
            .prop_flat_map(|d| (Just(d.clone()), Just(d).prop_shuffle()))
    ) {
        let orthomosaic = orthomosaic(0.05, 0.0);
        let traced = |detections: &[Detection]| trace(detections, &model(), &orthomosaic);
        prop_assert_eq!(traced(&ordered), traced(&shuffled));
    }

    #[test]
    fn a_box_that_reaches_the_threshold_is_part_of_one_feature_and_another_of_none(all in detections()) {
        let features = trace(&all, &model(), &orthomosaic(0.05, 0.0));
        let mut found: Vec<_> = features.iter().flat_map(|f| f.detections.clone()).collect();
        found.sort_unstable();
        for detection in all.iter().filter(|d| matches!(d.shape, Shape::Box(_))) {
            let count = found.iter().filter(|id| **id == detection.id).count();
            prop_assert_eq!(count, usize::from(detection.score >= 0.25));
        }
        for feature in &features {
            let inside = match &feature.geometry {
                Geometry::Point(at) => *at,
                other => other.centroid().expect("not empty"),
            };
            prop_assert!(inside.x().is_finite() && feature.size_m[0] >= feature.size_m[1]);
            prop_assert!(feature.geometry.bounding_rect().is_some());
        }
    }
}

#[test]
#[ignore = "a measurement: cargo test --release -p rams-trace speed -- --ignored --nocapture"]
fn speed_of_400_000_boxes() {
    // Whole cores; every 50th tile broken into runs of 16 px cells, as at the border of the image.
    let broken = |i: u32| i % 50 == 7;
    // One product for an edge, from whichever side, as in `Grid::rect_to_mosaic`.
    let edge = |cells: u32| f64::from(cells) * 16.0 * 1.6;
    let mut boxes = vec![];
    let mut i = 0;
    while boxes.len() < 400_000 {
        let (col, row) = (i % 600 * 32, i / 600 * 32);
        if broken(i) {
            let part = |r: u32| {
                px(edge(col), edge(row + r), edge(col + 1 + (r * 7) % 31), edge(row + r + 1))
            };
            boxes.extend((0..32).map(part));
        } else {
            boxes.push(px(edge(col), edge(row), edge(col + 32), edge(row + 32)));
        }
        i += 1;
    }
    let start = std::time::Instant::now();
    let found = outline(&boxes);
    let seconds = start.elapsed().as_secs_f64();
    let corners: usize = found.iter().map(|p| p.exterior().0.len()).sum();
    println!(
        "outline of {} boxes: {seconds:.2} s, {} polygons, {corners} corners",
        boxes.len(),
        found.0.len()
    );

    // The mask of a class over a whole survey: 400,000 runs of one grid pixel's height.
    let run = |i: u32| {
        let (x, y) = (f64::from(i % 40) * 1000.0 + f64::from((i / 40) % 90), f64::from(i / 40));
        px(x, y, x + 60.0, y + 1.0)
    };
    let runs: Vec<_> = (0..400_000).map(run).collect();
    let start = std::time::Instant::now();
    let found = outline(&runs);
    println!(
        "outline of 400,000 mask runs: {:.2} s, {} polygons",
        start.elapsed().as_secs_f64(),
        found.0.len()
    );

    let ground = orthomosaic(0.01, 0.0);
    let start = std::time::Instant::now();
    let (_, area_m2) = cover(&boxes, &ground);
    println!(
        "cover of {} boxes: {:.2} s, {area_m2:.0} m2",
        boxes.len(),
        start.elapsed().as_secs_f64()
    );

    let cores: Vec<_> = boxes.iter().map(|b| b.rect().to_polygon()).collect();
    let start = std::time::Instant::now();
    let union = unary_union(&cores);
    println!(
        "geo's unary_union of the same: {:.2} s, {} polygons",
        start.elapsed().as_secs_f64(),
        union.0.len()
    );
}
