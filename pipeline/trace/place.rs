//! A candidate in pixels -> a feature on the ground.

use crate::candidate::{Candidate, CandidateShape, Stretch};
use crate::extent::extent;
use geo::{Euclidean, Geometry, Length, LineString, MultiLineString, MultiPolygon, Point, Polygon};
use rams_domain::{
    Class, Feature, FeatureId, FeaturePart, GeometryKind, Model, OperatingPoint, Orthomosaic, PxBox,
};

/// A mask whose longer side, or the length of whose centrelines, is below this share of the least
/// plausible size of its class is speckle of the model and not a feature: of a trench of at least
/// 4 m, anything under 1 m. Lenient on purpose, since vegetation and shadow break true earthworks
/// into pieces. Boxes of a detector are never dropped.
const SPECKLE_SHARE: f64 = 0.25;

/// A candidate with its place on the ground, which is a feature once it has a number.
pub(crate) struct PlacedCandidate {
    candidate: Candidate,
    placement: Placement,
}

/// Where something lies on the ground and how large it is, as a [`Feature`] says it.
struct Placement {
    geometry: Geometry,
    size_m: [f64; 2],
    area_m2: f64,
    parts: Vec<FeaturePart>,
}

/// Places a candidate on the ground; `None` for a mask whose score is below the threshold of its
/// class at the operating point, and for speckle: a mask smaller than [`SPECKLE_SHARE`] of the
/// least size of its class.
pub(crate) fn place(
    candidate: Candidate,
    model: &Model,
    orthomosaic: &Orthomosaic,
    point: OperatingPoint,
) -> Option<PlacedCandidate> {
    let class: &Class = &model.classes[candidate.class];
    let is_mask = !matches!(candidate.shape, CandidateShape::Box);
    if is_mask && candidate.score < class.threshold.at(point) {
        return None;
    }
    let georef = &orthomosaic.georef;
    let placement = match &candidate.shape {
        CandidateShape::Network { outlines, lines, stretches } => {
            place_network(outlines, lines, stretches, model, orthomosaic)
        }
        CandidateShape::Outline { exact, simple } => place_outline(
            class.geometry,
            &candidate.px,
            &georef.place(exact),
            georef.place(simple),
            orthomosaic,
        ),
        CandidateShape::Box => {
            let outline = georef.place_box(&candidate.px);
            place_outline(class.geometry, &candidate.px, &outline, outline.clone(), orthomosaic)
        }
    };
    let is_speckle = is_mask && placement.size_m[0] < SPECKLE_SHARE * class.size_m[0];
    (!is_speckle).then_some(PlacedCandidate { candidate, placement })
}

/// A network of centrelines: as long as all of its stretches together, and as wide as these in the
/// mean.
fn place_network(
    outlines: &[Polygon],
    lines: &[LineString],
    stretches: &[Stretch],
    model: &Model,
    orthomosaic: &Orthomosaic,
) -> Placement {
    let (georef, ground) = (&orthomosaic.georef, orthomosaic.georef.ground());
    let lengths_m: Vec<f64> =
        stretches.iter().map(|stretch| Euclidean.length(&stretch.line)).collect();
    let length_m: f64 = lengths_m.iter().sum();
    let strips_m2: f64 =
        stretches.iter().zip(&lengths_m).map(|(stretch, m)| stretch.width_m * m).sum();
    let part = |stretch: &Stretch| FeaturePart {
        line: ground.from_metres(&stretch.line),
        class: model.classes[stretch.class].name.clone(),
        width_m: stretch.width_m,
        confidence: stretch.confidence,
    };
    Placement {
        geometry: Geometry::MultiLineString(
            ground.from_metres(&MultiLineString::new(lines.to_vec())),
        ),
        size_m: [length_m, strips_m2 / length_m],
        area_m2: ground.area_m2(&outlines.iter().map(|px| georef.place(px)).collect()),
        parts: stretches.iter().map(part).collect(),
    }
}

/// A box or a mask: the point in the middle of its box, the long axis of its exact outline, or its
/// simplified outline, as its class asks. Its size is that of the exact outline in any case.
fn place_outline(
    geometry: GeometryKind,
    px: &PxBox,
    exact: &Polygon,
    simple: Polygon,
    orthomosaic: &Orthomosaic,
) -> Placement {
    let (georef, ground) = (&orthomosaic.georef, orthomosaic.georef.ground());
    let (size_m, axis_m) = extent(&ground.to_metres(exact));
    let (geometry, area_m2) = match geometry {
        GeometryKind::Point => (Point::from(georef.to_ground(px.centre())).into(), 0.0),
        GeometryKind::Line => (Geometry::LineString(ground.from_metres(&axis_m)), 0.0),
        GeometryKind::Polygon => {
            let area_m2 = ground.area_m2(&MultiPolygon::from(simple.clone()));
            (Geometry::Polygon(simple), area_m2)
        }
    };
    Placement { geometry, size_m, area_m2, parts: vec![] }
}

impl PlacedCandidate {
    /// The feature of that number.
    pub(crate) fn feature(
        self,
        id: FeatureId,
        model: &Model,
        orthomosaic: &Orthomosaic,
    ) -> Feature {
        let Self { candidate, placement: Placement { geometry, size_m, area_m2, parts } } = self;
        let class: &Class = &model.classes[candidate.class];
        Feature {
            id,
            class: class.name.clone(),
            indicator: class.indicator,
            eo_category: class.eo_category,
            geometry,
            score: candidate.score,
            confidence: class.confidence(candidate.score),
            size_m,
            area_m2,
            parts,
            orthomosaic: orthomosaic.name.clone(),
            model: model.name.clone(),
            px: candidate.px,
            detections: candidate.detections,
            also: vec![],
        }
    }
}
