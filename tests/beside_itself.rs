//! A model that finds something everywhere.

use crate::support::{Ortho, rams, rows, survey};
use std::{collections::BTreeSet, fs};

/// Red squares all over 6 x 5 m, 26 px apart: 437, and no more in a tile than the model has room
/// for.
fn crowd() -> Ortho {
    let squares = (0..19).flat_map(|row| (0..23).map(move |col| (8 + 26 * col, 8 + 26 * row)));
    squares.fold(Ortho::new(600, 500), |ortho, (x, y)| ortho.square(x, y))
}

#[test]
fn it_is_said_wherever_the_map_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, out) = (folder.path().join("gravel.tif"), folder.path().join("out"));
    crowd().write(&ortho);
    let (ran, map) = survey(&ortho, &out, &["red-boxes"], &["--json"]);
    let notice =
        "MODEL red-boxes IS BESIDE ITSELF ON gravel: 437 finds of AP_MINE (red-square) on 30 m²,";
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains(notice), "{}", ran.stderr);
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let crowd = &summary["beside_itself"][0];
    assert_eq!((&crowd["model"], &crowd["orthomosaic"]), (&"red-boxes".into(), &"gravel".into()));
    assert_eq!((&crowd["finds"], &crowd["eo_category"]), (&437.into(), &"AP_MINE".into()));
    assert!((crowd["per_hectare"].as_f64().unwrap() - 437.0 / 30.0 * 1e4).abs() < 300.0, "{crowd}");

    // Nothing is dropped: each find is on the map, and in an area or counted as too weak for one.
    let features = rows(&map, "features");
    assert_eq!(features.len(), 437);
    let held: BTreeSet<String> = rows(&map, "hazard_areas")
        .iter()
        .flat_map(|area| area.text("features").split(',').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let weak = summary["features_in_no_area"].as_u64().unwrap();
    assert_eq!(held.len() as u64 + weak, 437);

    let recorded =
        rows(&map, "run").into_iter().find(|row| row.text("section") == "beside itself").unwrap();
    assert!(recorded.text("value").starts_with(notice));
    let dir = out.to_str().unwrap();
    assert_eq!(rams(&["report", dir]).code, 0);
    assert!(fs::read_to_string(out.join("report.html")).unwrap().contains(notice));
    let to = folder.path().join("survey.geojson");
    let exported = rams(&["export", dir, "--format", "geojson", "-o", to.to_str().unwrap()]);
    assert!(exported.stderr.contains(notice), "{}", exported.stderr);
}

#[test]
fn people_read_it_in_the_summary_and_ordinary_ground_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("gravel.tif");
    crowd().write(&ortho);
    let (ran, _) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &[]);
    assert!(ran.stdout.contains("NOT ASSESSED for AP_MINE"), "{}", ran.stdout);

    let ortho = folder.path().join("field.tif");
    [(40, 40), (300, 60), (200, 300)]
        .iter()
        .fold(Ortho::new(500, 400), |ortho, (x, y)| ortho.square(*x, *y))
        .write(&ortho);
    let (ran, map) = survey(&ortho, &folder.path().join("field"), &["red-boxes"], &["--json"]);
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(summary["beside_itself"].as_array().unwrap().len(), 0);
    assert!(!ran.stderr.contains("BESIDE"), "{}", ran.stderr);
    assert!(rows(&map, "run").iter().all(|row| row.text("section") != "beside itself"));
}
