//! What a survey keeps of how objects look.

use super::{fixture, names};
use crate::{embeddings, write};
use gdal::Dataset;
use gdal::vector::LayerAccess;
use gdal::vector::sql::Dialect;
use rams_domain::{Embedding, FeatureId, PxBox, Shape, Survey};
use std::collections::BTreeMap;

/// What is read back of a survey.
fn read(survey: &Survey) -> BTreeMap<FeatureId, Vec<f32>> {
    let dir = tempfile::tempdir().unwrap();
    write(survey, dir.path()).unwrap();
    embeddings(dir.path()).unwrap()
}

/// 0.6, 0 and -0.8 as float16.
const OF_FIRST: [f32; 3] = [0.60009766, 0.0, -0.7998047];

#[test]
fn a_vector_of_length_1_comes_back_as_float16() {
    let dir = tempfile::tempdir().unwrap();
    let dataset = Dataset::open(write(&fixture::survey(), dir.path()).unwrap()).unwrap();
    let sql =
        "SELECT typeof(embedding) || ' ' || coalesce(hex(embedding), '') AS value FROM detections";
    let mut rows = dataset.execute_sql(sql, None, Dialect::DEFAULT).unwrap().unwrap();
    let values: Vec<_> =
        rows.features().map(|row| row.field_as_string(0).unwrap().unwrap()).collect();
    // IEEE 754: 0.6 is 1.2 / 2, of the mantissa 0x0cd, 0.8 is 1.6 / 2, of 0x266.
    assert_eq!(values, ["blob CD38000066BA", "null ", "null "]);

    let read = embeddings(dir.path()).unwrap();
    assert_eq!(read.len(), 9, "all features are of that detection");
    assert!(read.values().all(|values| *values == OF_FIRST), "{read:?}");
}

#[test]
fn a_feature_has_that_of_its_best_detection() {
    let mut survey = fixture::survey();
    let [_, second, other] = &mut survey.detections[..] else { panic!("three detections") };
    for detection in [&mut *second, &mut *other] {
        detection.detection.shape = Shape::Box(PxBox { x0: 1.0, y0: 2.0, x1: 2.0, y1: 3.0 });
        detection.detection.embedding = Embedding::of(&[0.0, 2.0, 0.0]);
    }
    other.detection.score = 0.99; // of no feature
    second.detection.score = 0.71;
    survey.features[1].detections.truncate(1); // of the first alone
    survey.features[2].model = "other".into();
    let found = read(&survey);
    assert_eq!(found[&FeatureId(1)], [0.0, 1.0, 0.0]);
    assert_eq!(found[&FeatureId(2)], OF_FIRST);
    assert_eq!(found.get(&FeatureId(3)), None);

    // Of equal scores that of the larger box, 5 px against 1.
    survey.detections[1].detection.score = survey.detections[0].detection.score;
    survey.detections.swap(0, 1);
    assert_eq!(read(&survey)[&FeatureId(1)], OF_FIRST);
}

#[test]
fn a_survey_without_embeddings_has_no_column_for_them() {
    let mut survey = fixture::survey();
    survey.detections[0].detection.embedding = None;
    let dir = tempfile::tempdir().unwrap();
    let dataset = Dataset::open(write(&survey, dir.path()).unwrap()).unwrap();
    let columns = names(&dataset.layer_by_name("detections").unwrap());
    assert!(columns.len() == 12 && !columns.contains(&"embedding".into()), "{columns:?}");
    assert!(embeddings(dir.path()).unwrap().is_empty());
}
