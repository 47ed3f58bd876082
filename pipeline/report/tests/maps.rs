//! Where things are drawn.

use super::all;
use super::fixture::{Made, full, square};
use crate::frame::Frame;
use crate::{Picture, Report};
use geo::{AffineTransform, Coord, Rect, coord};
use rams_domain::{GapReason, PxBox, RasterSize, Survey};
use scraper::Html;

fn frame() -> Frame {
    Frame::around(
        Rect::new(coord! { x: -10.0, y: 0.0 }, coord! { x: 10.0, y: 10.0 }),
        0.0,
        0.0,
        [100.0, 100.0],
    )
}

#[test]
fn a_frame_fills_its_paper_with_north_up() {
    let frame = frame();
    assert_eq!(frame.size(), [1000.0, 500.0]);
    assert_eq!(frame.at(coord! { x: -10.0, y: 10.0 }), [0.0, 0.0]);
    assert_eq!(frame.at(coord! { x: 0.0, y: 0.0 }), [500.0, 500.0]);
}

#[test]
fn what_is_too_small_to_be_seen_is_drawn_so_that_it_is() {
    let frame = frame();
    // A gap of a millimetre, where a drawing unit is two centimetres.
    assert_eq!(
        frame.polygons(&square(0.0, 5.0, 0.001)),
        "M500.5 250.5L500.5 249.5L499.5 249.5L499.5 250.5Z"
    );
    assert_eq!(frame.polygons(&square(50.0, 50.0, 1.0)), "");
}

/// A report with one picture of 200 x 100 px wherever one is asked for, whose orthomosaic has
/// pixels of a metre and lies as `to_metres` says.
fn page(survey: &Survey, to_metres: AffineTransform) -> Html {
    let report =
        Report { survey, colour: |_| [0; 3], cards: &[], has_full_cards: false, no_pictures: &[] };
    let window = PxBox { x0: 0.0, y0: 0.0, x1: 200.0, y1: 100.0 };
    let picture = || Picture {
        jpeg: vec![1, 2, 3],
        size: RasterSize { width: 200, height: 100 },
        window,
        to_metres,
    };
    let page = Html::parse_document(&report.to_html(&mut |_| vec![picture()]));
    assert!(page.errors.is_empty(), "{:?}", page.errors);
    page
}

/// The corners of the first picture of the overview, drawing units, and the size of the map.
fn drawn(page: &Html) -> ([Coord; 3], [f64; 2]) {
    let numbers = |text: &str| -> Vec<f64> {
        text.split([' ', '(', ')']).filter_map(|it| it.parse().ok()).collect()
    };
    let image = all(page, ".overview svg.map image")[0];
    let matrix = numbers(image.attr("transform").unwrap());
    let size: Vec<f64> =
        ["width", "height"].map(|side| image.attr(side).unwrap().parse().unwrap()).into();
    let at = |x: f64, y: f64| {
        coord! {
            x: matrix[0] * x + matrix[2] * y + matrix[4],
            y: matrix[1] * x + matrix[3] * y + matrix[5],
        }
    };
    let map = numbers(
        all(page, ".overview svg.map")[0]
            .attr("viewbox")
            .or(all(page, ".overview svg.map")[0].attr("viewBox"))
            .unwrap(),
    );
    ([at(0.0, 0.0), at(size[0], 0.0), at(0.0, size[1])], [map[2], map[3]])
}

#[test]
fn pictures_lie_where_their_ground_is() {
    // North-up, origin in the upper left corner of the ground: local metres have theirs in its
    // centre.
    let ([origin, right, down], [width, height]) =
        drawn(&page(&full(), AffineTransform::new(1.0, 0.0, -100.0, 0.0, -1.0, 50.0)));
    let margin = 0.04 / 1.08;
    let near = |found: Coord, x: f64, y: f64| {
        assert!((found.x - x).abs() < 3.0 && (found.y - y).abs() < 3.0, "{found:?} {x} {y}")
    };
    let edge = width * margin;
    near(origin, edge, edge);
    near(right, width - edge, edge);
    near(down, edge, height - edge);
}

#[test]
fn a_picture_that_is_not_north_up_is_turned() {
    // Columns run south, rows run east.
    let ([origin, right, down], _) =
        drawn(&page(&full(), AffineTransform::new(0.0, 1.0, -50.0, -1.0, 0.0, 50.0)));
    assert!((right.x - origin.x).abs() < 1e-6 && right.y > origin.y);
    assert!(down.x > origin.x && (down.y - origin.y).abs() < 1e-6);
}

#[test]
fn the_box_of_a_find_is_drawn_on_its_chip() {
    // 1 cm a pixel: the find of 12 x 6 px at (1000, 5000) px lies at x = 10 m.
    let survey = full();
    let page = page(&survey, AffineTransform::new(0.01, 0.0, -100.0, 0.0, -0.01, 100.0));
    let chip = all(&page, "#A0001 .chip")[0];
    let paths: Vec<_> = chip
        .select(&scraper::Selector::parse("path").unwrap())
        .filter_map(|it| it.attr("d"))
        .collect();
    let corners: Vec<f64> =
        paths[0].split(['M', 'L', 'Z', ' ']).filter_map(|it| it.parse().ok()).collect();
    let (width, height) = (corners[2] - corners[0], corners[5] - corners[3]);
    // 42 mm for 1.2 m: 12 cm are 42 units.
    assert!((width - 42.0).abs() < 0.3 && (height - 21.0).abs() < 0.3, "{width} {height}");
}

#[test]
fn each_gap_is_hatched() {
    let made = Made::new()
        .assessed("m", &["a", "b"], 500.0)
        .gap("m", &["a", "b"], GapReason::Nodata, 200.0)
        .gap("m", &["a"], GapReason::Unreadable, 1e-6)
        .gap("works", &["c"], GapReason::GsdTooCoarse, 700.0);
    let page = page(&made.survey, AffineTransform::identity());
    let maps = all(&page, ".maps figure");
    let hatched: Vec<usize> = maps
        .iter()
        .map(|map| {
            map.select(&scraper::Selector::parse("path[fill^='url(#gap-']").unwrap()).count()
        })
        .collect();
    // c: everything too coarse; b: nodata; a: nodata and unreadable.
    assert_eq!(hatched, [1, 1, 2]);
    let patterns: Vec<_> = all(&page, "pattern").iter().map(|it| it.attr("id").unwrap()).collect();
    assert_eq!(patterns, ["gap-nodata", "gap-unreadable", "gap-gsd_too_coarse"]);
}
