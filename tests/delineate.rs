//! Areas that are drawn again, without a look at the imagery.

use crate::support::{Ortho, Ran, Row, rams, rows, survey};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

/// Ground of 4 m by 3 m with red squares, which the toy model takes for AP mines.
struct Field {
    folder: tempfile::TempDir,
}

impl Field {
    fn new() -> Self {
        let field = Self { folder: tempfile::tempdir().unwrap() };
        let ortho = Ortho::new(400, 300).square(50, 50).square(120, 60).square(300, 200);
        ortho.write(&field.path("ortho.tif"));
        field
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Surveys it into a folder of that name and returns the map.
    fn survey(&self, out: &str, flags: &[&str]) -> PathBuf {
        let (ran, map) =
            survey(&self.path("ortho.tif"), &self.path(out), &["red-embeddings"], flags);
        assert!([0, 3].contains(&ran.code), "{}", ran.stderr);
        map
    }

    fn delineate(&self, dir: &str, flags: &[&str]) -> Ran {
        let dir = self.text(dir);
        rams(&[&["delineate", &dir][..], flags].concat())
    }

    /// A survey as GeoJSON.
    fn geojson(&self, dir: &str) -> String {
        let (dir, out) = (self.text(dir), self.text("map.geojson"));
        let ran = rams(&["export", &dir, "--format", "geojson", "-o", &out]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        fs::read_to_string(out).unwrap()
    }

    /// An accident on the first square, in a file.
    fn accident(&self) -> String {
        let text = "kind,eo_category,source_reliability,information_reliability,date,lon,lat\n\
                    accident,AP_MINE,E,5,2022-05-04,15.00000001,0.00902\n";
        fs::write(self.path("reports.csv"), text).unwrap();
        self.text("reports.csv")
    }

    /// A rectangle of columns and rows, centimetres, as a limit.
    fn limit(&self, name: &str, x: [i32; 2], y: [i32; 2]) -> String {
        let corners = [(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1]), (x[0], y[0])];
        let at = |(x, y): (i32, i32)| {
            format!("[{}, {}]", 500_000.0 + f64::from(x) / 100.0, 1_000.0 - f64::from(y) / 100.0)
        };
        let ring = corners.map(at).join(", ");
        let crs = r#"{"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32633"}}"#;
        let geometry = format!(r#"{{"type": "Polygon", "coordinates": [[{ring}]]}}"#);
        let feature =
            format!(r#"{{"type": "Feature", "properties": {{}}, "geometry": {geometry}}}"#);
        let text =
            format!(r#"{{"type": "FeatureCollection", "crs": {crs}, "features": [{feature}]}}"#);
        fs::write(self.path(name), text).unwrap();
        self.text(name)
    }
}

/// By a program of its own: what GDAL opens for writing in this one, programs that other tests start
/// meanwhile have open, too.
fn sql(map: &Path, sql: &str) -> String {
    let done = Command::new("ogrinfo").arg("-q").arg(map).args(["-sql", sql]).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && !said.contains("ERROR"), "{sql}: {said}");
    let text = String::from_utf8(done.stdout).unwrap();
    text.lines().find_map(|line| Some(line.split_once(" = ")?.1.to_owned())).unwrap_or_default()
}

/// Detections with their embeddings.
fn detections(map: &Path) -> String {
    let columns = "id || score || px_x0 || features || hex(embedding)";
    sql(map, &format!("SELECT group_concat({columns}) FROM detections"))
}

/// Drawings, as the record for people has them.
fn drawings(map: &Path) -> Vec<String> {
    let run = rows(map, "run");
    let drawn = run.iter().filter(|row| row.text("name") == "drawn");
    drawn.map(|row| row.text("value").to_owned()).collect()
}

/// Square metres in a layer of the rows for which something holds.
fn m2(map: &Path, layer: &str, holds: impl Fn(&Row) -> bool) -> f64 {
    rows(map, layer).iter().filter(|row| holds(row)).map(Row::area).sum()
}

#[test]
fn the_same_doctrine_and_evidence_draw_the_same_map() {
    let field = Field::new();
    let (reports, aoi) = (field.accident(), field.limit("aoi.geojson", [20, 350], [20, 260]));
    let map = field.survey("map", &["--evidence", &reports, "--aoi", &aoi]);
    let (before, found) = (field.geojson("map"), detections(&map));
    assert!(before.contains("\"SHA\"") && found.len() > 100, "{found}");
    assert_eq!(drawings(&map).len(), 1);
    fs::remove_file(field.path("ortho.tif")).unwrap();

    let ran = field.delineate("map", &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("\ndrawn again    "), "{}", ran.stdout);
    assert_eq!(field.geojson("map"), before);
    assert_eq!(detections(&map), found);
    let drawn = drawings(&map);
    let said = "; evidence reports.csv (sha256 ";
    assert!(drawn.len() == 2 && drawn.iter().all(|row| row.contains(said)), "{drawn:?}");
    assert!(drawn[1].contains("; limit aoi.geojson (sha256 "), "{drawn:?}");
    let numbers = sql(&map, "SELECT group_concat(fid) FROM hazard_areas");
    assert!(numbers.starts_with('1'), "numbered anew: {numbers}");
}

#[test]
fn an_accident_that_is_known_later_makes_an_sha_and_leaves_the_first_map_alone() {
    let field = Field::new();
    let map = field.survey("map", &[]);
    let (bytes, reports) = (fs::read(&map).unwrap(), field.accident());
    let later = field.text("later");
    let flags = ["-o", &later, "--evidence", &reports];
    let ran = field.delineate("map", &flags);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(fs::read(&map).unwrap(), bytes);
    assert!(!field.path("map/survey.journal").exists());
    let of = |map: &Path| {
        let areas = rows(map, "hazard_areas");
        areas.iter().map(|area| area.text("tier").to_owned()).collect::<Vec<_>>()
    };
    let later = field.path("later/survey.gpkg");
    assert!(!of(&map).contains(&"reported".into()), "{:?}", of(&map));
    assert_eq!(of(&later)[0], "reported");
    assert_eq!(detections(&later), detections(&map));
    let surveyed = field.survey("at once", &["--evidence", &reports]);
    assert_eq!(field.geojson("later"), field.geojson("at once"), "{}", surveyed.display());

    let ran = field.delineate("map", &flags);
    assert!(ran.code == 1 && ran.stderr.contains("--overwrite to replace it"), "{}", ran.stderr);
    let ran = field.delineate("map", &[&flags[..], &["--overwrite"]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // Without --evidence that of the survey stays.
    let ran = field.delineate("later", &["--min-confidence", "0.5"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(of(&later), ["reported"], "and what is doubtful is left out");
}

#[test]
fn another_doctrine_draws_as_it_would_have_at_first() {
    let field = Field::new();
    let map = field.survey("map", &[]);
    let cautious = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets/doctrine/cautious.toml");
    field.survey("by cautious", &["--doctrine", cautious]);
    let buffers = || rows(&map, "hazard_areas").iter().map(|row| row.number("buffer_m")).sum();
    let before: f64 = buffers();
    let ran = field.delineate("map", &["--doctrine", cautious]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(buffers() > before, "{before}");
    assert_eq!(field.geojson("map"), field.geojson("by cautious"));
    let drawn = drawings(&map);
    let said = ["doctrine baseline ", "doctrine cautious "];
    assert!(drawn.iter().zip(said).all(|(row, said)| row.contains(said)), "{drawn:?}");

    let ran = field.delineate("map", &[]);
    assert!(ran.code == 1 && ran.stderr.contains("it was drawn by cautious"), "{}", ran.stderr);
    assert!(ran.stderr.contains("give --doctrine with its file"), "{}", ran.stderr);
}

#[test]
fn areas_that_people_edited_are_never_replaced() {
    for edit in [
        "UPDATE hazard_areas SET threat = 'LOW' WHERE fid = 1",
        "DELETE FROM hazard_areas WHERE fid = 1",
        "ALTER TABLE hazard_areas ADD COLUMN note TEXT; UPDATE hazard_areas SET note = 'seen'",
        "INSERT INTO hazard_areas (geom, eo_category) SELECT geom, eo_category FROM hazard_areas",
    ] {
        let field = Field::new();
        let map = field.survey("map", &[]);
        sql(&map, "UPDATE features SET class = class");
        let ran = field.delineate("map", &[]);
        assert_eq!(ran.code, 0, "no area was edited: {}", ran.stderr);
        edit.split("; ").for_each(|edit| drop(sql(&map, edit)));
        let bytes = fs::read(&map).unwrap();
        let ran = field.delineate("map", &[]);
        let said = "people drew, edited or deleted some of them; give -o with another folder";
        assert!(ran.code == 1 && ran.stderr.contains(said), "{edit}: {}", ran.stderr);
        let ran = field.delineate("map", &["-o", &field.text("new")]);
        assert!(edit.contains("INSERT") || ran.code == 0, "{}", ran.stderr);
        assert!(fs::read(&map).unwrap() == bytes, "{edit}");
    }
}

#[test]
fn coverage_is_cut_at_a_narrower_limit_as_that_of_a_survey() {
    let field = Field::new();
    let map = field.survey("map", &[]);
    let aoi = field.limit("aoi.geojson", [100, 250], [40, 240]);
    field.survey("at once", &["--aoi", &aoi]);
    let ran = field.delineate("map", &["--aoi", &aoi]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // 1.5 m by 2 m, all of it in the image.
    assert!((m2(&map, "assessed", |_| true) - 3.0).abs() < 1e-6);
    let once = field.path("at once/survey.gpkg");
    for layer in ["assessed", "gaps", "hazard_areas"] {
        let of = |map: &Path| {
            rows(map, layer).iter().map(|row| format!("{:.4}", row.area())).collect::<Vec<_>>()
        };
        assert_eq!(of(&map), of(&once), "{layer}");
    }
}

#[test]
fn ground_beyond_the_first_limit_stays_a_gap() {
    let field = Field::new();
    let first = field.limit("first.geojson", [100, 250], [40, 240]);
    let map = field.survey("map", &["--aoi", &first]);
    let wider = field.limit("wider.geojson", [50, 450], [40, 240]);
    let ran = field.delineate("map", &["--aoi", &wider]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    assert!(ran.stdout.contains("beyond limit"), "{}", ran.stdout);
    assert!((m2(&map, "assessed", |_| true) - 3.0).abs() < 1e-6);
    // Of 4 m by 2 m all but that.
    let is_beyond = |row: &Row| row.text("reason") == "beyond_limit";
    assert!((m2(&map, "gaps", is_beyond) - 5.0).abs() < 1e-6);
    let no_model = m2(&map, "gaps", |row| row.text("reason") == "no_model");
    assert!((no_model - 8.0).abs() < 1e-6, "nobody looked for it anywhere: {no_model}");
    let limits = rows(&map, "external_evidence");
    assert_eq!(limits.len(), 1, "the new one in place of the first");
    assert_eq!(limits[0].text("file"), "wider.geojson");
}

#[test]
fn a_drawing_that_fails_leaves_no_folder() {
    let field = Field::new();
    field.survey("map", &[]);
    let ran = field.delineate("map", &["-o", &field.text("new"), "--evidence", "none.csv"]);
    assert!(ran.code == 1 && ran.stderr.contains("there is no such file"), "{}", ran.stderr);
    assert!(!field.path("new").exists());
}

#[test]
fn finds_of_areas_that_an_option_left_out_are_not_called_too_weak() {
    let field = Field::new();
    field.survey("map", &[]);
    let ran = field.delineate("map", &["--min-confidence", "1"]);
    let said = "3 of these are in no area, too weak for one or left out with theirs";
    assert!(ran.code == 0 && ran.stdout.contains(said), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_map_that_someone_has_open_is_not_replaced() {
    let field = Field::new();
    let map = field.survey("map", &[]);
    let mut holder = Command::new("bash")
        .args(["-c", "exec 3<>\"$1\"; echo open; read", "bash", map.to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ran = field.delineate("map", &[]);
    assert!(ran.code == 1 && ran.stderr.contains("has it open"), "{}", ran.stderr);
    let ran = field.delineate("map", &["-o", &field.text("new")]);
    assert_eq!(ran.code, 0, "a new one may be: {}", ran.stderr);
    drop(holder.stdin.take());
    holder.wait().unwrap();
    assert_eq!(field.delineate("map", &[]).code, 0);
}

#[test]
fn one_that_is_killed_or_fails_leaves_the_old_map() {
    let field = Field::new();
    let map = field.survey("map", &[]);
    let (mut bytes, mut drawn) = (fs::read(&map).unwrap(), 1);
    fs::write(field.path("bad.csv"), "kind,lon,lat\nrumour,15,0.009\n").unwrap();
    let ran = field.delineate("map", &["--evidence", &field.text("bad.csv")]);
    assert!(ran.code == 1 && fs::read(&map).unwrap() == bytes, "{}", ran.stderr);

    for ms in (0..300).step_by(25) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rams"))
            .args(["delineate", &field.text("map")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        sleep(Duration::from_millis(ms));
        child.kill().unwrap();
        child.wait().unwrap();
        let now = fs::read(&map).unwrap();
        // Whole, whichever of the two it is.
        drawn += usize::from(now != bytes);
        assert_eq!(drawings(&map).len(), drawn, "after {ms} ms");
        bytes = now;
    }
    let ran = field.delineate("map", &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let left = fs::read_dir(field.path("map")).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["survey.gpkg"], "nothing is left beside it");
}

#[test]
fn a_survey_that_does_not_say_how_it_was_drawn_is_drawn_again_in_a_new_folder_alone() {
    let field = Field::new();
    let map = field.survey("map", &[]);
    for change in [
        "ALTER TABLE run_record DROP COLUMN areas_sha256",
        "ALTER TABLE hazard_areas DROP COLUMN tier",
        "DELETE FROM gpkg_contents WHERE table_name = 'survey_metadata'",
        "DROP TABLE survey_metadata",
    ] {
        sql(&map, change);
    }
    let ran = field.delineate("map", &[]);
    let said = "did not note how it drew them, and people may have edited them; give -o";
    assert!(ran.code == 1 && ran.stderr.contains(said), "{}", ran.stderr);
    let ran = field.delineate("map", &["-o", &field.text("new")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let new = field.path("new/survey.gpkg");
    assert!(rows(&new, "hazard_areas").iter().all(|area| !area.text("tier").is_empty()));
    assert_eq!(rows(&new, "survey_metadata").len(), 10);
    assert_eq!(field.delineate("new", &[]).code, 0);
}
