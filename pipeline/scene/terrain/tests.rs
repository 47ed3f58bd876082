use super::{Grid, Lattice, Terrain, Walk};
use crate::angle::{dot, length, sin_cos};
use crate::camera::Mosaic;
use crate::classes::EARTHWORKS;
use crate::layout::Layout;
use crate::random::Dice;
use crate::truth::truth;
use crate::{Arrangement, SceneSpec, TrueObject};
use geo::{BoundingRect, Contains, Coord, Point, Validation, coord};
use rams_domain::RasterSize;

/// 60 x 60 m at 10 cm.
fn country(seed: u64) -> SceneSpec {
    let size = RasterSize { width: 600, height: 600 };
    SceneSpec {
        seed,
        size,
        gsd_m: 0.1,
        arrangement: Arrangement::Earthworks,
        ..SceneSpec::default()
    }
}

fn laid(spec: &SceneSpec) -> (Layout, Vec<TrueObject>) {
    let mosaic = Mosaic::new(spec);
    let layout = Layout::new(spec, &mosaic);
    let truth = truth(spec, &layout, &mosaic);
    (layout, truth)
}

/// Nodes every 20 cm over the scene.
fn nodes(spec: &SceneSpec) -> Grid {
    Grid { col: 0, row: 0, cols: 300, rows: 300, step_m: spec.extent_m()[0] / 300.0, shift: 0.5 }
}

#[test]
fn sines_are_sines() {
    for degrees in [-90.0, -33.0, 0.0, 12.5, 45.0, 90.0, 180.0, 300.0, 360.0f64] {
        let (sin, cos) = sin_cos(degrees);
        let (want_sin, want_cos) = degrees.to_radians().sin_cos();
        assert!(
            (sin - want_sin).abs() < 1e-6 && (cos - want_cos).abs() < 1e-6,
            "{degrees}: {sin}, {cos}"
        );
    }
}

#[test]
fn trenches_turn_as_those_that_were_measured() {
    let mut dice = Dice::new(1, "test", 0);
    let (mut steps, mut turns) = (vec![], vec![]);
    for _ in 0..200 {
        let line =
            Walk::FIRE_TRENCH.line(coord! { x: 0.0, y: 0.0 }, dice.direction(), 300.0, &mut dice);
        for three in line.windows(3) {
            let (one, two) = (three[1] - three[0], three[2] - three[1]);
            steps.push(length(one));
            turns.push((dot(one, two) / length(one) / length(two)).acos().to_degrees());
        }
    }
    let quartiles = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        [1, 2, 3].map(|quarter| values[values.len() * quarter / 4])
    };
    let near = |got: [f64; 3], want: [f64; 3], apart: f64| {
        got.iter().zip(want).all(|(got, want)| (got - want).abs() < apart)
    };
    assert!(near(quartiles(&mut steps), [6.4, 9.8, 15.7], 0.8), "{:?}", quartiles(&mut steps));
    assert!(near(quartiles(&mut turns), [25.0, 38.0, 56.0], 7.0), "{:?}", quartiles(&mut turns));
}

#[test]
fn outlines_hold_what_was_dug_and_little_else() {
    let (mut inside, mut disturbed) = (0, 0);
    for seed in 0..12 {
        let spec = country(seed);
        let (layout, truth) = laid(&spec);
        let dug = layout.terrain.works.iter().filter(|work| work.truth.is_some() || !work.lies);
        // The floors of revetments have no outline of their own; walls and bales are none of this.
        let dug = dug
            .filter(|work| work.truth.is_some() || work.profile.cut.depth_m > 0.0)
            .cloned()
            .collect();
        let terrain = Terrain::new(seed, 0.0, dug);
        let grid = nodes(&spec);
        let lattice = Lattice::new(&terrain, grid, &layout.sun);
        let bounds: Vec<_> =
            truth.iter().map(|object| object.outline_px.bounding_rect().expect("bounds")).collect();
        let footprint = layout.footprint.outline();
        for (col, row) in (0..grid.rows).flat_map(|row| (0..grid.cols).map(move |col| (col, row))) {
            let at = grid.place(col, row);
            if !footprint.contains(&at) {
                continue;
            }
            let px = spec.scene_to_px(at);
            let holds = |at: Coord| {
                truth
                    .iter()
                    .zip(&bounds)
                    .any(|(o, b)| b.contains(&at) && o.outline_px.contains(&at))
            };
            let height_m = lattice.height_m(col, row).abs();
            if holds(px) {
                inside += 1;
                disturbed += usize::from(height_m > 0.03 || lattice.coat(col, row).share > 0.1);
            } else {
                let near = [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]];
                let is_edge = near.iter().any(|[x, y]| holds(px + coord! { x: *x, y: *y } * 2.0));
                assert!(
                    height_m < 0.15 || is_edge,
                    "seed {seed}: {height_m} m at {at:?} and no outline"
                );
            }
        }
    }
    let share = f64::from(disturbed as u32) / f64::from(inside as u32);
    assert!(inside > 20_000 && share > 0.7, "{share} of {inside} nodes in outlines are disturbed");
}

#[test]
fn truth_is_whole_valid_and_inside_the_raster() {
    let mut classes = std::collections::BTreeSet::new();
    let mut cut = 0;
    for seed in 0..40 {
        let spec = country(seed);
        let (layout, truth) = laid(&spec);
        for object in truth {
            classes.insert(object.class);
            assert!(object.outline_px.is_valid(), "{} of seed {seed}", object.class);
            let px = object.px;
            let edge = 600.0 + 1e-6;
            assert!(
                px.x0 > -1e-6 && px.y0 > -1e-6 && px.x1 < edge && px.y1 < edge,
                "{} at {px:?}",
                object.class
            );
            let is_line =
                ["trench_fire", "trench_comm", "at_ditch", "berm"].contains(&object.class);
            assert!(is_line || object.centrelines.is_empty());
            assert!(
                !is_line || object.width_m > 1.0 && object.width_m < 14.0,
                "{}: {}",
                object.class,
                object.width_m
            );
            // A line is drawn through its outline's middle: area is about length times width.
            if is_line && object.length_m > 30.0 {
                let area_m2 = geo::Area::unsigned_area(&object.outline);
                let ratio = area_m2 / (object.length_m * object.width_m);
                assert!((0.6..1.3).contains(&ratio), "{} of seed {seed}: {ratio}", object.class);
            }
        }
        cut += layout
            .terrain
            .works
            .iter()
            .filter(|work| {
                let bounds = work.truth.as_ref().and_then(|truth| truth.outline.bounding_rect());
                bounds.is_some_and(|bounds| {
                    !bounds.contains(&Point::new(30.0, 30.0)) && bounds.max().x > 60.0
                })
            })
            .count();
    }
    let want: std::collections::BTreeSet<_> = EARTHWORKS.iter().map(|(class, _)| *class).collect();
    assert_eq!(classes, want);
    assert!(cut > 5, "no work leaves the raster");
}

#[test]
fn a_quarter_of_the_scenes_hold_look_alikes_alone() {
    let mut alone = 0;
    for seed in 0..120 {
        let (layout, truth) = laid(&country(seed));
        assert!(!layout.terrain.works.is_empty(), "seed {seed} is bare");
        assert!(layout.objects.is_empty());
        alone += usize::from(layout.terrain.works.iter().all(|work| work.truth.is_none()));
        assert_eq!(
            truth.is_empty(),
            layout.terrain.works.iter().all(|work| work.truth.is_none()),
            "seed {seed}"
        );
    }
    assert!((15..=45).contains(&alone), "{alone} of 120 scenes hold look-alikes alone");
}
