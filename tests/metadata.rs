//! Who surveyed, when and where: from a file, from options, from the imagery, to the map, the
//! report and the exports.

use crate::support::{Ortho, Ran, rams, rows, survey};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata};
use std::{fs, path::Path};

/// A painted orthomosaic with a red square.
fn paint(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    Ortho::new(400, 300).square(40, 40).write(path);
}

fn tag(path: &Path, key: &str, value: &str) {
    let options =
        DatasetOptions { open_flags: GdalOpenFlags::GDAL_OF_UPDATE, ..DatasetOptions::default() };
    Dataset::open_ex(path, options).unwrap().set_metadata_item(key, value, "").unwrap();
}

/// Field, value and source of the fields that were stated.
fn stated(map: &Path) -> Vec<[String; 3]> {
    let rows = rows(map, "survey_metadata");
    assert_eq!(rows.len(), 10, "a row a field");
    let row = |row: &crate::support::Row| {
        ["field", "value", "source"].map(|name| row.text(name).to_owned())
    };
    rows.iter().map(row).filter(|[_, value, _]| !value.is_empty()).collect()
}

#[test]
fn a_file_beside_the_imagery_reaches_map_report_and_exports() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("flight/field.tif");
    paint(&ortho);
    tag(&ortho, "TIFFTAG_DATETIME", "2026:06:01 23:59:59");
    tag(&ortho, "TIFFTAG_ARTIST", "Somebody");
    fs::write(
        ortho.with_file_name("survey.toml"),
        "organisation = \"A & B\"\ntask = \"T-1\"\noperator = \"Team 2\"\n",
    )
    .unwrap();
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &["--task", "T-2"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let source = "TIFFTAG_DATETIME of field.tif, perhaps the day of its processing";
    let expected = [
        ["flight_dates", "2026-06-01", source],
        ["organisation", "A & B", "flight/survey.toml"],
        ["operator", "Team 2", "flight/survey.toml"],
        ["task", "T-2", "--task"],
    ];
    assert_eq!(stated(&map), expected);
    assert!(ran.stderr.contains(&format!("flight dates 2026-06-01: {source}")), "{}", ran.stderr);
    let missing = "not stated     country, province, district, nearest place, land use, contact:";
    assert!(ran.stdout.contains(missing), "{}", ran.stdout);

    let out = map.parent().unwrap().to_str().unwrap().to_owned();
    assert_eq!(rams(&["report", &out]).code, 0);
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(page.contains("<dd>A &amp; B</dd>") && page.contains("<dd>T-2</dd>"));
    let export = |more: &[&str]| {
        let to = folder.path().join("set");
        let args = ["export", &out, "--format", "imsma", "-o", to.to_str().unwrap()];
        let ran = rams(&[&args[..], more].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        fs::read_to_string(folder.path().join("set_imsma_hazard_areas.csv")).unwrap()
    };
    let set = export(&[]);
    assert!(set.contains(",A & B,Team 2,T-2,") && set.contains(",2026-06-01,2026-06-01,"), "{set}");

    // What was learned later goes before it, for this report or export alone.
    let later = folder.path().join("later.toml");
    fs::write(
        &later,
        "flight_dates = [2026-05-16, 2026-05-14]\ncountry = \"C\"\ndistrict = \"D\"\n",
    )
    .unwrap();
    let later = ["--survey-metadata", later.to_str().unwrap()];
    let set = export(&later);
    assert!(set.contains(",2026-05-14,2026-05-16,") && set.contains(",A & B,"), "{set}");
    assert_eq!(rams(&[&["report", &out][..], &later].concat()).code, 0);
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(page.contains("<dd>2026-05-14, 2026-05-16</dd>") && page.contains("<dd>C</dd>"));
    assert!(page.contains("<th scope=\"row\">D</th>"), "the only row by district");
    assert_eq!(stated(&map), expected);
}

#[test]
fn files_of_two_folders_are_joined_and_may_not_differ() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for (name, text) in [
        ("north", "flight_dates = 2026-05-16\ntask = \"T-1\"\n"),
        ("south", "flight_dates = [2026-05-14, 2026-05-16]\nprovince = \"P\"\n"),
    ] {
        paint(Path::new(&path(&format!("{name}/{name}.tif"))));
        fs::write(path(&format!("{name}/survey.toml")), text).unwrap();
    }
    let run = |out: &str, more: &[&str]| -> Ran {
        let model = crate::support::model("red-boxes");
        let (north, south, out) = (path("north/north.tif"), path("south/south.tif"), path(out));
        let args = ["survey", &north, &south, "-o", &out, "--model", model.to_str().unwrap()];
        rams(&[&args[..], more].concat())
    };
    let ran = run("out", &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let dates = ["flight_dates", "2026-05-14, 2026-05-16", "north/survey.toml, south/survey.toml"];
    let expected =
        [dates, ["task", "T-1", "north/survey.toml"], ["province", "P", "south/survey.toml"]];
    assert_eq!(stated(Path::new(&path("out/survey.gpkg"))), expected);

    fs::write(path("south/survey.toml"), "task = \"T-2\"\n").unwrap();
    let ran = run("other", &[]);
    let said = "task: north/survey.toml states \"T-1\", south/survey.toml states \"T-2\"; write one \
                value into both files, or name one file with --survey-metadata";
    assert!(ran.code == 1 && ran.stderr.contains(said), "{}", ran.stderr);
    let ran = run("other", &["--survey-metadata", &path("south/survey.toml")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let expected = [["task", "T-2", "south/survey.toml"]];
    assert_eq!(stated(Path::new(&path("other/survey.gpkg"))), expected);
}

#[test]
fn what_cannot_be_read_is_an_error_before_the_first_tile() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("field.tif");
    paint(&ortho);
    let run = |more: &[&str]| survey(&ortho, &folder.path().join("out"), &["red-boxes"], more).0;
    let ran = run(&["--flight-dates", "14.5.2026"]);
    let said = "flight_dates: \"14.5.2026\" is no date: write year, month and day, 2026-05-14 say";
    assert!(ran.code == 2 && ran.stderr.contains(said), "{} {}", ran.code, ran.stderr);
    fs::write(folder.path().join("survey.toml"), "task = \"T\"\npilot = \"A\"\n").unwrap();
    let ran = run(&[]);
    let said = "survey.toml, line 2: no field is called pilot: write one of flight_dates, ";
    assert!(ran.code == 1 && ran.stderr.contains(said), "{}", ran.stderr);
    let none = folder.path().join("none.toml");
    let ran = run(&["--survey-metadata", none.to_str().unwrap()]);
    let said = "give --survey-metadata a file of the form of docs/examples/survey.toml";
    assert!(ran.code == 1 && ran.stderr.contains(said), "{}", ran.stderr);
    assert!(!folder.path().join("out/survey.gpkg").exists());
}
