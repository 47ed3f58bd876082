//! Contact sheets, to look at: each kind eight times.

use crate::block::Painter;
use crate::layout::Layout;
use crate::object::{Object, ObjectKind};
use crate::random::Dice;
use crate::region::Region;
use crate::{Arrangement, Ground, GroundKind, SceneSpec};
use geo::coord;
use rams_domain::RasterSize;
use std::io::Write;

/// Paints one sheet: a row for each kind, `side_m` the side of a cell, as `<name>.ppm` in the
/// folder that SHEETS names.
fn sheet(name: &str, kinds: &[ObjectKind], side_m: f64, gsd_m: f64, seed: u64, outlined: bool) {
    let folder = std::env::var("SHEETS").expect("SHEETS names a folder");
    let side_px = (side_m / gsd_m) as u32;
    let size =
        RasterSize { width: side_px * 8 + 2000, height: side_px * kinds.len() as u32 + 2000 };
    let spec = SceneSpec { seed, size, gsd_m, ..SceneSpec::default() };
    let mut painter = Painter::new(&spec).expect("a painter");
    let mut dice = Dice::new(seed, "sheet", 0);
    let mut objects = vec![];
    for (row, kind) in kinds.iter().enumerate() {
        for col in 0..8 {
            let at = coord! { x: (col as f64 + 0.5) * side_m, y: (row as f64 + 0.5) * side_m }
                + coord! { x: 1000.0 * gsd_m, y: 1000.0 * gsd_m };
            objects.push(Object::new(*kind, at, dice.direction(), &mut dice));
        }
    }
    painter.layout = painter.layout.with_objects(objects);
    let region = Region {
        x: 1000,
        y: 1000,
        width: side_px as usize * 8,
        height: side_px as usize * kinds.len(),
    };
    let mut pixels = painter.paint(region);
    if outlined {
        draw_outlines(&painter.layout, gsd_m, region, &mut pixels);
    }
    let bytes: Vec<u8> = pixels.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
    picture(&format!("{folder}/{name}.ppm"), region.width as u32, &bytes);
}

fn draw_outlines(layout: &Layout, gsd_m: f64, region: Region, pixels: &mut [[u8; 4]]) {
    for object in &layout.objects {
        for (index, from) in object.outline.iter().enumerate() {
            let to = object.outline[(index + 1) % object.outline.len()];
            for step in 0..40 {
                let at = object.placed(*from + (to - *from) * (f64::from(step) / 40.0)) / gsd_m;
                let (x, y) = (at.x as i64 - region.x, at.y as i64 - region.y);
                if (0..region.width as i64).contains(&x) && (0..region.height as i64).contains(&y) {
                    pixels[y as usize * region.width + x as usize] = [255, 0, 0, 255];
                }
            }
        }
    }
}

#[test]
#[ignore = "writes contact sheets to look at"]
fn contact_sheets() {
    let ordnance = ObjectKind::ORDNANCE;
    sheet("ordnance_a", &ordnance[..7], 0.28, 0.0025, 11, false);
    sheet("ordnance_b", &ordnance[7..11], 0.48, 0.0025, 12, false);
    sheet("ordnance_c", &ordnance[11..16], 0.36, 0.0025, 13, false);
    sheet("ordnance_d", &ordnance[16..], 0.42, 0.0025, 14, false);
    sheet("pfm_hard", &[ObjectKind::Pfm1; 4], 0.17, 0.0025, 11, false);
    sheet("pfm_soft", &[ObjectKind::Pfm1; 4], 0.17, 0.0025, 16, false);
    sheet("coarse", ordnance, 0.42, 0.004, 19, false);
    sheet("outlines", ordnance, 0.42, 0.004, 15, true);
    sheet("small", &ObjectKind::LOOKALIKES[..6], 0.28, 0.0025, 16, false);
    sheet("lookalikes", &ObjectKind::LOOKALIKES[6..], 0.60, 0.004, 17, false);
}

#[test]
#[ignore = "a measurement: prints seconds"]
fn seconds_for_a_scene_of_4000_px() {
    let size = RasterSize { width: 4000, height: 4000 };
    let started = std::time::Instant::now();
    let painter = Painter::new(&SceneSpec { size, ..SceneSpec::default() }).expect("a painter");
    let ready = started.elapsed();
    for y in (0..4000).step_by(500) {
        painter.paint(Region { x: 0, y, width: 4000, height: 500 });
    }
    let painted = started.elapsed();
    let mut dice = Dice::new(1, "timing", 0);
    for kind in ObjectKind::ORDNANCE {
        let from = std::time::Instant::now();
        let object = Object::new(*kind, coord! { x: 2.0, y: 2.0 }, dice.direction(), &mut dice);
        let made = from.elapsed();
        drop(crate::sprite::Sprite::new(&object, 0.004, &painter.layout.sun));
        println!(
            "{kind:?}: made {made:?}, baked {:?}, visibility {:.2}",
            from.elapsed() - made,
            object.visibility
        );
    }
    println!("plan and textures {ready:?}, painted on one core in {:?}", painted - ready);
}

/// Scenes of earthworks as `e<seed>.ppm`, their surface models as `d<seed>.ppm`: SEEDS, GSD, SIDE
/// (pixels), PHOTO and OUTLINES come from the environment.
#[test]
#[ignore = "writes pictures to look at"]
fn earthworks_to_look_at() {
    let var = |name: &str, otherwise: &str| std::env::var(name).unwrap_or(otherwise.into());
    let (folder, photo) = (var("SHEETS", "/tmp"), var("PHOTO", ""));
    let (gsd_m, side) =
        (var("GSD", "0.05").parse().expect("metres"), var("SIDE", "1000").parse().expect("pixels"));
    for seed in var("SEEDS", "1").split(',').map(|seed| seed.parse().expect("a number")) {
        let ground = match photo.as_str() {
            "" => Ground::Kind(GroundKind::ALL[(seed % 5) as usize]),
            path => Ground::Photo { path: path.into(), gsd_m: Some(gsd_m) },
        };
        let (size, arrangement) =
            (RasterSize { width: side, height: side }, Arrangement::Earthworks);
        let spec = SceneSpec { seed, size, gsd_m, ground, arrangement, ..SceneSpec::default() };
        let painter = Painter::new(&spec).expect("a painter");
        let mut pixels =
            painter.paint(Region { x: 0, y: 0, width: side as usize, height: side as usize });
        let truth = painter.truth(&spec);
        if !var("OUTLINES", "").is_empty() {
            for line in truth.iter().flat_map(|object| object.outline_px.exterior().lines()) {
                let steps = (line.dx().abs().max(line.dy().abs()) * 1.5) as i32 + 1;
                for step in 0..steps {
                    let at = line.start + line.delta() * (f64::from(step) / f64::from(steps));
                    let [x, y] = [at.x, at.y].map(|at| (at as usize).min(side as usize - 1));
                    pixels[y * side as usize + x] = [255, 0, 0, 255];
                }
            }
        }
        let bytes: Vec<u8> = pixels.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
        picture(&format!("{folder}/e{seed}.ppm"), side, &bytes);
        let heights: Vec<f32> =
            crate::dsm::SurfaceModel::new(&spec, &painter).rows().flatten().collect();
        let seen = heights.iter().filter(|height| **height > -9000.0);
        let [low, high] = seen.fold([f32::MAX, f32::MIN], |[low, high], height| {
            [low.min(*height), high.max(*height)]
        });
        let grey = |height: &f32| {
            if *height < -9000.0 {
                [255, 0, 0]
            } else {
                [((height - low) / (high - low) * 255.0) as u8; 3]
            }
        };
        picture(
            &format!("{folder}/d{seed}.ppm"),
            side.div_ceil(2),
            &heights.iter().flat_map(grey).collect::<Vec<u8>>(),
        );
        let classes: std::collections::BTreeSet<&str> =
            truth.iter().map(|object| object.class).collect();
        println!(
            "{seed}: sun {:?} {:.2} {classes:?}",
            painter.layout.sun.place_deg(),
            painter.layout.sun.direct
        );
    }
}

/// Part of the demo about its trench, and about its berm, as `demo_<number>.ppm`.
#[test]
#[ignore = "writes pictures to look at"]
fn demo_to_look_at() {
    let folder = std::env::var("SHEETS").unwrap_or("/tmp".into());
    let painter = Painter::new(&SceneSpec::default()).expect("a painter");
    for (number, (x, y)) in [(1200, 2900), (700, 200)].into_iter().enumerate() {
        let pixels = painter.paint(Region { x, y, width: 1000, height: 1000 });
        let bytes: Vec<u8> = pixels.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
        picture(&format!("{folder}/demo_{number}.ppm"), 1000, &bytes);
    }
}

fn picture(path: &str, width: u32, bytes: &[u8]) {
    let mut file = std::fs::File::create(path).expect("a file");
    writeln!(file, "P6 {width} {} 255", bytes.len() / 3 / width as usize).expect("a header");
    file.write_all(bytes).expect("pixels");
}
