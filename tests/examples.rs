//! The programs of `docs/examples`, which use the crates as a library.

use crate::support::{Ortho, model, survey};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Runs an example, which `cargo test` builds beside this test.
fn example(name: &str, args: &[&Path]) -> String {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_rams")).with_file_name("examples").join(name);
    assert!(program.exists(), "{} is missing: `cargo build --examples`", program.display());
    let ran = Command::new(program).args(args).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
fn tiles_are_read_and_detected_in() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(400, 300).square(40, 30).square(300, 200).write(&ortho);
    let said = example("detect", &[&ortho, &model("red-boxes")]);
    let found: Vec<&str> = said.lines().collect();
    assert_eq!(found.len(), 2, "{said}");
    assert!(found[0].contains("red-square") && found[0].ends_with("at pixel 46, 36"), "{said}");
    assert!(found[1].ends_with("at pixel 306, 206"), "{said}");
}

#[test]
fn features_become_an_area() {
    let said = example("areas", &[]);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(
        said.starts_with("A0001: SHA of AP_MINE, ") && said.contains("around 3 features"),
        "{said}"
    );
}

#[test]
fn a_survey_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(400, 300).square(40, 30).write(&ortho);
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let said = example("read_survey", &[map.parent().unwrap()]);
    assert!(
        said.contains("A0001: AP_MINE, ") && said.contains("not assessed for some class"),
        "{said}"
    );
    assert!(said.contains("made with red-boxes"), "{said}");
}
