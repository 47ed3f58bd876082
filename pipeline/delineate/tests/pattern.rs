//! Mine rows, fronts and strikes by the baseline profile.

use super::{assert_near, drawn_by, feature, ground, ids, mine, trench};
use crate::Doctrine;
use geo::{Area, BoundingRect, Contains, Point};
use rams_domain::{AreaKind, EoCategory, Feature, HazardArea, Indicator, Threat};
use std::f64::consts::PI;

fn baseline(features: &[Feature]) -> Vec<HazardArea> {
    drawn_by(features, &super::alone(), &ground())
}

fn with(mut feature: Feature, confidence: f32) -> Feature {
    feature.confidence = confidence;
    feature
}

/// A row of 30 m, a mine every 3 m, turned by 30 degrees, a little beside the line.
fn row(first_id: u32, from: (f64, f64), confidence: f32) -> Vec<Feature> {
    let (sin, cos) = 30f64.to_radians().sin_cos();
    let place = |i: u32| {
        let (along, off) = (3.0 * f64::from(i), 0.2 * f64::from(i % 3) - 0.2);
        (from.0 + along * cos - off * sin, from.1 + along * sin + off * cos)
    };
    (0..11).map(|i| with(mine(first_id + i, place(i).0, place(i).1), confidence)).collect()
}

#[test]
fn a_row_holds_its_faint_mines_and_reaches_beyond_its_ends() {
    let mut mines = row(1, (0.0, 0.0), 0.8);
    // Too faint for an area of their own, but in a row.
    for i in [2, 5, 6] {
        mines[i].confidence = 0.05;
    }
    let areas = baseline(&mines);
    assert_eq!((areas.len(), areas[0].rows, ids(&areas[0]).len()), (1, 1, 11));
    // One spacing more at either end than the mines alone.
    assert_near(areas[0].area_m2, 36.0 * 10.0 + PI * 25.0, 0.03);
    assert!(
        areas[0].rationale.starts_with("A row of round AP mines (11 seen, about 3 m apart) was "),
        "{}",
        areas[0].rationale
    );
    assert_eq!(areas[0].threat, Threat::High);
}

#[test]
fn two_rows_are_a_belt_and_scattered_mines_are_none() {
    let belt: Vec<Feature> =
        row(1, (0.0, 0.0), 0.8).into_iter().chain(row(20, (-2.5, 4.33), 0.8)).collect();
    let areas = baseline(&belt);
    assert_eq!((areas.len(), areas[0].rows), (1, 2));
    assert!(
        areas[0].rationale.starts_with("Two rows of round AP mines (22 seen, about 3 m apart) "),
        "{}",
        areas[0].rationale
    );
    // Two rows 5 m apart and 36 m long, 5 m around.
    assert_near(areas[0].area_m2, 36.0 * 15.0 + 10.0 * 5.0 + PI * 25.0, 0.05);

    // As many, none on a line with more than one other.
    let spiral = |i: u32| (2.0 + 1.3 * f64::from(i), 2.39996 * f64::from(i));
    let scattered = (0..22)
        .map(|i| mine(i + 1, spiral(i).0 * spiral(i).1.cos(), spiral(i).0 * spiral(i).1.sin()));
    let areas = baseline(&scattered.collect::<Vec<_>>());
    assert!(areas.iter().all(|area| area.rows == 0), "{}", areas[0].rationale);
}

#[test]
fn a_line_through_a_crowd_is_no_row() {
    // 400 mines at random on 60 x 60 m: hundreds of lines pass through ten of them.
    let mut state = 7u64;
    let mut random = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64 * 60.0
    };
    let crowd: Vec<Feature> = (0..400).map(|i| mine(i + 1, random(), random())).collect();
    let rows: u32 = baseline(&crowd).iter().map(|area| area.rows).sum();
    assert!(rows <= 2, "{rows}");
}

#[test]
fn a_line_of_faint_signs_is_no_row() {
    let areas = baseline(&row(1, (0.0, 0.0), 0.29));
    assert!(areas.iter().all(|area| area.rows == 0));
}

#[test]
fn weak_signs_tie_no_fields_together() {
    // Two strong mines 40 m apart and a weak sign every 4 m between them.
    let strong = [mine(1, 0.0, 0.0), mine(2, 40.0, 0.0)];
    let weak = (1..10)
        .map(|i| with(mine(10 + i, 4.0 * f64::from(i), if i % 2 == 0 { 1.5 } else { -1.5 }), 0.2));
    let areas = baseline(&strong.into_iter().chain(weak).collect::<Vec<_>>());
    let strong: Vec<_> =
        areas.iter().map(ids).filter(|ids| ids.contains(&1) || ids.contains(&2)).collect();
    assert_eq!(strong.len(), 2, "{strong:?}");
    // Those within touch of a strong one join it, the others are an area of their own.
    assert_eq!(areas.iter().map(|area| area.features.len()).sum::<usize>(), 11);
    assert!(areas.len() > 2);
    let all: f64 = areas.iter().map(|area| area.boundary.unsigned_area()).sum();
    let union = geo::unary_union(areas.iter().map(|area| &area.boundary)).unsigned_area();
    assert_near(all, union, 1e-6);
    // Fainter ones draw nothing and are in nothing.
    assert!(baseline(&[with(mine(1, 0.0, 0.0), 0.1)]).is_empty());
    let beside =
        baseline(&[mine(1, 0.0, 0.0), with(mine(2, 3.0, 0.0), 0.1), with(mine(3, 20.0, 0.0), 0.1)]);
    assert_eq!(beside.iter().map(ids).collect::<Vec<_>>(), [[1, 2]]);
}

#[test]
fn a_small_spot_is_widened_to_the_least_area() {
    let text = include_str!("../../../datasets/doctrine/baseline.toml")
        .replace("min_area_m2 = 20.0", "min_area_m2 = 200.0");
    let doctrine = Doctrine::parse(&text, "wide.toml").expect("valid");
    let areas = drawn_by(&[mine(1, 0.0, 0.0)], &doctrine, &ground());
    assert_near(areas[0].area_m2, 200.0, 0.01);
}

#[test]
fn mines_in_rows_on_one_side_tell_the_front() {
    let line = || trench(100, vec![(0.0, 0.0), (100.0, 0.0)]);
    let unknown = baseline(&[line()]);
    assert!(unknown[0].front_unknown && unknown[0].front_deg.is_none());

    let north: Vec<Feature> = (0..18).map(|i| mine(i + 1, 5.0 * f64::from(i), 60.0)).collect();
    let areas = baseline(&[vec![line()], north.clone()].concat());
    let works =
        areas.iter().find(|area| area.eo_category == EoCategory::Unknown).expect("of the trench");
    assert!(!works.front_unknown);
    assert_near(works.front_deg.expect("known") + 1.0, 1.0, 1e-6);
    let field =
        areas.iter().find(|area| area.eo_category == EoCategory::ApMine).expect("of the mines");
    assert!(
        field.rationale.contains(" runs 60 m in front of a fire trench."),
        "{}",
        field.rationale
    );

    // As many on the other side: nobody knows.
    let south = (0..18).map(|i| mine(i + 50, 5.0 * f64::from(i), -60.0));
    let areas = baseline(&[line()].into_iter().chain(north).chain(south).collect::<Vec<_>>());
    assert!(areas.iter().any(|area| area.front_unknown));
}

#[test]
fn a_strike_is_an_ellipse_around_its_points_and_no_perimeter() {
    let cmr = |id: u32, x: f64, y: f64| {
        feature(id, EoCategory::Cmr, Indicator::Submunition, "9n235", Point::new(x, y).into())
    };
    // A scatter of 40 x 10 m standard deviations, by hand: its ellipse has half axes of 2.45 times
    // that.
    let corners = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
    let strike: Vec<Feature> = (0..20)
        .map(|i| {
            let (u, v) = corners[i as usize % 4];
            cmr(i + 1, 40.0 * u, 10.0 * v)
        })
        .collect();
    let areas = baseline(&strike);
    assert_eq!(
        (areas.len(), areas[0].kind, areas[0].fade_out_m),
        (1, AreaKind::Indicative, Some(50.0))
    );
    let bounds = areas[0].boundary.bounding_rect().expect("an area");
    assert_near(bounds.width() / 2.0, 97.9, 0.01);
    assert_near(bounds.height() / 2.0, 24.5, 0.02);
    assert!(strike.iter().all(|f| areas[0].boundary.contains(&f.geometry)));
    assert_near(baseline(&[cmr(1, 0.0, 0.0)])[0].area_m2, PI * 100.0, 0.03);
}

#[test]
fn finds_are_believed_as_far_as_those_around_them() {
    // Weights that take the strongest find as it is.
    let text = super::weighing("intercept = 0.0\nsum = 0.0\nstrongest = 1.0\nrow = 0.0");
    let of = |models: &str| {
        let text = text.replacen("models = [\"surface-ordnance\"]", models, 1);
        Doctrine::parse(&text, "strongest.toml").expect("valid")
    };
    let strongest_by = |doctrine: &Doctrine, features: &[Feature]| -> f64 {
        let areas = drawn_by(features, doctrine, &ground());
        areas.iter().map(|area| f64::from(area.confidence)).fold(0.0, f64::max)
    };
    let (weighed, not_named) = (of("models = [\"toy\"]"), of("models = []"));
    let strongest = |features: &[Feature]| strongest_by(&weighed, features);
    // Alone it is about what its model says.
    assert!((strongest(&[with(mine(1, 0.0, 0.0), 0.99)]) - 0.99).abs() < 0.011);
    // Among a thousand middling ones it is one of them.
    let litter = |from: u32| {
        (0..1000u32).map(move |i| {
            with(mine(from + i, f64::from(i * 37 % 200), f64::from(i * 61 % 130)), 0.5)
        })
    };
    let among: Vec<Feature> = litter(2).chain([mine(1, 50.0, 50.0)]).collect();
    assert!(strongest(&among) < 0.5, "{}", strongest(&among));
    // Of a model whose fitted share is not known it stays what its model says.
    assert!((strongest_by(&not_named, &among) - 0.8).abs() < 0.011);
    // Twenty good ones beside each other stay, litter around them or not.
    let field = (0..20).map(|i| {
        with(
            mine(5000 + i, -60.0 + 3.0 * f64::from(i % 10), -60.0 + 5.0 * f64::from(i / 10)),
            0.9995,
        )
    });
    let beside = strongest(&litter(2).chain(field).collect::<Vec<_>>());
    assert!(beside > 0.9, "{beside}");
}

#[test]
fn mines_without_a_spacing_and_scatterable_ones_are_no_row() {
    // On one line, as dense in the mean as the row of every 3 m, at distances by chance.
    let mut at = 0.0;
    let gaps = [0.9, 5.8, 1.1, 4.4, 0.9, 5.6, 2.9, 1.0, 5.9, 1.2];
    let line = std::iter::once(0.0).chain(gaps.into_iter().map(|gap| {
        at += gap;
        at
    }));
    let line: Vec<Feature> = (1..).zip(line).map(|(id, x)| mine(id, x, 0.0)).collect();
    assert!(baseline(&line).iter().all(|area| area.rows == 0));
    // The same spaced, and one of three not found.
    let holed: Vec<Feature> =
        row(1, (0.0, 0.0), 0.8).into_iter().filter(|mine| mine.id.0 % 3 != 0).collect();
    assert_eq!(baseline(&holed)[0].rows, 1);

    let scattered = |class: &str| -> Vec<Feature> {
        let of_class = |feature| Feature { class: class.into(), ..feature };
        row(1, (0.0, 0.0), 0.8).into_iter().map(of_class).collect()
    };
    assert_eq!(baseline(&scattered("pfm-1"))[0].rows, 0);
    assert_eq!(baseline(&scattered("pmn-2"))[0].rows, 1);
    // Nor parts of what carried mines.
    let casings: Vec<Feature> = row(1, (0.0, 0.0), 0.8)
        .into_iter()
        .map(|feature| Feature { indicator: Indicator::CmCarrier, ..feature })
        .collect();
    assert!(baseline(&casings).iter().all(|area| area.rows == 0));
}
