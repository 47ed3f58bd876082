//! The shipped models together, as a person runs them.

use crate::support::{Ortho, rams, rows};
use std::path::Path;

const MODELS: [&str; 2] = ["surface-ordnance", "earthworks"];

/// Surveys with both shipped models; classes of a model in a layer of the map, with reasons if it has any.
fn surveyed(pixel_m: f64, layer: &str, model: &str) -> Vec<(String, Vec<String>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ortho.tif");
    let mut ortho = Ortho::new(700, 600);
    (ortho.geotransform[1], ortho.geotransform[5]) = (pixel_m, -pixel_m);
    ortho.write(&path);
    let out = folder.path().join("survey");
    let models = MODELS.map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name));
    let mut args = vec!["survey", path.to_str().unwrap(), "-o", out.to_str().unwrap()];
    models.iter().for_each(|model| args.extend(["--model", model.to_str().unwrap()]));
    let ran = rams(&args);
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    let of_model = rows(&out.join("survey.gpkg"), layer).into_iter().filter(|row| row.text("model") == model);
    let classes = |row: &crate::support::Row| row.text("classes").split(',').map(str::to_owned).collect();
    of_model.map(|row| (row.fields.get("reason").cloned().unwrap_or_default(), classes(&row))).collect()
}

fn has(found: &[(String, Vec<String>)], reason: &str, class: &str) -> bool {
    found.iter().any(|(why, classes)| why == reason && classes.iter().any(|name| name == class))
}

#[test]
fn at_two_centimetres_earthworks_are_assessed_and_small_mines_cannot_be() {
    let assessed = surveyed(0.02, "assessed", "earthworks");
    for class in ["trench_fire", "at_ditch", "berm", "vehicle_revetment", "foxhole", "crater"] {
        assert!(has(&assessed, "", class), "{class} in {assessed:?}");
    }
    let gaps = surveyed(0.02, "gaps", "surface-ordnance");
    assert!(has(&gaps, "gsd_too_coarse", "pfm-1"), "{gaps:?}");
}

#[test]
fn at_three_millimetres_both_models_assess() {
    assert!(has(&surveyed(0.003, "assessed", "earthworks"), "", "trench_fire"));
    assert!(has(&surveyed(0.003, "assessed", "surface-ordnance"), "", "pfm-1"));
}

/// The way from a painting to its figures, by the shipped weights: what they are worth is in their
/// card.
#[test]
fn painted_trenches_and_ditches_are_found_along_their_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/models/earthworks");
    let country = ["--layout", "earthworks", "--gsd", "0.1", "--size", "700x700", "--seed", "8"];
    let painted = rams(&[&["scene", &path("country.tif")], &country[..]].concat());
    assert_eq!(painted.code, 0, "{}", painted.stderr);
    for heights in [vec![], vec!["--dsm".to_owned(), path("country_dsm.tif")]] {
        let (ortho, out) = (path("country.tif"), path("survey"));
        let mut args = vec!["survey", &ortho, "-o", &out, "--model", model, "--overwrite"];
        args.extend(heights.iter().map(String::as_str));
        let ran = rams(&args);
        assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
        let ran = rams(&["evaluate", &path("country_truth.gpkg"), &out, "--model", model, "--json"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let figures: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let families = &figures["works"]["by_family"]["all"]["classes"];
        for family in ["trench", "at_ditch"] {
            let length = &families[family]["length"];
            let share = |key: &str| length[key].as_f64().unwrap();
            assert!(share("recall") > 0.7 && share("precision") > 0.7, "{family} {heights:?}: {length}");
        }
    }
}
