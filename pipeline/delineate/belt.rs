//! The ground beside earthworks on which mines may lie, in bands that fade.

use crate::Doctrine;
use crate::area::DrawnArea;
use crate::boundary::round;
use crate::evidence::{Belt, Evidence};
use crate::front::{Front, sweep};
use crate::grade;
use crate::overlay::settled;
use crate::site_constraints::SiteConstraints;
use geo::{BooleanOps, Buffer, Geometry, MultiPolygon, Simplify, unary_union};
use rams_domain::{Ground, HazardAreaId, IndicationBelt};
use rayon::prelude::*;

/// How far the outline of an earthwork may move before its belt is drawn: the belt is a sketch.
const SKETCH_M: f64 = 1.0;

/// The belts of drawn areas under their numbers, each from its earthworks outwards.
///
/// Before the known front of an earthwork it is the ground that the earthwork sweeps over when it
/// is moved forward, else the ground around it. It is cut at the imagery, at the limit of the
/// survey and at released land.
pub(crate) fn belts(
    areas: &[(HazardAreaId, &DrawnArea<'_>)],
    site: &SiteConstraints<'_>,
    doctrine: &Doctrine,
    ground: &Ground,
) -> Vec<IndicationBelt> {
    let bands = &doctrine.belt.weights;
    let of_area = |&(id, area): &(HazardAreaId, &DrawnArea<'_>)| {
        let works: Vec<(&Evidence, Belt)> =
            area.members.iter().filter_map(|e| Some((e, e.belt?))).collect();
        let depth_m = works.iter().map(|(_, belt)| belt.depth_m).reduce(f64::max)?;
        let level = |number: usize| {
            let share = number as f64 / bands.len() as f64;
            let reach = works.iter().map(|(work, belt)| reach(work, belt, share));
            let all = unary_union(&reach.collect::<Vec<_>>());
            settled(&all.difference(&area.boundary))
        };
        let (_, front_unknown) = grade::front(&area.members);
        Some((id, depth_m, front_unknown, (1..=bands.len()).map(level).collect::<Vec<_>>()))
    };
    let drawn: Vec<_> = areas.par_iter().filter_map(of_area).collect();
    let whole: Vec<MultiPolygon> =
        drawn.iter().filter_map(|(.., levels)| levels.last().cloned()).collect();
    let shown = site.shown(&whole);
    let mut belts = vec![];
    for ((id, depth_m, front_unknown, levels), shown) in drawn.into_iter().zip(shown) {
        let step_m = depth_m / levels.len() as f64;
        let mut inner = MultiPolygon(vec![]);
        for ((number, level), weight) in levels.into_iter().enumerate().zip(bands) {
            let band = settled(&shown.intersection(&level).difference(&inner));
            inner = level;
            if !band.0.is_empty() {
                belts.push(IndicationBelt {
                    area: id,
                    from_m: step_m * number as f64,
                    to_m: step_m * (number + 1) as f64,
                    weight: *weight,
                    front_unknown,
                    boundary: ground.from_metres(&band),
                });
            }
        }
    }
    belts
}

/// The ground of a belt up to a share of its depth, with that of its earthwork.
fn reach(work: &Evidence, belt: &Belt, share: f64) -> MultiPolygon {
    let outline = match &work.geometry {
        Geometry::Polygon(polygon) => polygon.simplify(SKETCH_M).into(),
        Geometry::MultiPolygon(polygons) => polygons.simplify(SKETCH_M).into(),
        other => other.clone(),
    };
    let metres = belt.depth_m * share;
    match belt.front {
        Front::Unknown | Front::Disputed(_) => outline.buffer_with_style(round(metres)),
        Front::Towards { deg, .. } => match sweep(&outline, deg, metres) {
            Geometry::Polygon(polygon) => polygon.into(),
            Geometry::MultiPolygon(polygons) => polygons,
            _ => MultiPolygon(vec![]),
        },
    }
}
