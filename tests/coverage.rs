//! No ground is silently passed over: what was assessed and what was not make up the raster.

use crate::support::{Ortho, Row, model, rows, survey};
use std::fs;

fn of_model<'a>(rows: &'a [Row], model: &str) -> Vec<&'a Row> {
    rows.iter().filter(|row| row.text("model") == model).collect()
}

#[test]
fn assessed_ground_and_gaps_partition_the_raster() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    // A slanted flight edge, and a hole.
    let empty = |x: usize, y: usize| x + 2 * y < 300 || ((500..540).contains(&x) && (200..233).contains(&y));
    Ortho::new(700, 400).without(empty).write(&ortho);
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (assessed, gaps) = (rows(&map, "assessed"), rows(&map, "gaps"));
    let (assessed, gaps) = (of_model(&assessed, "red-boxes"), of_model(&gaps, "red-boxes"));
    let whole_m2 = 7.0 * 4.0;
    let sum: f64 = assessed.iter().chain(&gaps).map(|row| row.area()).sum();
    assert!((sum - whole_m2).abs() < 1e-6, "{sum}");
    for y in (0..400).step_by(3) {
        for x in (0..700).step_by(3) {
            let (east, north) = (500_000.0 + (x as f64 + 0.5) * 0.01, 1_000.0 - (y as f64 + 0.5) * 0.01);
            let seen = assessed.iter().any(|row| row.covers(east, north));
            let gap = gaps.iter().any(|row| row.covers(east, north));
            assert!(seen != gap, "{x}, {y} is in {} layers", u8::from(seen) + u8::from(gap));
            assert!(!(seen && empty(x, y)), "{x}, {y} has no image and counts as assessed");
        }
    }
    // The border costs less than a cell's width on the inside of the flight's edge.
    let empty_m2 = (0..700 * 400).filter(|at| empty(at % 700, at / 700)).count() as f64 * 1e-4;
    let gap_m2: f64 = gaps.iter().map(|row| row.area()).sum();
    assert!(gap_m2 < empty_m2 + 0.16 * 4.0 + 4.0 * 0.16 * 0.5, "{gap_m2} of {empty_m2}");
    assert!(gaps.iter().all(|row| row.text("reason") == "nodata"));
}

#[test]
fn pixels_too_coarse_for_a_class_are_a_gap_and_an_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("coarse.tif");
    let mut ortho = Ortho::new(300, 200).fill((50, 200), (50, 100), [255, 0, 0]);
    ortho.geotransform[1] = 0.03;
    ortho.geotransform[5] = -0.03;
    ortho.write(&path);
    let (ran, map) = survey(&path, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("NOT assessed") && ran.stdout.contains("gsd too coarse"), "{}", ran.stdout);
    assert!(rows(&map, "assessed").is_empty() && rows(&map, "features").is_empty());
    let gaps = rows(&map, "gaps");
    let gap = gaps.iter().find(|row| row.text("reason") == "gsd_too_coarse").unwrap();
    assert_eq!(
        (gap.text("classes"), gap.text("detail")),
        ("red-square", "pixels of 0.0300 m: red-square needs 0.0200 m")
    );
    assert!((gap.area() - 300.0 * 200.0 * 9e-4).abs() < 1e-6);
}

#[test]
fn what_no_model_looks_for_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(200, 200).write(&ortho);
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("nothing found; this does not mean that there is nothing"));
    let gaps = rows(&map, "gaps");
    let gap = gaps.iter().find(|row| row.text("reason") == "no_model").unwrap();
    let classes: Vec<_> = gap.text("classes").split(',').collect();
    // The model knows red squares among the surface mines, and no other kind of them.
    assert!(classes.contains(&"submunition") && classes.contains(&"mine_surface other than red-square"), "{classes:?}");
}

#[test]
fn unreadable_ground_is_a_gap_and_the_rest_is_surveyed() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(400, 400).square(40, 40).write(&ortho);
    let bytes = fs::read(&ortho).unwrap();
    fs::write(&ortho, &bytes[..bytes.len() * 7 / 10]).unwrap();
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert_eq!(rows(&map, "features").len(), 1);
    let gaps = rows(&map, "gaps");
    let unreadable: f64 = gaps.iter().filter(|row| row.text("reason") == "unreadable").map(|row| row.area()).sum();
    let assessed: f64 = rows(&map, "assessed").iter().map(|row| row.area()).sum();
    assert!(unreadable > 1.0 && (unreadable + assessed - 16.0).abs() < 1e-6, "{unreadable} and {assessed}");
}

#[test]
fn a_model_that_fails_leaves_a_gap() {
    // A deviation so small that every normalised pixel is infinite: what the model says of it is
    // not a number.
    let folder = tempfile::tempdir().unwrap();
    let (ortho, broken) = (folder.path().join("ortho.tif"), folder.path().join("broken"));
    Ortho::new(200, 200).square(50, 50).write(&ortho);
    fs::create_dir(&broken).unwrap();
    let text = fs::read_to_string(model("red-mask").join("model.toml")).unwrap();
    fs::write(broken.join("model.toml"), text.replace("std = [1.0, 1.0, 1.0]", "std = [1e-40, 1e-40, 1e-40]")).unwrap();
    fs::copy(model("red-mask").join("red-mask.onnx"), broken.join("red-mask.onnx")).unwrap();
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &[broken.to_str().unwrap()], &[]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let gaps = rows(&map, "gaps");
    let gap = gaps.iter().find(|row| row.text("reason") == "model_failed").unwrap();
    assert!((gap.area() - 4.0).abs() < 1e-6 && gap.text("detail").contains("not finite"), "{}", gap.text("detail"));
    assert!(rows(&map, "assessed").is_empty() && rows(&map, "features").is_empty());
}
