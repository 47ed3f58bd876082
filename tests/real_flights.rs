//! The shipped model on a real flight that its weights never saw, the whole way; the model's card
//! has the figures.

use crate::support::{Row, rams, rows};
use std::{
    io::{Write, stderr},
    path::{Path, PathBuf},
};

const FLIGHT: &str = "Phan4_200316_F03";

/// Flights over scattered mines on which areas once claimed rows.
const SCATTERED: [&str; 3] = ["M600_191105_F01", "M600_191105_F02", "Phan4_210414_F15"];

/// Annotated flights: the folder that `RAMS_FLIGHTS` names, else one beside the project.
fn flights() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/pfm1");
    let folder = std::env::var_os("RAMS_FLIGHTS").map_or(beside, PathBuf::from);
    folder.join(format!("{FLIGHT}.tif")).exists().then_some(folder)
}

#[test]
fn mines_of_a_real_flight_are_on_the_map_where_they_lie() {
    let Some(flights) = flights() else {
        // Not by `println`, which a passing test keeps to itself.
        let _ = writeln!(
            stderr(),
            "skipped: no annotated flights here (RAMS_FLIGHTS may name their folder)"
        );
        return;
    };
    let out = tempfile::tempdir().unwrap();
    let ortho = flights.join(format!("{FLIGHT}.tif"));
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/surface-ordnance");
    let (ortho, dir, model) =
        (ortho.to_str().unwrap(), out.path().to_str().unwrap(), model.to_str().unwrap());
    let sensitive = ["--operating-point", "sensitive"];
    let ran = rams(&[&["survey", ortho, "-o", dir, "--model", model][..], &sensitive].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);

    let map = out.path().join("survey.gpkg");
    let features = rows(&map, "features");
    let truth = rows(&flights.join(format!("{FLIGHT}_labels.gpkg")), "labels");
    let mines: Vec<&Row> = truth.iter().filter(|row| row.text("class") == "pfm-1").collect();
    let is_on = |feature: &Row, mine: &Row| {
        let (x, y, _) = feature.geometry.as_ref().unwrap().get_point(0);
        feature.text("class") == "pfm-1" && mine.covers(x, y)
    };
    let found =
        mines.iter().filter(|mine| features.iter().any(|feature| is_on(feature, mine))).count();
    assert!(found * 10 >= mines.len() * 8, "{found} of {} mines", mines.len());

    // Each feature lies in its area, nine of ten mines have one, no feature on ground without an
    // image, and the ground is all accounted for.
    let areas = rows(&map, "hazard_areas");
    assert_no_rows(FLIGHT, &areas);
    let (assessed, gaps) = (rows(&map, "assessed"), rows(&map, "gaps"));
    for feature in &features {
        let (x, y, _) = feature.geometry.as_ref().unwrap().get_point(0);
        let category = feature.text("eo_category");
        let held =
            areas.iter().any(|area| area.text("eo_category") == category && area.covers(x, y));
        assert!(held || feature.text("hazard_areas").is_empty());
    }
    let on_a_mine = |feature: &&Row| mines.iter().any(|mine| is_on(feature, mine));
    let without = features
        .iter()
        .filter(on_a_mine)
        .filter(|feature| feature.text("hazard_areas").is_empty())
        .count();
    assert!(without * 10 <= found, "{without} of {found} mines that were found are in no area");
    let is_of_mines = |row: &&Row| row.text("classes").split(',').any(|class| class == "pfm-1");
    let of_model = |rows: &[Row]| -> f64 { rows.iter().filter(is_of_mines).map(Row::area).sum() };
    let whole_m2 = 9296.0 * 10192.0 * 0.002_56 * 0.002_56;
    let sum_m2 = of_model(&assessed) + of_model(&gaps);
    assert!((sum_m2 - whole_m2).abs() < 1e-3, "{sum_m2} of {whole_m2}");

    // Dry grass on which mines are found is no vegetation that hides them.
    let hidden: f64 =
        gaps.iter().filter(|row| row.text("reason") == "vegetation").map(Row::area).sum();
    assert!(hidden < 0.06 * of_model(&assessed), "{hidden} beside {}", of_model(&assessed));
}

/// Scatterable mines and what carried them are never laid in rows.
fn assert_no_rows(flight: &str, areas: &[Row]) {
    for area in areas {
        let said = area.text("rationale");
        assert!(area.text("rows") == "0" && !said.contains(" row"), "{flight}: {said}");
    }
}

#[test]
fn no_area_of_a_flight_over_scattered_mines_claims_a_row() {
    let Some(flights) = flights() else {
        let _ = writeln!(stderr(), "skipped: no annotated flights here");
        return;
    };
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/surface-ordnance");
    for flight in SCATTERED {
        let ortho = flights.join(format!("{flight}.tif"));
        if !ortho.exists() {
            let _ = writeln!(stderr(), "skipped: no flight {flight} here");
            continue;
        }
        let out = tempfile::tempdir().unwrap();
        let (ortho, dir, model) =
            (ortho.to_str().unwrap(), out.path().to_str().unwrap(), model.to_str().unwrap());
        let ran = rams(&["survey", ortho, "-o", dir, "--model", model]);
        assert!(ran.code == 0 || ran.code == 3, "{}", ran.stderr);
        let areas = rows(&out.path().join("survey.gpkg"), "hazard_areas");
        assert!(!areas.is_empty(), "{flight}: mines were found there");
        assert_no_rows(flight, &areas);
    }
}

#[test]
fn a_real_forest_is_not_assessed() {
    let wood = flights().map(|flights| flights.join("../backgrounds/rgb/deepforest_OSBS_029.tif"));
    let Some(wood) = wood.filter(|wood| wood.exists()) else {
        let _ =
            writeln!(stderr(), "skipped: no aerial image of a forest beside the annotated flights");
        return;
    };
    let out = tempfile::tempdir().unwrap();
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/earthworks");
    let (wood, dir, model) =
        (wood.to_str().unwrap(), out.path().to_str().unwrap(), model.to_str().unwrap());
    let ran = rams(&["survey", wood, "-o", dir, "--model", model]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("NOT ASSESSED: 8"), "{}", ran.stdout);
}
