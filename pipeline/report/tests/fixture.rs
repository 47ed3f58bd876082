//! Surveys made by hand, on open sea near 15 W 0 N, where no one lives.

use geo::{MultiPolygon, Point, Rect, coord};
use rams_domain::{
    AreaKind, AssessedArea, Crs, DoctrineRef, EoCategory, EvidenceKind, ExternalEvidence,
    ExternalEvidenceId, ExternalEvidenceKind, Feature, FeatureId, FileDigest, GapArea, GapReason,
    Ground, HazardArea, HazardAreaId, Indicator, LandClass, OrthomosaicRecord, PxBox, RasterSize,
    ReadAs, Reliability, Survey, Threat, Tier,
};

/// Degrees of a metre at the equator, near enough.
const DEGREE_M: f64 = 111_320.0;

/// 200 x 100 m whose units are metres.
fn ground() -> Ground {
    let extent = Rect::new(coord! { x: 0.0, y: 0.0 }, coord! { x: 200.0, y: 100.0 });
    let lonlat =
        |node: &geo::Coord| coord! { x: -15.0 + node.x / DEGREE_M, y: 0.01 + node.y / DEGREE_M };
    let nodes = Ground::node_positions(extent).iter().map(lonlat).collect();
    Ground::new(
        Crs { name: "Sea <&\"> grid".into(), code: None, wkt: String::new() },
        extent,
        nodes,
    )
    .unwrap()
}

pub(super) fn square(x: f64, y: f64, side: f64) -> MultiPolygon {
    Rect::new(coord! { x: x, y: y }, coord! { x: x + side, y: y + side }).to_polygon().into()
}

/// What is recorded of an orthomosaic.
pub(super) fn orthomosaic(name: &str, path: &str) -> OrthomosaicRecord {
    OrthomosaicRecord {
        name: name.into(),
        path: path.into(),
        size: RasterSize { width: 100, height: 100 },
        gsd_m: [0.01, 0.01],
        crs: ground().crs().clone(),
        bands: [1, 2, 3],
        values: String::new(),
        read_as: ReadAs::default(),
        format: String::new(),
        validity: String::new(),
        digest: FileDigest::Stopped,
    }
}

/// A survey that is being made.
pub(super) struct Made {
    pub(super) survey: Survey,
}

impl Made {
    pub(super) fn new() -> Self {
        let mut survey = Survey::new(ground());
        survey.record.orthomosaics.push(orthomosaic("flight-1", "/data/flight-1.tif"));
        Self { survey }
    }

    pub(super) fn assessed(mut self, model: &str, classes: &[&str], area_m2: f64) -> Self {
        let classes = classes.iter().map(|class| (*class).to_owned()).collect();
        let (boundary, orthomosaic) = (square(0.0, 0.0, area_m2.sqrt()), "flight-1".into());
        self.survey.assessed.push(AssessedArea {
            boundary,
            area_m2,
            orthomosaic,
            model: model.into(),
            classes,
        });
        self
    }

    pub(super) fn gap(
        mut self,
        model: &str,
        classes: &[&str],
        reason: GapReason,
        area_m2: f64,
    ) -> Self {
        let classes = classes.iter().map(|class| (*class).to_owned()).collect();
        let (boundary, orthomosaic) = (square(100.0, 50.0, area_m2.sqrt()), "flight-1".into());
        let (model, detail) = (model.into(), format!("because of {reason}"));
        self.survey.gaps.push(GapArea {
            boundary,
            area_m2,
            orthomosaic,
            model,
            classes,
            reason,
            detail,
        });
        self
    }
}

/// Points of PFM-1, each a little surer than the one before, from 0.9 down to 0.5 and up.
pub(super) fn finds(count: u32) -> Vec<Feature> {
    (1..=count).map(|id| find(id, "pfm-1", EoCategory::ApMine, 0.1 * id as f32)).collect()
}

pub(super) fn find(id: u32, class: &str, eo_category: EoCategory, confidence: f32) -> Feature {
    let x = 10.0 * f64::from(id);
    Feature {
        id: FeatureId(id),
        class: class.into(),
        indicator: Indicator::MineSurface,
        eo_category,
        geometry: Point::new(x, 50.0).into(),
        score: 0.5,
        confidence,
        size_m: [0.12, 0.06],
        area_m2: 0.0,
        parts: vec![],
        orthomosaic: "flight-1".into(),
        model: "mines".into(),
        px: PxBox { x0: x * 100.0, y0: 5000.0, x1: x * 100.0 + 12.0, y1: 5006.0 },
        detections: vec![],
        also: vec![],
    }
}

pub(super) fn area(
    id: u32,
    kind: AreaKind,
    eo_category: EoCategory,
    threat: Threat,
    area_m2: f64,
    features: &[u32],
) -> HazardArea {
    HazardArea {
        id: HazardAreaId(id),
        land_class: match eo_category {
            EoCategory::Unknown => LandClass::Indication,
            _ => LandClass::Sha,
        },
        kind,
        eo_category,
        boundary: square(10.0 * f64::from(id % 15), 20.0, area_m2.sqrt()),
        area_m2,
        confidence: 0.8,
        tier: Some(Tier::Likely),
        threat,
        rationale: "2 pfm-1 in a row".into(),
        buffer_m: 5.0,
        link_m: 25.0,
        front_unknown: true,
        front_deg: None,
        rows: 0,
        fade_out_m: (kind == AreaKind::Indicative).then_some(50.0),
        position_accuracy_m: 0.5,
        evidence: EvidenceKind::Indirect,
        assessed_share: 0.75,
        beyond_imagery_m2: 0.0,
        released_m2: 0.0,
        district: String::new(),
        doctrine: DoctrineRef {
            name: "baseline".into(),
            version: "2026.2".into(),
            digest: "ab".into(),
        },
        features: features.iter().copied().map(FeatureId).collect(),
        external_evidence: vec![],
    }
}

/// Four areas in two districts (one of them has no name), six finds of which one is in no area, two
/// pieces of other evidence.
pub(super) fn full() -> Survey {
    let made = Made::new()
        .assessed("mines", &["pfm-1", "9n235"], 15_000.0)
        .gap("mines", &["pfm-1", "9n235"], GapReason::Nodata, 5_000.0)
        .gap("", &["berm"], GapReason::NoModel, 20_000.0);
    let mut survey = made.survey;
    survey.features = vec![
        find(1, "pfm-1", EoCategory::ApMine, 0.9),
        find(2, "pfm-1", EoCategory::ApMine, 0.6),
        find(3, "9n235", EoCategory::Cmr, 0.7),
        find(4, "trench", EoCategory::Unknown, 0.7),
        find(5, "tm-62", EoCategory::AvMine, 0.7),
        find(6, "tm-62", EoCategory::AvMine, 0.2),
    ];
    survey.hazard_areas = vec![
        area(1, AreaKind::Perimeter, EoCategory::ApMine, Threat::High, 400.0, &[1, 2]),
        area(2, AreaKind::Indicative, EoCategory::Cmr, Threat::Medium, 900.456, &[3]),
        area(3, AreaKind::Perimeter, EoCategory::Unknown, Threat::Low, 0.75, &[4, 1]),
        area(4, AreaKind::Perimeter, EoCategory::AvMine, Threat::Unassessed, 120.25, &[5]),
    ];
    survey.hazard_areas[0].district = "North".into();
    survey.hazard_areas[0].external_evidence = vec![ExternalEvidenceId(1)];
    let known = |id, kind, eo_category| ExternalEvidence {
        id: ExternalEvidenceId(id),
        kind,
        geometry: Point::new(20.0, 30.0).into(),
        eo_category,
        reliability: Reliability { source: Some('B'), information: Some(2) },
        name: "at the ford".into(),
        date: "2024-05-01".into(),
        bearing_deg: None,
        file: "others.geojson".into(),
    };
    survey.external_evidence = vec![
        known(1, ExternalEvidenceKind::Accident, EoCategory::ApMine),
        known(2, ExternalEvidenceKind::Cancelled, EoCategory::Unknown),
    ];
    survey
}
