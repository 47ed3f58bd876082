//! `rams chip`: nothing is lost or moved on the way into chips.

use crate::support::{Ortho, rams};
use gdal::Dataset;
use serde_json::{Value, json};
use std::{collections::BTreeMap, fs, path::Path};

/// Boxes of the truth: single ones, some on the borders of chips, one of 60 px, the last ignored.
const BOXES: [[f64; 4]; 7] = [
    [10.0, 10.0, 20.0, 12.0],
    [95.0, 40.0, 30.0, 30.0],
    [150.5, 120.25, 11.0, 11.0],
    [230.0, 90.0, 60.0, 60.0],
    [380.0, 200.0, 20.0, 40.0],
    [125.0, 5.0, 6.0, 6.0],
    [300.0, 20.0, 30.0, 30.0],
];

/// A raster of 400 x 240 px, its truth, and its chips of 128 px that share 64.
fn chips(folder: &Path, more: &[&str]) -> crate::support::Ran {
    chips_of(folder, ["128", "64"], more)
}

fn chips_of(folder: &Path, [tile_px, overlap_px]: [&str; 2], more: &[&str]) -> crate::support::Ran {
    let ortho = folder.join("field.tif");
    Ortho::new(400, 240)
        .square(150, 120)
        .without(|x, y| x > 200 && y > 160 && x < 360)
        .write(&ortho);
    let annotations = BOXES.iter().enumerate().map(|(at, bbox)| {
        json!({ "id": at, "image_id": 1, "category_id": 1 + at % 2, "bbox": bbox, "iscrowd": u8::from(at == 6) })
    });
    let truth = json!({
        "images": [{ "id": 1, "file_name": "field.tif" }], "annotations": annotations.collect::<Vec<_>>(),
        "categories": [{ "id": 1, "name": "pfm-1", "supercategory": "mine" }, { "id": 2, "name": "pmn \
            \"2\"" }],
    });
    fs::write(folder.join("truth.json"), truth.to_string()).unwrap();
    let (truth, out) = (folder.join("truth.json"), folder.join("chips"));
    let paths = [&ortho, &truth, &out].map(|path| path.to_str().unwrap());
    let mut args = vec!["chip", paths[0], "--truth", paths[1], "-o", paths[2]];
    args.extend(["--tile-px", tile_px, "--overlap-px", overlap_px]);
    args.extend(more);
    rams(&args)
}

fn annotations(folder: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(folder.join("chips/annotations.json")).unwrap())
        .unwrap()
}

/// Where a chip's name says that it lies.
fn corner(file: &str) -> (u32, u32) {
    let mut parts = file.rsplit_once('.').unwrap().0.rsplit('_');
    let (y, x) = (parts.next().unwrap().parse().unwrap(), parts.next().unwrap().parse().unwrap());
    (x, y)
}

#[test]
fn boxes_mapped_back_are_the_truth() {
    let folder = tempfile::tempdir().unwrap();
    let ran = chips(folder.path(), &["--empty", "1"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let all = annotations(folder.path());
    let files: BTreeMap<u64, &str> = all["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|image| (image["id"].as_u64().unwrap(), image["file_name"].as_str().unwrap()))
        .collect();
    let mut whole = [0; BOXES.len()];
    for row in all["annotations"].as_array().unwrap() {
        let (x, y) = corner(files[&row["image_id"].as_u64().unwrap()]);
        let [x0, y0, width, height]: [f64; 4] =
            serde_json::from_value(row["bbox"].clone()).unwrap();
        assert!(x0 >= 0.0 && y0 >= 0.0 && x0 + width <= 128.0 && y0 + height <= 128.0, "{row}");
        let back = [x0 + f64::from(x), y0 + f64::from(y), width, height];
        // A cut box lies within its own whole one, and says by `iscrowd` if it is less than half.
        let inside = |[x, y, w, h]: &[f64; 4]| {
            back[0] >= *x
                && back[1] >= *y
                && back[0] + back[2] <= x + w
                && back[1] + back[3] <= y + h
        };
        let at = BOXES.iter().position(inside).unwrap_or_else(|| panic!("{row} is no truth"));
        let [_, _, w, h] = BOXES[at];
        let counts = at != 6 && width * height >= 0.5 * w * h;
        assert_eq!(row["iscrowd"], u8::from(!counts), "{row}");
        assert_eq!(row["category_id"], 1 + at % 2);
        whole[at] += usize::from(back == BOXES[at]);
    }
    let found = &whole[..6]; // the last is ignored, and no chip was cut for it
    assert!(found.iter().all(|chips| *chips > 0), "each object is whole somewhere: {whole:?}");
    assert_eq!(all["categories"][0], json!({ "id": 1, "name": "pfm-1", "supercategory": "mine" }));
}

#[test]
fn pixels_are_those_of_the_orthomosaic() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(chips(folder.path(), &["--empty", "1"]).code, 0);
    let dataset = Dataset::open(folder.path().join("field.tif")).unwrap();
    let files: Vec<_> =
        fs::read_dir(folder.path().join("chips/images")).unwrap().map(Result::unwrap).collect();
    assert!(files.len() > 10);
    for file in files {
        let (x, y) = corner(file.file_name().to_str().unwrap());
        let chip = image::open(file.path()).unwrap().to_rgb8();
        assert_eq!(chip.dimensions(), (128, 128));
        let window = ((x as isize, y as isize), (128, 128));
        let bands: Vec<_> = (1..=4)
            .map(|band| {
                dataset
                    .rasterband(band)
                    .unwrap()
                    .read_as::<u8>(window.0, window.1, window.1, None)
                    .unwrap()
            })
            .collect();
        for (at, pixel) in chip.pixels().enumerate() {
            let valid = bands[3].data()[at] > 0;
            let expected = [0, 1, 2].map(|band| if valid { bands[band].data()[at] } else { 0 });
            assert_eq!(pixel.0, expected, "{:?} at {at}", file.path());
        }
    }
}

#[test]
fn empty_chips_are_kept_by_share_and_the_same_each_time() {
    let count = |share: &str| {
        let folders = [0; 2].map(|_| tempfile::tempdir().unwrap());
        let written = folders.each_ref().map(|folder| {
            let ran = chips_of(folder.path(), ["48", "0"], &["--empty", share]);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
            annotations(folder.path())
        });
        assert_eq!(written[0], written[1]);
        written[0]["images"].as_array().unwrap().len()
    };
    let [none, some, all] = ["0", "0.5", "1"].map(count);
    assert!(none < some && some < all, "{none} {some} {all}");
}

#[test]
fn yolo_reads_the_same_boxes() {
    let folder = tempfile::tempdir().unwrap();
    let ran = chips(folder.path(), &["--format", "yolo", "--empty", "0", "--jpeg", "95"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let label = fs::read_to_string(folder.path().join("chips/labels/field_0_0.txt")).unwrap();
    assert_eq!(label.lines().next(), Some("0 0.15625000 0.12500000 0.15625000 0.09375000"));
    assert!(folder.path().join("chips/images/field_0_0.jpg").exists());
    let yaml = fs::read_to_string(folder.path().join("chips/data.yaml")).unwrap();
    assert!(yaml.contains("  0: \"pfm-1\"\n  1: \"pmn \\\"2\\\"\"\n"), "{yaml}");
}

#[test]
fn another_scale_moves_boxes_with_the_pixels() {
    let folder = tempfile::tempdir().unwrap();
    let ran = chips(folder.path(), &["--gsd", "0.02", "--empty", "1"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let all = annotations(folder.path());
    let first = &all["annotations"][0];
    assert_eq!(first["bbox"], json!([5.0, 5.0, 10.0, 6.0]));
    let gsd_m = all["images"][0]["gsd_m"].as_f64().unwrap();
    assert!((gsd_m - 0.02).abs() < 2e-5, "{gsd_m}");
}

#[test]
fn what_cannot_be_cut_is_said() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(chips(folder.path(), &[]).code, 0);
    let again = chips(folder.path(), &[]);
    assert!(again.code == 1 && again.stderr.contains("is there already"), "{}", again.stderr);
    let annotated = folder.path().join("truth.json");
    let text = fs::read_to_string(&annotated).unwrap();
    fs::write(
        &annotated,
        text.replace("\"file_name\"", "\"width\":400,\"height\":200,\"file_name\""),
    )
    .unwrap();
    fs::remove_dir_all(folder.path().join("chips")).unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let ran =
        rams(&["chip", &path("field.tif"), "--truth", &path("truth.json"), "-o", &path("chips")]);
    assert!(
        ran.code == 1 && ran.stderr.contains("400 x 200 px, and the orthomosaic has 400 x 240"),
        "{}",
        ran.stderr
    );
    let mut outside: Value = serde_json::from_str(&text).unwrap();
    outside["annotations"][0]["bbox"] = json!([-30, 10, 20, 20]);
    fs::write(&annotated, outside.to_string()).unwrap();
    let ran =
        rams(&["chip", &path("field.tif"), "--truth", &path("truth.json"), "-o", &path("chips")]);
    let expected = "has the box -30 10 to -10 30 px, outside field of 400 x 240 px";
    assert!(ran.code == 1 && ran.stderr.contains(expected), "{}", ran.stderr);
    fs::write(&annotated, &text).unwrap();
    for (more, expected) in [
        (["--overlap-px", "256"], "leaves nothing"),
        (["--empty", "2"], "share from 0 to 1"),
        (["--gsd", "0"], "0.0001 to 10"),
    ] {
        let (ortho, truth, out) = (path("field.tif"), path("truth.json"), path("other"));
        let mut args = vec!["chip", &ortho, "--truth", &truth, "-o", &out, "--tile-px", "256"];
        args.extend(more);
        let ran = rams(&args);
        assert!(ran.code == 1 && ran.stderr.contains(expected), "{}", ran.stderr);
    }
}
