//! Every kind of bad input: named, with its value and remedy, exit code 1 or 2, nothing lost.

use crate::support::{Ortho, model, rams, survey};
use std::{fs, path::Path};

fn toy_copy(folder: &Path, change: impl Fn(String) -> String) -> String {
    let copy = folder.join("copy");
    fs::create_dir_all(&copy).unwrap();
    let text = fs::read_to_string(model("red-boxes").join("model.toml")).unwrap();
    fs::write(copy.join("model.toml"), change(text)).unwrap();
    fs::copy(model("red-boxes").join("red-boxes.onnx"), copy.join("red-boxes.onnx")).unwrap();
    copy.to_str().unwrap().to_owned()
}

#[test]
fn wrong_use_is_exit_code_2() {
    for args in [
        &["survey"][..],
        &["scene", "x.tif", "--size", "0x9"],
        &["export", "d", "--format", "dwg", "-o", "x"],
        &["x"],
    ] {
        let ran = rams(args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn files_that_are_no_orthomosaics() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.tif");
    fs::write(&text, "no raster").unwrap();
    for (path, told) in
        [(text, "gdalinfo"), (folder.path().join("missing.tif"), "there is no such file")]
    {
        let (ran, map) = survey(&path, &folder.path().join("out"), &["red-boxes"], &[]);
        assert_eq!(ran.code, 1);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(ran.stderr.contains(name) && ran.stderr.contains(told), "{}", ran.stderr);
        assert!(!map.exists());
        assert!(!folder.path().join("out").exists(), "an empty folder says nothing");
    }
}

#[test]
fn kinds_of_masks_with_thresholds_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, copy) = (folder.path().join("ortho.tif"), folder.path().join("copy"));
    Ortho::new(200, 200).write(&ortho);
    fs::create_dir(&copy).unwrap();
    let text = fs::read_to_string(model("red-mask").join("model.toml")).unwrap();
    let (first, blue) = text.rsplit_once("threshold = 0.5").unwrap();
    let text = format!("{first}threshold = 0.6\nparent = \"red\"\ngsd_name_m = 0.01{blue}");
    fs::write(copy.join("model.toml"), text).unwrap();
    fs::copy(model("red-mask").join("red-mask.onnx"), copy.join("red-mask.onnx")).unwrap();
    let (ortho, out, copy) =
        (ortho.to_str().unwrap(), folder.path().join("out"), copy.to_str().unwrap());
    let ran = rams(&["survey", ortho, "-o", out.to_str().unwrap(), "--model", copy]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("threshold of class blue is 0.6, that of its parent red 0.5"),
        "{}",
        ran.stderr
    );
}

#[test]
fn models_that_do_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(200, 200).write(&ortho);
    let kinds = "threshold = 0.5\n\n[[class]]\nname = \"square\"\nindicator = \
                 \"berm\"\neo_category = \"UNKNOWN\"\n\
                 geometry = \"point\"\nsize_m = [0.1, 0.16]\ngsd_max_m = 0.02\nthreshold = \
                 0.5\npixel_threshold = 0.4";
    let cases: [(&str, &str, &str); 10] = [
        ("threshold = 0.5", kinds, "class square has a pixel_threshold, which goes with masks"),
        ("digest = \"sha256:", "digest = \"sha256:00", "model.toml says 00"),
        ("gsd_m = 0.01", "gsd_m = -1.0", "input.gsd_m is -1"),
        ("tile_px = 160", "tile_px = 150", "core must be a positive multiple of 16 px"),
        ("tile_px = 160", "tile_px = 320", "model.toml asks for [-1, 3, 320, 320]"),
        ("\"red\", \"green\", \"blue\"", "\"nir\"", "input.bands is [\"nir\"]"),
        ("size_m = [0.1, 0.16]", "size_m = [0.1, 0.5]", "enlarge input.halo_px"),
        ("threshold = 0.5", "threshold = 1.5", "threshold of class red-square is 1.5"),
        ("std = [1.0", "std = [1e-40", "std above 0"),
        ("layout = \"boxes\"", "layout = \"yolo\"", "Yolo with 1 class(es)"),
    ];
    for (from, to, expected) in cases {
        let copy = toy_copy(folder.path(), |text| text.replace(from, to));
        let out = folder.path().join("out");
        let ran = rams(&[
            "survey",
            ortho.to_str().unwrap(),
            "-o",
            out.to_str().unwrap(),
            "--model",
            &copy,
        ]);
        assert_eq!(ran.code, 1, "{from}");
        assert!(ran.stderr.contains(expected), "{from}: {}", ran.stderr);
        assert!(!out.join("survey.gpkg").exists());
    }
    let ran = rams(&["survey", ortho.to_str().unwrap(), "-o", "x", "--model", "nonesuch"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("cannot find model nonesuch"), "{}", ran.stderr);
}

#[test]
fn weights_that_are_not_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(200, 200).write(&ortho);
    // The digest of "not a model", so that only ONNX Runtime can object.
    let digest = "c1bad3f2dae4a69a2ba5e8eb9a9bbe9dba5d9d0b1a64ef4a38dae93a9d8c1a5b";
    let copy = toy_copy(folder.path(), |text| {
        let at = text.find("sha256:").unwrap() + 7;
        text.replace(&text[at..at + 64], digest)
    });
    fs::write(Path::new(&copy).join("red-boxes.onnx"), "not a model").unwrap();
    let out = folder.path().join("out");
    let args = ["survey", ortho.to_str().unwrap(), "-o", out.to_str().unwrap(), "--model", &copy];
    let ran = rams(&args);
    assert_eq!(ran.code, 1);
    // First the digest is wrong; with the right one the weights are.
    let found = ran.stderr.split(" is ").nth(1).unwrap().split(',').next().unwrap().to_owned();
    let manifest = Path::new(&copy).join("model.toml");
    let text = fs::read_to_string(&manifest).unwrap().replace(digest, &found);
    fs::write(&manifest, text).unwrap();
    let ran = rams(&args);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("cannot load") && ran.stderr.contains("red-boxes.onnx"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_survey_is_not_overwritten_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, out) = (folder.path().join("ortho.tif"), folder.path().join("out"));
    Ortho::new(200, 200).square(50, 50).write(&ortho);
    let (ran, map) = survey(&ortho, &out, &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let before = fs::read(&map).unwrap();
    let (ran, _) = survey(&ortho, &out, &["red-boxes"], &[]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("is there already") && ran.stderr.contains("--overwrite"),
        "{}",
        ran.stderr
    );
    assert_eq!(before, fs::read(&map).unwrap());
    // A replacement that fails leaves the old one as it was.
    let (ran, _) =
        survey(&folder.path().join("missing.tif"), &out, &["red-boxes"], &["--overwrite"]);
    assert_eq!(ran.code, 1);
    assert_eq!(before, fs::read(&map).unwrap());
    let (ran, _) = survey(&ortho, &out, &["red-boxes"], &["--overwrite"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn an_output_folder_that_cannot_be_is_named_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(200, 200).write(&ortho);
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let (ran, _) = survey(&ortho, &file.join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("file/out"), "{}", ran.stderr);
}

#[test]
fn a_doctrine_that_makes_no_sense() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, doctrine) = (folder.path().join("ortho.tif"), folder.path().join("doctrine.toml"));
    Ortho::new(200, 200).write(&ortho);
    let flag = ["--doctrine", doctrine.to_str().unwrap()];
    let (ran, _) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &flag);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("doctrine.toml"), "{}", ran.stderr);
    fs::write(&doctrine, "name = 3").unwrap();
    let (ran, _) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &flag);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("doctrine.toml"), "{}", ran.stderr);
}

#[test]
fn an_export_without_a_survey() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x.kml");
    let ran = rams(&[
        "export",
        folder.path().to_str().unwrap(),
        "--format",
        "kml",
        "-o",
        out.to_str().unwrap(),
    ]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("survey.gpkg") && ran.stderr.contains("rams survey"),
        "{}",
        ran.stderr
    );
    assert!(!out.exists());
}

#[test]
fn a_missing_onnx_runtime_is_named_with_its_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(200, 200).write(&ortho);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_rams"))
        .args([
            "survey",
            ortho.to_str().unwrap(),
            "-o",
            folder.path().join("out").to_str().unwrap(),
        ])
        .args(["--model", model("red-boxes").to_str().unwrap()])
        .env("ORT_DYLIB_PATH", "/nowhere/libonnxruntime.so")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text.contains("/nowhere/libonnxruntime.so") && text.contains("scripts/setup"),
        "{text}"
    );
}
