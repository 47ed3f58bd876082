//! How objects look to a model: from its second output to the survey and back.

use crate::support::{Ortho, Ran, model, rams, rows, survey};
use gdal::{
    Dataset,
    vector::{LayerAccess, sql::Dialect},
};
use std::{collections::BTreeMap, fs, path::Path};

/// Red squares in the open and on the corner of four tiles, and two of other colours.
fn squares(path: &Path) {
    Ortho::new(300, 300)
        .square(40, 50)
        .square(122, 123)
        .fill((200, 211), (60, 71), [240, 100, 0])
        .fill((230, 241), (200, 211), [240, 0, 100])
        .write(path);
}

/// The embedding of each feature, by the left edge of its box.
fn by_place(out: &Path) -> BTreeMap<String, Vec<f32>> {
    let mut embeddings = rams_store::embeddings(out).unwrap();
    let features = rows(&out.join("survey.gpkg"), "features");
    let ids = embeddings.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(ids, features.iter().map(|row| row.text("id").to_owned()).collect::<Vec<_>>());
    features
        .iter()
        .map(|row| (row.text("px_x0").to_owned(), embeddings.pop_first().unwrap().1))
        .collect()
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum()
}

#[test]
fn equal_squares_look_alike_and_others_as_their_colours_do() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, out) = (folder.path().join("ortho.tif"), folder.path().join("out"));
    squares(&ortho);
    let (ran, map) = survey(&ortho, &out, &["red-embeddings"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let found = by_place(&out);
    assert_eq!(found.len(), 4);
    // The colours are red, and (12, 5, 0) and (12, 0, 5) of length 13.
    assert_eq!(found["40"], [1.0, 0.0, 0.0]);
    assert_eq!(found["122"], found["40"], "on a seam");
    let near = |found: f64, wanted: f64| (found - wanted).abs() < 1e-3;
    assert!(near(dot(&found["40"], &found["200"]), 12.0 / 13.0), "{found:?}");
    assert!(near(dot(&found["200"], &found["230"]), 144.0 / 169.0), "{found:?}");
    assert!(found.values().all(|values| near(dot(values, values), 1.0)), "{found:?}");

    // Each of the four tiles saw the square on their corner: red is 0x3c00, the low byte first.
    let seen = |x0: i64| {
        let dataset = Dataset::open(&map).unwrap();
        let sql = format!("SELECT hex(embedding) AS value FROM detections WHERE px_x0 = {x0}");
        let mut rows = dataset.execute_sql(sql, None, Dialect::DEFAULT).unwrap().unwrap();
        let seen = rows.features().map(|row| row.field_as_string(0).unwrap().unwrap());
        seen.collect::<Vec<_>>()
    };
    assert_eq!(seen(122), ["003C00000000"; 4]);
    assert_eq!(seen(40), ["003C00000000"]);
}

#[test]
fn without_its_key_a_second_output_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    squares(&ortho);
    let without = toy(folder.path(), "red-embeddings/red-embeddings.onnx", "");
    let out = folder.path().join("out");
    let ran = run(&ortho, &out, &without);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(rams_store::embeddings(&out).unwrap().is_empty());
    let (ran, map) = survey(&ortho, &folder.path().join("boxes"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let scores = |map: &Path| -> Vec<String> {
        rows(map, "detections").iter().map(|row| format!("{:?}", row.text("score"))).collect()
    };
    assert_eq!(scores(&out.join("survey.gpkg")), scores(&map));
}

#[test]
fn an_output_may_stand_in_any_place() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, out) = (folder.path().join("ortho.tif"), folder.path().join("out"));
    squares(&ortho);
    let first = toy(folder.path(), "foreign/embedding-first.onnx", "embedding = \"embedding\"");
    let ran = run(&ortho, &out, &first);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(by_place(&out)["122"], [1.0, 0.0, 0.0]);
}

#[test]
fn an_output_that_holds_no_embeddings_is_an_error_before_the_first_tile() {
    let folder = tempfile::tempdir().unwrap();
    let (ortho, out) = (folder.path().join("ortho.tif"), folder.path().join("out"));
    squares(&ortho);
    let leave_out = "or leave output.embedding out";
    let cases = [
        (
            "embedding-faults",
            "looks",
            ["no output \"looks\"", "boxes, too_few, heat, at;", leave_out],
        ),
        ("embedding-faults", "at", ["output \"at\"", "is of Int64", leave_out]),
        (
            "embedding-faults",
            "heat",
            ["\"heat\"", "[-1, 1, 160, 160], not [batch, n, d]", leave_out],
        ),
        (
            "embedding-faults",
            "too_few",
            ["\"too_few\"", "is [25, 3] a tile, not [50, d]", leave_out],
        ),
        ("embedding-nan", "nan_3", ["output \"nan_3\"", "not finite: NaN", leave_out]),
    ];
    for (file, name, words) in cases {
        let onnx = format!("foreign/{file}.onnx");
        let faulty = toy(folder.path(), &onnx, &format!("embedding = \"{name}\""));
        let ran = run(&ortho, &out, &faulty);
        let told = words.iter().all(|word| ran.stderr.contains(word));
        assert!(
            ran.code == 1 && told && !out.join("survey.gpkg").exists(),
            "{name}: {}",
            ran.stderr
        );
    }
    let segments =
        toy(folder.path(), "foreign/segment.onnx", "embedding = \"output1\"\nignore = [\"leaf\"]");
    let text = fs::read_to_string(segments.join("model.toml")).unwrap();
    let text = text.replace("task = \"detect\"", "task = \"segment\"");
    let text = text.replace("layout = \"boxes\"", "layout = \"yolo_segment\"");
    fs::write(segments.join("model.toml"), text).unwrap();
    let ran = run(&ortho, &out, &segments);
    let words = ["output.embedding is \"output1\"", "not supported", "YoloSegment", "leave it out"];
    assert!(ran.code == 1 && words.iter().all(|word| ran.stderr.contains(word)), "{}", ran.stderr);
}

/// The folder of a toy that finds red squares, with a line of `[output]`.
fn toy(folder: &Path, onnx: &str, line: &str) -> std::path::PathBuf {
    let toy = folder.join(line.replace(|c: char| !c.is_alphanumeric(), "-") + "-toy");
    fs::create_dir_all(&toy).unwrap();
    fs::copy(model(onnx), toy.join("toy.onnx")).unwrap();
    let text = fs::read_to_string(model("red-embeddings").join("model.toml")).unwrap();
    let text = text.replace("onnx = \"red-embeddings.onnx\"", "onnx = \"toy.onnx\"");
    let text = text.replace("embedding = \"embedding\"", line);
    let is_digest = |line: &&str| line.starts_with("digest");
    let text: String =
        text.lines().filter(|line| !is_digest(line)).flat_map(|l| [l, "\n"]).collect();
    fs::write(toy.join("model.toml"), text).unwrap();
    toy
}

fn run(ortho: &Path, out: &Path, model: &Path) -> Ran {
    let [ortho, out, model] = [ortho, out, model].map(|path| path.to_str().unwrap());
    rams(&["survey", ortho, "-o", out, "--model", model])
}
