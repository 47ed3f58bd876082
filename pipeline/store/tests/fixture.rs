//! A survey made by hand, on open sea near 15 E 0 N, where no one lives.

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use geo::orient::{Direction, Orient};
use geo::{
    Euclidean, Geometry, Length, LineString, MapCoords, MultiLineString, MultiPolygon, Point,
    Polygon, Rect, coord, polygon,
};
use rams_domain::{
    AreaKind, AssessedArea, Chip, Crs, DetectedClass, Detection, DetectionId, DoctrineRef,
    Embedding, EoCategory, EvidenceKind, ExternalEvidence, ExternalEvidenceId,
    ExternalEvidenceKind, Feature, FeatureId, FeaturePart, GapArea, GapReason, Georef, Ground,
    HazardArea, HazardAreaId, Indicator, LandClass, MetadataField, NamedDetection, PxBox,
    Reliability, RunRecord, Shape, Software, Survey, SurveyMetadata, Threat, Tier, TileId, Timing,
};
use std::sync::Arc;

/// Lower left corner, metres of EPSG:32633.
pub(super) const ORIGIN: [f64; 2] = [500_000.0, 1_000.0];

/// Longitude and latitude of positions in another CRS, by PROJ.
pub(super) fn lonlat_of(epsg: u32, positions: &[geo::Coord]) -> Vec<geo::Coord> {
    let srs = |code| {
        let mut srs = SpatialRef::from_epsg(code).unwrap();
        srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        srs
    };
    let to_lonlat = CoordTransform::new(&srs(epsg), &srs(4326)).unwrap();
    let (mut xs, mut ys): (Vec<_>, Vec<_>) = positions.iter().map(|at| (at.x, at.y)).unzip();
    to_lonlat.transform_coords(&mut xs, &mut ys, &mut []).unwrap();
    xs.into_iter().zip(ys).map(|(x, y)| coord! { x: x, y: y }).collect()
}

pub(super) fn lonlat(x: f64, y: f64) -> [f64; 2] {
    let at = lonlat_of(32633, &[coord! { x: x, y: y }])[0];
    [at.x, at.y]
}

fn ground() -> Ground {
    let [x, y] = ORIGIN;
    let extent = Rect::new(coord! { x: x, y: y }, coord! { x: x + 400.0, y: y + 300.0 });
    let lonlat = lonlat_of(32633, &Ground::node_positions(extent));
    let wkt = SpatialRef::from_epsg(32633).unwrap().to_wkt().unwrap();
    let crs = Crs { name: "WGS 84 / UTM zone 33N".into(), code: Some("EPSG:32633".into()), wkt };
    Ground::new(crs, extent, lonlat).unwrap()
}

fn at(x: f64, y: f64) -> geo::Coord {
    coord! { x: ORIGIN[0] + x, y: ORIGIN[1] + y }
}

fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> Polygon {
    Rect::new(at(x0, y0), at(x1, y1)).to_polygon()
}

fn circle(x: f64, y: f64, radius: f64) -> Polygon {
    let corner = |step: i32| {
        let (sin, cos) = (f64::from(step) * 10.0).to_radians().sin_cos();
        at(x + radius * cos, y + radius * sin)
    };
    Polygon::new((0..36).map(corner).collect(), vec![])
}

fn feature(
    id: u32,
    class: &str,
    indicator: Indicator,
    eo_category: EoCategory,
    geometry: Geometry,
) -> Feature {
    let length_m = match &geometry {
        Geometry::LineString(line) => Euclidean.length(line),
        Geometry::MultiLineString(lines) => Euclidean.length(lines),
        _ => 0.12,
    };
    let area_m2 = match &geometry {
        Geometry::Polygon(polygon) => ground().area_m2(&polygon.clone().into()),
        _ => 0.0,
    };
    Feature {
        id: FeatureId(id),
        class: class.into(),
        indicator,
        eo_category,
        geometry,
        score: 0.8,
        confidence: 0.9,
        size_m: [length_m, 0.061],
        area_m2,
        parts: vec![],
        orthomosaic: "flight-1".into(),
        model: "surface-ordnance".into(),
        px: PxBox { x0: 100.25, y0: 200.5, x1: 130.0, y1: 215.0 },
        detections: vec![
            DetectionId { tile: TileId(3), index: 0 },
            DetectionId { tile: TileId(4), index: 2 },
        ],
        also: vec![],
    }
}

fn features() -> Vec<Feature> {
    let point = |x, y| Geometry::from(Point::from(at(x, y)));
    let trench: LineString = [(20.0, 40.0), (60.0, 55.0), (90.0, 45.0), (150.0, 60.0)]
        .map(|(x, y)| at(x, y))
        .into_iter()
        .collect();
    let ap =
        |id, x, y| feature(id, "pfm-1", Indicator::MineSurface, EoCategory::ApMine, point(x, y));
    let cmr = |id, x, y| feature(id, "9n235", Indicator::Submunition, EoCategory::Cmr, point(x, y));
    let crater = Geometry::from(circle(330.0, 60.0, 12.0));
    vec![
        ap(1, 60.0, 170.0),
        ap(2, 90.0, 190.0),
        ap(3, 120.0, 160.0),
        feature(4, "trench", Indicator::TrenchFire, EoCategory::Unknown, trench.into()),
        cmr(5, 270.0, 200.0),
        cmr(6, 300.0, 220.0),
        feature(7, "crater", Indicator::Crater, EoCategory::Uxo, crater),
        feature(8, "tm-62", Indicator::MineSurface, EoCategory::AvMine, point(185.0, 110.0)),
        network(9),
    ]
}

/// A ditch of 60 m and a trench that leaves it for 30 m: three stretches.
fn network(id: u32) -> Feature {
    let line =
        |places: &[(f64, f64)]| places.iter().map(|(x, y)| at(*x, *y)).collect::<LineString>();
    let part = |places: &[(f64, f64)], class: &str, confidence: f32| FeaturePart {
        line: line(places),
        class: class.into(),
        width_m: 4.9996,
        confidence,
    };
    let lines = vec![
        line(&[(220.0, 120.0), (250.0, 120.0), (280.0, 120.0)]),
        line(&[(250.0, 120.0), (250.0, 150.0)]),
    ];
    let geometry = MultiLineString::new(lines).into();
    let parts = vec![
        part(&[(220.0, 120.0), (250.0, 120.0)], "at-ditch", 0.9),
        part(&[(250.0, 120.0), (280.0, 120.0)], "at-ditch", 0.45),
        part(&[(250.0, 120.0), (250.0, 150.0)], "trench", 0.8),
    ];
    Feature {
        parts,
        area_m2: 450.0,
        ..feature(id, "at-ditch", Indicator::AtDitch, EoCategory::Unknown, geometry)
    }
}

/// A boundary of two parts, one of them with a hole.
fn two_parts() -> MultiPolygon {
    let exterior: LineString =
        [(30.0, 130.0), (30.0, 230.0), (150.0, 230.0), (150.0, 130.0), (30.0, 130.0)]
            .map(|(x, y)| at(x, y))
            .into_iter()
            .collect();
    let hole: LineString =
        [(40.0, 200.0), (60.0, 200.0), (60.0, 220.0), (40.0, 220.0), (40.0, 200.0)]
            .map(|(x, y)| at(x, y))
            .into_iter()
            .collect();
    let other = polygon![at(165.0, 90.0), at(205.0, 90.0), at(205.0, 130.0)];
    MultiPolygon(vec![Polygon::new(exterior, vec![hole]), other]).orient(Direction::Default)
}

fn hazard_area(
    id: u32,
    kind: AreaKind,
    eo: EoCategory,
    threat: Threat,
    boundary: MultiPolygon,
    features: &[u32],
) -> HazardArea {
    HazardArea {
        id: HazardAreaId(id),
        land_class: LandClass::Sha,
        kind,
        eo_category: eo,
        area_m2: ground().area_m2(&boundary),
        boundary,
        confidence: 0.95,
        tier: Some(Tier::Likely),
        threat,
        rationale: "3 features of class \"pfm-1\" within 50 m; <HIGH> & reviewed by no one".into(),
        buffer_m: 30.0,
        link_m: 75.0,
        front_unknown: true,
        front_deg: None,
        rows: 0,
        fade_out_m: (kind == AreaKind::Indicative).then_some(50.0),
        position_accuracy_m: 0.5,
        evidence: EvidenceKind::Indirect,
        assessed_share: 0.75,
        beyond_imagery_m2: 100.0,
        released_m2: 0.0,
        district: "North".into(),
        doctrine: DoctrineRef {
            name: "default".into(),
            version: "1.0".into(),
            digest: "ab".repeat(32),
        },
        features: features.iter().map(|id| FeatureId(*id)).collect(),
        external_evidence: if id == 1 {
            vec![ExternalEvidenceId(1), ExternalEvidenceId(2), ExternalEvidenceId(3)]
        } else {
            vec![]
        },
    }
}

/// An accident and a record that the first area stands on, its district, and a front.
fn known() -> Vec<ExternalEvidence> {
    let known = |id, kind, geometry: Geometry, reliability, name: &str| ExternalEvidence {
        id: ExternalEvidenceId(id),
        kind,
        geometry,
        eo_category: EoCategory::ApMine,
        reliability,
        name: name.into(),
        date: "2019-05".into(),
        bearing_deg: (kind == ExternalEvidenceKind::Front).then_some(45.0),
        file: "records.geojson".into(),
    };
    let b2 = Reliability { source: Some('B'), information: Some(2) };
    let front: LineString = [at(0.0, 60.0), at(200.0, 60.0)].into_iter().collect();
    vec![
        known(
            1,
            ExternalEvidenceKind::Accident,
            Point::from(at(70.0, 150.0)).into(),
            Reliability::default(),
            "17",
        ),
        known(
            2,
            ExternalEvidenceKind::MinefieldRecord,
            rectangle(30.0, 140.0, 140.0, 200.0).into(),
            b2,
            "MF 3, \"east\"",
        ),
        known(
            3,
            ExternalEvidenceKind::District,
            rectangle(-100.0, -100.0, 500.0, 400.0).into(),
            b2,
            "North",
        ),
        known(4, ExternalEvidenceKind::Front, front.into(), b2, "front"),
    ]
}

fn gap(reason: GapReason, boundary: Polygon, classes: &[&str]) -> GapArea {
    GapArea {
        area_m2: ground().area_m2(&boundary.clone().into()),
        boundary: boundary.into(),
        orthomosaic: "flight-1".into(),
        model: "surface-ordnance".into(),
        classes: classes.iter().map(|class| (*class).into()).collect(),
        reason,
        detail: format!("because of {reason}"),
    }
}

/// Pixels of a metre from the upper left corner of the ground.
fn georef() -> Georef {
    Georef::new([ORIGIN[0], 1.0, 0.0, ORIGIN[1] + 300.0, 0.0, -1.0], ground()).unwrap()
}

fn detections() -> Vec<NamedDetection> {
    let detection = |tile, index, shape| Detection {
        id: DetectionId { tile: TileId(tile), index },
        class: 0,
        score: 0.7,
        shape,
        // Of length 5.
        embedding: Embedding::of(&[3.0, 0.0, -4.0]).filter(|_| tile == 3),
    };
    let of = Arc::new(DetectedClass {
        orthomosaic: "flight-1".into(),
        model: "surface-ordnance".into(),
        class: "pfm-1".into(),
        is_out_of_reach: false,
        is_below: false,
    });
    let bounds = PxBox { x0: 1.0, y0: 2.0, x1: 3.0, y1: 4.5 };
    [
        detection(3, 0, Shape::Box(bounds)),
        detection(4, 2, Shape::Mask(vec![bounds, PxBox { x0: 3.0, y0: 2.0, x1: 9.0, y1: 3.0 }])),
        detection(5, 0, Shape::Mask(vec![])),
    ]
    .map(|detection| NamedDetection { of: of.clone(), detection })
    .into()
}

/// All but land use and contact.
fn metadata() -> SurveyMetadata {
    let mut metadata = SurveyMetadata::default();
    for (field, value) in [
        (MetadataField::FlightDates, "2026-02-26, 2026-02-24"),
        (MetadataField::Organisation, "An organisation"),
        (MetadataField::Operator, "Team 2"),
        (MetadataField::Task, "T-12"),
        (MetadataField::Country, "Nowhere"),
        (MetadataField::Province, "Open Sea"),
        (MetadataField::District, "East"),
        (MetadataField::NearestPlace, "The Buoy"),
    ] {
        metadata.state(field, value, "survey.toml").unwrap();
    }
    metadata
}

/// Three areas, nine features of every geometry, four gaps, one assessed area, three detections.
pub(super) fn survey() -> Survey {
    let software = Software { rams: "0.2.0".into(), ..Software::default() };
    let timing = Timing { runs: vec!["2026-03-01T08:00:00Z".into()], ..Timing::default() };
    let record = RunRecord { software, timing, ..RunRecord::default() };
    let boundary = |polygon: Polygon| MultiPolygon(vec![polygon]);
    Survey {
        ground: ground(),
        hazard_areas: vec![
            hazard_area(
                1,
                AreaKind::Perimeter,
                EoCategory::ApMine,
                Threat::High,
                two_parts(),
                &[1, 2, 3],
            ),
            hazard_area(
                2,
                AreaKind::Indicative,
                EoCategory::Cmr,
                Threat::Medium,
                boundary(circle(285.0, 210.0, 50.0)),
                &[5, 6],
            ),
            HazardArea {
                assessed_share: 1.0,
                beyond_imagery_m2: 0.0,
                ..hazard_area(
                    3,
                    AreaKind::Perimeter,
                    EoCategory::Unknown,
                    Threat::Low,
                    boundary(rectangle(10.0, 25.0, 160.0, 75.0)),
                    &[4, 3],
                )
            },
        ],
        indication_belts: vec![],
        features: features(),
        external_evidence: known(),
        detections: detections(),
        georefs: [("flight-1".into(), georef())].into(),
        assessed: vec![AssessedArea {
            boundary: boundary(rectangle(0.0, 0.0, 400.0, 300.0)),
            area_m2: ground().area_m2(&boundary(rectangle(0.0, 0.0, 400.0, 300.0))),
            orthomosaic: "flight-1".into(),
            model: "surface-ordnance".into(),
            classes: vec!["pfm-1".into(), "tm-62".into()],
        }],
        gaps: vec![
            gap(GapReason::NoModel, rectangle(0.0, 0.0, 400.0, 300.0), &["berm"]),
            gap(GapReason::Nodata, rectangle(0.0, 250.0, 120.0, 300.0), &["pfm-1", "tm-62"]),
            gap(GapReason::Unreadable, rectangle(360.0, 100.0, 400.0, 180.0), &["pfm-1"]),
            gap(GapReason::GsdTooCoarse, rectangle(220.0, 0.0, 400.0, 30.0), &["9n235"]),
        ],
        chips: vec![Chip { feature: FeatureId(1), jpeg: [0xff, 0xd8, 0xff].into() }],
        record,
        metadata: metadata(),
    }
}

/// The same survey elsewhere.
pub(super) fn moved(to: impl Fn(geo::Coord) -> geo::Coord + Copy) -> Survey {
    let mut survey = survey();
    for boundary in survey.hazard_areas.iter_mut().map(|area| &mut area.boundary) {
        *boundary = boundary.map_coords(to);
    }
    for feature in &mut survey.features {
        feature.geometry = feature.geometry.map_coords(to);
        feature.parts.iter_mut().for_each(|part| part.line = part.line.map_coords(to));
    }
    survey
        .external_evidence
        .iter_mut()
        .for_each(|known| known.geometry = known.geometry.map_coords(to));
    survey.gaps.iter_mut().for_each(|gap| gap.boundary = gap.boundary.map_coords(to));
    survey.assessed.iter_mut().for_each(|seen| seen.boundary = seen.boundary.map_coords(to));
    survey
}

/// Ground of another CRS over an extent.
pub(super) fn ground_of(epsg: u32, extent: Rect) -> Ground {
    let wkt = SpatialRef::from_epsg(epsg).unwrap().to_wkt().unwrap();
    let crs = Crs { name: format!("EPSG:{epsg}"), code: Some(format!("EPSG:{epsg}")), wkt };
    Ground::new(crs, extent, lonlat_of(epsg, &Ground::node_positions(extent))).unwrap()
}

/// One point at 15.001 E 0.01 N, in EPSG:4326, whose own axes begin with the latitude.
pub(super) fn geographic_survey() -> Survey {
    let extent = Rect::new(coord! { x: 15.0, y: 0.0 }, coord! { x: 15.01, y: 0.02 });
    let wkt = SpatialRef::from_epsg(4326).unwrap().to_wkt().unwrap();
    let crs = Crs { name: "WGS 84".into(), code: Some("EPSG:4326".into()), wkt };
    let mut feature = features().remove(0);
    feature.geometry = Point::new(15.001, 0.01).into();
    let ground = Ground::new(crs, extent, Ground::node_positions(extent)).unwrap();
    Survey { features: vec![feature], ..Survey::new(ground) }
}
