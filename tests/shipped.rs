//! The shipped models together, as a person runs them.

use crate::support::{Ortho, rams, rows};
use std::path::Path;

const MODELS: [&str; 2] = ["surface-ordnance", "earthworks"];

/// Surveys with both shipped models; classes of a model in a layer of the map, with reasons if it
/// has any.
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
    let of_model =
        rows(&out.join("survey.gpkg"), layer).into_iter().filter(|row| row.text("model") == model);
    let classes =
        |row: &crate::support::Row| row.text("classes").split(',').map(str::to_owned).collect();
    of_model
        .map(|row| (row.fields.get("reason").cloned().unwrap_or_default(), classes(&row)))
        .collect()
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

/// Share of the length of painted trenches that is found, and of what is called one that is one; by
/// the shipped weights, on ground that they were not trained on.
fn trenches(seed: &str, with_heights: bool) -> [f64; 2] {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (ortho, heights, out) = (path("country.tif"), path("country_dsm.tif"), path("survey"));
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/models/earthworks");
    let country =
        ["--layout", "earthworks", "--ground", "stubble", "--gsd", "0.1", "--size", "700x700"];
    let painted = rams(&[&["scene", &ortho, "--seed", seed], &country[..]].concat());
    assert_eq!(painted.code, 0, "{}", painted.stderr);
    let mut args = vec!["survey", &ortho, "-o", &out, "--model", model];
    if with_heights {
        args.extend(["--dsm", &heights]);
    }
    let ran = rams(&args);
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    let ran = rams(&["evaluate", &path("country_truth.gpkg"), &out, "--model", model, "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let figures: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let length = &figures["works"]["by_family"]["all"]["classes"]["trench"]["length"];
    ["recall", "precision"].map(|key| length[key].as_f64().unwrap())
}

#[test]
fn painted_trenches_are_found_along_their_lines() {
    let [recall, precision] = trenches("990011", false);
    assert!(recall > 0.8 && precision > 0.8, "{recall} {precision}");
}

#[test]
fn heights_show_trenches_that_colours_hide() {
    let ([colours, _], [heights, precision]) =
        (trenches("990018", false), trenches("990018", true));
    assert!(heights > colours + 0.1 && precision > 0.6, "{colours} {heights} {precision}");
}
