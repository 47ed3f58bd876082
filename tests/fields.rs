//! Simulated fields, as a person judges a doctrine with them.

use crate::support::rams;
use std::{fs, path::Path, process::Command};

/// Small fields: a sixteenth of the ground, so that a debug build has them in no time.
fn distributions(folder: &Path) -> String {
    let text = include_str!("../datasets/fields/fields.toml");
    assert!(text.contains("side_m = 600.0"));
    let path = folder.join("small.toml");
    fs::write(&path, text.replace("side_m = 600.0", "side_m = 150.0")).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_range_of_seeds_gives_the_same_figures_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let small = distributions(folder.path());
    let run = |threads: &str| {
        let out = folder.path().join(threads);
        let args = [
            "fields",
            "--seeds",
            "0-5",
            "--distributions",
            &small,
            "--json",
            "--draw",
            "-o",
            out.to_str().unwrap(),
        ];
        let ran = Command::new(env!("CARGO_BIN_EXE_rams"))
            .args(args)
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        let json: serde_json::Value = serde_json::from_slice(&ran.stdout).unwrap();
        assert_eq!(json["evaluation"]["fields"], 6);
        assert!(json["features"].as_u64().unwrap() > 100);
        assert_eq!(json["doctrines"].as_array().unwrap().len(), 1);
        assert_eq!(json["evaluation"]["baselines"].as_array().unwrap().len(), 6);
        let written = [
            "evaluation.json",
            "areas.csv",
            "areas_inside_ratio.svg",
            "field-0.svg",
            "field-5.svg",
        ];
        written.map(|name| fs::read_to_string(out.join(name)).unwrap())
    };
    let (alone, together) = (run("1"), run("4"));
    assert!(alone == together);
    let fields: std::collections::BTreeSet<_> =
        alone[1].lines().skip(1).filter_map(|row| row.split(',').nth(1)).collect();
    assert!(fields.len() > 4, "areas in {fields:?}");
}

#[test]
fn doctrines_are_compared_side_by_side_on_the_same_fields() {
    let folder = tempfile::tempdir().unwrap();
    let small = distributions(folder.path());
    let baseline = include_str!("../datasets/doctrine/baseline.toml");
    let wider = baseline.replacen("buffer_m = 5.0", "buffer_m = 9.0", 1);
    assert!(wider != baseline);
    let paths = [("tight", baseline), ("wider", &wider)].map(|(name, text)| {
        let path = folder.path().join(format!("{name}.toml"));
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let ran = rams(&[
        "fields",
        "--seeds",
        "0-3",
        "--distributions",
        &small,
        "--doctrine",
        &paths[0],
        "--doctrine",
        &paths[1],
        "--json",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let ground = |at: usize| {
        let doctrine = &json["evaluation"]["doctrines"][at];
        (
            doctrine["name"].as_str().unwrap().to_owned(),
            doctrine["by_category"]["AP_MINE"]["steps"][0]["ratio"].as_f64(),
        )
    };
    let ((tight, less), (wider, more)) = (ground(0), ground(1));
    assert_eq!((tight.as_str(), wider.as_str()), ("tight", "wider"));
    assert!(less.unwrap() < more.unwrap());
}

#[test]
fn seeds_and_files_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for seeds in ["9-3", "x", "1-"] {
        let ran = rams(&["fields", "--seeds", seeds]);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains("give a seed, or first-last"), "{}", ran.stderr);
    }
    assert_eq!(rams(&["fields", "--draw"]).code, 2, "there is no folder to draw into");
    let broken = folder.path().join("broken.toml");
    fs::write(&broken, "name = 1").unwrap();
    let ran = rams(&["fields", "--distributions", broken.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("broken.toml as distributions of fields"), "{}", ran.stderr);
}

#[test]
#[ignore = "a measurement: cargo test --release --test tests million -- --ignored --nocapture"]
fn a_million_features() {
    let spec = rams_scene::FieldSpec::baseline();
    let doctrine = rams_delineate::Doctrine::baseline();
    for fields in [20, 60, 200] {
        let country = rams_scene::Field::country(0..fields, 15, &spec);
        let rams_scene::Field { features, external_evidence, assessed, ground, .. } = &country;
        let start = std::time::Instant::now();
        let record = &rams_domain::RunRecord::default();
        let basis = rams_delineate::Basis {
            features,
            external_evidence,
            assessed,
            gaps: &[],
            ground,
            record,
        };
        let areas = rams_delineate::delineate(&basis, &doctrine).hazard_areas;
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{} features of {fields} fields: {} areas, {seconds:.1} s",
            country.features.len(),
            areas.len()
        );
    }
}
