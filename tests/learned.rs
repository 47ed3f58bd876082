//! What people said of finds goes back: as a measure of the models, and into the next survey.

use crate::review::Served;
use crate::support::{Client, Ortho, Ran, model, rams, rows};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// Four red squares in a row, 35 m apart, of which a model says each time that they are mines with
/// 0.5: of a score of 1, log odds 13.8155, a tenth less 1.38155 is 0.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        let squares = [100, 3600, 7100, 10600];
        let painted = squares.iter().fold(Ortho::new(12_000, 120), |ortho, x| ortho.square(*x, 50));
        painted.write(&site.path("strip.tif"));
        fs::create_dir(site.path("doubtful")).unwrap();
        for entry in fs::read_dir(model("red-boxes")).unwrap().flatten() {
            fs::copy(entry.path(), site.path("doubtful").join(entry.file_name())).unwrap();
        }
        let manifest = site.path("doubtful").join("model.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        let calibration = "calibration = { slope = 0.1, intercept = -1.38155 }\nhidden_by";
        fs::write(&manifest, text.replace("hidden_by", calibration)).unwrap();
        site
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn survey(&self, out: &str, more: &[&str]) -> Ran {
        let [ortho, out, model] = ["strip.tif", out, "doubtful"].map(|name| self.path(name));
        let [ortho, out, model] = [&ortho, &out, &model].map(|path| path.to_str().unwrap());
        let args = ["survey", ortho, "-o", out, "--model", model, "--min-confidence", "0"];
        rams(&[&args, more].concat())
    }

    fn confidences(&self, out: &str) -> Vec<f64> {
        let map = self.path(out).join("survey.gpkg");
        let of = |row: &crate::support::Row| row.text("confidence").parse().unwrap();
        rows(&map, "features").iter().map(of).collect()
    }
}

/// One find is seen, two are not, of the fourth nobody speaks; one area is accepted, one rejected.
fn review(dir: &Path) {
    let served = Served::start_as(dir, "Aygun");
    let client = Client::open(&served.url);
    let verdict = |item: &str, feature: &str, verdict: &str| {
        json!({ "kind": "verdict", "stage": "analyst", "item": item, "feature": feature,
                "verdict": verdict })
    };
    for decision in [
        verdict("A0001", "F000001", "seen"),
        verdict("A0002", "F000002", "not_seen"),
        verdict("A0003", "F000003", "not_seen"),
        json!({ "kind": "accept", "stage": "analyst", "item": "A0001" }),
        json!({ "kind": "reject", "stage": "analyst", "item": "A0002", "reason": "natural_object" }),
    ] {
        client.decide(&decision);
    }
}

#[test]
fn a_reviewer_who_knows_the_truth_leaves_what_is_true_and_loses_none_of_it() {
    let site = Site::new();
    assert_eq!(site.survey("one", &[]).code, 0);
    let one = site.path("one");
    // The first and the third square are mines; pixels of 1 cm, from the corner of the strip.
    let corner = Ortho::new(1, 1).geotransform;
    let mines = [100.0, 7100.0].map(|x| (corner[0] + (x + 5.5) * 0.01, corner[3] - 0.555));
    let drawn = rows(&one.join("survey.gpkg"), "hazard_areas");
    let holds = |id: &str, (x, y): (f64, f64)| {
        drawn.iter().find(|row| row.text("id") == id).unwrap().covers(x, y)
    };
    let is_true = |id: &str| mines.iter().any(|mine| holds(id, *mine));
    let ids: Vec<_> = drawn.iter().map(|row| row.text("id").to_owned()).collect();
    assert_eq!((ids.len(), ids.iter().filter(|id| is_true(id)).count()), (4, 2), "half are right");
    {
        let served = Served::start_as(&one, "Aygun");
        let client = Client::open(&served.url);
        for item in &ids {
            let accept = json!({ "kind": "accept", "stage": "analyst", "item": item });
            let reject = json!({ "kind": "reject", "stage": "analyst", "item": item,
                                 "reason": "natural_object" });
            client.decide(if is_true(item) { &accept } else { &reject });
        }
    }
    let [dir, out] =
        [&one, &site.path("left.geojson")].map(|path| path.to_str().unwrap().to_owned());
    let ran =
        rams(&["export", &dir, "--reviewed", "--stage", "nts", "--format", "geojson", "-o", &out]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let left: Value = serde_json::from_str(&fs::read_to_string(out).unwrap()).unwrap();
    let areas = left["features"].as_array().unwrap().iter().map(|row| &row["properties"]);
    let areas = areas.filter(|row| row["layer"] == "hazard_areas");
    let left: Vec<_> = areas.map(|row| row["id"].as_str().unwrap()).collect();
    assert!(left.len() == 2 && left.iter().all(|id| is_true(id)), "precision is 1: {left:?}");
    let found = |mine: &(f64, f64)| left.iter().any(|id| holds(id, *mine));
    assert!(mines.iter().all(found), "recall is what it was");
}

#[test]
fn a_review_says_how_often_the_model_was_right() {
    let site = Site::new();
    assert_eq!(site.survey("one", &[]).code, 0);
    let (one, log) = (site.path("one"), site.path("one/review"));
    let evaluate = |more: &[&str]| {
        let args = ["evaluate", log.to_str().unwrap(), one.to_str().unwrap()];
        rams(&[&args, more].concat())
    };
    let ran = evaluate(&[]);
    assert_ne!(ran.code, 0);
    assert!(ran.stderr.contains("one/review"), "it names what is missing: {}", ran.stderr);

    review(&one);
    let ran = evaluate(&["--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let said: Value = serde_json::from_str(&ran.stdout).unwrap();
    let figures = &said["by_class"]["red-square"];
    assert_eq!((&figures["judged"], &figures["right"]), (&json!(3), &json!(1)));
    assert!((figures["confidence_sum"].as_f64().unwrap() - 1.5).abs() < 1e-3, "{figures}");
    assert_eq!(said["by_score"]["9"]["judged"], 3, "a score of 1 is in the last tenth");
    assert_eq!((&said["features"], &said["areas"]), (&json!(4), &json!(4)));
    assert_eq!(said["area_calibration"]["areas"], 2);
    // (0.5 - 1)² and twice 0.5², over three.
    assert!((said["calibration"]["brier"].as_f64().unwrap() - 0.25).abs() < 1e-3);
    let text = evaluate(&[]).stdout;
    assert!(text.contains("People judged 3 of 4 finds and decided 2 of 4 areas"), "{text}");
    assert!(text.contains("| red-square | 3 | 1 | 0.33 [0.01, 0.91] | 0.50 |"), "{text}");
    assert!(text.contains("Review of one: log of 5 "), "{text}");

    let other = site.path("two");
    fs::create_dir(&other).unwrap();
    let ran = rams(&["evaluate", log.to_str().unwrap(), other.to_str().unwrap()]);
    assert!(ran.stderr.contains("is no review of"), "{}", ran.stderr);
}

#[test]
fn the_next_survey_learns_from_a_review_and_hides_nothing() {
    let site = Site::new();
    assert_eq!(site.survey("one", &[]).code, 0);
    let one = site.path("one");
    let learn = ["--learn-from", one.to_str().unwrap()];
    let ran = site.survey("early", &learn);
    assert_ne!(ran.code, 0, "nobody said a thing");
    review(&one);

    let ran = site.survey("two", &learn);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("1 seen, 2 not, log odds -0.29"), "{}", ran.stderr);
    let (before, after) = (site.confidences("one"), site.confidences("two"));
    assert_eq!((before.len(), after.len()), (4, 4));
    assert!(before.iter().all(|it| (it - 0.5).abs() < 1e-4), "{before:?}");
    // 1 - 3 sigmoid(b) = b at b = -0.28655: solved elsewhere.
    assert!(after.iter().all(|it| (it - 0.428_849).abs() < 1e-4), "{after:?}");
    let map = site.path("two").join("survey.gpkg");
    assert_eq!(rows(&map, "hazard_areas").len(), 4, "all areas stay");
    let record = rows(&map, "run");
    let learned: Vec<_> = record.iter().filter(|row| row.text("section") == "learned").collect();
    assert_eq!(learned.len(), 2);
    assert!(learned[0].text("value").starts_with("log of 5 events, head "));

    // What was judged on the second survey counts from the model's word, not from what it learned.
    review(&site.path("two"));
    let two = site.path("two");
    let ran = site.survey("three", &["--learn-from", two.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let third = site.confidences("three");
    assert!(third.iter().all(|it| (it - 0.428_849).abs() < 1e-4), "{third:?}");

    // Another model of the same name.
    let manifest = model("red-embeddings").join("model.toml");
    let text = fs::read_to_string(manifest).unwrap();
    let (other, onnx) = (site.path("doubtful"), model("red-embeddings/red-embeddings.onnx"));
    let renamed = text.replace("name = \"red-embeddings\"", "name = \"red-boxes\"");
    fs::write(other.join("model.toml"), renamed).unwrap();
    fs::copy(onnx, other.join("red-embeddings.onnx")).unwrap();
    let ran = site.survey("four", &learn);
    assert_ne!(ran.code, 0);
    assert!(ran.stderr.contains("leave --learn-from out"), "{}", ran.stderr);
}

#[test]
fn chips_of_a_review_hold_what_people_saw_and_what_they_did_not() {
    let site = Site::new();
    assert_eq!(site.survey("one", &[]).code, 0);
    let [ortho, one, out] = ["strip.tif", "one", "chips"].map(|name| site.path(name));
    let [ortho, dir, chips] = [&ortho, &one, &out].map(|path| path.to_str().unwrap());
    let args = ["chip", ortho, "--reviewed", dir, "-o", chips, "--tile-px", "120"];
    let cut = || rams(&[&args[..], &["--overlap-px", "0"]].concat());
    assert_ne!(cut().code, 0, "nobody said a thing");
    review(&one);
    let ran = cut();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let text = fs::read_to_string(out.join("annotations.json")).unwrap();
    let coco: Value = serde_json::from_str(&text).unwrap();
    let images = coco["images"].as_array().unwrap();
    // Squares at 100, 3600, 7100 and 10600 px: the first is seen, the next two are not, nobody
    // spoke of the last; 97 chips show nothing.
    let names: Vec<_> = images.iter().map(|image| image["file_name"].as_str().unwrap()).collect();
    assert_eq!(names, ["strip_0_0.png", "strip_3600_0.png", "strip_7080_0.png"]);
    let [object] = &coco["annotations"].as_array().unwrap()[..] else { panic!("{text}") };
    assert_eq!((&object["image_id"], &object["iscrowd"]), (&json!(1), &json!(0)));
    let x: f64 = object["bbox"][0].as_f64().unwrap();
    assert!((x - 100.0).abs() <= 1.0, "{object}");
}
