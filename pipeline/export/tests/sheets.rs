//! Tables for IMSMA: CSV, and the same in a workbook.

use super::exports::{assert_at, exported};
use super::{assert_promises_nothing, export, fixture};
use crate::{ExportError, Format};
use calamine::{Data, Reader, Xlsx};
use geo::{MultiPoint, Point};
use rams_store::write;
use std::collections::BTreeSet;
use std::path::Path;

/// Header and rows.
pub(super) fn table(path: &Path) -> Vec<Vec<String>> {
    assert_promises_nothing(&std::fs::read_to_string(path).unwrap());
    let mut file = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    file.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// One column without its header.
pub(super) fn column(rows: &[Vec<String>], name: &str) -> Vec<String> {
    let index = rows[0]
        .iter()
        .position(|column| column == name)
        .unwrap_or_else(|| panic!("no column {name}"));
    rows[1..].iter().map(|row| row[index].clone()).collect()
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

#[test]
fn csv_lists_turning_points_as_imsma_has_them() {
    let (_dir, paths) = exported(Format::Csv);
    let rows = table(&paths[0]);
    let header = [
        "PolyID",
        "PointNo",
        "PointID",
        "PointType",
        "Longitude",
        "Latitude",
        "Bearing",
        "Distance",
    ];
    assert_eq!(rows[0][..8], header);
    let first = &rows[1];
    assert_eq!(first[..4], ["A0001.1", "1", "A0001.1-001", "start point"]);
    assert_eq!(
        first[6..],
        [
            "",
            "",
            "",
            "",
            "outer",
            "A0001",
            "perimeter",
            "AP_MINE",
            "HIGH",
            "0.95",
            "indirect",
            "candidate"
        ]
    );
    let position = |row: &[String]| (number(&row[4]), number(&row[5]));
    // The fixture's ring starts at (30, 130) and runs clockwise; turned round it goes east first.
    assert_at(position(first), 30.0, 130.0);

    // 120 m of the grid eastwards on the central meridian, in legs of 40 m. By hand: 120 / 0.9996
    // on the ellipsoid, in three legs, and almost no convergence: due east.
    let second = &rows[2];
    assert_eq!(second[3], "intermediate point");
    let (bearing, distance) = (number(&second[6]), number(&second[7]));
    assert!((distance - 40.0 / 0.9996).abs() < 0.012, "{distance}");
    assert!((bearing - 90.0).abs() < 0.03, "{bearing}");
    assert_eq!(rows[3][3], "intermediate point");
    assert_eq!(rows[4][3], "turning point");
    assert_at(position(&rows[4]), 150.0, 130.0);

    let polygons: BTreeSet<_> = rows[1..].iter().map(|row| row[0].as_str()).collect();
    let expected = ["A0001.1", "A0001.1H1", "A0001.2", "A0003"];
    assert_eq!(
        polygons.into_iter().collect::<Vec<_>>(),
        expected,
        "an envelope of CMR has no perimeter"
    );
    let ids: BTreeSet<_> = rows[1..].iter().map(|row| &row[2]).collect();
    assert_eq!(ids.len(), rows.len() - 1, "no point id appears twice");
    let far = rows[1..].iter().filter_map(|row| row[7].parse::<f64>().ok()).fold(0.0, f64::max);
    assert!(far <= 50.01, "{far}");
}

#[test]
fn a_perimeter_closes_from_its_end_point_and_repeats_none() {
    let (_dir, paths) = exported(Format::Csv);
    let rows = table(&paths[0]);
    let triangle: Vec<_> = rows.iter().filter(|row| row[0] == "A0001.2").collect();
    // By hand: 40 m east, 40 m north, and the slope of 56.57 m back in two legs.
    let kinds: Vec<_> = triangle.iter().map(|row| row[3].as_str()).collect();
    assert_eq!(kinds, ["start point", "turning point", "turning point", "end point"]);
    let end = triangle[3];
    assert!((number(&end[7]) - 28.28 / 0.9996).abs() < 0.02, "{end:?}");
    assert!((number(&end[9]) - 28.28 / 0.9996).abs() < 0.02, "{end:?}");
    assert!((number(&end[8]) - 225.0).abs() < 0.05, "{end:?}");
    assert!(triangle[..3].iter().all(|row| row[8].is_empty() && row[9].is_empty()));
    for ring in rows[1..].chunk_by(|a, b| a[0] == b[0]) {
        assert_eq!(ring.last().unwrap()[3], "end point");
        assert_eq!(ring.iter().filter(|row| row[3] == "end point").count(), 1);
        let places: BTreeSet<_> = ring.iter().map(|row| (&row[4], &row[5])).collect();
        assert_eq!(places.len(), ring.len());
    }
}

#[test]
fn csv_lists_features_as_evidence_points() {
    let (_dir, paths) = exported(Format::Csv);
    assert!(paths[2].ends_with("out_features.csv"));
    let rows = table(&paths[2]);
    assert_eq!(rows.len(), 10);
    assert_eq!(rows[1][..5], ["F000001", "pfm-1", "mine_surface", "AP_MINE", "0.9"]);
    assert_at((number(&rows[1][5]), number(&rows[1][6])), 60.0, 170.0);
    let kinds = column(&rows, "GeometryType");
    assert_eq!((kinds[3].as_str(), kinds[8].as_str()), ("linestring", "multilinestring"));
    // The two submunitions stand under an envelope with a fade-out of 50 m; the crater under none.
    assert_eq!(column(&rows, "FadeOutM"), ["", "", "", "", "50", "50", "", "", ""]);
    assert_eq!(column(&rows, "PositionAccuracyM")[7], "", "an AV mine on which no area stands");
    // 60 m at 120 and 30 m around 135 have their centre at 125, but for the seventh decimals.
    let [lon, lat] = fixture::lonlat(fixture::ORIGIN[0] + 250.0, fixture::ORIGIN[1] + 125.0);
    let near = |found: &str, expected: f64| (number(found) - expected).abs() < 1e-6;
    assert!(near(&rows[9][5], lon) && near(&rows[9][6], lat), "{:?}", rows[9]);
    let readme = std::fs::read_to_string(&paths[4]).unwrap();
    assert!(readme.contains("Buried mines are out of scope"));
    assert_promises_nothing(&readme);
}

#[test]
fn csv_lists_the_other_evidence_place_by_place() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    let [x, y] = fixture::ORIGIN;
    let places = [Point::new(x + 70.0, y + 150.0), Point::new(x + 90.0, y + 150.0)];
    survey.external_evidence[0].geometry = MultiPoint(places.to_vec()).into();
    write(&survey, dir.path()).unwrap();
    export(dir.path(), Format::Csv, &dir.path().join("out.csv")).unwrap();
    let rows = table(&dir.path().join("out_external_evidence.csv"));
    assert_eq!(column(&rows, "ID"), ["K0001.1", "K0001.2", "K0002", "K0003", "K0004"]);
    assert_eq!(column(&rows, "Kind")[..3], ["accident", "accident", "minefield_record"]);
    let [longitude, latitude] = [column(&rows, "Longitude"), column(&rows, "Latitude")];
    for (row, x) in [(0, 70.0), (1, 90.0)] {
        assert_at((number(&longitude[row]), number(&latitude[row])), x, 150.0);
    }
    let kinds = ["point", "point", "polygon", "polygon", "linestring"];
    assert_eq!(column(&rows, "GeometryType"), kinds);
    assert!(column(&rows, "WKT")[4].starts_with("LINESTRING ("));
}

#[test]
fn csv_lists_areas_with_room_for_marks_on_the_ground() {
    let (_dir, paths) = exported(Format::Csv);
    let rows = table(&paths[1]);
    assert_eq!(column(&rows, "id"), ["A0001", "A0002", "A0003"]);
    assert_eq!(column(&rows, "kind"), ["perimeter", "indicative", "perimeter"]);
    assert_eq!(column(&rows, "benchmark_latitude"), [""; 3]);
    // The label lies in the area: within the rectangle from (10, 25) to (160, 75).
    let [west, south] = fixture::lonlat(fixture::ORIGIN[0] + 10.0, fixture::ORIGIN[1] + 25.0);
    let [east, north] = fixture::lonlat(fixture::ORIGIN[0] + 160.0, fixture::ORIGIN[1] + 75.0);
    let (lon, lat) =
        (number(&column(&rows, "label_longitude")[2]), number(&column(&rows, "label_latitude")[2]));
    assert!(west < lon && lon < east && south < lat && lat < north, "{lon} {lat}");
}

/// Header and rows of a sheet, as calamine sees them.
fn sheet(path: &Path, name: &str) -> Vec<Vec<Data>> {
    let mut workbook: Xlsx<_> = calamine::open_workbook(path).unwrap();
    workbook.worksheet_range(name).unwrap().rows().map(<[Data]>::to_vec).collect()
}

#[test]
fn a_workbook_holds_the_tables_of_csv_as_numbers_and_texts() {
    let (_csv, tables) = exported(Format::Csv);
    let (_dir, paths) = exported(Format::Xlsx);
    assert_eq!(paths.len(), 1);
    let workbook: Xlsx<_> = calamine::open_workbook(&paths[0]).unwrap();
    assert_eq!(
        workbook.sheet_names(),
        ["turning_points", "hazard_areas", "evidence_points", "external_evidence", "read me"]
    );
    for (name, path) in ["turning_points", "hazard_areas", "evidence_points", "external_evidence"]
        .into_iter()
        .zip(&tables)
    {
        let (found, expected) = (sheet(&paths[0], name), table(path));
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            for (cell, text) in found.iter().zip(expected) {
                match cell {
                    Data::Empty => assert_eq!(text, ""),
                    Data::Float(value) => assert_eq!(*value, number(text)),
                    other => assert_eq!(&other.to_string(), text),
                }
            }
        }
    }
    assert!(
        matches!(sheet(&paths[0], "turning_points")[1][4], Data::Float(_)),
        "a longitude is a number"
    );
    let read_me: String =
        sheet(&paths[0], "read me").iter().flatten().map(ToString::to_string).collect();
    assert!(read_me.contains("Buried mines are out of scope"), "{read_me}");
    assert_promises_nothing(&read_me);
}

#[test]
fn a_text_too_long_for_a_cell_ends_in_dots() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    survey.hazard_areas[0].rationale = "𝄞".repeat(20_000);
    write(&survey, dir.path()).unwrap();
    let out = dir.path().join("out.xlsx");
    export(dir.path(), Format::Xlsx, &out).unwrap();
    let rows = sheet(&out, "hazard_areas");
    let index = rows[0].iter().position(|name| *name == "rationale").unwrap();
    let text = rows[1][index].to_string();
    // The clef takes two of the 32,767 units.
    assert_eq!(text, format!("{}...", "𝄞".repeat(16_382)));
}

#[test]
fn more_rows_than_a_sheet_holds_name_the_way_out() {
    let error =
        ExportError::TooManyRows { name: "turning_points", rows: 1_048_576, most: 1_048_575 };
    assert_eq!(
        error.to_string(),
        "cannot write 1048576 turning_points to a workbook: a sheet holds \
         1048575 rows; export to csv"
    );
}
