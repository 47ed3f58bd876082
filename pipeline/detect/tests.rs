//! What the decoder makes of outputs whose meaning is worked out by hand. The whole way, with a
//! session, is tested with toy models from outside.

use crate::{TileDetections, decode, tensor::tensor};
use ndarray::{Array2, Array3, ArrayD, ArrayViewD, array};
use rams_domain::{
    Calibration, Class, Detection, EoCategory, GeometryKind, Grid, Indicator, PxBox, RasterSize,
    Shape, Tile, TileId, TilePlan, TileSpec,
};
use rams_model::{Activation, Input, Layout, Output};

fn class(name: &str) -> Class {
    Class {
        name: name.into(),
        label: None,
        indicator: Indicator::MineSurface,
        eo_category: EoCategory::ApMine,
        geometry: GeometryKind::Point,
        parent: None,
        gsd_name_m: None,
        size_m: [0.1, 0.2],
        gsd_max_m: 0.02,
        threshold: 0.5.into(),
        pixel_threshold: None,
        hidden_by: vec![],
        calibration: Calibration::default(),
    }
}

/// Tile 3 of 2 x 2 over 64 x 64 grid pixels of 2 mosaic pixels: core from (32, 32), halo 16.
fn tile() -> (Tile, Grid) {
    let grid = Grid::new(RasterSize { width: 128, height: 128 }, [1.0, 1.0], 2.0);
    let plan =
        TilePlan::new(grid, TileSpec { tile_px: 64, halo_px: 16 }).expect("32 px are two cells");
    let valid = Array2::from_elem((64, 64), true);
    (
        Tile {
            planned: plan.tile(TileId(3)),
            pixels: Array3::zeros((64, 64, 3)),
            valid,
            heights: None,
        },
        grid,
    )
}

/// Outputs of the classes of a model and no others.
fn outputs(layout: Layout, count: usize) -> Output {
    let classes = (0..count).map(Some).collect();
    Output { layout, activation: None, embedding: None, classes, is_open: false }
}

fn decode(
    layout: Layout,
    output: ArrayViewD<'_, f32>,
    classes: &[Class],
    tile: &Tile,
    grid: &Grid,
) -> Result<TileDetections, String> {
    decode::decode(&outputs(layout, classes.len()), &[output], classes, tile, grid)
}

fn bounds(detection: &Detection) -> PxBox {
    detection.shape.bounds().expect("a detection is somewhere")
}

#[test]
fn boxes_are_kept_by_score_ownership_and_image() {
    let (mut tile, grid) = tile();
    tile.valid[(23, 25)] = false; // a hole in the first box does not hide it
    tile.valid.slice_mut(ndarray::s![39..50, 39..46]).fill(false); // seven columns of eleven
    let rows = array![
        [20.0, 20.0, 30.0, 26.0, 0.9, 1.0], // kept
        [20.0, 20.0, 30.0, 26.0, 0.4, 0.0], // below its threshold
        [5.0, 20.0, 14.0, 26.0, 0.9, 0.0],  // centre 6.5 px beyond the core: kept and merged
        [0.0, 20.0, 10.0, 26.0, 0.9, 0.0],  // centre 11 px beyond: the neighbour's
        [39.0, 39.0, 50.0, 50.0, 0.9, 0.0], // most of it without image
    ];
    let found =
        decode(Layout::Boxes, rows.into_dyn().view(), &[class("a"), class("b")], &tile, &grid)
            .expect("it fits")
            .detections;
    let summary: Vec<_> =
        found.iter().map(|found| (found.id.to_string(), found.class, bounds(found))).collect();
    // Grid (16 + 20) x 2 mosaic pixels.
    let first = PxBox { x0: 72.0, y0: 72.0, x1: 92.0, y1: 84.0 };
    let second = PxBox { x0: 42.0, y0: 72.0, x1: 60.0, y1: 84.0 };
    assert_eq!(summary, [("T3.0".to_owned(), 1, first), ("T3.1".to_owned(), 0, second)]);
}

#[test]
fn an_output_full_of_finds_says_so() {
    let (tile, grid) = tile();
    let decode = |rows: ndarray::Array2<f32>| {
        decode(Layout::Boxes, rows.into_dyn().view(), &[class("a")], &tile, &grid).expect("it fits")
    };
    let full =
        decode(array![[20.0, 20.0, 30.0, 26.0, 0.9, 0.0], [40.0, 40.0, 50.0, 50.0, 0.6, 0.0]]);
    assert_eq!((full.detections.len(), full.full_at), (2, Some(2)));
    let room_left =
        decode(array![[20.0, 20.0, 30.0, 26.0, 0.9, 0.0], [40.0, 40.0, 50.0, 50.0, 0.4, 0.0]]);
    assert_eq!((room_left.detections.len(), room_left.full_at), (1, None));
}

#[test]
fn yolo_columns_are_centres_and_sizes() {
    let (tile, grid) = tile();
    let columns =
        array![[30.0, 30.0], [24.0, 24.0], [10.0, 10.0], [6.0, 6.0], [0.8, 0.1], [0.6, 0.2]];
    let found =
        decode(Layout::Yolo, columns.into_dyn().view(), &[class("a"), class("b")], &tile, &grid)
            .expect("it fits")
            .detections;
    // Both classes of the first column pass: which of two it is, is not for the decoder to say.
    assert_eq!(
        found.iter().map(|found| (found.class, found.score)).collect::<Vec<_>>(),
        [(0, 0.8), (1, 0.6)]
    );
    assert_eq!(bounds(&found[0]), PxBox { x0: 82.0, y0: 74.0, x1: 102.0, y1: 86.0 });
}

#[test]
fn a_mask_is_cut_to_the_core_and_to_the_image() {
    let (mut tile, grid) = tile();
    let mut mask = Array3::<f32>::zeros((1, 64, 64));
    mask.slice_mut(ndarray::s![0, 10..20, 20..40]).fill(0.8); // reaches 6 rows into the halo
    mask.slice_mut(ndarray::s![0, 30..32, 20..22]).fill(0.6); // apart
    mask[(0, 32, 22)] = 0.6; // touches it at a corner only
    tile.valid.slice_mut(ndarray::s![16..20, 30..34]).fill(false); // cuts the first in two
    let found = decode(Layout::Mask, mask.into_dyn().view(), &[class("a")], &tile, &grid)
        .expect("it fits")
        .detections;
    let areas: Vec<f64> = found
        .iter()
        .map(|found| match &found.shape {
            Shape::Mask(boxes) => boxes.iter().map(PxBox::area).sum::<f64>() / 4.0,
            Shape::Box(_) => panic!("a mask is asked for"),
        })
        .collect();
    assert_eq!(areas, [40.0, 24.0, 4.0, 1.0]);
    assert_eq!(bounds(&found[0]), PxBox { x0: 72.0, y0: 64.0, x1: 92.0, y1: 72.0 });
    assert!((found[0].score - 0.8).abs() < 1e-6 && (found[2].score - 0.6).abs() < 1e-6);
}

#[test]
fn a_u_shape_is_one_segment() {
    let (tile, grid) = tile();
    let mut mask = Array3::<f32>::zeros((1, 64, 64));
    mask.slice_mut(ndarray::s![0, 20..40, 20..22]).fill(1.0);
    mask.slice_mut(ndarray::s![0, 20..40, 40..42]).fill(1.0);
    mask.slice_mut(ndarray::s![0, 38..40, 20..42]).fill(1.0);
    let found = decode(Layout::Mask, mask.into_dyn().view(), &[class("a")], &tile, &grid)
        .expect("it fits")
        .detections;
    assert_eq!(found.len(), 1);
    let Shape::Mask(boxes) = &found[0].shape else { panic!("a mask is asked for") };
    assert_eq!(boxes.len(), 3, "two legs and a base: rows of the same extent are one box");
    assert_eq!(boxes.iter().map(PxBox::area).sum::<f64>() / 4.0, (2 * 18 * 2 + 2 * 22) as f64);
}

#[test]
fn a_mask_reaches_as_far_as_its_pixel_threshold() {
    let (tile, grid) = tile();
    let mut mask = Array3::<f32>::zeros((1, 64, 64));
    mask.slice_mut(ndarray::s![0, 20..24, 20..28]).fill(0.9);
    mask.slice_mut(ndarray::s![0, 20..24, 28..32]).fill(0.3);
    // Of a faint mask the other half may lie in the next tile.
    mask.slice_mut(ndarray::s![0, 40..44, 20..28]).fill(0.25);
    let class = Class { pixel_threshold: Some(0.2), ..class("a") };
    let found = decode(Layout::Mask, mask.into_dyn().view(), &[class], &tile, &grid)
        .expect("it fits")
        .detections;
    assert_eq!(bounds(&found[0]), PxBox { x0: 72.0, y0: 72.0, x1: 96.0, y1: 80.0 });
    assert!((found[0].score - 0.7).abs() < 1e-6 && (found[1].score - 0.25).abs() < 1e-6);
}

#[test]
fn a_coarse_mask_covers_the_pixels_it_stands_for() {
    let (tile, grid) = tile();
    let mut mask = Array3::<f32>::zeros((1, 16, 16)); // one for 4 x 4 pixels
    mask[(0, 6, 7)] = 0.9;
    let found = decode(Layout::Mask, mask.into_dyn().view(), &[class("a")], &tile, &grid)
        .expect("it fits")
        .detections;
    assert_eq!(bounds(&found[0]), PxBox { x0: 88.0, y0: 80.0, x1: 96.0, y1: 88.0 });
}

#[test]
fn coarse_masks_meet_at_a_seam_and_end_with_the_raster() {
    // 2 x 2 tiles over 61 x 61 grid pixels: the last cores are 29 px wide, seven cells of 4 and a
    // rest.
    let grid = Grid::new(RasterSize { width: 122, height: 122 }, [1.0, 1.0], 2.0);
    let plan =
        TilePlan::new(grid, TileSpec { tile_px: 64, halo_px: 16 }).expect("32 px are two cells");
    let boxes: Vec<PxBox> = plan
        .tiles()
        .map(|planned| {
            let inside = |at: usize, start: i64| (0..61).contains(&(start + at as i64));
            let valid = |(row, col)| inside(row, planned.read.y0) && inside(col, planned.read.x0);
            let valid = Array2::from_shape_fn((64, 64), valid);
            let tile = Tile { planned, pixels: Array3::zeros((64, 64, 3)), valid, heights: None };
            let everything = Array3::<f32>::ones((1, 16, 16)).into_dyn();
            let found = decode(Layout::Mask, everything.view(), &[class("a")], &tile, &grid)
                .expect("it fits");
            assert_eq!(found.detections.len(), 1);
            bounds(&found.detections[0])
        })
        .collect();
    let expected = [
        (0.0, 0.0, 64.0, 64.0),
        (64.0, 0.0, 122.0, 64.0),
        (0.0, 64.0, 64.0, 122.0),
        (64.0, 64.0, 122.0, 122.0),
    ];
    assert_eq!(boxes, expected.map(|(x0, y0, x1, y1)| PxBox { x0, y0, x1, y1 }));
}

#[test]
fn outputs_that_mean_nothing_are_errors() {
    let (tile, grid) = tile();
    let classes = [class("a")];
    let error = |layout, output: ndarray::ArrayD<f32>| {
        decode(layout, output.view(), &classes, &tile, &grid).expect_err("it means nothing")
    };
    assert!(
        error(Layout::Boxes, array![[0.0, 0.0, 1.0, 1.0, f32::NAN, 0.0]].into_dyn())
            .contains("not finite")
    );
    assert!(
        error(Layout::Boxes, array![[0.0, 0.0, 1.0, 1.0, 0.9, 5.0]].into_dyn())
            .contains("class index 5")
    );
    let (upside_down, in_shares) =
        (array![[30.0, 20.0, 12.0, 6.0, 0.9, 0.0]], array![[0.1, 0.1, 0.2, 0.2, 0.9, 0.0]]);
    assert!(error(Layout::Boxes, upside_down.into_dyn()).contains("without area"));
    assert!(error(Layout::Boxes, in_shares.into_dyn()).contains("without area"));
    assert!(error(Layout::Boxes, array![[0.0, 0.0, 1.0]].into_dyn()).contains("[1, 3]"));
    assert!(error(Layout::Yolo, array![[0.0], [0.0]].into_dyn()).contains("[2, 1]"));
    assert!(error(Layout::Mask, Array3::zeros((2, 64, 64)).into_dyn()).contains("2 x 64 x 64"));
    assert!(
        error(Layout::Mask, Array3::from_elem((1, 64, 64), f32::INFINITY).into_dyn())
            .contains("not finite")
    );
    assert!(
        error(Layout::Mask, ndarray::Array1::zeros(64).into_dyn())
            .contains("masks of 64, 1 classes")
    );
}

/// How pixels become an input of some bands.
fn input(bands: &str) -> Input {
    let bands = bands.split(", ").map(String::from).collect();
    let (mean, std) = ([0.5, 0.4, 0.3], [0.1, 0.2, 0.3]);
    Input { gsd_m: 2.0, tile_px: 64, halo_px: 16, bands, mean, std, height_gsd_max_m: None }
}

#[test]
fn heights_are_metres_above_the_mean_of_those_known() {
    let with_heights = input("red, green, blue, height, height_valid");
    let (mut high, _) = tile();
    let mut heights = Array2::from_elem((64, 64), 1200.0);
    heights.slice_mut(ndarray::s![..32, ..]).fill(1206.0);
    heights.slice_mut(ndarray::s![.., ..8]).fill(f32::NAN);
    heights[(60, 60)] = 9999.0; // there is no image: what the model cannot see does not count
    high.valid[(60, 60)] = false;
    high.heights = Some(Ok(heights));
    let (flat, _) = tile();
    let (mut broken, _) = tile();
    broken.heights = Some(Err("a damaged block".into()));
    let planes = tensor(&[high, flat, broken], &with_heights);
    assert_eq!(planes.dim(), (3, 5, 64, 64));
    // Half of the 64 x 56 known pixels, but for one, lie 6 m higher.
    let mean = 6.0 * (32.0 * 56.0) / (64.0 * 56.0 - 1.0);
    assert!((planes[(0, 3, 3, 9)] - (6.0 - mean)).abs() < 1e-3, "{}", planes[(0, 3, 3, 9)]);
    assert!((planes[(0, 3, 40, 9)] + mean).abs() < 1e-3, "{}", planes[(0, 3, 40, 9)]);
    assert_eq!((planes[(0, 4, 3, 9)], planes[(0, 4, 40, 9)]), (1.0, 1.0));
    for (row, col) in [(3, 7), (60, 60)] {
        assert_eq!(
            (planes[(0, 3, row, col)], planes[(0, 4, row, col)]),
            (0.0, 0.0),
            "{row}, {col}"
        );
    }
    assert!((planes[(0, 0, 3, 9)] + 5.0).abs() < 1e-6, "the colours are as ever");
    assert!(planes.slice(ndarray::s![1.., 3.., .., ..]).iter().all(|value| *value == 0.0));
}

#[test]
fn pixels_are_normalised_and_missing_ones_are_the_mean() {
    let (mut tile, _) = tile();
    tile.pixels[(2, 3, 1)] = 255;
    tile.pixels[(2, 4, 1)] = 255;
    tile.valid[(2, 4)] = false;
    let input = tensor(&[tile], &input("red, green, blue"));
    assert_eq!(input.dim(), (1, 3, 64, 64));
    assert!((input[(0, 1, 2, 3)] - 3.0).abs() < 1e-6); // (1 - 0.4) / 0.2
    assert!((input[(0, 0, 2, 3)] + 5.0).abs() < 1e-6); // (0 - 0.5) / 0.1
    assert_eq!(input[(0, 1, 2, 4)], 0.0);
}

/// A list of one find at (30, 24), 10 x 6 px, in each layout of plain boxes and the other way
/// round.
#[test]
fn every_list_of_boxes_says_the_same() {
    let (tile, grid) = tile();
    let classes = [class("a"), class("b")];
    let yolo = array![[30.0, 1.0], [24.0, 1.0], [10.0, 2.0], [6.0, 2.0], [0.1, 0.0], [0.8, 0.0]];
    let v5 =
        array![[30.0, 24.0, 10.0, 6.0, 0.9, 0.1, 0.8 / 0.9], [1.0, 1.0, 2.0, 2.0, 0.0, 1.0, 1.0]];
    let boxes = array![[25.0, 21.0, 35.0, 27.0, 0.8, 1.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]];
    let obb = array![
        [30.0, 1.0],
        [24.0, 1.0],
        [10.0, 2.0],
        [6.0, 2.0],
        [0.1, 0.0],
        [0.8, 0.0],
        [0.0, 0.0]
    ];
    let picked_obb =
        array![[30.0, 24.0, 10.0, 6.0, 0.8, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]];
    let all = [
        (Layout::Yolo, yolo),
        (Layout::YoloV5, v5),
        (Layout::Boxes, boxes),
        (Layout::YoloObb, obb),
        (Layout::BoxesObb, picked_obb),
    ];
    for (layout, list) in all {
        for list in [list.clone(), list.reversed_axes()] {
            let found = decode(layout, list.view().into_dyn(), &classes, &tile, &grid)
                .expect("it fits")
                .detections;
            let found: Vec<_> = found.iter().map(|found| (found.class, bounds(found))).collect();
            assert_eq!(
                found,
                [(1, PxBox { x0: 82.0, y0: 74.0, x1: 102.0, y1: 86.0 })],
                "{layout:?} {:?}",
                list.dim()
            );
        }
    }
}

fn mask_area(detection: &Detection) -> f64 {
    let Shape::Mask(boxes) = &detection.shape else { panic!("a mask is asked for") };
    boxes.iter().map(PxBox::area).sum::<f64>() / 4.0
}

#[test]
fn an_oriented_box_is_a_turned_outline_or_the_box_around_it() {
    let (tile, grid) = tile();
    let list = array![[32.0, 32.0, 20.0, 4.0, 0.8, 0.0, std::f32::consts::FRAC_PI_4]].into_dyn();
    let line = Class { geometry: GeometryKind::Line, ..class("a") };
    let found =
        decode(Layout::BoxesObb, list.view(), &[line], &tile, &grid).expect("it fits").detections;
    assert!((mask_area(&found[0]) - 80.0).abs() < 9.0, "{}", mask_area(&found[0]));
    let point = decode(Layout::BoxesObb, list.view(), &[class("a")], &tile, &grid)
        .expect("it fits")
        .detections;
    let side = |px: PxBox| ((px.x1 - px.x0) / 2.0, (px.y1 - px.y0) / 2.0);
    let (width, height) = side(bounds(&point[0]));
    let around = (20.0 + 4.0) / 2.0_f64.sqrt();
    assert!((width - around).abs() < 1e-4 && (height - around).abs() < 1e-4, "{width} x {height}");
    // From the x axis towards the y axis, which points down: the upper left and lower right are in
    // it.
    let Shape::Mask(boxes) = &found[0].shape else { panic!("a mask is asked for") };
    let holds =
        |x: f64, y: f64| boxes.iter().any(|px| px.x0 <= x && x < px.x1 && px.y0 <= y && y < px.y1);
    let mosaic = |tile_px: f64| (tile_px + 16.0) * 2.0;
    assert!(holds(mosaic(27.0), mosaic(27.0)) && !holds(mosaic(37.0), mosaic(27.0)));
}

#[test]
fn an_instance_mask_is_what_its_prototypes_mix_to_within_its_box() {
    let (tile, grid) = tile();
    let mut planes = Array3::<f32>::from_elem((2, 16, 16), -1.0); // one cell for 4 x 4 px
    planes.slice_mut(ndarray::s![0, .., 6..8]).fill(1.0);
    planes.slice_mut(ndarray::s![1, .., ..]).fill(0.5);
    let polygon = Class { geometry: GeometryKind::Polygon, ..class("a") };
    // A mask of two columns of cells within 24..40 px; one whose mask is empty; one below the
    // threshold.
    let list = array![
        [24.0, 20.0, 40.0, 36.0, 0.9, 0.0, 1.0, 0.0],
        [40.0, 40.0, 48.0, 48.0, 0.7, 0.0, 0.0, -1.0],
        [24.0, 40.0, 30.0, 48.0, 0.3, 0.0, 1.0, 1.0],
    ];
    let (list, planes) = (list.into_dyn(), planes.into_dyn());
    let picked = outputs(Layout::BoxesSegment, 1);
    let found = decode::decode(
        &picked,
        &[list.view(), planes.view()],
        std::slice::from_ref(&polygon),
        &tile,
        &grid,
    );
    let found = found.expect("it fits").detections;
    let summary: Vec<_> = found.iter().map(|found| (mask_area(found), found.score)).collect();
    assert_eq!(
        summary,
        [(2.0 * 4.0 * 16.0, 0.9), (64.0, 0.7)],
        "a find whose mask is empty keeps its box"
    );
    // The same as Ultralytics lists it, before any picking: boxes by their centre, a score for each
    // class.
    let columns = array![[32.0], [28.0], [16.0], [16.0], [0.9], [1.0], [0.0]].into_dyn();
    let listed = outputs(Layout::YoloSegment, 1);
    let found = decode::decode(&listed, &[columns.view(), planes.view()], &[polygon], &tile, &grid);
    assert_eq!(mask_area(&found.expect("it fits").detections[0]), 128.0);
    assert!(
        decode::decode(&listed, &[columns.view()], &[class("a")], &tile, &grid)
            .expect_err("none")
            .contains("proto")
    );
}

#[test]
fn masks_of_any_kind_say_the_same() {
    let (tile, grid) = tile();
    let class = Class { geometry: GeometryKind::Polygon, ..class("a") };
    let is_in = |row: usize, col: usize| (24..28).contains(&row) && (24..32).contains(&col);
    let of = |inside: f32, outside: f32| {
        Array2::from_shape_fn((64, 64), |(row, col)| if is_in(row, col) { inside } else { outside })
    };
    let area = |layout, activation, classes: Vec<Option<usize>>, output: ArrayD<f32>| {
        let output_of = Output { activation, classes, ..outputs(layout, 0) };
        let found = decode::decode(
            &output_of,
            &[output.view()],
            std::slice::from_ref(&class),
            &tile,
            &grid,
        )
        .expect("it fits");
        found.detections.iter().map(mask_area).collect::<Vec<_>>()
    };
    let stack = |planes: &[Array2<f32>]| {
        ndarray::stack(
            ndarray::Axis(0),
            &planes.iter().map(|plane| plane.view()).collect::<Vec<_>>(),
        )
        .expect("of one size")
    };
    let both = || vec![None, Some(0)];
    let logits = stack(&[of(-3.0, 4.0), of(3.0, -4.0)]);
    let last = logits.view().permuted_axes([1, 2, 0]).as_standard_layout().into_owned();
    assert_eq!(area(Layout::Mask, Some(Activation::Softmax), both(), logits.into_dyn()), [32.0]);
    assert_eq!(
        area(Layout::Mask, Some(Activation::Softmax), both(), last.into_dyn()),
        [32.0],
        "classes last"
    );
    assert_eq!(
        area(Layout::Mask, Some(Activation::Sigmoid), vec![Some(0)], of(3.0, -4.0).into_dyn()),
        [32.0]
    );
    assert_eq!(area(Layout::Mask, None, vec![Some(0)], of(0.9, 0.1).into_dyn()), [32.0]);
    assert_eq!(area(Layout::Labels, None, both(), of(1.0, 0.0).into_dyn()), [32.0]);
    assert_eq!(area(Layout::Labels, None, both(), stack(&[of(1.0, 0.0)]).into_dyn()), [32.0]);
    let wrong = |layout, output: ArrayD<f32>| {
        decode(layout, output.view(), std::slice::from_ref(&class), &tile, &grid)
            .expect_err("it means nothing")
    };
    assert!(wrong(Layout::Mask, of(3.0, -4.0).into_dyn()).contains("output.activation"));
    assert!(
        wrong(Layout::Labels, of(1.0, 0.0).into_dyn()).contains("label 1, there are 1 classes")
    );
}

#[test]
fn a_list_that_means_something_else_is_never_misread() {
    let (tile, grid) = tile();
    let error = |layout, list: ndarray::Array2<f32>| {
        decode(layout, list.into_dyn().view(), &[class("a")], &tile, &grid)
            .expect_err("it means something else")
    };
    // Class and score the other way round.
    assert!(
        error(Layout::Boxes, array![[20.0, 20.0, 30.0, 26.0, 0.0, 0.8]])
            .contains("class index 0.8")
    );
    // Scores before the last activation.
    assert!(
        error(Layout::Yolo, array![[30.0], [24.0], [10.0], [6.0], [4.5]])
            .contains("a score of 4.5")
    );
    assert!(error(Layout::YoloV5, array![[30.0, 24.0, 10.0, 6.0, 0.9]]).contains("6 values a box"));
}

#[test]
fn an_output_that_is_no_hazard_is_left_out() {
    let (tile, grid) = tile();
    let output = Output { classes: vec![None, Some(0)], ..outputs(Layout::Yolo, 2) };
    let list = array![[30.0, 40.0], [24.0, 24.0], [10.0, 6.0], [6.0, 6.0], [0.9, 0.1], [0.2, 0.7]]
        .into_dyn();
    let found = decode::decode(&output, &[list.view()], &[class("mine")], &tile, &grid)
        .expect("it fits")
        .detections;
    assert_eq!(
        found.iter().map(|found| (found.class, found.score)).collect::<Vec<_>>(),
        [(0, 0.7)]
    );
}
