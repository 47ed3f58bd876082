//! What `rams scene` says of what it wrote.

use crate::support::{Ortho, rams};
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

#[test]
fn a_scene_replaces_a_scene_and_no_other_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("field.tif");
    let paint = |seed| rams(&["scene", out.to_str().unwrap(), "--size", "64x64", "--seed", seed]);
    assert_eq!([paint("1").code, paint("2").code], [0, 0]);
    for name in ["field_truth.json", "field_truth.gpkg", "field.tif"] {
        let of_others = folder.path().join(name);
        let painted = fs::read(&of_others).unwrap();
        // A photograph is no scene, either.
        match name {
            "field.tif" => Ortho::new(32, 32).write(&of_others),
            _ => fs::write(&of_others, "the work of others").unwrap(),
        }
        let before = fs::read(&of_others).unwrap();
        let refused = paint("3");
        let told = format!("cannot paint over {}: `rams scene` did not", of_others.display());
        assert!(refused.code == 1 && refused.stderr.contains(&told), "{}", refused.stderr);
        assert_eq!(fs::read(&of_others).unwrap(), before);
        fs::write(&of_others, painted).unwrap();
    }
}
