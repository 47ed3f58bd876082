//! The project for QGIS that lies in `survey.gpkg`.

use super::fixture;
use super::geopackage::query;
use crate::{write, write_areas};
use gdal::Dataset;
use gdal::vector::LayerAccess;
use gdal::vector::sql::Dialect;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeSet;
use std::path::Path;

/// The XML, as an archive program unpacks it.
fn document(dataset: &Dataset, dir: &Path) -> String {
    let hex = query(dataset, "SELECT CAST(content AS TEXT) FROM qgis_projects").concat();
    let digits = hex.split(|it: char| !it.is_ascii_hexdigit()).max_by_key(|run| run.len()).unwrap();
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    let bytes: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
    let archive = dir.join("project.qgz");
    std::fs::write(&archive, bytes).unwrap();
    let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is \
                  None; sys.stdout.write(z.read('survey.qgs').decode())";
    let output =
        std::process::Command::new("python3").args(["-c", script]).arg(&archive).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn attribute(element: &BytesStart<'_>, name: &str) -> String {
    let value = element.try_get_attribute(name).unwrap();
    value.map_or_else(String::new, |it| it.value.to_string())
}

#[test]
fn the_project_has_every_layer_and_leads_from_areas_to_detections() {
    let dir = tempfile::tempdir().unwrap();
    let dataset = Dataset::open(write(&fixture::survey(), dir.path()).unwrap()).unwrap();
    let xml = document(&dataset, dir.path());
    let mut reader = quick_xml::Reader::from_str(&xml);
    let (mut ids, mut leaves) = (BTreeSet::new(), BTreeSet::new());
    let (mut relations, mut sources) = (vec![], vec![]);
    let mut element = String::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(start) | Event::Empty(start) => {
                element = start.name().as_ref().to_string();
                match element.as_str() {
                    "layer-tree-layer" => drop(leaves.insert(attribute(&start, "id"))),
                    "relation" => relations.push(
                        ["referencingLayer", "referencedLayer"].map(|it| attribute(&start, it)),
                    ),
                    _ => {}
                }
            }
            Event::Text(text) if element == "id" => {
                ids.insert(text.to_string());
            }
            Event::Text(text) if element == "datasource" => {
                sources.push(text.to_string());
            }
            Event::End(_) => element.clear(),
            _ => {}
        }
    }
    assert_eq!(ids, leaves, "each layer has its place in the tree");
    assert!(ids.iter().all(|id| id.len() > 10), "QGIS keeps the ids: {ids:?}");
    let of = |kind: &str| format!("survey_layer_features_{kind}");
    for kind in ["points", "lines", "polygons"] {
        assert!(
            relations.contains(&[of(kind), "survey_layer_hazard_areas".into()]),
            "{relations:?}"
        );
        assert!(relations.contains(&["survey_layer_detections".into(), of(kind)]), "{relations:?}");
    }
    assert!(relations.iter().flatten().all(|layer| ids.contains(layer)));
    for source in &sources {
        let layer = source.strip_prefix("./survey.gpkg|layername=").unwrap();
        dataset.layer_by_name(layer.split('|').next().unwrap()).unwrap();
    }
    // What people read: a column's name, a word of a list, a picture.
    for part in [
        r#"name="Beyond imagery, m²""#,
        r#"value="IMPROVISED_MINE""#,
        "data:image/jpeg;base64,",
        "Finds of the area",
    ] {
        assert!(xml.contains(part), "{part}");
    }
}

#[test]
fn a_project_that_people_changed_stays_when_areas_are_drawn_again() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [dir, other] = folders.each_ref().map(|folder| folder.path());
    let path = write(&fixture::survey(), dir).unwrap();
    let (stored, _) = crate::read(dir).unwrap();
    let mut survey = stored.clone();
    survey.external_evidence.clear();
    let evidence = |path: &Path| {
        document(&Dataset::open(path).unwrap(), dir).contains("survey_layer_external_evidence")
    };
    assert!(evidence(&path));
    assert!(!evidence(&write_areas(&survey, &stored, dir, other).unwrap()));

    let update = gdal::DatasetOptions {
        open_flags: gdal::GdalOpenFlags::GDAL_OF_UPDATE | gdal::GdalOpenFlags::GDAL_OF_VECTOR,
        ..gdal::DatasetOptions::default()
    };
    let dataset = Dataset::open_ex(&path, update).unwrap();
    let sql = "UPDATE qgis_projects SET content = content || '00'";
    dataset.execute_sql(sql, None, Dialect::DEFAULT).unwrap();
    dataset.close().unwrap();
    assert!(evidence(&write_areas(&survey, &stored, dir, other).unwrap()));
}

#[test]
fn a_field_project_has_a_layer_for_the_ground_and_replaces_none() {
    let [home, out] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let survey = fixture::survey();
    write(&survey, home.path()).unwrap();
    let out = out.path().join("tablet");
    let written = crate::write_field_project(&survey, home.path(), &out).unwrap();
    assert!(written.iter().all(|path| path.is_file()), "{written:?}");
    let observations = Dataset::open(out.join("observations.gpkg")).unwrap();
    let layer = observations.layer_by_name("observations").unwrap();
    let names: Vec<String> = layer.defn().fields().map(|field| field.name()).collect();
    assert_eq!(
        names,
        ["found", "id", "accuracy_m", "who", "organisation", "date", "note", "photo"],
        "what a field table has"
    );
    assert_eq!(layer.spatial_ref().unwrap().authority().unwrap(), "EPSG:32633");
    assert_eq!(layer.feature_count(), 0);

    let xml = crate::project::field_document(&survey);
    let first = xml.find("<layer-tree-layer id=\"survey_layer_observations\"").unwrap();
    assert!(first < xml.find("<layer-tree-layer id=\"survey_layer_features").unwrap());
    assert!(xml.contains("<datasource>./observations.gpkg|layername=observations</datasource>"));
    let map = Dataset::open(out.join("survey.gpkg")).unwrap();
    assert_eq!(map.layer_by_name("features").unwrap().feature_count(), 9);

    // A team may have written into it.
    let again = crate::write_field_project(&survey, home.path(), &out).unwrap_err();
    assert!(
        matches!(&again, crate::StoreError::Observations { path } if path.ends_with("observations.gpkg"))
    );
}
