//! A survey as it reads back is that which reads back.

use super::*;
use crate::{as_stored, read, write};
use geo::{Geometry, Point};
use rams_domain::{Feature, FeatureId, Survey};

/// The survey of the fixture without areas, and points of odd figures: a name that is trimmed, and
/// one that lies beyond all others, among them.
fn survey() -> Survey {
    let mut survey = fixture::survey();
    (survey.hazard_areas, survey.indication_belts) = (vec![], vec![]);
    let like = survey.features[0].clone();
    let Geometry::Point(at) = like.geometry else { panic!("a mine is a point") };
    let odd = |i: u32| Feature {
        id: FeatureId(100 + i),
        class: if i == 3 { " pmn ".into() } else { "pmn".into() },
        geometry: Point::new(at.x() + 1.0 / f64::from(3 + i), at.y() - f64::from(i) / 7.0).into(),
        score: 1.0 / (3.0 + i as f32),
        confidence: 0.123_456_7 + i as f32 / 30.0,
        size_m: [0.123_456 * f64::from(i), 1.0 / 3.0],
        area_m2: f64::from(i) / 9.0,
        ..like.clone()
    };
    survey.features.extend((0..10).map(odd));
    let far = Feature { geometry: Point::new(at.x() - 700.0, at.y() + 900.0).into(), ..odd(11) };
    survey.features.insert(1, far);
    survey
}

#[test]
fn a_survey_as_stored_is_what_reads_back() {
    let dir = tempfile::tempdir().unwrap();
    let given = survey();
    let stored = as_stored(given.clone(), dir.path()).unwrap();
    assert!(files(dir.path()).is_empty(), "nothing is left there");
    write(&given, dir.path()).unwrap();
    let (read, _) = read(dir.path()).unwrap();
    assert_eq!((stored.detections.len(), stored.georefs.len()), (3, given.georefs.len()));
    assert_eq!(stored.ground, read.ground);
    assert_eq!((&stored.assessed, &stored.gaps), (&read.assessed, &read.gaps));
    assert_eq!(stored.external_evidence, read.external_evidence);
    assert_eq!(stored.features.len(), given.features.len());
    for ((stored, read), given) in stored.features.iter().zip(read.features).zip(&given.features) {
        let of_file = Feature {
            px: given.px,
            detections: given.detections.clone(),
            also: given.also.clone(),
            ..read
        };
        assert_eq!(*stored, of_file);
    }
    assert_ne!(stored.features[10].score, given.features[10].score, "figures are rounded");
}
