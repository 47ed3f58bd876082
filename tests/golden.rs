//! The whole way with models whose answers are known: every object where it was painted, once.

use crate::support::{Ortho, Row, rows, survey};
use std::{fmt::Write, fs, path::Path};

/// Where the squares lie (upper left corner, pixels) in an orthomosaic of 400 x 300 px. Tiles own
/// cores of 128 px.
const SQUARES: [(i64, i64); 8] = [
    (40, 40),   // inside a core
    (122, 60),  // centre at 127.5 + .5, on the seam between two cores
    (117, 90),  // across the seam, centre left of it
    (250, 250), // across the corner of four cores
    (0, 200),   // at the raster's left border
    (389, 289), // in its lower right corner
    (300, 100), // a neighbour ...
    (312, 100), // ... 1 px apart: two mines, not one
];

#[test]
fn every_square_is_found_once_and_where_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    let empty = |x: usize, y: usize| x >= 340 && y < 60;
    let painted = SQUARES.iter().fold(Ortho::new(400, 300), |ortho, (x, y)| ortho.square(*x, *y));
    // One more where there is no image: its pixels are there, but alpha says they mean nothing.
    painted.square(370, 20).without(empty).write(&ortho);

    let (ran, map) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut features = rows(&map, "features");
    assert_eq!(features.len(), SQUARES.len());
    for (x, y) in SQUARES {
        let is_it = |row: &Row| (row.number("px_x0"), row.number("px_y0")) == (x as f64, y as f64);
        let at =
            features.iter().position(is_it).unwrap_or_else(|| panic!("no feature at {x}, {y}"));
        let row = features.remove(at);
        assert_eq!((row.number("px_x1"), row.number("px_y1")), (x as f64 + 11.0, y as f64 + 11.0));
        let (east, north, _) = row.geometry.as_ref().unwrap().get_point(0);
        let (expected_east, expected_north) =
            (500_000.0 + (x as f64 + 5.5) * 0.01, 1_000.0 - (y as f64 + 5.5) * 0.01);
        assert!((east - expected_east).abs() < 1e-6 && (north - expected_north).abs() < 1e-6);
    }
    compare("squares.txt", &describe(&map));
}

#[test]
fn masks_cross_seams_as_one_polygon() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    // A ring across four cores, a bar along a seam, a bar through three cores, and a blue patch on
    // the ring's inside that must not join it.
    let red = [255, 0, 0];
    let ring =
        Ortho::new(400, 300).fill((90, 170), (90, 170), red).fill((110, 150), (110, 150), [100; 3]);
    let bars = ring.fill((20, 380), (200, 212), red).fill((250, 256), (20, 120), red);
    bars.fill((120, 140), (120, 140), [0, 0, 255]).write(&ortho);

    let (ran, map) = survey(&ortho, &folder.path().join("out"), &["red-mask"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let features = rows(&map, "features");
    let area_cm2 = |row: &Row| (row.area() * 1e4).round();
    let mut areas: Vec<_> =
        features.iter().map(|row| (row.text("class").to_owned(), area_cm2(row))).collect();
    areas.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let expected = [("blue", 400.0), ("red", 600.0), ("red", 4320.0), ("red", 4800.0)];
    assert_eq!(areas, expected.map(|(class, area)| (class.to_owned(), area)));
    assert!(features.iter().all(|row| row.geometry.as_ref().unwrap().is_valid()));
    compare("masks.txt", &describe(&map));
}

/// All that a survey says, but for the run's record, as text.
pub(crate) fn describe(map: &Path) -> String {
    let mut text = String::new();
    let layers = ["hazard_areas", "indication_belts", "features", "assessed", "gaps", "detections"];
    for layer in layers {
        writeln!(text, "{layer}").unwrap();
        for row in rows(map, layer) {
            for (name, value) in &row.fields {
                let number = value.parse::<f64>().ok().filter(|_| value.contains('.'));
                let value = number.map_or(value.clone(), |number| format!("{number:.4}"));
                write!(text, "  {name}={value}").unwrap();
            }
            if let Some(geometry) = &row.geometry {
                let bounds = geometry.envelope();
                write!(
                    text,
                    "  {} {:.3} {:.3} {:.3} {:.3}",
                    geometry.geometry_name(),
                    bounds.MinX,
                    bounds.MinY,
                    bounds.MaxX,
                    bounds.MaxY
                )
                .unwrap();
            }
            writeln!(text).unwrap();
        }
    }
    text
}

/// Compares with a golden file. `UPDATE_GOLDEN=1` writes it instead; a missing one fails.
fn compare(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, found).unwrap();
    }
    let expected =
        fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
    for (line, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "{name}, line {}", line + 1);
    }
    assert_eq!(found.lines().count(), expected.lines().count(), "{name}");
}
