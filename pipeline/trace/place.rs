//! A merged thing in pixels becomes a feature on the ground.

use crate::lines::Stretch;
use crate::trace::SPECKLE_SHARE;
use geo::{
    Area, Coord, Distance, Euclidean, Geometry, Length, LineString, MinimumRotatedRect,
    MultiLineString,
};
use geo::{MultiPolygon, Point, Polygon};
use rams_domain::{
    Class, DetectionId, Feature, FeatureId, FeaturePart, GeometryKind, Model, Orthomosaic, PxBox,
};

/// One thing on the ground, still in mosaic pixels.
pub(crate) struct Candidate {
    /// Index of its class.
    pub(crate) class: usize,
    /// Highest score of its boxes, or mean score of its masks.
    pub(crate) score: f32,
    /// Its box.
    pub(crate) px: PxBox,
    /// What it is drawn from.
    pub(crate) drawn: DrawnFrom,
    /// What saw it, in order.
    pub(crate) detections: Vec<DetectionId>,
}

/// A thing with its place on the ground.
pub(crate) struct Placed {
    thing: Candidate,
    geometry: Geometry,
    size_m: [f64; 2],
    area_m2: f64,
    parts: Vec<FeaturePart>,
}

/// What a thing is drawn from.
pub(crate) enum DrawnFrom {
    /// A detector's box.
    Box,
    /// A mask, mosaic pixels: its outline and the simplified one.
    Outline { exact: Polygon, simple: Polygon },
    /// The masks of a linear earthwork, mosaic pixels, and its centrelines, local metres: whole,
    /// and in stretches.
    Network { outlines: Vec<Polygon>, lines: Vec<LineString>, stretches: Vec<Stretch> },
}

/// A thing on the ground; `None` for a mask of less than its class's threshold, and for speckle: a
/// mask whose longer side, or the length of whose centrelines, is below [`SPECKLE_SHARE`] of the
/// least plausible size of its class.
pub(crate) fn place(thing: Candidate, model: &Model, orthomosaic: &Orthomosaic) -> Option<Placed> {
    let class: &Class = &model.classes[thing.class];
    let georef = &orthomosaic.georef;
    let ground = georef.ground();
    let on_ground = |px: &Polygon| georef.place(px);
    let is_mask = !matches!(thing.drawn, DrawnFrom::Box);
    if is_mask && thing.score < class.threshold {
        return None;
    }
    let (mut area_m2, mut parts) = (0.0, vec![]);
    let (size_m, geometry) = match &thing.drawn {
        DrawnFrom::Network { outlines, lines, stretches } => {
            area_m2 = ground.area_m2(&outlines.iter().map(on_ground).collect());
            let lengths_m: Vec<f64> =
                stretches.iter().map(|stretch| Euclidean.length(&stretch.line)).collect();
            let length_m: f64 = lengths_m.iter().sum();
            let across_m2: f64 =
                stretches.iter().zip(&lengths_m).map(|(stretch, m)| stretch.width_m * m).sum();
            parts.extend(stretches.iter().map(|stretch| FeaturePart {
                line: ground.from_metres(&stretch.line),
                class: model.classes[stretch.class].name.clone(),
                width_m: stretch.width_m,
                confidence: stretch.confidence,
            }));
            (
                [length_m, across_m2 / length_m],
                Geometry::MultiLineString(ground.from_metres(&MultiLineString::new(lines.clone()))),
            )
        }
        DrawnFrom::Box | DrawnFrom::Outline { .. } => {
            let (exact, outline) = match &thing.drawn {
                DrawnFrom::Outline { exact, simple } => (on_ground(exact), on_ground(simple)),
                _ => (georef.place_box(&thing.px), georef.place_box(&thing.px)),
            };
            let (size_m, axis_m) = extent(&ground.to_metres(&exact));
            let geometry = match class.geometry {
                GeometryKind::Point => {
                    Geometry::Point(Point::from(georef.to_ground(thing.px.centre())))
                }
                GeometryKind::Line => Geometry::LineString(ground.from_metres(&axis_m)),
                GeometryKind::Polygon => {
                    area_m2 = ground.area_m2(&MultiPolygon::from(outline.clone()));
                    Geometry::Polygon(outline)
                }
            };
            (size_m, geometry)
        }
    };
    if is_mask && size_m[0] < SPECKLE_SHARE * class.size_m[0] {
        return None;
    }
    Some(Placed { thing, geometry, size_m, area_m2, parts })
}

impl Placed {
    /// The feature of it.
    pub(crate) fn feature(
        self,
        id: FeatureId,
        model: &Model,
        orthomosaic: &Orthomosaic,
    ) -> Feature {
        let Self { thing, geometry, size_m, area_m2, parts } = self;
        let class: &Class = &model.classes[thing.class];
        Feature {
            id,
            class: class.name.clone(),
            indicator: class.indicator,
            eo_category: class.eo_category,
            geometry,
            score: thing.score,
            confidence: class.confidence(thing.score),
            size_m,
            area_m2,
            parts,
            orthomosaic: orthomosaic.name.clone(),
            model: model.name.clone(),
            px: thing.px,
            detections: thing.detections,
            also: vec![],
        }
    }
}

/// Longer and shorter side of the smallest rotated rectangle around a polygon, and its long axis.
pub(crate) fn extent(metres: &Polygon) -> ([f64; 2], LineString) {
    // A shape without area has no such rectangle: its own corners serve.
    let around = if metres.unsigned_area() > 0.0 { metres.minimum_rotated_rect() } else { None };
    let rectangle = around.as_ref().unwrap_or(metres);
    let corner = |i: usize| rectangle.exterior().0[i];
    let side = |i: usize| Euclidean.distance(Point::from(corner(i)), Point::from(corner(i + 1)));
    let middle = |i: usize| -> Coord { (corner(i) + corner(i + 1)) / 2.0 };
    let (first, second) = (side(0), side(1));
    // The long axis joins the middles of the two short sides.
    if first >= second {
        ([first, second], LineString::new(vec![middle(1), middle(3)]))
    } else {
        ([second, first], LineString::new(vec![middle(0), middle(2)]))
    }
}
