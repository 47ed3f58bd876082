//! `rams evaluate` on surveys whose answers are known.

use crate::support::{Ortho, model, rams, survey};
use gdal::{
    Dataset, DatasetOptions, DriverManager, GdalOpenFlags,
    vector::{
        Feature, FieldDefn, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType,
        sql::Dialect,
    },
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Two of three true squares are painted, and one square that is no truth.
struct Field {
    folder: tempfile::TempDir,
    truth: PathBuf,
    survey: PathBuf,
}

fn truth(name: &str, class: &str) -> Value {
    let annotation = |at: usize, x: i32, y: i32| json!({ "id": at, "image_id": 5, "category_id": 1, "bbox": [x, y, 11, 11], "area": 121, "iscrowd": 0 });
    json!({
        "images": [{ "id": 5, "file_name": format!("{name}.tif"), "width": 600, "height": 400, "valid_m2": 20.0 }],
        "annotations": [annotation(1, 100, 50), annotation(2, 300, 200), annotation(3, 500, 100)],
        "categories": [{ "id": 1, "name": class, "supercategory": "square" }],
    })
}

fn field() -> Field {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("field.tif");
    Ortho::new(600, 400).square(100, 50).square(300, 200).square(450, 300).write(&ortho);
    let out = folder.path().join("survey");
    let (ran, _) = survey(&ortho, &out, &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let path = folder.path().join("field_truth.json");
    fs::write(&path, truth("field", "red-square").to_string()).unwrap();
    Field { truth: path, survey: out, folder }
}

fn run(paths: &[&Path], more: &[&str]) -> crate::support::Ran {
    let mut args = vec!["evaluate"];
    args.extend(paths.iter().map(|path| path.to_str().unwrap()));
    args.extend(more);
    rams(&args)
}

fn figures(paths: &[&Path], more: &[&str]) -> Value {
    let ran = run(paths, &[more, &["--json"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn a_survey_is_counted_against_its_truth() {
    let Field { folder, truth, survey } = field();
    let red_boxes = model("red-boxes");
    let more = ["--model", red_boxes.to_str().unwrap()];
    let all = figures(&[&truth, &survey], &more);
    let table = &all["by_class"]["all"];
    let red = &table["classes"]["red-square"];
    assert_eq!(
        [&red["objects"], &red["centre"]["hits"], &red["centre"]["false_alarms"]],
        [3, 2, 1]
    );
    assert_eq!(red["iou50"]["hits"], 2);
    assert_eq!(
        red["centre"]["false_alarms_per_hectare"],
        json!(500.0),
        "one on the 20 square metres of the truth"
    );
    assert_eq!(all["thresholds"]["red-square"], 0.5);
    assert_eq!(all["confusion"]["counts"], json!([[2, 1], [1, 0]]));
    // A truth that does not say how much ground there is has that which was assessed: 24 square
    // metres.
    let unmeasured = folder.path().join("unmeasured.json");
    fs::write(&unmeasured, fs::read_to_string(&truth).unwrap().replace(",\"valid_m2\":20.0", ""))
        .unwrap();
    let hectares =
        figures(&[&unmeasured, &survey], &more)["by_class"]["all"]["hectares"].as_f64().unwrap();
    assert!((hectares - 24e-4).abs() < 5e-6, "{hectares}");
    let ground = &all["ground"]["field"];
    assert_eq!([&ground["truth_m2"], &ground["counted_m2"]], [20.0, 20.0]);
    assert_eq!(ground["incomplete"], false);
    // A folder stands for the truths in it, a folder of surveys for the surveys, survey.gpkg for
    // its folder.
    for paths in [[folder.path(), folder.path()], [&truth, &survey.join("survey.gpkg")]] {
        assert_eq!(figures(&paths, &more)["by_class"], all["by_class"]);
    }
}

#[test]
fn rates_are_over_ground_that_the_survey_assessed() {
    let Field { folder, truth, survey } = field();
    let text = fs::read_to_string(&truth).unwrap();
    let other = folder.path().join("other.json");
    let run_with = |text: String| {
        fs::write(&other, text).unwrap();
        (
            figures(&[&other, &survey], &[])["ground"]["field"].clone(),
            run(&[&other, &survey], &[]).stdout,
        )
    };
    // A truth of 48 square metres, of which the survey holds 24; and one that speaks of pixels
    // alone, of which it cannot know which hold image.
    let (ground, said) = run_with(text.replace("\"valid_m2\":20.0", "\"valid_m2\":48.0"));
    let counted = ground["counted_m2"].as_f64().unwrap();
    assert!((counted - 24.0).abs() < 0.05 && ground["incomplete"] == true, "{ground}");
    assert!(said.contains("warning: field: the survey assessed 50.0 %"), "{said}");
    let (ground, said) = run_with(text.replace("\"valid_m2\":20.0", "\"gsd_m\":0.5"));
    assert_eq!(ground["counted_m2"].as_f64(), Some(counted), "{ground}");
    assert!(!said.contains("warning"), "{said}");
    // An ignored object of 11 x 11 px of 1 cm is no ground to raise an alarm on, and one of two
    // finds.
    let (ground, said) = run_with(text.replacen("\"iscrowd\":0", "\"iscrowd\":1", 1));
    assert_eq!(ground["ignored_px2"], 121.0, "{said}");
    assert!((ground["counted_m2"].as_f64().unwrap() - (20.0 - 0.0121)).abs() < 1e-4, "{ground}");
}

#[test]
fn a_survey_counts_from_its_own_thresholds_on() {
    let Field { folder, truth, survey } = field();
    let all = figures(&[&truth, &survey], &[]);
    assert_eq!(all["thresholds"]["red-square"], 0.5);
    assert_eq!(all["models"]["red-boxes"].as_str().unwrap().len(), 64);
    let said = run(&[&truth, &survey], &[]).stdout;
    assert!(said.contains("Thresholds: 0.500 for red-square\n"), "{said}");
    assert_eq!(run(&[&truth, &survey], &["--threshold", "0.6"]).code, 0);
    let error = |more: &[&str], expected: [&str; 2]| {
        let ran = run(&[&truth, &survey], more);
        assert!(
            ran.code == 1 && expected.iter().all(|text| ran.stderr.contains(text)),
            "{}",
            ran.stderr
        );
    };
    error(&["--threshold", "0.4"], ["from a score of 0.4", "none below 0.5"]);
    let with = |threshold: &str, more: &str| {
        let class = format!("[[class]]\nname = \"red-square\"\nthreshold = {threshold}\n");
        fs::write(
            folder.path().join("model.toml"),
            format!("name = \"red-boxes\"\n{more}\n{class}"),
        )
        .unwrap();
    };
    let here = ["--model", folder.path().to_str().unwrap()];
    with("0.3", "");
    error(&here, ["from a score of 0.3", "none below 0.5"]);
    with("0.5", "digest = \"sha256:00\"");
    error(&here, ["of sha256 00", all["models"]["red-boxes"].as_str().unwrap()]);
    // A find below its class's threshold is another class's, called by the name of the family.
    let options =
        DatasetOptions { open_flags: GdalOpenFlags::GDAL_OF_UPDATE, ..DatasetOptions::default() };
    let stored = Dataset::open_ex(survey.join("survey.gpkg"), options).unwrap();
    stored
        .execute_sql("UPDATE features SET score = 0.3 WHERE fid = 1", None, Dialect::DEFAULT)
        .unwrap();
    stored.close().unwrap();
    error(&[], ["holds one of 0.3, and the threshold of the survey is 0.5", "give --model"]);
    for more in [["--threshold", "1.5"], ["--threshold", "NaN"], ["--max-detections", "0"]] {
        assert_eq!(run(&[&truth, &survey], &more).code, 2, "{more:?}");
    }
}

#[test]
fn tables_and_plots_are_written() {
    let Field { folder, truth, survey } = field();
    let out = folder.path().join("figures");
    let ran = run(&[&truth, &survey], &["-o", out.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains("red-square") && ran.stdout.contains("square "),
        "class and family: {}",
        ran.stdout
    );
    for word in ["safe", "clear"] {
        assert!(!ran.stdout.to_lowercase().contains(word), "{}", ran.stdout);
    }
    let mut files: Vec<_> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let plots = ["confusion", "precision_recall", "recall_false_alarms", "reliability"];
    let mut expected = vec!["evaluation.json".to_owned(), "tables.csv".to_owned()];
    expected.extend(plots.iter().flat_map(|plot| [format!("{plot}.png"), format!("{plot}.svg")]));
    expected.sort();
    assert_eq!(files, expected);
}

#[test]
fn results_in_coco_need_no_survey() {
    let Field { folder, truth, .. } = field();
    let results = folder.path().join("results.json");
    let row = |x: f64, score: f64| json!({ "image_id": 5, "category_id": 1, "bbox": [x, 50, 11, 11], "score": score });
    fs::write(&results, json!([row(101.0, 0.9), row(99.0, 0.6), row(200.0, 0.3)]).to_string())
        .unwrap();
    let count = |more: &[&str]| {
        let red = figures(&[&truth, &results], more)["by_class"]["all"]["classes"]["red-square"]["centre"].clone();
        ["hits", "duplicates", "false_alarms"].map(|count| red[count].as_u64().unwrap())
    };
    assert_eq!(count(&[]), [1, 1, 1]);
    assert_eq!(count(&["--threshold", "0.5"]), [1, 1, 0]);
    fs::write(
        &results,
        json!([{ "image_id": 5, "category_id": 9, "bbox": [0, 0, 1, 1], "score": 1 }]).to_string(),
    )
    .unwrap();
    let ran = run(&[&truth, &results], &[]);
    assert!(ran.code == 1 && ran.stderr.contains("category 9"), "{}", ran.stderr);
    fs::write(
        &results,
        json!([{ "image_id": 6, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1 }]).to_string(),
    )
    .unwrap();
    let ran = run(&[&truth, &results], &[]);
    assert!(ran.code == 1 && ran.stderr.contains("image 6"), "{}", ran.stderr);
}

#[test]
fn a_scene_is_truth_enough() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, out) = (folder.path().join("scene.tif"), folder.path().join("survey"));
    let painted = rams(&["scene", ortho.to_str().unwrap(), "--size", "900x700", "--gsd", "0.01"]);
    assert_eq!(painted.code, 0, "{}", painted.stderr);
    let (ran, _) = survey(&ortho, &out, &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let pooled = &figures(&[&folder.path().join("scene_truth.gpkg"), &out], &[])["by_class"]["all"]
        ["pooled"];
    assert!(pooled["objects"].as_u64().unwrap() > 3, "{pooled}");
    assert_eq!(pooled["centre"]["hits"], 0, "no mine is a red square");

    // Of a scene's two truths a folder stands for the JSON; a map without one is read beside it.
    let read = |more: &[&Path]| {
        figures(&[&[folder.path()], more, &[folder.path()]].concat(), &[])["truths"].clone()
    };
    assert_eq!(read(&[]), json!(["scene_truth.json"]));
    let field = field();
    fs::remove_file(folder.path().join("scene_truth.json")).unwrap();
    fs::rename(&field.survey, folder.path().join("survey-of-field")).unwrap();
    let ran = run(&[folder.path(), folder.path()], &[]);
    assert!(ran.code == 1 && ran.stderr.contains("no truth of field is given"), "{}", ran.stderr);
    fs::copy(&field.truth, folder.path().join("field_truth.json")).unwrap();
    assert_eq!(read(&[]), json!(["field_truth.json", "scene_truth.gpkg"]));
}

/// A GeoPackage of one layer each, with one object.
fn map(path: &Path, layers: &[&str], class: Option<&str>, px: [f64; 4]) {
    let mut dataset =
        DriverManager::get_driver_by_name("GPKG").unwrap().create_vector_only(path).unwrap();
    for name in layers {
        let options =
            LayerOptions { name, ty: OGRwkbGeometryType::wkbNone, ..LayerOptions::default() };
        let layer = dataset.create_layer(options).unwrap();
        FieldDefn::new("class", OGRFieldType::OFTString).unwrap().add_to_layer(&layer).unwrap();
        let sides = ["px_x0", "px_y0", "px_x1", "px_y1"];
        for side in sides {
            FieldDefn::new(side, OGRFieldType::OFTReal).unwrap().add_to_layer(&layer).unwrap();
        }
        let mut row = Feature::new(layer.defn()).unwrap();
        if let Some(class) = class {
            row.set_field_string(0, class).unwrap();
        }
        for (at, value) in (1..).zip(px) {
            row.set_field_double(at, value).unwrap();
        }
        row.create(&layer).unwrap();
    }
    dataset.close().unwrap();
}

#[test]
fn rows_of_a_map_that_are_no_object_are_named() {
    let Field { folder, survey, .. } = field();
    let square = [100.0, 50.0, 111.0, 61.0];
    let (both, class) = (["truth", "labels"], Some("red-square"));
    let cases = [
        (&both[1..], class, square, ""),
        (&both[1..], class, [111.0, 50.0, 100.0, 61.0], "row 1 has the box"),
        (&both[..1], class, [100.0, 50.0, 100.0, 61.0], "row 1 has the box"),
        (&both[..1], None, square, "row 1 has no class"),
        (&both[..], class, square, "it has both layers"),
    ];
    for (at, (layers, class, px, expected)) in cases.into_iter().enumerate() {
        let path = folder.path().join(at.to_string()).join("field_labels.gpkg");
        fs::create_dir(path.parent().unwrap()).unwrap();
        map(&path, layers, class, px);
        let ran = run(&[&path, &survey], &[]);
        assert_eq!(ran.code, i32::from(!expected.is_empty()), "{}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
}

#[test]
fn a_class_that_the_model_knows_by_its_family_alone_is_found_as_one() {
    let Field { folder, survey, .. } = field();
    let class =
        |name: &str, more: &str| format!("[[class]]\nname = \"{name}\"\nthreshold = 0.5\n{more}\n");
    let model = [
        "name = \"red-boxes\"\n",
        &class("square", ""),
        &class("red-square", "parent = \"square\""),
    ]
    .concat();
    fs::write(folder.path().join("model.toml"), model).unwrap();
    let scarlet = folder.path().join("scarlet.json");
    fs::write(&scarlet, truth("field", "scarlet-square").to_string()).unwrap();
    let all = figures(&[&scarlet, &survey], &["--model", folder.path().to_str().unwrap()]);
    let counts = |level: &str, class: &str| {
        let figures = &all[level]["all"]["classes"][class];
        [&figures["objects"], &figures["centre"]["hits"], &figures["centre"]["false_alarms"]]
            .map(Value::as_u64)
    };
    assert_eq!(counts("by_class", "scarlet-square"), [Some(3), Some(0), Some(0)]);
    assert_eq!(counts("by_class", "red-square"), [Some(0), Some(0), Some(3)]);
    assert_eq!(counts("by_family", "square"), [Some(3), Some(2), Some(1)]);
}

#[test]
fn a_silent_miss_is_an_error() {
    let Field { folder, truth: path, survey } = field();
    let red_boxes = model("red-boxes");
    let with_model = ["--model", red_boxes.to_str().unwrap()];
    let written = |name: &str, class: &str| {
        let other = folder.path().join(format!("{name}-{class}.json"));
        fs::write(&other, truth(name, class).to_string()).unwrap();
        other
    };
    let (elsewhere, misspelt) = (written("elsewhere", "red-square"), written("field", "red-sqare"));
    let (nowhere, map) = (folder.path().join("nowhere"), survey.join("survey.gpkg"));
    let no_model = folder.path().to_str().unwrap();
    let narrow = folder.path().join("narrow.json");
    fs::write(
        &narrow,
        fs::read_to_string(&path).unwrap().replace("\"width\":600", "\"width\":500"),
    )
    .unwrap();
    let outside = folder.path().join("outside.json");
    let mut cut = truth("field", "red-square");
    cut["annotations"][1]["bbox"] = json!([5000, 10, 20, 20]);
    fs::write(&outside, cut.to_string()).unwrap();
    let expected = "its object 2, red-square, has the box 5000 10 to 5020 30 px, outside field of \
                    600 x 400 px";
    let cases: [(&[&Path], &[&str], &str); 8] = [
        (&[&outside, &survey], &[], expected),
        (&[&narrow, &survey], &[], "500 x 400 px, and the orthomosaic has 600 x 400 px"),
        (&[&elsewhere, &survey], &[], "cannot find one survey of elsewhere"),
        (&[&path, &survey], &["--skip", "red-sqare"], "no object or prediction is called so"),
        (&[&path, &path, &survey], &[], "is not the only one"),
        (&[&path, &nowhere], &[], "survey.gpkg"),
        (&[&map, &survey], &[], "no layer truth or labels"),
        (&[&path, &survey], &["--model", no_model], "model.toml"),
    ];
    for (paths, more, expected) in cases {
        let ran = run(paths, more);
        assert_eq!(ran.code, 1, "{expected}");
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
    // What the model does not name is left out, and said.
    let (said, all) = (
        run(&[&misspelt, &survey], &with_model).stdout,
        figures(&[&misspelt, &survey], &with_model),
    );
    assert!(said.contains("the model does not name them: red-sqare (3)"), "{said}");
    assert_eq!(
        [&all["left_out"]["red-sqare"], &all["by_class"]["all"]["pooled"]["objects"]],
        [3, 0]
    );
    // A survey by another model says nothing about this one.
    let mask = model("red-mask");
    let ran = run(&[&path, &survey], &["--model", mask.to_str().unwrap(), "--skip", "red-square"]);
    assert!(ran.code == 1 && ran.stderr.contains("field by red-boxes"), "{}", ran.stderr);
    assert_eq!(run(&[&path], &[]).code, 2, "truth alone is no use");
}

/// Two red patches, of 100 x 50 px and of 40 x 40 px, and the JSON that says so of the first and of
/// one that is not there. Pixels of 1 cm.
fn patches(folder: &Path) -> [PathBuf; 2] {
    let ortho = folder.join("field.tif");
    // In stripes: a cell of one colour alone would count as without image.
    let patch = |ortho: Ortho, x: (i64, i64), y: (i64, i64)| {
        let stripe = |ortho: Ortho, at: i64| ortho.fill((at, at + 1), y, [250, 0, 0]);
        (x.0..x.1).step_by(2).fold(ortho.fill(x, y, [255, 0, 0]), stripe)
    };
    patch(patch(Ortho::new(600, 400), (200, 300), (100, 150)), (400, 440), (300, 340))
        .write(&ortho);
    let ring = |x: i32, y: i32| json!([[x, y, x + 100, y, x + 100, y + 50, x, y + 50]]);
    let row = |at: i32, category: i32, x: i32, y: i32| json!({ "id": at, "image_id": 1, "category_id": category, "bbox": [x, y, 100, 50], "segmentation": ring(x, y) });
    let truth = json!({
        "images": [{ "id": 1, "file_name": "field.tif", "width": 600, "height": 400, "valid_m2": 24.0 }],
        "annotations": [row(1, 1, 200, 100), row(2, 1, 200, 300), row(3, 2, 10, 10)],
        "categories": [{ "id": 1, "name": "red" }, { "id": 2, "name": "pfm-1" }],
    });
    let path = folder.join("field_truth.json");
    fs::write(&path, truth.to_string()).unwrap();
    let out = folder.join("survey");
    let (ran, _) = survey(&ortho, &out, &["red-mask"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    [path, out]
}

#[test]
fn works_are_compared_as_ground() {
    let folder = tempfile::tempdir().unwrap();
    let [truth, survey] = patches(folder.path());
    let mask = model("red-mask");
    let with_model = ["--model", mask.to_str().unwrap()];
    let all = figures(&[&truth, &survey], &with_model);
    assert_eq!(all["left_out"], json!({ "pfm-1": 1 }));
    assert_eq!(all.get("by_class"), None, "the model finds no boxes");
    let red = &all["works"]["by_class"]["all"]["classes"]["red"];
    let number = |value: &Value| value.as_f64().unwrap();
    // Half a square metre is found of one, and 0.16 square metres are where nothing is.
    let iou = number(&red["overlap"]["iou"]);
    assert!((iou - 0.5 / 1.16).abs() < 1e-3, "{iou}");
    assert!((number(&red["overlap"]["true_m2"]) - 1.0).abs() < 2e-3, "{red}");
    let objects = &red["objects"];
    let counts =
        ["objects", "found", "predictions", "right"].map(|key| objects[key].as_u64().unwrap());
    assert_eq!(
        (counts, &red["false_alarms"], &red["length"]),
        ([2, 1, 2, 1], &json!(1), &Value::Null)
    );
    let judged = all["works"]["features"].as_array().unwrap();
    let said = judged.iter().map(|it| [&it["flight"], &it["id"], &it["verdict"], &it["right"]]);
    let mut said: Vec<_> = said.map(|it| it.map(Value::to_string).join(" ")).collect();
    said.sort();
    assert_eq!(
        said,
        [r#""field" "F000001" "touches" true"#, r#""field" "F000002" "false_alarm" false"#]
    );
    let per_km2 = number(&red["false_alarms_per_km2"]);
    assert!((per_km2 - 1e6 / 24.0).abs() < 100.0, "{per_km2}");

    // Without a model the survey says what has an area; the mine is a box beside it.
    let both = figures(&[&truth, &survey], &[]);
    assert_eq!(both["works"]["by_class"]["all"]["classes"]["red"], *red);
    let classes = both["by_class"]["all"]["classes"].as_object().unwrap();
    assert_eq!(classes.keys().collect::<Vec<_>>(), ["pfm-1"]);

    let out = folder.path().join("figures");
    let said =
        run(&[&truth, &survey], &[&with_model[..], &["-o", out.to_str().unwrap()]].concat()).stdout;
    assert!(said.contains("Left out of the truth") && said.contains("Works by class"), "{said}");
    for word in ["safe", "clear"] {
        assert!(!said.to_lowercase().contains(word), "{said}");
    }
    assert!(fs::read_to_string(out.join("works.csv")).unwrap().contains("class,field,red,"));
    assert!(out.join("works_precision_recall.svg").exists() && !out.join("tables.csv").exists());

    // Outlines in pixels are nowhere without the orthomosaic; on empty ground there are none.
    fs::remove_file(folder.path().join("field.tif")).unwrap();
    let ran = run(&[&truth, &survey], &with_model);
    assert!(ran.code == 1 && ran.stderr.contains("field.tif beside it"), "{}", ran.stderr);
    let empty: Value = serde_json::from_str(&fs::read_to_string(&truth).unwrap()).unwrap();
    fs::write(
        &truth,
        json!({ "images": empty["images"], "annotations": [], "categories": [] }).to_string(),
    )
    .unwrap();
    let pooled =
        figures(&[&truth, &survey], &with_model)["works"]["by_family"]["all"]["pooled"].clone();
    assert_eq!([&pooled["false_alarms"], &pooled["objects"]["recall"]], [&json!(2), &Value::Null]);
    for wrong in ["-1", "NaN", "wide"] {
        assert_eq!(run(&[&truth, &survey], &["--tolerance-m", wrong]).code, 2, "{wrong}");
    }
}

#[test]
fn works_lie_where_the_survey_took_the_orthomosaic_to_lie() {
    let folder = tempfile::tempdir().unwrap();
    let [truth, _] = patches(folder.path());
    let (ortho, out) = (folder.path().join("field.tif"), folder.path().join("elsewhere"));
    let (ran, _) = survey(&ortho, &out, &["red-mask"], &["--assume-crs", "EPSG:32634"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mask = model("red-mask");
    let all = figures(&[&truth, &out], &["--model", mask.to_str().unwrap()]);
    let iou = all["works"]["by_class"]["all"]["classes"]["red"]["overlap"]["iou"].as_f64().unwrap();
    assert!((iou - 0.5 / 1.16).abs() < 1e-3, "{iou}");
}

/// A copy of the toy that learned from something.
fn trained(folder: &Path, training_data: &str) -> PathBuf {
    let (toy, copy) = (model("red-boxes"), folder.join("trained"));
    fs::create_dir(&copy).unwrap();
    for file in fs::read_dir(&toy).unwrap().map(|entry| entry.unwrap().path()) {
        fs::copy(&file, copy.join(file.file_name().unwrap())).unwrap();
    }
    let toml = fs::read_to_string(toy.join("model.toml")).unwrap();
    assert!(toml.contains("training_data = []"));
    let toml = toml.replace("training_data = []", &format!("training_data = [{training_data}]"));
    fs::write(copy.join("model.toml"), toml).unwrap();
    copy
}

#[test]
fn a_score_on_training_data_is_called_mixed() {
    let Field { folder, truth: path, survey } = field();
    let copy = trained(
        folder.path(),
        r#""scenes of rams-scene (no photograph)", "Field.tif, CC-BY-4.0", "field5.tif, CC0""#,
    );
    let copy = copy.to_str().unwrap();
    // The survey was made by a copy that says nothing; the model that is given does.
    let said = run(&[&path, &survey], &["--model", copy]).stdout;
    let mixed = "the score is mixed: red-boxes was trained on Field.tif; what it finds there says \
                 little about other ground";
    assert!(said.contains(mixed), "{said}");
    let ran = run(&[&path, &survey], &["--model", copy, "--json"]);
    assert!(ran.stderr.contains(mixed), "{}", ran.stderr);
    let all: Value = serde_json::from_str(&ran.stdout).unwrap();
    let overlap = json!([{ "model": "red-boxes", "trained_on": ["Field.tif"] }]);
    assert_eq!(all["training_overlaps"], overlap);
    let map = folder.path().join("found.gpkg");
    points(&map, "AP_MINE", &[[500_003.0, 998.0]]);
    assert_eq!(figures(&[&map, &survey], &["--model", copy])["training_overlaps"], overlap);

    // The record of a survey keeps it, too; ground of another name is not called mixed.
    let again = |name: &str| {
        let (ortho, out) = (folder.path().join(format!("{name}.tif")), folder.path().join(name));
        fs::copy(folder.path().join("field.tif"), &ortho).unwrap();
        let args = ["survey", ortho.to_str().unwrap(), "-o", out.to_str().unwrap()];
        assert_eq!(rams(&[&args[..], &["--model", copy]].concat()).code, 0);
        let file = folder.path().join(format!("{name}.json"));
        fs::write(&file, truth(name, "red-square").to_string()).unwrap();
        figures(&[&file, &out], &[])["training_overlaps"].clone()
    };
    assert_eq!(again("FIELD5"), json!([{ "model": "red-boxes", "trained_on": ["field5.tif"] }]));
    assert_eq!([again("field15"), again("fiel")], [Value::Null, Value::Null]);
    // Of a model that names none it is not known.
    let unknown = json!([{ "model": "red-boxes", "trained_on": null }]);
    assert_eq!(figures(&[&path, &survey], &[])["training_overlaps"], unknown);
    let said = run(&[&path, &survey], &[]).stdout;
    assert!(said.contains("it is not known what red-boxes was trained on"), "{said}");
}

#[test]
fn predictions_are_laid_side_by_side() {
    let Field { folder, truth, survey } = field();
    // Of the three squares the survey found two; these results are the third and one more.
    let results = folder.path().join("results.json");
    let row = |x: i32, y: i32| json!({ "image_id": 5, "category_id": 1, "bbox": [x, y, 11, 11], "score": 0.9 });
    fs::write(&results, json!([row(500, 100), row(100, 50)]).to_string()).unwrap();
    let (red_boxes, other) = (model("red-boxes"), results.to_str().unwrap());
    let model = ["--model", red_boxes.to_str().unwrap()];
    let against = [&model[..], &["--against", other]].concat();
    let all = figures(&[&truth, &survey], &against);
    let rows = all["side_by_side"]["by_class"].as_array().unwrap();
    let red = &rows.iter().find(|row| row["class"] == "red-square").unwrap()["cells"];
    assert_eq!(
        [&red[0]["false_alarms_per_hectare"], &red[1]["false_alarms_per_hectare"]],
        [500.0, 0.0]
    );
    let paired = &red[1]["against_first"];
    let counts = ["objects", "by_both", "by_first_alone", "by_this_alone"];
    assert_eq!(counts.map(|key| paired[key].as_u64().unwrap()), [3, 1, 1, 1]);
    assert_eq!([&paired["difference"], &paired["p"]], [0.0, 1.0]);
    assert_eq!(all["side_by_side"]["names"], json!(["survey by red-boxes", "results.json"]));
    // Sides that are called alike are told apart by their folders.
    let again = folder.path().join("again/survey");
    fs::create_dir_all(&again).unwrap();
    fs::copy(survey.join("survey.gpkg"), again.join("survey.gpkg")).unwrap();
    let alike = [&model[..], &["--against", again.to_str().unwrap()]].concat();
    let names = [&survey, &again].map(|side| format!("{} by red-boxes", side.display()));
    assert_eq!(figures(&[&truth, &survey], &alike)["side_by_side"]["names"], json!(names));
    // Each evaluation is what it is alone.
    assert_eq!(all["evaluations"][0], figures(&[&truth, &survey], &model));
    assert_eq!(all["evaluations"][1], figures(&[&truth, &results], &model));

    let out = folder.path().join("figures");
    let said = run(&[&truth, &survey], &[&against[..], &["-o", out.to_str().unwrap()]].concat());
    assert!(
        said.stdout.contains("Boxes side by side") && said.stdout.contains("B - A"),
        "{}",
        said.stdout
    );
    let csv = fs::read_to_string(out.join("side_by_side.csv")).unwrap();
    assert!(csv.contains("\nclass,red-square,B,results.json,3,"), "{csv}");
    assert!(out.join("evaluation.json").exists() && !out.join("works_side_by_side.csv").exists());
    // Two models for one set of predictions, or for three.
    let twice = [&model[..], &model[..]].concat();
    assert_eq!(run(&[&truth, &survey], &[&twice[..], &["--against", other]].concat()).code, 0);
    for more in [&[][..], &["--against", other, "--against", other]] {
        let ran = run(&[&truth, &survey], &[&twice[..], more].concat());
        assert!(ran.code == 1 && ran.stderr.contains("2 models"), "{}", ran.stderr);
    }
}

#[test]
fn works_are_laid_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let [truth, survey] = patches(folder.path());
    let mask = model("red-mask");
    let more = ["--model", mask.to_str().unwrap(), "--against", survey.to_str().unwrap()];
    let all = figures(&[&truth, &survey], &more);
    let rows = all["works_side_by_side"]["by_class"].as_array().unwrap();
    let red = &rows.iter().find(|row| row["class"] == "red").unwrap()["cells"];
    assert_eq!(red[0], red[1]);
    assert_eq!([&red[0]["objects"], &red[0]["object_recall"]], [&json!(2), &json!(0.5)]);
    assert_eq!([&red[0]["length_recall"], &all["side_by_side"]], [&Value::Null, &Value::Null]);
    let out = folder.path().join("figures");
    let ran = run(&[&truth, &survey], &[&more[..], &["-o", out.to_str().unwrap()]].concat());
    assert!(ran.stdout.contains("Works side by side"), "{}", ran.stdout);
    let csv = fs::read_to_string(out.join("works_side_by_side.csv")).unwrap();
    assert!(csv.contains("\nclass,red,B,survey by red-mask,,,2,0.500000,"), "{csv}");
}

/// Points of a category in UTM 33N, without boxes in pixels.
fn points(path: &Path, eo_category: &str, places: &[[f64; 2]]) {
    let mut dataset =
        DriverManager::get_driver_by_name("GPKG").unwrap().create_vector_only(path).unwrap();
    let srs = gdal::spatial_ref::SpatialRef::from_epsg(32633).unwrap();
    let layer = dataset
        .create_layer(LayerOptions {
            name: "found by clearance",
            srs: Some(&srs),
            ty: OGRwkbGeometryType::wkbPoint,
            options: None,
        })
        .unwrap();
    FieldDefn::new("eo_category", OGRFieldType::OFTString).unwrap().add_to_layer(&layer).unwrap();
    for [x, y] in places {
        let mut row = Feature::new(layer.defn()).unwrap();
        row.set_field_string(0, eo_category).unwrap();
        let wkt = format!("POINT ({x} {y})");
        row.set_geometry(gdal::vector::Geometry::from_wkt(&wkt).unwrap()).unwrap();
        row.create(&layer).unwrap();
    }
    dataset.close().unwrap();
}

/// Figures of one category and land class.
fn agreement(all: &Value, category: &str, land_class: &str) -> Value {
    let rows = all["areas"]["agreement"].as_array().unwrap();
    let is = |row: &&Value| row["eo_category"] == category && row["land_class"] == land_class;
    rows.iter().find(is).unwrap_or_else(|| panic!("{category}, {land_class}: {rows:?}")).clone()
}

#[test]
fn areas_are_scored_against_boxes_and_against_what_others_found() {
    let Field { folder, truth, survey } = field();
    let near = |value: &Value, expected: f64, within: f64| {
        let found = value.as_f64().unwrap();
        assert!((found - expected).abs() <= within, "{found} is not {expected}");
    };
    // 6 m x 4 m of image. Three true squares 2 m apart, whose discs of 5 m hold all of it.
    let boxes = figures(&[&truth, &survey], &["--model", model("red-boxes").to_str().unwrap()]);
    let both = agreement(&boxes, "AP_MINE", "both");
    assert_eq!([&both["objects"], &both["inside"]], [3, 3], "{both}");
    near(&both["true_m2"], 24.0, 0.1);
    near(&both["area_m2"], 24.0, 0.1);
    near(&both["ratio"], 1.0, 0.005);
    assert_eq!(boxes["areas"]["objects_not_assessed"], 0);

    // One at the lower left corner of the image and one 100 m east of it: of the disc of 5 m about
    // the first 4 m by 3 m and what lies to the right of that are in the image, a quarter of a disc
    // cut off at 4 m above.
    let found = folder.path().join("found.gpkg");
    points(&found, "AP_MINE", &[[500_000.001, 996.001], [500_100.0, 996.0]]);
    let map = figures(&[&found, &survey], &[]);
    let both = agreement(&map, "AP_MINE", "both");
    assert_eq!([&both["objects"], &both["inside"]], [1, 1]);
    assert_eq!(map["areas"]["objects_not_assessed"], 1);
    // The integral of sqrt(25 - y²) from 0 to 4: (4 * 3 + 25 * asin(0.8)) / 2.
    near(&both["true_m2"], (12.0 + 25.0 * 0.8f64.asin()) / 2.0, 0.15);
    near(&both["beyond_m2"], 24.0 - (12.0 + 25.0 * 0.8f64.asin()) / 2.0, 0.15);
    assert!(map.get("by_class").is_none(), "no boxes are compared");

    let others = folder.path().join("others.gpkg");
    points(&others, "CMR", &[[500_003.0, 998.0]]);
    let cmr = figures(&[&others, &survey], &[]);
    let row = agreement(&cmr, "CMR", "both");
    assert_eq!([&row["areas"], &row["objects"], &row["inside"]], [0, 1, 0], "{row}");
    assert_eq!(row["missed_m"], Value::Null);
    let all = agreement(&cmr, "all", "both");
    assert_eq!([&all["areas"], &all["without_object"]], [1, 1]);
    let text = run(&[&others, &survey], &[]).stdout;
    assert!(text.contains("| CMR | both | 0 | 0 | 1 | 0 | 0.00 [0.00, 0.97] |"), "{text}");

    // What says no category of ordnance grades no area, and what lies elsewhere nothing at all.
    assert_eq!(cmr["areas"]["calibration"].as_array().unwrap().len(), 2);
    let unknown = folder.path().join("unknown.gpkg");
    points(&unknown, "", &[[500_003.0, 998.0]]);
    assert_eq!(figures(&[&unknown, &survey], &[])["areas"]["calibration"], json!([]));
    let text = run(&[&unknown, &survey], &[]).stdout;
    assert!(text.contains("No calibration of areas: no true object"), "{text}");
    assert!(!text.contains("mean confidence"), "{text}");
    let far = folder.path().join("far.gpkg");
    points(&far, "AP_MINE", &[[600_000.0, 998.0]]);
    let ran = run(&[&far, &survey], &[]);
    let expected = "far.gpkg: none of its objects lies on ground of";
    assert!(ran.code == 1 && ran.stderr.contains(expected), "{}", ran.stderr);

    points(&folder.path().join("wrong.gpkg"), "APMINE", &[[500_003.0, 998.0]]);
    let ran = run(&[&folder.path().join("wrong.gpkg"), &survey], &[]);
    assert!(ran.code == 1 && ran.stderr.contains("row 1: eo_category: "), "{}", ran.stderr);
    let ran = run(&[&found, &truth, &survey], &[]);
    assert!(ran.code == 1 && ran.stderr.contains("evaluate it by itself"), "{}", ran.stderr);
}
