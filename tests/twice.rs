//! What is given twice counts once or not at all, and two models of one name are told apart
//! everywhere.

use crate::support::{Ortho, Ran, model, rams, rows};
use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Two models of one file name, whose finds are the same: of one layout `a`, of another `b`.
fn prepared() -> (TempDir, [String; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let models =
        [("a", "deepness-detector"), ("b", "deepness-standardized")].map(|(name, from)| {
            let own = folder.path().join(name);
            fs::create_dir(&own).unwrap();
            let onnx = own.join("best.onnx");
            fs::copy(model("foreign").join(format!("{from}.onnx")), &onnx).unwrap();
            onnx.to_str().unwrap().to_owned()
        });
    Ortho::new(300, 300).square(40, 50).square(200, 60).write(&folder.path().join("ortho.tif"));
    (folder, models)
}

fn survey(folder: &Path, out: &str, models: &[&str], more: &[&str]) -> (Ran, PathBuf) {
    let (ortho, out) = (folder.join("ortho.tif"), folder.join(out));
    let mut args = vec!["survey", ortho.to_str().unwrap(), "-o", out.to_str().unwrap()];
    models.iter().for_each(|model| args.extend(["--model", model]));
    args.extend(more);
    (rams(&args), out.join("survey.gpkg"))
}

#[test]
fn two_models_of_one_name_are_told_apart_in_rows_record_summary_and_report() {
    let (folder, [a, b]) = prepared();
    let (ran, map) = survey(folder.path(), "out", &[&a, &b], &["--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let models = |layer: &str| {
        rows(&map, layer).iter().map(|row| row.text("model").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(models("features"), ["best", "best", "best-2", "best-2"]);
    assert_eq!(models("assessed"), ["best", "best-2"]);
    assert_eq!(models("detections").iter().filter(|name| *name == "best-2").count(), 2);
    let record = rows(&map, "run");
    let digest = |name: &str| {
        let wanted = format!("{name}: sha256");
        record.iter().find(|row| row.text("name") == wanted).unwrap().text("value").to_owned()
    };
    assert_ne!(digest("best"), digest("best-2"));
    let gaps = rows(&map, "gaps");
    let unknown = gaps.iter().find(|row| row.text("reason") == "no_model").unwrap().text("classes");
    assert!(unknown.contains("mine_surface other than PFM_1,"), "{unknown}");
    let summary: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(summary["features"]["PFM_1 by best"], 2);
    assert_eq!(summary["features"]["PFM_1 by best-2"], 2);
    // Each has assessed the ground once.
    let assessed = summary["assessed_m2"].as_object().unwrap();
    assert_eq!(assessed.len(), 2);
    assert!(
        assessed.values().all(|area| (area.as_f64().unwrap() - 9.0).abs() < 0.1),
        "{assessed:?}"
    );
    let rationale = rows(&map, "hazard_areas")[0].text("rationale").to_owned();
    assert!(
        rationale.contains(" PFM-1 (best) and ") && rationale.contains(" PFM-1 (best-2) were "),
        "{rationale}"
    );
    let report = rams(&["report", map.parent().unwrap().to_str().unwrap()]);
    assert_eq!(report.code, 0, "{}", report.stderr);
    let html = fs::read_to_string(map.with_file_name("report.html")).unwrap();
    assert!(html.contains("by best<") && html.contains("by best-2<"));
}

#[test]
fn the_order_of_two_models_of_one_name_is_part_of_what_a_survey_is() {
    let (folder, [a, b]) = prepared();
    let ortho = folder.path().join("ortho.tif");
    let whole = fs::read(&ortho).unwrap();
    fs::write(&ortho, &whole[..whole.len() * 7 / 10]).unwrap();
    let (ran, _) = survey(folder.path(), "out", &[&a, &b], &[]);
    assert!(
        ran.code == 3 && ran.stderr.contains("the same command goes on from here"),
        "{}",
        ran.stderr
    );
    let (swapped, _) = survey(folder.path(), "out", &[&b, &a], &[]);
    assert!(
        swapped.code == 1 && swapped.stderr.contains("model best: sha256: "),
        "{}",
        swapped.stderr
    );
}

#[test]
fn one_model_under_two_names_is_an_error() {
    let (folder, [a, b]) = prepared();
    let own = folder.path().join("a");
    symlink(&own, folder.path().join("link")).unwrap();
    let copy = folder.path().join("other.onnx");
    fs::copy(&a, &copy).unwrap();
    let spelt = format!("{}/../a/./best.onnx", own.display());
    let linked = folder.path().join("link/best.onnx");
    for other in [
        a.as_str(),
        own.to_str().unwrap(),
        &spelt,
        linked.to_str().unwrap(),
        copy.to_str().unwrap(),
    ] {
        let (ran, map) = survey(folder.path(), "out", &[&a, &b, other], &[]);
        assert_eq!(ran.code, 1, "{other}");
        for expected in [&a, other, "they are one model", "give it once"] {
            assert!(ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
        }
        assert!(!map.exists());
    }
    // A description of its own does not make it another.
    let described = "name = \"another\"\n[[class]]\nname = \"PFM_1\"\nthreshold = \
                     0.4\n[output]\nignore = [\"submunition\"]\n";
    fs::create_dir(folder.path().join("c")).unwrap();
    fs::write(folder.path().join("c/model.toml"), described).unwrap();
    fs::copy(&a, folder.path().join("c/best.onnx")).unwrap();
    let (ran, _) =
        survey(folder.path(), "out", &[&a, folder.path().join("c").to_str().unwrap()], &[]);
    assert!(ran.code == 1 && ran.stderr.contains("they are one model"), "{}", ran.stderr);
}

#[test]
fn one_orthomosaic_or_doctrine_under_two_names_is_an_error() {
    let (folder, [a, _]) = prepared();
    let ortho = folder.path().join("ortho.tif");
    symlink(&ortho, folder.path().join("link.tif")).unwrap();
    for other in
        [ortho.clone(), folder.path().join("link.tif"), folder.path().join("a/../ortho.tif")]
    {
        let (ran, _) = survey(folder.path(), "out", &[&a], &[other.to_str().unwrap()]);
        assert!(
            ran.code == 1 && ran.stderr.contains("they are one file; give it once"),
            "{}",
            ran.stderr
        );
    }
    let profile = folder.path().join("profile.toml");
    fs::write(&profile, include_str!("../datasets/doctrine/baseline.toml")).unwrap();
    let doctrine = profile.to_str().unwrap();
    let ran = rams(&["fields", "--seeds", "0", "--doctrine", doctrine, "--doctrine", doctrine]);
    assert!(
        ran.code == 1 && ran.stderr.contains("they are one file; give it once"),
        "{}",
        ran.stderr
    );
}
