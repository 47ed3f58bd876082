//! What runs a model: said, recorded, and never something else than was asked for.

use crate::support::{Ortho, rows, survey};

#[test]
fn what_runs_a_model_is_said_and_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ortho.tif");
    Ortho::new(300, 200).square(40, 30).write(&path);
    let (ran, map) =
        survey(&path, &folder.path().join("out"), &["red-boxes"], &["--device", "cpu"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("red-boxes runs on ONNX Runtime fp32: asked for"),
        "{}",
        ran.stderr
    );
    let runs_on = |row: &crate::support::Row| row.text("name") == "red-boxes: runs on";
    let record = rows(&map, "run");
    assert_eq!(record.iter().find(|row| runs_on(row)).unwrap().text("value"), "ONNX Runtime fp32");
}

#[test]
fn a_device_that_is_not_there_is_an_error_and_no_other_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let (path, out) = (folder.path().join("ortho.tif"), folder.path().join("out"));
    Ortho::new(300, 200).write(&path);
    let (ran, map) = survey(&path, &out, &["red-boxes"], &["--device", "cuda"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("cannot run") && ran.stderr.contains("ORT_DYLIB_PATH"),
        "{}",
        ran.stderr
    );
    assert!(!map.exists());
    let (ran, _) = survey(&path, &out, &["red-boxes"], &["--device", "abacus"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("give auto, cpu, openvino or cuda"), "{}", ran.stderr);
}

#[test]
fn a_survey_tells_no_one_of_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (path, cache) = (folder.path().join("ortho.tif"), folder.path().join("cache"));
    Ortho::new(300, 200).write(&path);
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_rams"));
    program.arg("inspect").arg(&path).arg("--model").arg(crate::support::model("red-boxes"));
    let ran =
        program.env("XDG_CACHE_HOME", &cache).env_remove("ORT_DISABLE_TELEMETRY").output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    // Where ONNX Runtime keeps what it means to send.
    assert!(!cache.exists(), "{:?}", std::fs::read_dir(&cache).unwrap().next());
}
