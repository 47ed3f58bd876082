//! Models from elsewhere: whatever their layout, they say the same of the same picture; and what
//! cannot be run is an error before the first tile.

use crate::support::{Ortho, Ran, model, rams, rows};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A folder with a model from elsewhere, and a model.toml with what the file does not know.
fn foreign(folder: &Path, name: &str, own: &str) -> PathBuf {
    let folder = folder.join(name);
    fs::create_dir_all(&folder).unwrap();
    let file = format!("{name}.onnx");
    fs::copy(model("foreign").join(&file), folder.join(&file)).unwrap();
    if !own.is_empty() {
        fs::write(folder.join("model.toml"), own).unwrap();
    }
    folder.join(file)
}

/// What a person must say of the red squares, and nothing else.
const SQUARES: &str = "[input]\ngsd_m = 0.01\n[output]\nignore = [\"leaf\"]\n[[class]]\nname = \
                       \"red-square\"\n\
                       indicator = \"mine_surface\"\nsize_m = [0.1, 0.16]\nthreshold = 0.5\n";

fn survey(ortho: &Path, out: &Path, model: &Path, more: &[&str]) -> Ran {
    let mut args = vec!["survey", ortho.to_str().unwrap(), "-o", out.to_str().unwrap()];
    args.extend(["--model", model.to_str().unwrap()]);
    args.extend(more);
    rams(&args)
}

/// Squares in the open, on a seam of tiles and at the border.
fn squares(folder: &TempDir) -> PathBuf {
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(300, 300)
        .square(40, 50)
        .square(122, 123)
        .square(200, 60)
        .square(250, 287)
        .write(&ortho);
    ortho
}

/// Middles of the features, in pixels, from the top.
fn found(map: &Path) -> Vec<(i64, i64)> {
    let middle = |row: &crate::support::Row| {
        let half = |a: &str, b: &str| ((row.number(a) + row.number(b)) / 2.0).floor() as i64;
        (half("px_y0", "px_y1"), half("px_x0", "px_x1"))
    };
    let mut found: Vec<_> = rows(map, "features").iter().map(middle).collect();
    found.sort_unstable();
    found
}

#[test]
fn every_layout_finds_the_same_squares() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = squares(&folder);
    let layouts = [
        "yolo",
        "yolo-rows",
        "yolov5",
        "end2end",
        "obb",
        "obb-end2end",
        "segment",
        "segment-end2end",
        "half",
        "bytes-of-three",
    ];
    for name in layouts {
        let out = folder.path().join(format!("out-{name}"));
        let ran = survey(&ortho, &out, &foreign(folder.path(), name, SQUARES), &[]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        let found = found(&out.join("survey.gpkg"));
        assert_eq!(found, [(55, 45), (65, 205), (128, 127), (292, 255)], "{name}");
    }
}

#[test]
fn a_model_that_says_its_scale_and_known_classes_runs_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, out) = (squares(&folder), folder.path().join("out"));
    let ran = survey(&ortho, &out, &foreign(folder.path(), "deepness-detector", ""), &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let map = out.join("survey.gpkg");
    assert_eq!(found(&map).len(), 4);
    let features = rows(&map, "features");
    // PFM_1 is known as pfm-1.
    assert_eq!((features[0].text("class"), features[0].text("eo_category")), ("PFM_1", "AP_MINE"));
    let licence: Vec<_> = rows(&map, "run")
        .into_iter()
        .filter(|row| row.text("name").ends_with(": licence"))
        .collect();
    assert_eq!(licence[0].text("value"), "not stated");
}

#[test]
fn the_normalisation_that_the_file_documents_is_used_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = squares(&folder);
    let name = "deepness-standardized";
    let onnx = foreign(folder.path(), name, "");
    let ran = survey(&ortho, &folder.path().join("out"), &onnx, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let map = folder.path().join("out").join("survey.gpkg");
    assert_eq!(found(&map), [(55, 45), (65, 205), (128, 127), (292, 255)]);
    let (mean, std) = ("[0.485, 0.456, 0.406]", "[0.229, 0.224, 0.225]");
    let record = rows(&map, "run");
    let recorded = record
        .iter()
        .find(|row| row.text("name").ends_with(": mean, deviation of colours"))
        .unwrap();
    assert_eq!(recorded.text("value"), format!("{mean}, {std}"));
    let listed = rams(&["models", "--model", onnx.to_str().unwrap()]).stdout;
    assert!(
        listed.contains(&format!("(value / 255 - mean) / deviation: {mean}, {std}")),
        "{listed}"
    );
    assert!(listed.contains("unused   det_iou_thresh = 0.4: "), "{listed}");
    let described = rams(&["models", "--describe", onnx.to_str().unwrap()]).stdout;
    assert!(described.contains(&format!("mean = {mean}\nstd = {std}\n")), "{described}");
    // A person may say otherwise, and then that holds: these values are not what the model learned.
    let own = "[input]\nmean = [0.0, 0.0, 0.0]\nstd = [1.0, 1.0, 1.0]\n";
    let out = folder.path().join("own");
    let ran = survey(&ortho, &out, &foreign(folder.path(), name, own), &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(found(&out.join("survey.gpkg")).is_empty());
    let own = "[input]\nmean = [123.675, 116.28, 103.53]\nstd = [58.395, 57.12, 57.375]\n";
    let ran = survey(&ortho, &folder.path().join("255"), &foreign(folder.path(), name, own), &[]);
    assert!(
        ran.code == 1 && ran.stderr.contains("give them for values from 0 to 1"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_setting_that_nothing_heeds_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = squares(&folder);
    let onnx = foreign(folder.path(), "deepness-standardized", "");
    let whole = fs::read(&onnx).unwrap();
    // Names and values of the same length.
    let cases = [
        (
            "standardization_std",
            "standardisation_std",
            "standardisation_std is [0.229, 0.224, 0.225]",
        ),
        (
            "standardization_mean",
            "reverse_channels_xyz",
            "reverse_channels_xyz is [0.485, 0.456, 0.406]",
        ),
        (
            "0.485, 0.456, 0.406",
            "0.485, 0.456 0.406 ",
            "standardization_mean is [0.485, 0.456 0.406 ]",
        ),
        ("standardization_std", "standards_of_others", "standardization_std is missing"),
    ];
    for (from, to, expected) in cases {
        let mut bytes = whole.clone();
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
        fs::write(&onnx, bytes).unwrap();
        let ran = survey(&ortho, &folder.path().join("out"), &onnx, &[]);
        assert_eq!(ran.code, 1, "{to}: {}", ran.stderr);
        for part in [expected, "model.toml", onnx.to_str().unwrap()] {
            assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
        }
    }
}

#[test]
fn every_kind_of_mask_paints_the_same_area() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(300, 300).fill((30, 270), (90, 130), [255, 0, 0]).write(&ortho);
    // Ultralytics does not say its scale; the others do.
    let scale = "[input]\ngsd_m = 0.01\n";
    for (name, own) in
        [("deepness-segmentor", ""), ("logits-last", ""), ("labels", scale), ("one-plane", "")]
    {
        let out = folder.path().join(format!("out-{name}"));
        let ran = survey(&ortho, &out, &foreign(folder.path(), name, own), &[]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        let berms = rows(&out.join("survey.gpkg"), "features");
        assert_eq!(berms.len(), 1, "{name}");
        let area = berms[0].area();
        assert!((area - 2.4 * 0.4).abs() < 0.03, "{name}: {area}");
    }
}

#[test]
fn an_oriented_box_of_an_earthwork_is_drawn_as_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = squares(&folder);
    let berm = SQUARES.replace("mine_surface", "berm");
    for name in ["obb", "obb-end2end", "segment", "segment-end2end"] {
        let out = folder.path().join(format!("out-{name}"));
        let ran = survey(&ortho, &out, &foreign(folder.path(), name, &berm), &[]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.stderr);
        let features = rows(&out.join("survey.gpkg"), "features");
        assert_eq!(features.len(), 4, "{name}: one on a seam is one");
        // Squares of 11 cm; masks come in cells of 4 px.
        assert!(features.iter().all(|row| (0.006..0.03).contains(&row.area())), "{name}");
    }
}

#[test]
fn what_the_file_does_not_know_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, out) = (squares(&folder), folder.path().join("out"));
    let onnx = foreign(folder.path(), "yolo", "");
    let ran = survey(&ortho, &out, &onnx, &[]);
    assert_eq!(ran.code, 1);
    for expected in [
        "input.gsd_m",
        "indicator of class red-square",
        "rams models --describe",
        "layout = \"yolo\"",
    ] {
        assert!(ran.stderr.contains(expected), "{expected}: {}", ran.stderr);
    }
    // The text that it prints is the model.toml to complete.
    let described = rams(&["models", "--describe", onnx.to_str().unwrap()]);
    assert_eq!(described.code, 0, "{}", described.stderr);
    assert!(
        ran.stderr.contains("# TO COMPLETE: metres per pixel")
            && described.stdout.contains("# gsd_m =")
    );
    let (squares, _) = described.stdout.split_once("[[class]]\nname = \"leaf\"").unwrap();
    let whole = squares
        .replace("# gsd_m =", "gsd_m = 0.01")
        .replace("ignore = []", "ignore = [\"leaf\"]")
        .replace("# indicator =", "indicator = \"mine_surface\"")
        .replace("# size_m =", "size_m = [0.1, 0.16]");
    fs::write(onnx.with_file_name("model.toml"), &whole).unwrap();
    let ran = survey(&ortho, &out, onnx.parent().unwrap(), &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // Another .onnx in its place is noticed.
    fs::copy(model("foreign").join("end2end.onnx"), &onnx).unwrap();
    let ran = survey(&ortho, &folder.path().join("other"), &onnx, &[]);
    assert!(
        ran.code == 1 && ran.stderr.contains("the file is damaged or was exchanged"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_cannot_be_run_is_an_error_before_the_first_tile() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = squares(&folder);
    let three = format!(
        "{SQUARES}[[class]]\nname = \"third\"\nindicator = \"berm\"\nsize_m = [0.1, 0.2]\n"
    );
    let three_names = three.replace(
        "ignore = [\"leaf\"]",
        "names = [\"red-square\", \"leaf\", \"third\"]\nignore = [\"leaf\"]",
    );
    let other_layout = SQUARES.replace("[output]", "[output]\nlayout = \"boxes\"");
    let renamed =
        SQUARES.replace("red-square", "square").replace("ignore = [\"leaf\"]", "ignore = []");
    let cases: [(&str, &str, &str); 11] = [
        (
            "yolo",
            &renamed,
            "class square is none of the outputs: red-square, leaf; give output.names",
        ),
        ("nan", SQUARES, "values that are not finite"),
        ("shares", SQUARES, "coordinates seem to run from 0 to 1"),
        ("pose", SQUARES, "its task is pose"),
        ("unknown-operator", SQUARES, "PeakPicker"),
        ("yolo", &three, "class third is none of the outputs: red-square, leaf"),
        ("yolo", &three_names, "2 class(es) would fit"),
        ("yolov5", &three_names, "Yolo5 with 3 class(es)"),
        ("obb", &other_layout, "Boxes with 2 class(es) is [-1, -1, 6]"),
        ("yolo", &SQUARES.replace("gsd_m", "gsd"), "unknown field `gsd`"),
        ("yolo", &SQUARES.replace("ignore = [\"leaf\"]", "ignore = []"), "indicator of class leaf"),
    ];
    for (name, own, expected) in cases {
        let out = folder.path().join("out");
        let ran = survey(&ortho, &out, &foreign(folder.path(), name, own), &[]);
        assert_eq!(ran.code, 1, "{name}");
        let expected = expected.replace("Yolo5", "YoloV5");
        assert!(ran.stderr.contains(&expected), "{name}, {expected}: {}", ran.stderr);
        assert!(!out.join("survey.gpkg").exists());
    }
    let cut = folder.path().join("cut.onnx");
    let whole = fs::read(model("foreign").join("yolo.onnx")).unwrap();
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let ran = survey(&ortho, &folder.path().join("out"), &cut, &[]);
    assert!(
        ran.code == 1 && ran.stderr.contains("cut short") && ran.stderr.contains("cut.onnx"),
        "{}",
        ran.stderr
    );
    fs::create_dir(folder.path().join("empty")).unwrap();
    let ran = survey(&ortho, &folder.path().join("out"), &folder.path().join("empty"), &[]);
    assert!(ran.code == 1 && ran.stderr.contains("0 .onnx"), "{}", ran.stderr);
}

#[test]
fn a_tile_of_another_size_where_the_model_allows_it() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(300, 300).fill((30, 270), (90, 130), [255, 0, 0]).write(&ortho);
    let open = foreign(folder.path(), "deepness-segmentor", "");
    let areas = ["160", "224", "320"].map(|px| {
        let out = folder.path().join(px);
        let ran = survey(&ortho, &out, &open, &["--tile", px]);
        assert_eq!(ran.code, 0, "{px}: {}", ran.stderr);
        let map = out.join("survey.gpkg");
        let record =
            rows(&map, "run").into_iter().find(|row| row.text("name").contains("tile px")).unwrap();
        assert!(record.text("value").starts_with(px), "{}", record.text("value"));
        rows(&map, "features").iter().map(crate::support::Row::area).sum::<f64>()
    });
    assert!(areas.iter().all(|area| *area > 0.9 && (area - areas[0]).abs() < 1e-3), "{areas:?}");
    let fixed = foreign(folder.path(), "yolo", SQUARES);
    let refused = survey(&ortho, &folder.path().join("out"), &fixed, &["--tile", "320"]);
    assert!(
        refused.code == 1 && refused.stderr.contains("fixed at 160 x 160 px"),
        "{}",
        refused.stderr
    );
}

#[test]
fn the_list_of_models_says_which_work() {
    let folder = tempfile::tempdir().unwrap();
    let (good, broken) = (model("red-boxes"), foreign(folder.path(), "nan", SQUARES));
    let ran = rams(&["models", "--model", good.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for expected in [
        "red-boxes 1.0.0",
        "outputs as boxes",
        "as in model.toml",
        "as the project",
        "ms for a tile",
    ] {
        assert!(ran.stdout.contains(expected), "{expected}: {}", ran.stdout);
    }
    let ran = rams(&[
        "models",
        "--json",
        "--model",
        good.to_str().unwrap(),
        "--model",
        broken.to_str().unwrap(),
    ]);
    assert_eq!(ran.code, 1);
    let list: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(list[0]["error"].is_null() && list[0]["digest_is_stated"] == true);
    assert!(
        list[1]["error"].as_str().unwrap().contains("not finite") && list[1]["layout"] == "yolo"
    );
    let two = foreign(folder.path(), "yolo", SQUARES);
    let ran = rams(&["models", "--model", two.to_str().unwrap()]);
    assert!(ran.code == 0 && ran.stdout.contains("left out leaf"), "{}{}", ran.stdout, ran.stderr);
    let ran = rams(&["models", "--model", good.to_str().unwrap(), "--tile", "320"]);
    assert!(
        ran.code == 1 && ran.stdout.contains("BROKEN   cannot read tiles of 320 px"),
        "{}",
        ran.stdout
    );
}
