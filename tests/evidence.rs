//! What others know of the ground goes into a survey, or stops it before its first tile.

use crate::support::{Ortho, Ran, rows, survey};
use std::{
    fs,
    path::{Path, PathBuf},
};

const REPORTS: &str = "Class,Id,lon,lat\nAccident,A-7,15.00000001,0.009\nTraining,T-1,15,0.009\nAccident,A-8,16,0.009\n";

/// One polygon of 2 x 1 m in the CRS of an [`Ortho`], crossing itself where `crossed`.
fn district(crossed: bool) -> String {
    let ring = if crossed {
        [(0, 0), (2, 1), (2, 0), (0, 1), (0, 0)]
    } else {
        [(0, 0), (2, 0), (2, 1), (0, 1), (0, 0)]
    };
    let ring = ring.map(|(x, y)| format!("[{}, {}]", 500_000 + x, 998 + y)).join(", ");
    format!(
        r#"{{"type": "FeatureCollection", "crs": {{"type": "name", "properties": {{"name": "urn:ogc:def:crs:EPSG::32633"}}}},
        "features": [{{"type": "Feature", "properties": {{"kind": "district", "name": "North"}},
        "geometry": {{"type": "Polygon", "coordinates": [[{ring}]]}}}}]}}"#
    )
}

fn run(folder: &Path, files: &[(&str, &str)], mapping: &str) -> (Ran, PathBuf) {
    let ortho = folder.join("ortho.tif");
    Ortho::new(400, 300).square(50, 50).write(&ortho);
    let mut flags = vec![];
    for (flag, name, text) in files
        .iter()
        .map(|(name, text)| ("--evidence", *name, *text))
        .chain([("--mapping", "mapping.toml", mapping)])
    {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        flags.extend([flag.to_owned(), path.to_str().unwrap().to_owned()]);
    }
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    survey(&ortho, &folder.join("out"), &["red-boxes"], &flags)
}

#[test]
fn evidence_is_kept_and_what_is_not_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mapping = "[layer.reports]\nfields = { kind = 'Class', name = 'Id' }\nwords.kind = { \
                   Training = 'skip' }";
    let (ran, map) = run(
        folder.path(),
        &[("reports.csv", REPORTS), ("north.geojson", &district(true))],
        mapping,
    );
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let told = [
        "reports.csv: 3 rows: 1 accident; 1 over 10 km beyond the survey, kept out (the nearest \
         111 km from its middle); 1 left out by the mapping\n",
        "north.geojson: 1 row: 1 district; invalid outline mended, please check: K0002\n",
    ];
    for line in told {
        assert!(ran.stderr.contains(line), "{}", ran.stderr);
    }
    let known: Vec<_> = rows(&map, "external_evidence")
        .iter()
        .map(|row| ["id", "kind", "name", "file"].map(|field| row.text(field).to_owned()).join(" "))
        .collect();
    assert_eq!(known, ["K0001 accident A-7 reports.csv", "K0002 district North north.geojson"]);
    assert!(
        (rows(&map, "external_evidence")[1].area() - 1.0).abs() < 1e-6,
        "both lobes of the bow tie are kept"
    );
    let record = rows(&map, "run");
    let noted = |name: &str| {
        let row = record
            .iter()
            .find(|row| row.text("section") == "evidence" && row.text("name").ends_with(name));
        row.unwrap_or_else(|| panic!("the record says nothing of {name}")).text("value").to_owned()
    };
    assert!(told[0].ends_with(&format!("{}\n", noted("reports.csv"))));
    for file in ["reports.csv", "north.geojson", "mapping.toml"] {
        let digest = noted(&format!("{file}: sha256"));
        assert!(
            digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{file}: {digest}"
        );
    }
}

#[test]
fn the_same_survey_without_evidence_has_an_empty_layer() {
    let folder = tempfile::tempdir().unwrap();
    let ortho = folder.path().join("ortho.tif");
    Ortho::new(400, 300).square(50, 50).write(&ortho);
    let (ran, map) = survey(&ortho, &folder.path().join("out"), &["red-boxes"], &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(rows(&map, "external_evidence").is_empty());
    assert!(!rows(&map, "run").iter().any(|row| row.text("section") == "evidence"));
}

#[test]
fn bad_evidence_stops_a_survey_before_its_first_tile() {
    let mapping = "[layer.reports]\nfields.kind = 'Class'";
    for (file, text, mapping, expected) in [
        (
            "reports.csv",
            REPORTS,
            mapping,
            "reports.csv, layer reports, row 2: kind is \"Training\", which is not one of accident",
        ),
        (
            "reports.csv",
            REPORTS,
            "",
            "reports.csv, layer reports: no field `kind` among Class, Id, lon, lat",
        ),
        (
            "reports.csv",
            REPORTS,
            "[layer.reports]\nkinds = 'x'",
            "mapping.toml: TOML parse error at line 2, column 1",
        ),
        ("notes.txt", "no map", "", "notes.txt: "),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (ran, map) = run(folder.path(), &[(file, text)], mapping);
        assert_eq!(ran.code, 1, "{expected}");
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
        assert!(!map.exists());
    }
    let folder = tempfile::tempdir().unwrap();
    let (ran, _) = run(folder.path(), &[], "");
    assert_eq!(ran.code, 2, "a mapping without evidence: {}", ran.stderr);
}
