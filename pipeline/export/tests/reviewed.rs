//! A survey as people decided it, in every format.

use super::sheets::{column, table};
use super::{assert_promises_nothing, export, files, fixture};
use crate::Format;
use geo::Point;
use rams_domain::{
    AreaOutcome, EoCategory, FeatureOutcome, FeatureVerdict, Reached, Reason, RejectedArea,
    ReviewOutcome, Threat,
};
use rams_store::{chips, read, write, write_reviewed};
use serde_json::Value;

/// All three areas of the survey accepted, F000001 seen, and a fourth one rejected.
fn outcome() -> ReviewOutcome {
    let survey = fixture::survey();
    let area = |area: &rams_domain::HazardArea| AreaOutcome {
        version: 1,
        guid: format!("{{{}}}", area.id),
        item: area.id.to_string(),
        parents: vec!["A0009".into(), "N0001".into()],
        reached: Reached::Verified,
        status: "accepted, verified".into(),
    };
    let feature = |feature: &rams_domain::Feature| FeatureOutcome {
        guid: format!("{{{}}}", feature.id),
        verdict: (feature.id.0 == 1).then_some(FeatureVerdict::Seen),
        seen_on_ground: false,
    };
    let rejected = RejectedArea {
        guid: "{A0010}".into(),
        item: "A0010".into(),
        parents: vec![],
        reached: Reached::Verified,
        eo_category: EoCategory::ApMine,
        threat: Threat::High,
        district: "North".into(),
        area_m2: 400.0,
        lonlat: Point::new(-75.123_456_78, -8.0),
        reason: Some(Reason::NaturalObject),
        comment: "a stone".into(),
        at_utc: "2026-11-28T10:00:00.000Z".into(),
    };
    ReviewOutcome {
        areas: survey.hazard_areas.iter().map(area).collect(),
        features: survey.features.iter().map(feature).collect(),
        rejected: vec![rejected],
        statements: vec![("stage", "verified".into()), ("head of the log", "ab12".into())],
        survey,
    }
}

#[test]
fn every_format_says_what_was_decided_and_what_was_rejected() {
    let dir = tempfile::tempdir().unwrap();
    write_reviewed(outcome(), dir.path()).unwrap();
    assert_eq!(chips(dir.path()).unwrap(), outcome().survey.chips, "pictures stay");
    assert_eq!(outcome().survey.chips.len(), 1);
    for format in Format::ALL {
        let out = dir.path().join(format!("out_{format}.{format}"));
        let exported = export(dir.path(), format, &out).unwrap();
        assert!(!exported.checks.refuse(), "{format}: {}", exported.checks);
        let rejected = table(&dir.path().join(format!("out_{format}_rejected_areas.csv")));
        assert_eq!(column(&rejected, "guid"), ["{A0010}"], "{format}");
        assert_eq!(column(&rejected, "reason"), ["natural_object"]);
        assert_eq!(column(&rejected, "comment"), ["a stone"]);
        assert_eq!(column(&rejected, "longitude"), ["-75.1234568"], "a number, no formula");
    }
    let mut heads = 0;
    for name in files(dir.path()) {
        let Ok(text) = std::fs::read_to_string(dir.path().join(&name)) else { continue };
        assert_promises_nothing(&text);
        for word in ["cancelled", "released land"] {
            assert!(!text.contains(word), "{name} says {word}");
        }
        assert!(!text.contains("A0010") || name.ends_with("_rejected_areas.csv"), "{name}");
        heads += usize::from(text.contains("review, head of the log: ab12"));
    }
    // All but the workbook, which is no text: README, description or document.
    assert_eq!(heads, Format::ALL.len() - 1);
}

#[test]
fn imsma_has_ids_that_never_change_and_direct_evidence_of_what_people_saw() {
    let dir = tempfile::tempdir().unwrap();
    let set = |name: &str| {
        export(dir.path(), Format::Imsma, &dir.path().join("out")).unwrap();
        let text = std::fs::read_to_string(dir.path().join(format!("out_imsma_{name}.geojson")));
        let json: Value = serde_json::from_str(&text.unwrap()).unwrap();
        let rows = json["features"].as_array().unwrap().iter();
        rows.map(|row| row["properties"].clone()).collect::<Vec<Value>>()
    };
    write(&fixture::survey(), dir.path()).unwrap();
    let ids = |rows: &[Value]| rows.iter().map(|row| row["imsma_id"].clone()).collect::<Vec<_>>();
    let candidates = set("hazard_areas");
    assert_eq!((&candidates[0]["status"], candidates[0].get("guid")), (&"candidate".into(), None));
    write_reviewed(outcome(), dir.path()).unwrap();
    let areas = set("hazard_areas");
    assert_eq!(ids(&areas), ids(&candidates), "an update, not a second record");
    assert_eq!(areas[0]["guid"], "{A0001}");
    assert_eq!(areas[0]["parents"], "A0009,N0001");
    assert_eq!(areas[0]["status"], "accepted, verified");
    assert_eq!(areas[0]["activity_status"], "reviewed");
    assert_eq!(areas.len(), 2, "CMR has no perimeter");
    let points = set("evidence_points");
    let evidence = |name: &str| {
        let point = points.iter().find(|row| row["name"] == name).unwrap();
        point["evidence_of_contamination"].as_str().unwrap().to_owned()
    };
    assert_eq!([evidence("F000001"), evidence("F000002")], ["Direct", "Indirect"]);
}

#[test]
fn what_people_drew_is_measured_anew() {
    let dir = tempfile::tempdir().unwrap();
    let mut outcome = outcome();
    let stated = fixture::survey().hazard_areas[0].clone();
    outcome.survey.hazard_areas[0].area_m2 = 0.0;
    outcome.survey.hazard_areas[0].assessed_share = 0.0;
    write_reviewed(outcome, dir.path()).unwrap();
    let (found, notices) = read(dir.path()).unwrap();
    let found = &found.hazard_areas[0];
    assert!((found.area_m2 - stated.area_m2).abs() < 0.01 * stated.area_m2, "{}", found.area_m2);
    assert!(found.assessed_share > 0.9, "{}", found.assessed_share);
    assert_eq!(notices, [""; 0]);
}
