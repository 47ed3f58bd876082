//! SHAs and indications in every export, each by itself, and what is too doubtful for one.

use super::edited::edit;
use super::export;
use super::fixture::{self, ORIGIN};
use super::sheets::{column, table};
use crate::{ExportOptions, Format};
use geo::{Rect, coord};
use rams_domain::{AreaKind, HazardAreaId, IndicationBelt, LandClass, Survey, Tier};
use rams_store::{read, read_from_confidence, write};
use std::fs;

/// Of the three areas the first is an SHA, the second an envelope that others reported, the third
/// an indication of earthworks with two bands.
fn survey() -> Survey {
    let mut survey = fixture::survey();
    survey.hazard_areas[1].tier = Some(Tier::Reported);
    survey.hazard_areas[1].confidence = 0.02;
    survey.hazard_areas[2].land_class = LandClass::Indication;
    survey.hazard_areas[2].tier = Some(Tier::WeakSign);
    survey.hazard_areas[2].confidence = 0.25;
    let band = |y: f64| {
        let corner = coord! { x: ORIGIN[0] + 10.0, y: ORIGIN[1] + y };
        Rect::new(corner, corner + coord! { x: 150.0, y: 10.0 }).to_polygon().into()
    };
    survey.indication_belts = [(0.0, 75.0, 1.0), (10.0, 85.0, 0.5)]
        .map(|(from_m, y, weight)| IndicationBelt {
            area: HazardAreaId(3),
            from_m,
            to_m: from_m + 10.0,
            weight,
            front_unknown: false,
            boundary: band(y),
        })
        .into();
    survey
}

fn written(survey: &Survey) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(survey, dir.path()).unwrap();
    dir
}

#[test]
fn classes_tiers_and_belts_are_read_as_they_were_written() {
    let survey = survey();
    let (found, _) = read(written(&survey).path()).unwrap();
    let of = |survey: &Survey| -> Vec<_> {
        survey.hazard_areas.iter().map(|area| (area.land_class, area.tier)).collect()
    };
    assert_eq!(of(&found), of(&survey));
    assert_eq!(found.indication_belts, survey.indication_belts);
}

#[test]
fn imsma_gets_each_under_its_own_class_and_turning_points_of_shas_alone() {
    let dir = written(&survey());
    export(dir.path(), Format::Imsma, &dir.path().join("x")).unwrap();
    let areas = table(&dir.path().join("x_imsma_hazard_areas.csv"));
    assert_eq!(column(&areas, "name"), ["A0001"]);
    assert_eq!(column(&areas, "land_class"), ["SHA"]);
    let json = |name: &str| -> serde_json::Value {
        let text = fs::read_to_string(dir.path().join(format!("x_imsma_{name}.geojson"))).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    for (file, name, class) in
        [("indications", "A0003", "Indication"), ("indicative_envelopes", "A0002", "indicative")]
    {
        let rows = json(file)["features"].as_array().unwrap().clone();
        let properties = &rows[0]["properties"];
        assert_eq!(rows.len(), 1, "{file}");
        assert_eq!((&properties["name"], &properties["land_class"]), (&name.into(), &class.into()));
    }
    let points = table(&dir.path().join("x_imsma_turning_points.csv"));
    let of: std::collections::BTreeSet<_> = column(&points, "AreaID")
        .into_iter()
        .map(|id| id.rsplit('-').next().unwrap().to_owned())
        .collect();
    assert_eq!(of.into_iter().collect::<Vec<_>>(), ["A0001"]);
}

#[test]
fn maps_for_others_have_the_belts() {
    let dir = written(&survey());
    let out = dir.path().join("x.geojson");
    export(dir.path(), Format::GeoJson, &out).unwrap();
    let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(out).unwrap()).unwrap();
    let belts: Vec<_> = json["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["properties"])
        .filter(|row| row["layer"] == "indication_belts")
        .map(|row| (row["area"].clone(), row["weight"].as_f64().unwrap()))
        .collect();
    assert_eq!(belts, [("A0003".into(), 1.0), ("A0003".into(), 0.5)]);
    let kml = dir.path().join("x.kml");
    export(dir.path(), Format::Kml, &kml).unwrap();
    let kml = fs::read_to_string(kml).unwrap();
    assert_eq!(kml.matches("<name>belt of A0003</name>").count(), 2);
    assert!(kml.contains("#indication-INDICATION") && kml.contains("#indicative-MEDIUM"));
}

#[test]
fn what_is_too_doubtful_is_left_out_and_counted_but_nothing_reported_or_drawn_by_hand() {
    let dir = written(&survey());
    edit(
        dir.path(),
        "UPDATE hazard_areas SET doctrine = NULL, confidence = NULL, tier = NULL WHERE fid = 1",
    );
    let ids = |survey: &Survey| -> Vec<u32> {
        survey.hazard_areas.iter().map(|area| area.id.0).collect()
    };
    let (all, _) = read_from_confidence(dir.path(), 0.25).unwrap();
    assert_eq!((ids(&all), all.record.left_out.areas), (vec![1, 2, 3], 0), "as probable as that");
    let (some, notices) = read_from_confidence(dir.path(), 0.3).unwrap();
    assert_eq!((ids(&some), some.record.left_out.areas), (vec![1, 2], 1));
    assert!(some.indication_belts.is_empty());
    assert_eq!(notices, ["1 area of a confidence below 0.3 left out"]);

    let out = dir.path().join("x.csv");
    let options = ExportOptions { min_confidence: 0.3, ..ExportOptions::default() };
    let exported = crate::export(dir.path(), Format::Csv, &out, &options).unwrap();
    assert!(exported.notices.contains(&notices[0]), "{:?}", exported.notices);
    let areas = table(&dir.path().join("x_hazard_areas.csv"));
    assert_eq!(column(&areas, "id"), ["A0001", "A0002"]);
    let features = table(&out.with_file_name("x_features.csv"));
    assert!(column(&features, "HazardAreas").iter().all(|held| !held.contains("A0003")));
    let said = "\n1 area of a confidence below 0.3 left out\n";
    let readme = fs::read_to_string(dir.path().join("x_csv_README.txt")).unwrap();
    assert!(readme.contains(said), "{readme}");

    // Its evidence is that of an area all the same, and no sign that no area stands on.
    let points = |options: &ExportOptions| {
        crate::export(dir.path(), Format::Imsma, &dir.path().join("x"), options).unwrap();
        table(&dir.path().join("x_imsma_evidence_points.csv"))
    };
    let [all, some] = [points(&ExportOptions::default()), points(&options)];
    assert_eq!(column(&some, "land_class"), column(&all, "land_class"));
    let links = |rows: &[Vec<String>]| column(rows, "imsma_links").concat().contains("A0003");
    assert_eq!([links(&all), links(&some)], [true, false]);
    let readme = fs::read_to_string(dir.path().join("x_imsma_README.txt")).unwrap();
    assert!(readme.contains(said), "{readme}");
}

#[test]
fn a_survey_of_version_0_2_has_its_classes_by_what_it_stands_on() {
    let dir = written(&fixture::survey());
    for sql in [
        "ALTER TABLE hazard_areas DROP COLUMN land_class",
        "ALTER TABLE hazard_areas DROP COLUMN tier",
        "DROP TABLE indication_belts",
        "UPDATE hazard_areas SET kind = 'sha' WHERE kind = 'perimeter'",
    ] {
        edit(dir.path(), sql);
    }
    let (found, notices) = read(dir.path()).unwrap();
    let of: Vec<_> =
        found.hazard_areas.iter().map(|area| (area.land_class, area.kind, area.tier)).collect();
    // The first stands on an accident, the third, of unknown category, on nothing but features.
    assert_eq!(
        of,
        [
            (LandClass::Sha, AreaKind::Perimeter, Some(Tier::Reported)),
            (LandClass::Sha, AreaKind::Indicative, None),
            (LandClass::Indication, AreaKind::Perimeter, None),
        ]
    );
    assert!(found.indication_belts.is_empty());
    assert_eq!(notices, Vec::<String>::new());
}
