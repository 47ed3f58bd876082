//! `rams report`, from an orthomosaic that is painted here to the page.

use crate::support::{Ortho, Ran, rams, rows, survey};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A survey of a painted orthomosaic in a folder, and its file.
fn surveyed(folder: &Path) -> (PathBuf, PathBuf) {
    let ortho = folder.join("field.tif");
    let mut painted = Ortho::new(700, 500);
    painted.square(100, 100, 20).square(300, 200, 20).square(320, 220, 20);
    painted.write(&ortho);
    let out = folder.join("survey");
    let (ran, _) = survey(&ortho, &out, &["red-squares"], &[]);
    assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
    (out, ortho)
}

fn report(dir: &Path, more: &[&str]) -> Ran {
    rams(&[&["report", dir.to_str().unwrap()], more].concat())
}
