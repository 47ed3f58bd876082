//! Each sum that must hold, broken.

use super::*;
use rams_domain::{
    AreaKind, AssessedArea, Crs, DetectionId, DoctrineRef, EoCategory, EvidenceKind, FeatureId,
    GapArea, GapReason, HazardAreaId, Indicator, LandClass, PxBox, Threat, TileId,
};

/// Ground in metres at 0.5 N 0.5 E, near enough to the ellipsoid.
fn ground() -> Ground {
    let extent = rectangle(0.0, 0.0, 100.0, 100.0);
    let lonlat = |c: Coord| coord! { x: 0.5 + c.x / 111_315.3, y: 0.5 + c.y / 110_574.4 };
    let nodes = Ground::node_positions(extent).into_iter().map(lonlat).collect();
    Ground::new(Crs { name: "flat".into(), code: None, wkt: String::new() }, extent, nodes)
        .expect("an area")
}

fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> Rect {
    Rect::new(coord! { x: x0, y: y0 }, coord! { x: x1, y: y1 })
}

fn outline(rect: Rect) -> MultiPolygon {
    rect.to_polygon().into()
}

fn area(rect: Rect) -> HazardArea {
    let boundary = outline(rect);
    HazardArea {
        id: HazardAreaId(1),
        land_class: LandClass::Sha,
        kind: AreaKind::Perimeter,
        tier: None,
        eo_category: EoCategory::ApMine,
        area_m2: ground().area_m2(&boundary),
        boundary,
        confidence: 0.5,
        threat: Threat::Medium,
        evidence: EvidenceKind::Indirect,
        rationale: String::new(),
        rows: 0,
        buffer_m: 5.0,
        link_m: 25.0,
        front_unknown: false,
        front_deg: None,
        fade_out_m: None,
        position_accuracy_m: 1.0,
        assessed_share: 1.0,
        beyond_imagery_m2: 0.0,
        released_m2: 0.0,
        district: String::new(),
        doctrine: DoctrineRef {
            name: String::new(),
            version: String::new(),
            digest: String::new(),
        },
        features: vec![FeatureId(1)],
        external_evidence: vec![],
    }
}

/// The left 60 m assessed, the right 40 m a gap, a mine and its area.
fn survey() -> Survey {
    let ground = ground();
    let mut survey = Survey::new(ground.clone());
    let boundary = outline(rectangle(0.0, 0.0, 60.0, 100.0));
    let area_m2 = ground.area_m2(&boundary);
    let (orthomosaic, model, classes) = ("o".to_owned(), "m".to_owned(), vec!["mine".to_owned()]);
    survey.assessed.push(AssessedArea {
        boundary,
        area_m2,
        orthomosaic: orthomosaic.clone(),
        model: model.clone(),
        classes: classes.clone(),
    });
    let boundary = outline(rectangle(60.0, 0.0, 100.0, 100.0));
    let (area_m2, reason, detail) = (ground.area_m2(&boundary), GapReason::Nodata, String::new());
    survey.gaps.push(GapArea { boundary, area_m2, orthomosaic, model, classes, reason, detail });
    survey.features.push(Feature {
        id: FeatureId(1),
        class: "mine".into(),
        indicator: Indicator::MineSurface,
        eo_category: EoCategory::ApMine,
        geometry: geo::Point::new(20.0, 20.0).into(),
        score: 0.8,
        confidence: 0.8,
        size_m: [0.1, 0.1],
        area_m2: 0.0,
        parts: vec![],
        orthomosaic: "o".into(),
        model: "m".into(),
        px: PxBox { x0: 0.0, y0: 0.0, x1: 1.0, y1: 1.0 },
        detections: vec![DetectionId { tile: TileId(0), index: 0 }],
        also: vec![],
    });
    survey.hazard_areas.push(area(rectangle(15.0, 15.0, 25.0, 25.0)));
    survey
}

fn checked(survey: &Survey, counts_twice: bool) -> Result<(), String> {
    let whole = outline(rectangle(0.0, 0.0, 100.0, 100.0));
    check(survey, &whole, &[], counts_twice).map_err(|error| error.to_string())
}

/// The error of a survey in which something was changed.
fn broken(change: impl FnOnce(&mut Survey)) -> String {
    let mut survey = survey();
    change(&mut survey);
    checked(&survey, false).expect_err("it cannot be right")
}

#[test]
fn a_survey_that_adds_up_passes() {
    assert_eq!(checked(&survey(), false), Ok(()));
}

#[test]
fn a_hole_in_coverage_as_wide_as_a_cell_is_named() {
    let error =
        broken(|survey| survey.gaps[0].boundary = outline(rectangle(60.001, 0.0, 100.0, 100.0)));
    assert!(
        error.contains("mine by m: assessed ground and gaps are 9999.894 m² of 9999.994"),
        "{error}"
    );
    let error = broken(|survey| survey.gaps.clear());
    assert!(error.contains("mine by m: assessed ground and gaps are 5999.99"), "{error}");
}

#[test]
fn ground_in_two_rows_is_named_unless_an_overlay_failed() {
    let twice =
        |survey: &mut Survey| survey.gaps[0].boundary = outline(rectangle(50.0, 0.0, 100.0, 100.0));
    assert!(broken(twice).contains("mine by m: assessed ground and gaps are 10999.99"));
    let mut survey = survey();
    twice(&mut survey);
    assert_eq!(checked(&survey, true), Ok(()));
}

#[test]
fn an_area_that_cannot_be_is_named() {
    type Change = fn(&mut HazardArea);
    let changes: [(Change, &str); 8] = [
        (|area| area.area_m2 = -5.1e14, "its figure is -510000000000000 m²"),
        (|area| area.area_m2 = 5.1e14, "its outline encloses 100."),
        (|area| area.area_m2 = f64::NAN, "its figure is NaN m²"),
        (|area| area.boundary = MultiPolygon(vec![]), "it has no outline"),
        (
            |area| *area = self::area(rectangle(9_000.0, 0.0, 9_010.0, 10.0)),
            "it lies far from all evidence",
        ),
        (|area| area.confidence = 1.5, "confidence 1.5"),
        (|area| area.beyond_imagery_m2 = 500.0, "500 m² beyond the imagery"),
        (
            |area| area.features.push(FeatureId(7)),
            "it stands on evidence that is not in the survey",
        ),
    ];
    for (change, told) in changes {
        let error = broken(|survey| change(&mut survey.hazard_areas[0]));
        assert!(error.contains("area A0001: ") && error.contains(told), "{told}: {error}");
    }
    let corners = [(15.0, 15.0), (25.0, 25.0), (25.0, 20.0), (12.0, 22.0)];
    let crossed = geo::Polygon::new(corners.to_vec().into(), vec![]);
    let error = broken(|survey| {
        let area = &mut survey.hazard_areas[0];
        area.boundary = crossed.into();
        area.area_m2 = ground().area_m2(&area.boundary);
    });
    assert!(error.contains("its outline is not valid"), "{error}");
}

#[test]
fn a_feature_that_lies_nowhere_is_named() {
    let error = broken(|survey| survey.features[0].geometry = geo::Point::new(1e7, 20.0).into());
    assert!(error.contains("feature F000001 (mine): it lies far from the imagery"), "{error}");
    let error = broken(|survey| survey.features[0].confidence = f32::NAN);
    assert!(error.contains("its confidence is no probability"), "{error}");
}
