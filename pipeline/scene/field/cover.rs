//! Ground that cannot be assessed.

use super::chance::{anywhere, span};
use super::spec::CoverSpec;
use crate::angle::sin_cos;
use crate::random::Dice;
use geo::{
    Area, BooleanOps, BoundingRect, Coord, Intersects, LineString, MultiPolygon, Point, Polygon,
    Rect, coord, unary_union,
};

/// Clumps of vegetation, and the ground between them, metres.
pub(super) struct Cover {
    clumps: Vec<(Rect, Polygon)>,
    pub(super) assessed: MultiPolygon,
}

impl Cover {
    pub(super) fn new(seed: u64, spec: &CoverSpec, extent: Rect) -> Self {
        let mut dice = Dice::new(seed, "field cover", 0);
        let share = if dice.happens(spec.none) { 0.0 } else { span(spec.share, &mut dice) };
        let mut clumps: Vec<Polygon> = vec![];
        // What clumps cover of a field where they fall as they may: each leaves its own share of
        // the rest.
        let mut open = 1.0;
        let field = extent.to_polygon();
        while 1.0 - open < share {
            let clump =
                clump(anywhere(extent, &mut dice), span(spec.clump_m, &mut dice), &mut dice);
            open *= 1.0 - clump.intersection(&field).unsigned_area() / field.unsigned_area();
            clumps.push(clump);
        }
        let assessed = MultiPolygon::from(field).difference(&unary_union(&clumps));
        let boxed = |clump: Polygon| clump.bounding_rect().map(|rect| (rect, clump));
        Self { clumps: clumps.into_iter().filter_map(boxed).collect(), assessed }
    }

    /// Whether something hides the ground there.
    pub(super) fn hides(&self, at: Coord) -> bool {
        let at = Point::from(at);
        self.clumps.iter().any(|(rect, clump)| rect.intersects(&at) && clump.intersects(&at))
    }
}

fn clump(middle: Coord, radius_m: f64, dice: &mut Dice) -> Polygon {
    const CORNERS: u32 = 18;
    let corner = |number: u32, dice: &mut Dice| {
        let (sin, cos) = sin_cos(f64::from(number) * 360.0 / f64::from(CORNERS));
        middle + coord! { x: cos, y: sin } * (radius_m * dice.between(0.7, 1.3))
    };
    Polygon::new((0..CORNERS).map(|number| corner(number, dice)).collect::<LineString>(), vec![])
}
