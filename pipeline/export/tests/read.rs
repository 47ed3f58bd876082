//! A survey that was written is read as it was.

use super::edited::edit;
use super::{export, fixture, of_store};
use crate::Format;
use geo::Point;
use rams_domain::{
    EoCategory, EvidenceKind, ExternalEvidence, ExternalEvidenceId, ExternalEvidenceKind,
    MetadataField, Reliability, RunRecord, Survey, SurveyMetadata,
};
use rams_store::{StoreError, read, survey_boxes, survey_earthworks, write};

/// The fixture with a piece of other evidence, and with areas that stand on it.
fn survey() -> Survey {
    let mut survey = fixture::survey();
    let known = |id, kind, reliability, bearing_deg| ExternalEvidence {
        id: ExternalEvidenceId(id),
        kind,
        geometry: Point::new(500_010.0, 1_020.0).into(),
        eo_category: EoCategory::ApMine,
        reliability,
        name: "by the <ford> & \"mill\"".into(),
        date: "2024".into(),
        bearing_deg,
        file: "others.gpkg".into(),
    };
    let sure = Reliability { source: Some('B'), information: Some(2) };
    survey.external_evidence = vec![
        known(1, ExternalEvidenceKind::Accident, sure, None),
        known(2, ExternalEvidenceKind::Front, Reliability::default(), Some(92.5)),
    ];
    let area = &mut survey.hazard_areas[0];
    (area.external_evidence, area.front_deg, area.front_unknown) =
        (vec![ExternalEvidenceId(1), ExternalEvidenceId(2)], Some(92.5), false);
    (area.rows, area.released_m2, area.evidence) = (2, 12.5, EvidenceKind::Direct);
    survey
}

#[test]
fn what_was_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = survey();
    write(&expected, folder.path()).unwrap();
    let (found, notices) = read(folder.path()).unwrap();
    assert_eq!(notices, [""; 0]);

    // The file keeps millimetres, and detections stay in it.
    let round = |value: &mut f64| *value = (*value * 1e3).round() / 1e3;
    expected.hazard_areas.iter_mut().for_each(|area| round(&mut area.area_m2));
    expected.gaps.iter_mut().for_each(|gap| round(&mut gap.area_m2));
    expected.assessed.iter_mut().for_each(|row| round(&mut row.area_m2));
    for feature in &mut expected.features {
        feature.detections.clear();
        round(&mut feature.area_m2);
        feature.size_m.iter_mut().for_each(round);
    }
    expected
        .features
        .iter_mut()
        .flat_map(|feature| &mut feature.parts)
        .for_each(|part| part.width_m = 5.0);
    assert_eq!(found.hazard_areas, expected.hazard_areas);
    assert_eq!(found.features, expected.features);
    assert_eq!(found.external_evidence, expected.external_evidence);
    assert_eq!(found.gaps, expected.gaps);
    assert_eq!(found.assessed, expected.assessed);
    // What was never stored has no digest.
    assert_eq!(RunRecord { areas_sha256: String::new(), ..found.record }, expected.record);
    assert_eq!(found.metadata, expected.metadata);
    assert!(found.detections.is_empty());
    assert_eq!(found.ground.crs(), expected.ground.crs());
    assert_eq!(found.ground.extent(), expected.ground.extent());
    let place = expected.ground.extent().center();
    let [found, expected] = [found.ground.lonlat(place), expected.ground.lonlat(place)];
    assert!((found.x - expected.x).abs() < 1e-9 && (found.y - expected.y).abs() < 1e-9);
}

#[test]
fn a_row_without_geometry_is_an_error_and_no_crash() {
    let into = |layer: &str| {
        format!(
            "INSERT INTO {layer} (id, class, model, orthomosaic, confidence, score, px_x0, px_y0, \
             px_x1, px_y1) VALUES ('F99', 'a', 'm', 'o', 1, 1, 0, 0, 1, 1)"
        )
    };
    for format in [
        Format::GeoJson,
        Format::Kml,
        Format::Shp,
        Format::Csv,
        Format::Xlsx,
        Format::Imsma,
        Format::Fgb,
    ] {
        let folder = tempfile::tempdir().unwrap();
        write(&survey(), folder.path()).unwrap();
        edit(folder.path(), &into("features"));
        let said = |error: StoreError| {
            let text = error.to_string();
            assert!(
                text.contains("layer features, row ") && text.contains("has no geometry"),
                "{format}: {text}"
            );
        };
        said(of_store(export(folder.path(), format, &folder.path().join("out")).unwrap_err()));
        said(survey_boxes(folder.path()).unwrap_err());
        said(survey_earthworks(folder.path()).unwrap_err());
    }
    for layer in ["hazard_areas", "external_evidence", "gaps", "assessed"] {
        let folder = tempfile::tempdir().unwrap();
        write(&survey(), folder.path()).unwrap();
        edit(folder.path(), &format!("UPDATE {layer} SET geom = NULL WHERE fid = 1"));
        let text = export(folder.path(), Format::GeoJson, &folder.path().join("out"))
            .unwrap_err()
            .to_string();
        assert!(text.contains(&format!("layer {layer}, row 1 has no geometry")), "{text}");
    }
}

#[test]
fn a_survey_whose_datum_no_one_knows_is_not_exported() {
    let folder = tempfile::tempdir().unwrap();
    let mut survey = fixture::survey();
    // On an ellipsoid alone it may lie a hundred metres off, as surveys of earlier versions did.
    let srs =
        gdal::spatial_ref::SpatialRef::from_definition("+proj=utm +zone=33 +ellps=krass +units=m")
            .unwrap();
    let crs = rams_domain::Crs { name: "unknown".into(), code: None, wkt: srs.to_wkt().unwrap() };
    let extent = survey.ground.extent();
    let nodes = rams_domain::Ground::node_positions(extent)
        .into_iter()
        .map(|node| survey.ground.lonlat(node))
        .collect();
    survey.ground = rams_domain::Ground::new(crs, extent, nodes).unwrap();
    let refused = write(&survey, folder.path()).unwrap_err().to_string();
    assert!(refused.contains("how it lies to WGS 84 is not known"), "{refused}");
    write(&fixture::survey(), folder.path()).unwrap();
    let definition = srs.to_wkt().unwrap();
    edit(
        folder.path(),
        &format!(
            "UPDATE gpkg_spatial_ref_sys SET organization = 'NONE', definition = '{definition}' \
             WHERE srs_id = 32633"
        ),
    );
    let refused =
        export(folder.path(), Format::Kml, &folder.path().join("map.kml")).unwrap_err().to_string();
    assert!(
        refused.contains("lies to WGS 84 is not known") && refused.contains("rams survey"),
        "{refused}"
    );
    assert!(matches!(read(folder.path()), Err(StoreError::NotASurvey { .. })));
}

#[test]
fn the_record_comes_back_and_a_survey_without_one_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let survey = fixture::survey();
    write(&survey, folder.path()).unwrap();
    let (mut found, notices) = read(folder.path()).unwrap();
    assert_eq!(found.record.areas_sha256.len(), 64);
    found.record.areas_sha256.clear();
    assert_eq!((&found.record, &notices[..]), (&survey.record, &[][..]));
    edit(folder.path(), "DELETE FROM run_record");
    let (mut found, notices) = read(folder.path()).unwrap();
    found.record.areas_sha256.clear();
    assert_eq!(found.record, RunRecord::default());
    assert!(
        notices[0].ends_with("has no run_record: what was run on what is not known"),
        "{notices:?}"
    );
    edit(folder.path(), "INSERT INTO run_record (json) VALUES ('{}')");
    let error = read(folder.path()).unwrap_err().to_string();
    assert!(error.contains("layer run_record cannot be read: missing field"), "{error}");
}

#[test]
fn what_people_state_in_the_map_is_read_and_what_is_no_date_is_refused_by_its_row() {
    let folder = tempfile::tempdir().unwrap();
    write(&fixture::survey(), folder.path()).unwrap();
    let set = |field: &str, value: &str| {
        format!("UPDATE survey_metadata SET value = '{value}' WHERE field = '{field}'")
    };
    edit(folder.path(), &set("contact", " the office "));
    edit(folder.path(), &set("task", ""));
    let metadata = read(folder.path()).unwrap().0.metadata;
    assert_eq!(metadata.text(MetadataField::Contact), "the office");
    assert_eq!(metadata.missing(), [MetadataField::Task, MetadataField::LandUse]);
    edit(folder.path(), &set("flight_dates", "14 May 2026"));
    let error = read(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::Rows { .. }), "{error}");
    let said = "layer survey_metadata, row 1: flight_dates: \"14 May 2026\" is no date: write year";
    assert!(error.to_string().contains(said), "{error}");
    // Surveys of version 0.2.0 and before have no such table.
    edit(folder.path(), "DROP TABLE survey_metadata");
    assert_eq!(read(folder.path()).unwrap().0.metadata, SurveyMetadata::default());
}
