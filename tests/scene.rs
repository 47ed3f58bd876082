//! What `rams scene` says of what it wrote.

use crate::support::rams;
use std::{collections::BTreeSet, fs};

#[test]
fn a_scene_makes_its_folder_and_names_every_file_that_it_writes() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("not/there");
    let out = new.join("works.tif");
    let size = ["--layout", "earthworks", "--gsd", "0.1", "--size", "300x300"];
    let painted = rams(&[&["scene", out.to_str().unwrap()][..], &size].concat());
    assert_eq!(painted.code, 0, "{}", painted.stderr);
    let told: BTreeSet<_> = painted.stdout.lines().map(std::path::PathBuf::from).collect();
    let there: BTreeSet<_> = fs::read_dir(&new).unwrap().map(|of| of.unwrap().path()).collect();
    assert_eq!(there.len(), 4, "orthomosaic, surface model, truth twice");
    assert_eq!(told, there);
}
