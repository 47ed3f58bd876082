//! The set for IMSMA Core.

use super::exports::{assert_at, exported};
use super::sheets::{column, table};
use super::{assert_promises_nothing, export, fixture, names};
use crate::{ExportOptions, Format};
use gdal::vector::sql::Dialect;
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use rams_domain::{EoCategory, EvidenceKind, MetadataField, Survey, SurveyMetadata};
use rams_store::write;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn features(folder: &Path, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(format!("out_imsma_{name}.geojson"))).unwrap();
    assert_promises_nothing(&text);
    let json: Value = serde_json::from_str(&text).unwrap();
    json["features"].as_array().unwrap().clone()
}

fn text<'a>(feature: &'a Value, field: &str) -> &'a str {
    feature["properties"][field].as_str().unwrap_or_default()
}

fn named<'a>(features: &'a [Value], name: &str) -> &'a Value {
    features
        .iter()
        .find(|feature| text(feature, "name") == name)
        .unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn areas_points_and_envelopes_are_apart() {
    let (dir, paths) = exported(Format::Imsma);
    assert_eq!(paths.len(), 9);
    let hazards = features(dir.path(), "hazard_areas");
    let names: Vec<_> = hazards.iter().map(|area| text(area, "name")).collect();
    assert_eq!(names, ["A0001", "A0003"], "CMR has no perimeter");
    for area in &hazards {
        assert!(area["geometry"]["type"].as_str().unwrap().ends_with("Polygon"));
        assert_eq!(text(area, "land_class"), "SHA");
    }
    let envelopes = features(dir.path(), "indicative_envelopes");
    assert_eq!((envelopes.len(), text(&envelopes[0], "name")), (1, "A0002"));
    assert_eq!(text(&envelopes[0], "land_class"), "indicative");
    let points = features(dir.path(), "evidence_points");
    assert!(points.iter().all(|point| point["geometry"]["type"] == "Point"));
    // Submunitions and a crater of UXO; an AV mine and a ditch on which no area stands.
    let class = |name: &str| text(named(&points, name), "land_class").to_owned();
    let classes =
        ["F000001", "F000005", "F000006", "F000007", "F000008", "F000009", "K0001"].map(class);
    assert_eq!(
        classes,
        ["", "EOD spot task", "EOD spot task", "EOD spot task", "Indication", "Indication", ""]
    );
    assert_eq!(named(&points, "F000005")["properties"]["fade_out_m"], 50.0);
    assert!(text(named(&points, "F000008"), "position_accuracy_note").contains("not known"));
    assert_eq!(features(dir.path(), "not_assessed").len(), 4);
    for path in paths.iter().filter(|path| path.extension().unwrap() == "csv") {
        table(path);
    }
    let readme = std::fs::read_to_string(dir.path().join("out_imsma_README.txt")).unwrap();
    assert!(readme.contains("Buried mines are out of scope"));
    assert_promises_nothing(&readme);
}

#[test]
fn cmr_and_uxo_never_have_a_perimeter_whatever_an_area_says_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    survey.hazard_areas[1].kind = rams_domain::AreaKind::Perimeter;
    write(&survey, dir.path()).unwrap();
    export(dir.path(), Format::Imsma, &dir.path().join("out")).unwrap();
    assert_eq!(features(dir.path(), "hazard_areas").len(), 2);
    assert_eq!(features(dir.path(), "indicative_envelopes").len(), 1);
}

#[test]
fn what_others_report_is_where_and_what_they_say() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    let [x, y] = fixture::ORIGIN;
    let at = |east: f64| geo::Point::new(x + east, y + 150.0);
    let accident = &mut survey.external_evidence[0];
    accident.geometry = geo::MultiPoint(vec![at(70.0), at(90.0)]).into();
    accident.eo_category = EoCategory::Cmr;
    let area = &mut survey.hazard_areas[1];
    assert_eq!((area.eo_category, area.fade_out_m), (EoCategory::Cmr, Some(50.0)));
    area.external_evidence = vec![survey.external_evidence[0].id];
    area.evidence = EvidenceKind::Direct;
    survey.hazard_areas[0].external_evidence = vec![survey.external_evidence[1].id];
    survey.hazard_areas[0].evidence = EvidenceKind::Indirect;
    write(&survey, dir.path()).unwrap();
    export(dir.path(), Format::Imsma, &dir.path().join("out")).unwrap();
    let points = features(dir.path(), "evidence_points");
    for (name, east) in [("K0001.1", 70.0), ("K0001.2", 90.0)] {
        let point = named(&points, name);
        let degrees = |axis: &str| point["properties"][axis].as_f64().unwrap();
        assert_at((degrees("longitude"), degrees("latitude")), east, 150.0);
        assert_eq!(text(point, "land_class"), "EOD spot task");
        assert_eq!(text(point, "evidence_of_contamination"), "Direct");
        assert_eq!(point["properties"]["fade_out_m"], 50.0);
        assert!(text(point, "imsma_links").ends_with("-A0002"));
    }
    assert_eq!(text(named(&points, "K0002"), "evidence_of_contamination"), "Indirect");
    let envelopes = features(dir.path(), "indicative_envelopes");
    let links = text(&envelopes[0], "imsma_links");
    assert!(links.contains("-K0001.1,") && links.ends_with("-K0001.2"), "{links}");
}

#[test]
fn an_area_of_uxo_that_people_drew_has_a_point_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    for area in &mut survey.hazard_areas[..2] {
        area.eo_category = EoCategory::Uxo;
        area.features.clear();
        area.external_evidence.clear();
    }
    survey.hazard_areas[0].fade_out_m = Some(10.0);
    write(&survey, dir.path()).unwrap();
    export(dir.path(), Format::Imsma, &dir.path().join("out")).unwrap();
    let points = features(dir.path(), "evidence_points");
    let envelopes = features(dir.path(), "indicative_envelopes");
    let point = named(&points, "A0001.1");
    for (field, value) in [("land_class", "EOD spot task"), ("device_category", "UXO")] {
        assert_eq!(text(point, field), value);
    }
    assert_eq!(point["properties"]["fade_out_m"], 10.0);
    let envelope = named(&envelopes, "A0001");
    assert_eq!(envelope["properties"]["imsma_links"], point["properties"]["imsma_id"]);
    assert_eq!(point["properties"]["imsma_links"], envelope["properties"]["imsma_id"]);
    let label = |axis: &str| envelope["properties"][format!("label_{axis}")].clone();
    let place = ["longitude", "latitude"];
    assert_eq!(place.map(|axis| point["properties"][axis].clone()), place.map(label));
}

#[test]
fn words_are_those_of_imsma() {
    let (dir, _paths) = exported(Format::Imsma);
    let (hazards, points) =
        (features(dir.path(), "hazard_areas"), features(dir.path(), "evidence_points"));
    let area = named(&hazards, "A0003");
    let values = [
        ("status", "candidate"),
        ("evidence_of_contamination", "Indirect"),
        ("information_reliability", "6"),
        ("source_reliability", "F"),
        ("device_category", "UNKNOWN"),
        ("threat", "LOW"),
        ("district", "North"),
        ("activity_organisation", "An organisation"),
        ("activity_operator", "Team 2"),
        ("activity_task", "T-12"),
        ("activity_start", "2026-02-24"),
        ("activity_end", "2026-02-26"),
        ("activity_status", "awaiting review"),
        ("country", "Nowhere"),
        ("province", "Open Sea"),
        ("nearest_place", "The Buoy"),
        ("land_use", ""),
    ];
    for (name, value) in values {
        assert_eq!(text(area, name), value, "{name}");
    }
    // The first area stands on an accident that no one rated and on a record rated B2.
    let levels = |row: &Value| {
        ["source_reliability", "information_reliability"].map(|name| text(row, name).to_owned())
    };
    assert_eq!(levels(named(&hazards, "A0001")), ["B", "2"]);
    assert_eq!(levels(named(&points, "K0001")), ["F", "6"]);
    assert_eq!(levels(named(&points, "K0002")), ["B", "2"]);
    assert_eq!(levels(named(&points, "F000001")), ["F", "6"]);
    let all = hazards.iter().chain(&points);
    let classes: BTreeSet<_> = all.map(|row| text(row, "land_class")).collect();
    assert_eq!(
        classes,
        ["", "EOD spot task", "Indication", "SHA"].into(),
        "never a confirmed hazardous area"
    );
}

#[test]
fn a_district_is_that_of_the_survey_only_where_no_area_has_its_own() {
    let districts = |of_areas: &str| {
        let dir = tempfile::tempdir().unwrap();
        let mut survey = fixture::survey();
        survey.hazard_areas.iter_mut().for_each(|area| area.district = String::new());
        survey.hazard_areas[0].district = of_areas.into();
        write(&survey, dir.path()).unwrap();
        export(dir.path(), Format::Imsma, &dir.path().join("out")).unwrap();
        let rows = features(dir.path(), "hazard_areas");
        ["A0001", "A0003"].map(|name| text(named(&rows, name), "district").to_owned())
    };
    assert_eq!(districts(""), ["East", "East"]);
    assert_eq!(districts("North"), ["North", ""]);
}

#[test]
fn what_is_stated_later_goes_into_the_set_and_changes_no_id() {
    let dir = tempfile::tempdir().unwrap();
    let survey = Survey { metadata: SurveyMetadata::default(), ..fixture::survey() };
    write(&survey, dir.path()).unwrap();
    let readme = || std::fs::read_to_string(dir.path().join("out_imsma_README.txt")).unwrap();
    let read = || {
        let rows = features(dir.path(), "hazard_areas");
        let fields = ["imsma_id", "activity_organisation", "activity_start", "activity_method"];
        fields.map(|field| text(&rows[0], field).to_owned())
    };
    export(dir.path(), Format::Imsma, &dir.path().join("out")).unwrap();
    let [id, organisation, start, method] = read();
    assert_eq!((&*organisation, &*start), ("", ""), "the day of the analysis is no flight");
    assert!(method.ends_with("rams 0.2.0 on 2026-03-01"), "{method}");
    let said = "not stated: flight dates, organisation (minimum data of a contaminated area";
    assert!(readme().contains(said), "{}", readme());

    let mut later = SurveyMetadata::default();
    later.state(MetadataField::Organisation, "Later", "later.toml").unwrap();
    let options = ExportOptions { metadata: later, ..ExportOptions::default() };
    crate::export(dir.path(), Format::Imsma, &dir.path().join("out"), &options).unwrap();
    assert_eq!(read(), [id, "Later".into(), String::new(), method]);
    assert!(readme().contains("organisation: Later (from later.toml)"), "{}", readme());
    assert!(readme().contains("not stated: flight dates (minimum data"), "{}", readme());
}

#[test]
fn every_format_says_who_surveyed() {
    for (format, file) in [
        (Format::GeoJson, "out"),
        (Format::Kml, "out"),
        (Format::Csv, "out_csv_README.txt"),
        (Format::Shp, "out_shp_README.txt"),
        (Format::Fgb, "out_fgb_README.txt"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        write(&fixture::survey(), dir.path()).unwrap();
        export(dir.path(), format, &dir.path().join("out")).unwrap();
        let said = std::fs::read_to_string(dir.path().join(file)).unwrap();
        for stated in ["flight dates: 2026-02-24, 2026-02-26", "not stated: land use, contact"] {
            assert!(said.contains(stated), "{format}: {stated}");
        }
    }
}

#[test]
fn ids_are_unique_and_links_lead_there_and_back() {
    let (dir, _paths) = exported(Format::Imsma);
    let layers = ["hazard_areas", "evidence_points", "indicative_envelopes"];
    let rows: Vec<_> = layers.into_iter().flat_map(|name| features(dir.path(), name)).collect();
    let links: BTreeMap<_, Vec<_>> = rows
        .iter()
        .map(|row| {
            (
                text(row, "imsma_id"),
                text(row, "imsma_links").split(',').filter(|id| !id.is_empty()).collect(),
            )
        })
        .collect();
    assert_eq!(links.len(), rows.len(), "no id twice");
    for (id, others) in &links {
        assert!(id.len() <= 50 && id.starts_with("rams-"), "{id}");
        for other in others {
            assert!(
                links.get(other).is_some_and(|back| back.contains(id)),
                "{other} does not link back to {id}"
            );
        }
    }
    let area = named(&rows, "A0001");
    // Three features and two pieces of other evidence; a district is none.
    assert_eq!(links[text(area, "imsma_id")].len(), 5);
    // Turning points and tables speak of the same ids.
    let turning = table(&dir.path().join("out_imsma_turning_points.csv"));
    assert!(column(&turning, "AreaID").iter().all(|id| links.contains_key(id.as_str())));
    let areas = table(&dir.path().join("out_imsma_hazard_areas.csv"));
    assert!(column(&areas, "imsma_id").iter().all(|id| links.contains_key(id.as_str())));
}

#[test]
fn ids_are_those_of_the_survey_and_of_no_other() {
    let ids = |started: &str| {
        let dir = tempfile::tempdir().unwrap();
        let mut survey = fixture::survey();
        survey.record.timing.runs = vec![started.to_owned()];
        write(&survey, dir.path()).unwrap();
        export(dir.path(), Format::Imsma, &dir.path().join("out")).unwrap();
        column(&table(&dir.path().join("out_imsma_hazard_areas.csv")), "imsma_id")
    };
    let first = ids("2026-05-01T10:00:00Z");
    assert_eq!(first, ids("2026-05-01T10:00:00Z"));
    let other = ids("2026-05-01T10:00:01Z");
    assert!(first.iter().all(|id| !other.contains(id)), "{first:?} {other:?}");
}

#[test]
fn a_survey_of_an_older_version_or_with_a_column_more_exports_just_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(&fixture::survey(), dir.path()).unwrap();
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_UPDATE,
        ..DatasetOptions::default()
    };
    let mut edited = Dataset::open_ex(&path, options).unwrap();
    if !names(&edited.layer_by_name("hazard_areas").unwrap())
        .contains(&"position_accuracy_m".into())
    {
        let sql = "ALTER TABLE hazard_areas ADD COLUMN position_accuracy_m REAL";
        edited.execute_sql(sql, None, Dialect::DEFAULT).unwrap();
    }
    for sql in [
        "DROP TABLE external_evidence",
        "UPDATE hazard_areas SET position_accuracy_m = 0.7",
        "ALTER TABLE features ADD COLUMN position_accuracy_m REAL",
        "UPDATE features SET position_accuracy_m = 0.05 WHERE id = 'F000005'",
    ] {
        edited.execute_sql(sql, None, Dialect::DEFAULT).unwrap();
    }
    edited.flush_cache().unwrap();
    drop(edited);
    for format in Format::ALL {
        let checks =
            export(dir.path(), format, &dir.path().join(format!("out.{format}"))).unwrap().checks;
        assert_eq!(checks.findings, [], "{format}");
    }
    let points = features(dir.path(), "evidence_points");
    assert_eq!(points.len(), 9);
    assert_eq!(named(&points, "F000005")["properties"]["position_accuracy_m"], 0.05);
    assert_eq!(text(named(&points, "F000005"), "position_accuracy_note"), "");
    assert_eq!(
        named(&points, "F000006")["properties"]["position_accuracy_m"],
        0.7,
        "that of its area"
    );
    let rows = table(&dir.path().join("out_features.csv"));
    assert_eq!(column(&rows, "PositionAccuracyM")[4], "0.05");
}
