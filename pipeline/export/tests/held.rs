//! A GeoPackage that another program has open, or beside which changes lie that are not in it.

use super::{export, fixture, of_store};
use crate::Format;
use gdal::vector::sql::Dialect;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use rams_store::{Journal, StoreError, read, survey_boxes, write};
use std::fs;
use std::path::Path;

/// Opens a survey as QGIS does to edit it.
fn opened(path: &Path) -> Dataset {
    let open_flags = GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_UPDATE;
    let dataset =
        Dataset::open_ex(path, DatasetOptions { open_flags, ..Default::default() }).unwrap();
    for sql in ["PRAGMA journal_mode = WAL", "PRAGMA wal_autocheckpoint = 0"] {
        dataset.execute_sql(sql, None, Dialect::DEFAULT).unwrap();
    }
    dataset
}

/// A survey, and beside it the log of an edit as a crash of QGIS leaves it.
fn crashed() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let path = write(&fixture::survey(), dir.path()).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let other = elsewhere.path().join("survey.gpkg");
    fs::copy(&path, &other).unwrap();
    let dataset = opened(&other);
    dataset
        .execute_sql("UPDATE hazard_areas SET district = 'edited'", None, Dialect::DEFAULT)
        .unwrap();
    for ending in ["", "-wal"] {
        let of = |path: &Path| format!("{}{ending}", path.display());
        fs::copy(of(&other), of(&path)).unwrap();
    }
    dir
}

fn districts(dir: &Path) -> Vec<String> {
    read(dir).unwrap().0.hazard_areas.into_iter().map(|area| area.district).collect()
}

#[test]
fn what_was_saved_but_is_not_in_the_file_yet_is_read() {
    let dir = crashed();
    assert_eq!(districts(dir.path()), ["edited"; 3]);
    let dir = crashed();
    export(dir.path(), Format::GeoJson, &dir.path().join("x.geojson")).unwrap();
    assert_eq!(
        fs::read_to_string(dir.path().join("x.geojson")).unwrap().matches("\"edited\"").count(),
        3
    );
}

#[test]
fn a_survey_with_unsettled_edits_is_not_replaced() {
    let dir = crashed();
    let before = fs::read(dir.path().join("survey.gpkg")).unwrap();
    for error in [
        Journal::claim(dir.path(), true).unwrap_err(),
        write(&fixture::survey(), dir.path()).unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Unsettled { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.contains("survey.gpkg-wal holds changes that are not in it yet")
                && text.contains("QGIS"),
            "{text}"
        );
    }
    assert_eq!(fs::read(dir.path().join("survey.gpkg")).unwrap(), before);
    assert_eq!(districts(dir.path()), ["edited"; 3], "nothing is lost");
    // Reading has settled it, as opening it in QGIS would.
    write(&fixture::survey(), dir.path()).unwrap();
    assert_eq!(districts(dir.path()), ["North"; 3]);

    // The log of a survey that is no more would be replayed into the next one.
    let dir = crashed();
    fs::remove_file(dir.path().join("survey.gpkg")).unwrap();
    assert!(matches!(Journal::claim(dir.path(), false).unwrap_err(), StoreError::Unsettled { .. }));
    assert!(matches!(
        write(&fixture::survey(), dir.path()).unwrap_err(),
        StoreError::Unsettled { .. }
    ));
}

#[test]
fn half_of_a_change_is_neither_read_nor_replaced() {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::survey(), dir.path()).unwrap();
    let begun = dir.path().join("survey.gpkg-journal");
    fs::write(&begun, [0xd9, 0xd5, 5, 0xf9, 0x20, 0xa1, 0x63, 0xd7]).unwrap();
    let unsettled = |error: StoreError| {
        assert!(
            matches!(error, StoreError::Unsettled { .. }) && error.to_string().contains("-journal"),
            "{error}"
        );
    };
    unsettled(read(dir.path()).unwrap_err());
    unsettled(of_store(export(dir.path(), Format::Kml, &dir.path().join("x.kml")).unwrap_err()));
    unsettled(survey_boxes(dir.path()).unwrap_err());
    unsettled(write(&fixture::survey(), dir.path()).unwrap_err());
    // One that was ended is empty or begins with zeros.
    for ended in [&[][..], &[0; 28]] {
        fs::write(&begun, ended).unwrap();
        write(&fixture::survey(), dir.path()).unwrap();
        assert!(!begun.exists(), "it goes with the file that it was of");
    }
}

#[test]
fn a_log_without_changes_goes_with_the_file_it_was_of() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(&fixture::survey(), dir.path()).unwrap();
    for ending in ["-wal", "-shm"] {
        fs::write(format!("{}{ending}", path.display()), "").unwrap();
    }
    write(&fixture::survey(), dir.path()).unwrap();
    assert_eq!(super::files(dir.path()), ["survey.gpkg"]);
}

#[test]
fn an_export_takes_the_companions_of_the_file_it_replaces_away() {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::survey(), dir.path()).unwrap();
    let out = dir.path().join("out");
    fs::create_dir(&out).unwrap();
    let exports = || {
        export(dir.path(), Format::Shp, &out.join("x.shp")).unwrap();
        export(dir.path(), Format::Csv, &out.join("x.csv")).unwrap();
    };
    exports();
    let before = super::files(&out);
    // Indexes and types of the rows that were there.
    let stale = [
        "x_hazard_areas.qix",
        "x_hazard_areas.sbn",
        "x_hazard_areas.sbx",
        "x_gaps.qpj",
        "x.csvt",
        "x.csv.aux.xml",
    ];
    stale.iter().for_each(|name| fs::write(out.join(name), "old").unwrap());
    fs::write(out.join("x_hazard_areas.qml"), "a style").unwrap();
    exports();
    let mut expected = before.clone();
    expected.push("x_hazard_areas.qml".into());
    expected.sort();
    assert_eq!(super::files(&out), expected);
}
