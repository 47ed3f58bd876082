//! Areas that people drew in QGIS come back into a review as ordinary decisions.

use crate::review::{Served, surveyed};
use crate::support::{Client, Ran, rams, rows};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A survey of four areas, A0001 to A0004 from west to east, and a copy of it that a person edits.
struct Edited {
    folder: tempfile::TempDir,
    dir: PathBuf,
    copy: PathBuf,
}

impl Edited {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = surveyed(folder.path());
        let copy = folder.path().join("edited.gpkg");
        fs::copy(dir.join("survey.gpkg"), &copy).unwrap();
        Self { folder, dir, copy }
    }

    fn dir(&self) -> &str {
        self.dir.to_str().unwrap()
    }

    /// What a person does in QGIS.
    fn edit(&self, sql: &str) {
        edit(&self.copy, sql);
    }

    fn import_as(&self, name: &str, file: &Path) -> Ran {
        rams(&["review", self.dir(), "--as", name, "import", file.to_str().unwrap()])
    }

    fn import(&self) -> Ran {
        self.import_as("Aygun", &self.copy)
    }

    fn events(&self) -> usize {
        let ran = rams(&["review", self.dir(), "verify"]);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
        ran.stdout.split(' ').next().unwrap().parse().unwrap()
    }
}

pub(crate) fn edit(file: &Path, sql: &str) {
    let done = std::process::Command::new("ogrinfo")
        .args(["-q", "-dialect", "SQLITE", "-sql", sql])
        .arg(file)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// A rectangle beside the strip's west end, so many metres from it, as text.
fn rectangle(east: f64, width: f64, height: f64) -> String {
    let (x0, y0) = (500_000.0 + east, 1_000.0 - height);
    let (x1, y1) = (x0 + width, 1_000.0);
    format!("POLYGON (({x0} {y0}, {x1} {y0}, {x1} {y1}, {x0} {y1}, {x0} {y0}))")
}

fn shape(east: f64, width: f64, height: f64) -> String {
    format!("ST_GeomFromText('{}', 32633)", rectangle(east, width, height))
}

/// Two are drawn anew, one is deleted, one is new.
fn usual(edited: &Edited) {
    edited.edit(&format!(
        "UPDATE hazard_areas SET geom = {} WHERE id = 'A0001'",
        shape(-2.0, 10.0, 20.0)
    ));
    edited.edit("UPDATE hazard_areas SET eo_category = 'AV_MINE' WHERE id = 'A0003'");
    edited.edit("DELETE FROM hazard_areas WHERE id = 'A0002'");
    edited.edit(&format!(
        "INSERT INTO hazard_areas (geom, eo_category) VALUES ({}, 'AP_MINE')",
        shape(50.0, 5.0, 6.0)
    ));
}

#[test]
fn edits_of_qgis_are_decisions_once_and_a_missing_area_is_none() {
    let edited = Edited::new();
    usual(&edited);
    let ran = edited.import();
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let said = &ran.stdout;
    assert!(
        said.contains("4 rows: 2 modified, 1 added, 1 unchanged, 0 in the log before"),
        "{said}"
    );
    assert!(said.contains("not in the file, and nothing is decided by that: A0002; "), "{said}");
    // 10 m by 20 m, and 5 m by 6 m, in a zone that is true to 4 parts in 10,000 there.
    assert!(said.contains("modified, row 1: A0001 at analyst, "), "{said}");
    assert!(said.contains(" m² to 200.2 m²"), "{said}");
    assert!(said.contains("added, row 4: N0001 at analyst, 30.0 m²"), "{said}");
    assert_eq!(edited.events(), 3);

    let again = edited.import().stdout;
    assert!(again.contains("0 modified, 0 added, 3 unchanged, 1 in the log before"), "{again}");
    assert_eq!(edited.events(), 3);

    let served = Served::start_as(&edited.dir, "Ben");
    let client = Client::open(&served.url);
    let item = |id: &str| client.get(&format!("/items/{id}"));
    let stands = |id: &str| {
        let item = item(id);
        let of = |field: &str| item[field].as_str().unwrap_or("none").to_owned();
        (of("stage"), of("disposition"), of("eo_category"))
    };
    let is = |stage: &str, disposition: &str, category: &str| {
        (stage.to_owned(), disposition.to_owned(), category.to_owned())
    };
    assert_eq!(stands("A0001"), is("nts", "accepted", "AP_MINE"));
    assert_eq!(stands("A0002"), is("analyst", "none", "AP_MINE"));
    assert_eq!(stands("A0003"), is("nts", "accepted", "AV_MINE"));
    assert_eq!(stands("N0001"), is("analyst", "none", "AP_MINE"));
    let history = item("A0001")["history"].clone();
    let said = ["kind", "who", "item_version"].map(|field| history[0][field].clone());
    assert_eq!(said, [json!("modify"), json!("Aygun"), json!(2)]);
    let row = &history[0]["evidence"]["row"];
    assert_eq!((&row["file"], &row["row"]), (&json!("edited.gpkg"), &json!("row 1")));
    let digest = rams_tile::digest(&edited.copy, || false).unwrap().unwrap();
    assert_eq!(row["file_sha256"], json!(digest));
    // The rules hold: who drew it does not confirm it.
    client.decide(&json!({ "kind": "accept", "stage": "nts", "item": "A0001" }));
}

#[test]
fn one_row_that_cannot_be_taken_refuses_the_file() {
    let edited = Edited::new();
    usual(&edited);
    let bow = "ST_GeomFromText('POLYGON ((500000 990, 500010 1000, 500010 990, 500000 1000, \
               500000 990))', 32633)";
    let new = |columns: &str, values: &str| {
        format!("INSERT INTO hazard_areas (geom{columns}) VALUES ({values})")
    };
    let far =
        "ST_GeomFromText('POLYGON ((590000 990, 590010 990, 590010 1000, 590000 990))', 32633)";
    let square = shape(60.0, 5.0, 5.0);
    for (sql, said) in [
        (
            new(", eo_category", &format!("{bow}, 'AP_MINE'")),
            "row 5: its outline crosses or touches itself; draw it anew",
        ),
        (new("", &square), "row 5: its eo_category is empty: give that of the area"),
        (
            new(", eo_category", &format!("{square}, 'MINES'")),
            "eo_category is \"MINES\", which is not one of",
        ),
        (
            new(", id", &format!("{square}, 'A0099'")),
            "row 5: there is no item A0099 in this review: empty its id to add an area",
        ),
        (
            new(", id", &format!("{square}, 'A0001'")),
            "row 5: row 1 is A0001, too: empty the id of one of both",
        ),
        (
            new(", eo_category", &format!("{far}, 'AP_MINE'")),
            "row 5: it lies 90 km from the survey's middle; check the CRS",
        ),
    ] {
        let kept = fs::read(&edited.copy).unwrap();
        edited.edit(&sql);
        let ran = edited.import();
        assert_ne!(ran.code, 0, "{said}: {}", ran.stdout);
        assert!(ran.stderr.contains("edited.gpkg") && ran.stderr.contains(said), "{}", ran.stderr);
        fs::write(&edited.copy, kept).unwrap();
    }
    // Somebody decided in the meantime on what the file has otherwise.
    let served = Served::start_as(&edited.dir, "Aygun");
    let client = Client::open(&served.url);
    let reason =
        json!({ "kind": "reject", "stage": "analyst", "item": "A0003", "reason": "duplicate" });
    client.decide(&reason);
    drop(served);
    let ran = edited.import();
    let said =
        "row 2: A0003 was decided on since: it was drawn on version 1, and has version 2 now";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert_eq!(edited.events(), 1, "nothing of the file was taken");
}

/// The same number in another drawing of the areas is other ground.
#[test]
fn a_row_of_another_drawing_is_refused_by_its_guid() {
    let edited = Edited::new();
    usual(&edited);
    edited.edit("ALTER TABLE hazard_areas ADD COLUMN guid TEXT");
    let guid = "{01234567-89AB-CDEF-0123-456789ABCDEF}";
    edited.edit(&format!("UPDATE hazard_areas SET guid = '{guid}' WHERE id = 'A0001'"));
    let ran = edited.import();
    let said = format!("row 1: its guid is {guid}, which is not that of A0001 here");
    assert!(ran.code == 1 && ran.stderr.contains(&said), "{}", ran.stderr);
    edited.edit("UPDATE hazard_areas SET id = NULL WHERE id = 'A0001'");
    let ran = edited.import();
    let said = format!("row 1: there is no item of the guid {guid} here");
    assert!(ran.code == 1 && ran.stderr.contains(&said), "{}", ran.stderr);
    assert_eq!(edited.events(), 0, "nothing of the file was taken");
}

/// A file of areas that left the review is edited at the next stage, in degrees.
#[test]
fn what_leaves_a_review_says_its_version_and_comes_back() {
    let edited = Edited::new();
    usual(&edited);
    assert_eq!(edited.import().code, 0);
    let out = edited.folder.path().join("out.geojson");
    let export = || {
        let to = out.to_str().unwrap();
        let args = [
            "export",
            edited.dir(),
            "--reviewed",
            "--stage",
            "nts",
            "--format",
            "geojson",
            "-o",
            to,
        ];
        let ran = rams(&args);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    };
    export();
    // Nothing was touched: another CRS and back changes no outline.
    let ran = edited.import_as("Ben", &out);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("2 rows: 0 modified, 0 added, 2 unchanged"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("not in the file"), "{}", ran.stdout);

    let mut json: Value = serde_json::from_str(&fs::read_to_string(&out).unwrap()).unwrap();
    let features = json["features"].as_array_mut().unwrap();
    let is = |row: &Value, id: &str| row["properties"]["review_item"] == id;
    let area = features.iter_mut().find(|row| is(row, "A0001")).unwrap();
    assert_eq!(area["properties"]["review_version"], json!(2));
    // The south side 10 m further south, of what was 10 m by 20 m.
    let rings = area["geometry"]["coordinates"].as_array_mut().unwrap();
    let ring = if rings[0][0][0].is_array() { &mut rings[0][0] } else { &mut rings[0] };
    let corners = ring.as_array_mut().unwrap();
    let south = corners.iter().map(|at| at[1].as_f64().unwrap()).fold(f64::MAX, f64::min);
    for at in corners.iter_mut().filter(|at| (at[1].as_f64().unwrap() - south).abs() < 1e-6) {
        at[1] = json!(south - 10.0 / 110_574.28);
    }
    features.retain(|row| !is(row, "A0003"));
    fs::write(&out, json.to_string()).unwrap();
    let ran = edited.import_as("Ben", &out);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let said = "modified, row 2: A0001 at nts, 200.2 m² to 300.2 m²";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    let said = "nothing is decided by that: A0003; ";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);

    // Corners that nobody moved kept their coordinates to the last bit.
    export();
    let map = rows(&edited.dir.join("review/reviewed/survey.gpkg"), "hazard_areas");
    let area = map.iter().find(|row| row.text("id") == "A0001").unwrap();
    let wkt = area.geometry.as_ref().unwrap().wkt().unwrap();
    assert!(wkt.contains("499998 1000") && wkt.contains("500008 1000"), "{wkt}");
    // A shapefile, whose names of columns have ten letters, says the same.
    let shapes = edited.folder.path().join("shapes");
    let args = ["export", edited.dir(), "--reviewed", "--stage", "nts", "--format", "shp", "-o"];
    let ran = rams(&[&args[..], &[shapes.to_str().unwrap()]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let files = fs::read_dir(edited.folder.path()).unwrap().map(|file| file.unwrap().path());
    let mut files = files.filter(|path| path.to_str().unwrap().ends_with("hazard_areas.shp"));
    let ran = edited.import_as("Ben", &files.next().unwrap());
    assert!(
        ran.stdout.contains(": 0 modified, 0 added, 2 unchanged"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );

    // An older file of the same area is refused, whoever brings it.
    let mut json: Value = serde_json::from_str(&fs::read_to_string(&out).unwrap()).unwrap();
    for row in json["features"].as_array_mut().unwrap() {
        if is(row, "A0001") {
            row["properties"]["review_version"] = json!(1);
            row["properties"]["eo_category"] = json!("AV_MINE");
        }
    }
    fs::write(&out, json.to_string()).unwrap();
    let ran = edited.import_as("Cem", &out);
    let said = "it was drawn on version 1, and has version 3 now; export the review anew";
    assert!(ran.stderr.contains(said), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn an_importer_draws_at_stages_of_their_own() {
    let edited = Edited::new();
    usual(&edited);
    let add = |name: &str, role: &str| {
        let args =
            ["review", edited.dir(), "user", "add", name, "--role", role, "--password-stdin"];
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_rams"));
        let mut child = program.args(args).stdin(std::process::Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"a horse of another\n")
            .unwrap();
        assert!(child.wait().unwrap().success());
    };
    add("Nigar", "nts");
    add("Vusal", "viewer");
    for (name, said) in [
        ("Aygun", "Aygun is no user of this review, or is locked out"),
        ("Nigar", "row 1: A0001 waits at analyst, where Nigar does not act"),
        ("Vusal", "row 1: A0001 waits at analyst, where Vusal does not act"),
    ] {
        let ran = edited.import_as(name, &edited.copy);
        assert!(ran.stderr.contains(said), "{}{}", ran.stdout, ran.stderr);
    }
    add("Aygun", "analyst");
    assert_eq!(edited.import().code, 0);
    assert_eq!(edited.events(), 3);
}
