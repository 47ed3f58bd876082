//! The result does not depend on timing, nor does a point on the map depend on the file's shape.

use crate::{
    golden::describe,
    support::{Ortho, rows, survey},
};

pub(crate) fn field(size: (usize, usize)) -> Ortho {
    let spots = (0..60).map(|i| ((i * 97) % (size.0 as i64 - 12), (i * 61) % (size.1 as i64 - 12)));
    let field = spots.fold(Ortho::new(size.0, size.1), |ortho, (x, y)| ortho.square(x, y));
    field.fill((100, 900), (301, 307), [255, 0, 0]).fill((400, 410), (20, 600), [0, 0, 255])
}

#[test]
fn any_number_of_threads_gives_the_same_map() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    field((1000, 640)).write(&ortho);
    let map = |threads: &str| {
        let out = folder.path().join(threads);
        let (ran, map) = survey(&ortho, &out, &["red-boxes", "red-mask"], &["--threads", threads]);
        // 3, since a red bar fills the list of the model that knows squares: that too is the same.
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        describe(&map)
    };
    let one = map("1");
    assert!(one.lines().count() > 100);
    assert_eq!(one, map("2"));
    assert_eq!(one, map("9"));
}

#[test]
fn a_rotated_orthomosaic_gives_the_same_places() {
    let folder = tempfile::tempdir().unwrap();
    let (angle_sin, angle_cos) = 30f64.to_radians().sin_cos();
    let mut ortho = Ortho::new(300, 200).square(40, 30).square(200, 150);
    ortho.geotransform = [
        500_000.0,
        0.01 * angle_cos,
        0.01 * angle_sin,
        1_000.0,
        0.01 * angle_sin,
        -0.01 * angle_cos,
    ];
    let path = folder.path().join("rotated.tif");
    ortho.write(&path);
    let (ran, map) = survey(&path, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let found = rows(&map, "features");
    assert_eq!(found.len(), 2);
    for (row, (x, y)) in found.iter().zip([(45.5, 35.5), (205.5, 155.5)]) {
        let g = ortho.geotransform;
        let (east, north) = (g[0] + x * g[1] + y * g[2], g[3] + x * g[4] + y * g[5]);
        let point = row.geometry.as_ref().unwrap().get_point(0);
        assert!(
            (point.0 - east).abs() < 1e-6 && (point.1 - north).abs() < 1e-6,
            "{point:?} is not {east}, {north}"
        );
    }
}

#[test]
fn degrees_and_feet_give_the_same_sizes_as_metres() {
    let folder = tempfile::tempdir().unwrap();
    // Pixels of 1 cm at 0 N 15 E in degrees, and on Long Island in US survey feet.
    let (east, north) = (0.01 / 111_319.491, 0.01 / 110_574.276);
    let cases = [
        ("metres", 32633, [500_000.0, 0.01 * 0.9996, 0.0, 0.0, 0.0, -0.01 * 0.9996]),
        ("degrees", 4326, [15.0, east, 0.0, 0.0, 0.0, -north]),
        ("feet", 2263, [1_000_000.0, 0.032_808_333, 0.0, 200_000.0, 0.0, -0.032_808_333]),
    ];
    let mut areas = vec![];
    for (name, epsg, geotransform) in cases {
        let mut ortho =
            Ortho::new(300, 200).square(40, 30).fill((60, 260), (100, 130), [255, 0, 0]);
        (ortho.epsg, ortho.geotransform) = (epsg, geotransform);
        let path = folder.path().join(format!("{name}.tif"));
        ortho.write(&path);
        let (ran, map) = survey(&path, &folder.path().join(name), &["red-mask"], &[]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        let bar =
            rows(&map, "features").into_iter().find(|row| row.number("area_m2") > 0.1).unwrap();
        assert!(
            (bar.number("area_m2") / 0.6 - 1.0).abs() < 0.002,
            "{name}: {}",
            bar.number("area_m2")
        );
        assert!(
            (bar.number("length_m") / 2.0 - 1.0).abs() < 0.01,
            "{name}: {}",
            bar.number("length_m")
        );
        areas.push(rows(&map, "hazard_areas").iter().map(|row| row.number("area_m2")).sum::<f64>());
    }
    assert!(areas.iter().all(|area| (area / areas[0] - 1.0).abs() < 0.005), "{areas:?}");
}
