//! A merged thing in pixels becomes a feature on the ground.

use crate::trace::SPECKLE_SHARE;
use geo::{Area, Coord, Distance, Euclidean, Geometry, LineString, MinimumRotatedRect, MultiPolygon, Orient, Point};
use geo::{Polygon, orient::Direction};
use rams_domain::{Class, DetectionId, Feature, FeatureId, GeometryKind, Model, Orthomosaic, PxBox};

/// One thing on the ground, still in mosaic pixels.
pub(crate) struct Thing {
    /// Index of its class.
    pub(crate) class: usize,
    /// Highest score of its detections.
    pub(crate) score: f32,
    /// Its box.
    pub(crate) px: PxBox,
    /// Its outline and the simplified one; a detector's thing is its box.
    pub(crate) outlines: Option<(Polygon, Polygon)>,
    /// What saw it, in order.
    pub(crate) detections: Vec<DetectionId>,
}

/// The feature of a thing; `None` for speckle, a mask component whose longer side is below
/// [`SPECKLE_SHARE`] of the least plausible size of its class.
pub(crate) fn place(thing: Thing, model: &Model, orthomosaic: &Orthomosaic) -> Option<Feature> {
    let class: &Class = &model.classes[thing.class];
    let ground = orthomosaic.georef.ground();
    let (exact, outline) = thing.outlines.as_ref().map_or_else(
        || (orthomosaic.georef.place_box(&thing.px), None),
        |(exact, simple)| (orthomosaic.georef.place(exact), Some(orthomosaic.georef.place(simple))),
    );
    let (size_m, axis_m) = extent(&ground.to_metres(&exact));
    if outline.is_some() && size_m[0] < SPECKLE_SHARE * class.size_m[0] {
        return None;
    }
    let mut area_m2 = 0.0;
    let geometry = match class.geometry {
        GeometryKind::Point => Geometry::Point(Point::from(orthomosaic.georef.to_ground(thing.px.centre()))),
        GeometryKind::Line if outline.is_none() => Geometry::LineString(ground.from_metres(&axis_m)),
        // A mask has no centreline yet, and a straight line in place of a bent trench would leave
        // its ends outside the area: the outline holds all of it.
        GeometryKind::Line | GeometryKind::Polygon => {
            // Rows count downwards and northings upwards: placing turns every ring round.
            let polygon = outline.unwrap_or(exact).orient(Direction::Default);
            area_m2 = ground.area_m2(&MultiPolygon::from(polygon.clone()));
            Geometry::Polygon(polygon)
        }
    };
    Some(Feature {
        id: FeatureId(0),
        class: class.name.clone(),
        indicator: class.indicator,
        eo_category: class.eo_category,
        geometry,
        score: thing.score,
        confidence: class.confidence(thing.score),
        size_m,
        area_m2,
        orthomosaic: orthomosaic.name.clone(),
        model: model.name.clone(),
        px: thing.px,
        detections: thing.detections,
    })
}

/// Longer and shorter side of the smallest rotated rectangle around a polygon, and its long axis.
fn extent(metres: &Polygon) -> ([f64; 2], LineString) {
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
