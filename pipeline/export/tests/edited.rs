//! A survey that a person edited in QGIS is read as it is drawn, or refused by row and field.

use super::export;
use super::fixture::{self, ORIGIN};
use super::of_store;
use super::sheets::{column, table};
use crate::Format;
use gdal::vector::LayerAccess;
use gdal::vector::sql::Dialect;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use geo::{Area, orient::Direction, orient::Orient};
use rams_domain::{AreaKind, EoCategory, HazardArea, Survey, Threat};
use rams_store::{StoreError, read, survey_boxes, survey_earthworks, write};
use std::path::Path;

/// Changes the file as a person in QGIS would.
pub(super) fn edit(dir: &Path, sql: &str) {
    let open_flags = GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_UPDATE;
    let options = DatasetOptions { open_flags, ..Default::default() };
    let mut dataset = Dataset::open_ex(dir.join("survey.gpkg"), options).unwrap();
    dataset.execute_sql(sql, None, Dialect::DEFAULT).unwrap();
    dataset.flush_cache().unwrap();
}

/// Draws the outline of a row anew, or with `id` NULL a row that has nothing else.
fn draw(dir: &Path, layer: &str, fid: Option<u64>, wkt: &str) {
    let open_flags = GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_UPDATE;
    let options = DatasetOptions { open_flags, ..Default::default() };
    let mut dataset = Dataset::open_ex(dir.join("survey.gpkg"), options).unwrap();
    let target = dataset.layer_by_name(layer).unwrap();
    let shape = gdal::vector::Geometry::from_wkt(wkt).unwrap();
    match fid {
        Some(fid) => {
            let mut row = target.feature(fid).unwrap();
            row.set_geometry(shape).unwrap();
            target.set_feature(row).unwrap();
        }
        None => {
            let mut row = gdal::vector::Feature::new(target.defn()).unwrap();
            row.set_geometry(shape).unwrap();
            row.create(&target).unwrap();
        }
    }
    dataset.flush_cache().unwrap();
}

/// A polygon of corners given from the fixture's origin.
fn polygon(corners: &[(f64, f64)]) -> String {
    let corners: Vec<_> =
        corners.iter().map(|(x, y)| format!("{} {}", ORIGIN[0] + x, ORIGIN[1] + y)).collect();
    format!("POLYGON (({}, {}))", corners.join(", "), corners[0])
}

fn surveyed() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(&fixture::survey(), dir.path()).unwrap();
    dir
}

fn area(dir: &Path, id: u32) -> HazardArea {
    let (survey, _) = read(dir).unwrap();
    survey.hazard_areas.into_iter().find(|area| area.id.0 == id).unwrap()
}

/// What every reader of a survey says of it, which must be the same.
fn refused(dir: &Path) -> String {
    let said = |error: StoreError| {
        assert!(matches!(error, StoreError::Rows { .. }), "{error}");
        error.to_string()
    };
    let text = said(read(dir).unwrap_err());
    for format in Format::ALL {
        let out = dir.join("out");
        std::fs::create_dir_all(&out).unwrap();
        assert_eq!(said(of_store(export(dir, format, &out.join("x")).unwrap_err())), text);
        assert_eq!(super::files(&out), [""; 0], "{format}");
    }
    assert_eq!(said(survey_boxes(dir).unwrap_err()), text);
    assert_eq!(said(survey_earthworks(dir).unwrap_err()), text);
    assert!(
        !text.contains("disk") && !text.contains("rams survey") && text.contains("in QGIS"),
        "{text}"
    );
    text
}

/// Of a change by SQL.
fn refused_after(sql: &str) -> String {
    let dir = surveyed();
    edit(dir.path(), sql);
    refused(dir.path())
}

#[test]
fn a_word_that_is_none_is_refused_by_row_and_field_with_those_that_there_are() {
    for (sql, said) in [
        (
            "UPDATE hazard_areas SET eo_category = 'ap mine' WHERE fid = 2",
            "layer hazard_areas, row 2, field eo_category is `ap mine`; give one of AP_MINE, \
             AV_MINE, MIXED_MINE, ",
        ),
        (
            "UPDATE hazard_areas SET threat = 'high' WHERE fid = 1",
            "layer hazard_areas, row 1, field threat is `high`; give one of HIGH, \
             MEDIUM, LOW, UNASSESSED",
        ),
        (
            "UPDATE hazard_areas SET kind = 'area' WHERE fid = 1",
            "row 1, field kind is `area`; give one of perimeter, indicative",
        ),
        (
            "UPDATE hazard_areas SET evidence = 'yes' WHERE fid = 3",
            "row 3, field evidence is `yes`; give one of indirect, direct",
        ),
        (
            "UPDATE features SET indicator = 'mine' WHERE fid = 3",
            "layer features, row 3, field indicator is `mine`",
        ),
        (
            "UPDATE features SET class = NULL WHERE fid = 3",
            "layer features, row 3, field class is empty; give a name",
        ),
        (
            "UPDATE gaps SET reason = 'fog' WHERE fid = 3",
            "layer gaps, row 3, field reason is `fog`; give one of nodata,",
        ),
        (
            "UPDATE gaps SET reason = NULL WHERE fid = 3",
            "layer gaps, row 3, field reason is empty; give one of nodata,",
        ),
        (
            "UPDATE external_evidence SET kind = 'rumour' WHERE fid = 1",
            "layer external_evidence, row 1, field kind is `rumour`; give one of acc",
        ),
        (
            "UPDATE external_evidence SET reliability = 'G7' WHERE fid = 1",
            "field reliability is `G7`; give a letter A to F and a dig",
        ),
        (
            "UPDATE hazard_areas SET id = 'B1' WHERE fid = 3",
            "row 3, field id is `B1`; give A and a number, such as A0001",
        ),
        (
            "UPDATE hazard_areas SET features = 'mine 3'",
            "field features lists `mine 3`; give ids such as F000001",
        ),
        (
            "UPDATE feature_parts SET width_m = NULL",
            "layer feature_parts, row 1, field width_m is empty; give a number",
        ),
    ] {
        let found = refused_after(sql);
        assert!(found.contains(said), "{found}");
    }
}

#[test]
fn a_number_out_of_its_range_is_refused_by_row_and_field() {
    for (sql, said) in [
        (
            "UPDATE hazard_areas SET confidence = 1.5 WHERE fid = 2",
            "row 2, field confidence is 1.5; give a number from 0 to 1",
        ),
        (
            "UPDATE hazard_areas SET confidence = -0.1 WHERE fid = 2",
            "row 2, field confidence is -0.1; give",
        ),
        (
            "UPDATE hazard_areas SET confidence = 'high' WHERE fid = 2",
            "row 2, field confidence holds a text; give a number",
        ),
        (
            "UPDATE hazard_areas SET buffer_m = -5",
            "row 1, field buffer_m is -5; give a number of 0 or more",
        ),
        (
            "UPDATE hazard_areas SET buffer_m = 9e999",
            "row 1, field buffer_m is inf; give a number of 0 or more",
        ),
        (
            "UPDATE hazard_areas SET front_deg = 400",
            "field front_deg is 400; give a number from 0 to 360",
        ),
        (
            "UPDATE hazard_areas SET rows = -1",
            "field rows is -1; give a number from 0 to 4294967295",
        ),
        (
            "UPDATE features SET confidence = NULL",
            "layer features, row 1, field confidence is empty; give a number from 0",
        ),
        (
            "UPDATE features SET score = 80",
            "layer features, row 1, field score is 80; give a number from 0 to 1",
        ),
        (
            "UPDATE external_evidence SET bearing_deg = -90 WHERE fid = 4",
            "layer external_evidence, row 4, field bearing_deg is -90; give",
        ),
    ] {
        let found = refused_after(sql);
        assert!(found.contains(said), "{found}");
    }
    // All at once, that one look mends them all.
    let dir = surveyed();
    edit(dir.path(), "UPDATE hazard_areas SET confidence = 2, threat = 'x'");
    edit(dir.path(), "UPDATE gaps SET reason = 'x'");
    assert_eq!(refused(dir.path()).lines().count(), 3 * 2 + 4 + 2);
}

#[test]
fn geometry_that_is_no_ground_is_refused_by_row() {
    let at = |x: f64, y: f64| format!("{} {}", ORIGIN[0] + x, ORIGIN[1] + y);
    for (layer, wkt, said) in [
        (
            "hazard_areas",
            format!("LINESTRING ({}, {})", at(0.0, 0.0), at(9.0, 9.0)),
            "row 2 is no polygon",
        ),
        (
            "hazard_areas",
            polygon(&[(0.0, 0.0), (10.0, 0.0), (20.0, 0.0)]),
            "row 2 cannot be used: its outline encloses no",
        ),
        (
            "hazard_areas",
            "POLYGON ((1e30 0, 2e30 0, 2e30 1e30, 1e30 0))".into(),
            "row 2 lies nowhere on earth",
        ),
        (
            "features",
            format!(
                "GEOMETRYCOLLECTION (POINT ({}), LINESTRING ({}, {}))",
                at(1.0, 1.0),
                at(0.0, 0.0),
                at(5.0, 5.0)
            ),
            "row 2 cannot be used: it mixes",
        ),
    ] {
        let dir = surveyed();
        draw(dir.path(), layer, Some(2), &wkt);
        let found = refused(dir.path());
        assert!(found.contains(&format!("layer {layer}, {said}")), "{found}");
    }
    for layer in ["features", "hazard_areas", "external_evidence", "gaps", "assessed"] {
        let found = refused_after(&format!("UPDATE {layer} SET geom = NULL WHERE fid = 1"));
        assert!(
            found.contains(&format!("layer {layer}, row 1 has no geometry: draw it")),
            "{found}"
        );
    }
}

#[test]
fn figures_are_those_of_what_is_drawn() {
    let dir = surveyed();
    // 100 m by 50 m, clockwise, half of it west of the imagery; with heights, and as a single
    // polygon.
    let wkt = polygon(&[(-50.0, 100.0), (-50.0, 150.0), (50.0, 150.0), (50.0, 100.0)])
        .replace(", ", " 7, ")
        .replace("))", " 7))");
    draw(dir.path(), "hazard_areas", Some(1), &wkt.replace("POLYGON", "POLYGON Z"));
    let found = area(dir.path(), 1);
    let expected_m2 = 100.0 * 50.0 / 0.9996f64.powi(2);
    assert!((found.area_m2 / expected_m2 - 1.0).abs() < 1e-5, "{}", found.area_m2);
    assert!(
        (found.beyond_imagery_m2 / expected_m2 - 0.5).abs() < 1e-5,
        "{}",
        found.beyond_imagery_m2
    );
    assert!((found.assessed_share - 0.5).abs() < 1e-5, "{}", found.assessed_share);
    assert_eq!(found.boundary, found.boundary.orient(Direction::Default));
    let (_, notices) = read(dir.path()).unwrap();
    assert_eq!(notices, ["layer hazard_areas: figures are those of what is drawn now: A0001"]);

    let out = dir.path().join("out.csv");
    export(dir.path(), Format::Csv, &out).unwrap();
    let areas = table(&dir.path().join("out_hazard_areas.csv"));
    let written_m2: f64 = column(&areas, "area_m2")[0].parse().unwrap();
    assert!((written_m2 - found.area_m2).abs() < 1e-3, "{written_m2}");
    let legs = table(&out);
    let sum = |name: &str| -> f64 {
        let of_area =
            |(value, id): (&String, &String)| (id == "A0001").then(|| value.parse().unwrap_or(0.0));
        column(&legs, name).iter().zip(&column(&legs, "PolyID")).filter_map(of_area).sum()
    };
    let perimeter_m = sum("Distance") + sum("ClosingDistance");
    assert!((perimeter_m - 300.0 / 0.9996).abs() < 0.1, "{perimeter_m}");
}

#[test]
fn an_area_that_was_moved_is_seen_where_it_lies_now() {
    let dir = surveyed();
    let shift = "UPDATE hazard_areas SET geom = (SELECT geom FROM hazard_areas WHERE fid = 2) \
                 WHERE fid = 2";
    edit(dir.path(), shift);
    assert!((area(dir.path(), 2).assessed_share - 0.75).abs() < 1e-6, "as it was");
    // The circle of 50 m around (285, 210), 1,000 m further east.
    let circle = |step: i32| {
        let (sin, cos) = (f64::from(step) * 10.0).to_radians().sin_cos();
        (1285.0 + 50.0 * cos, 210.0 + 50.0 * sin)
    };
    draw(dir.path(), "hazard_areas", Some(2), &polygon(&(0..36).map(circle).collect::<Vec<_>>()));
    let found = area(dir.path(), 2);
    assert_eq!(found.assessed_share, 0.0);
    assert!((found.beyond_imagery_m2 - found.area_m2).abs() < 1e-2, "{}", found.beyond_imagery_m2);
}

#[test]
fn an_outline_that_crosses_itself_is_mended_with_all_its_ground() {
    let dir = surveyed();
    // Two triangles of 20 x 10 m each that meet in the middle.
    draw(
        dir.path(),
        "hazard_areas",
        Some(3),
        &polygon(&[(10.0, 30.0), (30.0, 50.0), (30.0, 30.0), (10.0, 50.0)]),
    );
    let (survey, notices) = read(dir.path()).unwrap();
    let found = &survey.hazard_areas[2];
    assert!(
        (found.boundary.unsigned_area() - 200.0).abs() < 1e-6,
        "{}",
        found.boundary.unsigned_area()
    );
    assert!((found.area_m2 - 200.0 / 0.9996f64.powi(2)).abs() < 0.01, "{}", found.area_m2);
    assert!(
        notices
            .contains(&"layer hazard_areas, row 3: invalid outline mended, please check it".into()),
        "{notices:?}"
    );
    for format in Format::ALL {
        let checks =
            export(dir.path(), format, &dir.path().join(format!("x.{format}"))).unwrap().checks;
        assert!(!checks.refuse(), "{format}: {checks}");
    }
}

#[test]
fn an_area_drawn_without_a_word_is_one_of_unknown_category() {
    let dir = surveyed();
    draw(
        dir.path(),
        "hazard_areas",
        None,
        &polygon(&[(0.0, 0.0), (0.0, 20.0), (20.0, 20.0), (20.0, 0.0)]),
    );
    let (survey, notices) = read(dir.path()).unwrap();
    assert!(
        notices.contains(&"layer hazard_areas, row 4 has no id: it is A0004 here".into()),
        "{notices:?}"
    );
    let found = survey.hazard_areas.last().unwrap();
    assert_eq!(
        (found.id.to_string().as_str(), found.eo_category, found.threat),
        ("A0004", EoCategory::Unknown, Threat::Unassessed)
    );
    assert_eq!((found.kind, found.features.len()), (AreaKind::Perimeter, 0));
    assert!((found.area_m2 - 400.0 / 0.9996f64.powi(2)).abs() < 0.01, "{}", found.area_m2);
    let exported = export(dir.path(), Format::Imsma, &dir.path().join("x")).unwrap();
    assert_eq!(exported.checks.findings, []);
    let areas = table(&dir.path().join("x_imsma_hazard_areas.csv"));
    assert_eq!(column(&areas, "name")[2], "A0004");
    assert!(column(&areas, "imsma_id")[2].ends_with("-A0004"));
    assert_eq!(
        [column(&areas, "device_category")[2].as_str(), &column(&areas, "confidence")[2]],
        ["UNKNOWN", ""]
    );
    // Of a category that is recorded by its points it is no perimeter.
    edit(dir.path(), "UPDATE hazard_areas SET eo_category = 'CMR' WHERE fid = 4");
    assert_eq!(area(dir.path(), 4).kind, AreaKind::Indicative);
}

#[test]
fn of_rows_with_one_id_each_has_its_own_and_a_whole_copy_is_refused() {
    let dir = surveyed();
    let columns = "geom, id, kind, eo_category, threat, confidence, features";
    edit(
        dir.path(),
        &format!(
            "INSERT INTO hazard_areas ({columns}) SELECT {columns} FROM hazard_areas WHERE fid = 1"
        ),
    );
    let said = "layer hazard_areas, row 4, field id is A0001, that of row 1, and so is its \
                outline: delete one of the two";
    assert!(refused(dir.path()).contains(said), "{}", refused(dir.path()));
    // An area that was split: both halves have its words.
    draw(
        dir.path(),
        "hazard_areas",
        Some(4),
        &polygon(&[(60.0, 150.0), (100.0, 150.0), (100.0, 200.0), (60.0, 200.0)]),
    );
    let (survey, notices) = read(dir.path()).unwrap();
    let said = "layer hazard_areas, row 4 has the id A0001, which row 1 has: it is A0004 here";
    assert!(notices.contains(&said.into()), "{notices:?}");
    assert_eq!(survey.hazard_areas[3].features, survey.hazard_areas[0].features);
    export(dir.path(), Format::Csv, &dir.path().join("out.csv")).unwrap();
    assert_eq!(
        column(&table(&dir.path().join("out_features.csv")), "HazardAreas")[0],
        "A0001,A0004"
    );
}

#[test]
fn links_to_rows_that_were_deleted_are_gone() {
    let dir = surveyed();
    edit(dir.path(), "DELETE FROM hazard_areas WHERE fid = 1");
    edit(dir.path(), "DELETE FROM features WHERE fid = 4");
    let (survey, _) = read(dir.path()).unwrap();
    let of = |survey: &Survey, row: usize| {
        survey.hazard_areas[row].features.iter().map(|id| id.0).collect::<Vec<_>>()
    };
    assert_eq!([of(&survey, 0), of(&survey, 1)], [vec![5, 6], vec![3]]);
    export(dir.path(), Format::Csv, &dir.path().join("out.csv")).unwrap();
    assert_eq!(
        column(&table(&dir.path().join("out_hazard_areas.csv")), "feature_count"),
        ["2", "1"]
    );
    assert_eq!(
        column(&table(&dir.path().join("out_features.csv")), "HazardAreas")[..3],
        ["", "", "A0003"]
    );
    // A link that was given at one end alone.
    edit(dir.path(), "UPDATE features SET hazard_areas = 'A3, A0002' WHERE fid = 1");
    assert_eq!(of(&read(dir.path()).unwrap().0, 1), [3, 1]);
}

#[test]
fn a_find_that_a_person_added_is_in_the_survey_and_is_no_model_s() {
    let dir = surveyed();
    let found = survey_boxes(dir.path()).unwrap().found.len();
    draw(dir.path(), "features", None, &format!("POINT ({} {})", ORIGIN[0] + 5.0, ORIGIN[1] + 5.0));
    assert!(
        refused(dir.path()).contains("layer features, row 10, field class is empty; give a name")
    );
    edit(
        dir.path(),
        "UPDATE features SET class = 'pmn', indicator = 'mine_surface', \
         confidence = 1 WHERE fid = 10",
    );
    let (survey, notices) = read(dir.path()).unwrap();
    assert_eq!((survey.features.len(), survey.features[9].id.0), (10, 10));
    assert!(
        notices.contains(&"layer features, row 10 has no id: it is F000010 here".into()),
        "{notices:?}"
    );
    assert_eq!(survey_boxes(dir.path()).unwrap().found.len(), found);
    for format in Format::ALL {
        export(dir.path(), format, &dir.path().join(format!("x.{format}"))).unwrap();
    }
}

#[test]
fn columns_of_a_person_s_own_go_along() {
    let dir = surveyed();
    for (column, value) in [
        ("seen", "'2026-05-01'"),
        ("layer", "'upper'"),
        ("note", "'=1+1'"),
        ("ок", "1"),
        ("photo", "x'00ff'"),
        ("at", "'10:30:00'"),
    ] {
        let kind = match column {
            "seen" => "DATE",
            "photo" => "BLOB",
            "ок" => "BOOLEAN",
            _ => "TEXT",
        };
        edit(dir.path(), &format!("ALTER TABLE hazard_areas ADD COLUMN \"{column}\" {kind}"));
        edit(dir.path(), &format!("UPDATE hazard_areas SET \"{column}\" = {value}"));
    }
    for format in Format::ALL {
        let exported = export(dir.path(), format, &dir.path().join(format!("x.{format}"))).unwrap();
        let said = "layer hazard_areas: photo stays in survey.gpkg: it is no text or number";
        assert_eq!(exported.notices, [said], "{format}");
    }
    let areas = table(&dir.path().join("x_hazard_areas.csv"));
    assert_eq!([column(&areas, "ок")[0].as_str(), &column(&areas, "seen")[0]], ["1", "2026-05-01"]);
    let json = std::fs::read_to_string(dir.path().join("x.geojson")).unwrap();
    assert_eq!(
        json.matches("\"layer\": \"hazard_areas\"").count(),
        3,
        "it still says which layer a row is of"
    );
}

#[test]
fn a_column_that_is_not_there_is_empty_or_asked_for() {
    let dir = surveyed();
    edit(dir.path(), "ALTER TABLE hazard_areas DROP COLUMN district");
    edit(dir.path(), "ALTER TABLE hazard_areas DROP COLUMN assessed_share");
    edit(dir.path(), "DROP TABLE external_evidence");
    let (survey, _) = read(dir.path()).unwrap();
    assert_eq!((survey.hazard_areas[0].district.as_str(), survey.external_evidence.len()), ("", 0));
    assert!((survey.hazard_areas[0].assessed_share - 1.0).abs() < 1e-6, "measured anew");
    edit(dir.path(), "ALTER TABLE hazard_areas DROP COLUMN eo_category");
    let text = read(dir.path()).unwrap_err().to_string();
    assert!(text.contains("layer hazard_areas has no field eo_category: add it in QGIS"), "{text}");
}
