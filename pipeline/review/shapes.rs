//! What people draw: whether it can be kept, and what comes of cutting and joining it.

use crate::reviewed_survey::{Outline, ReviewedSurvey};
use geo::{
    Area, Contains, Coord, Distance, Euclidean, Geometry, LineString, MapCoords, MultiPolygon,
    Polygon,
};
use std::{collections::HashMap, sync::Arc};

/// Vertices of a drawing at the most.
const MOST_VERTICES: usize = 50_000;

/// Importers ask about longer stretches without a vertex, metres.
const LONG_M: f64 = 5_000.0;

/// Share of the area by which pieces may differ from the whole.
const AREA_TOLERANCE: f64 = 1e-6;

/// What is wrong with a drawing, and where, local metres.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub(crate) text: String,
    pub(crate) at: Option<Coord>,
}

fn problem(text: impl Into<String>) -> Problem {
    Problem { text: text.into(), at: None }
}

/// The polygons of a drawing in local metres.
pub(crate) fn polygons(geometry: Geometry) -> Result<MultiPolygon, Problem> {
    match geometry {
        Geometry::Polygon(polygon) => Ok(polygon.into()),
        Geometry::MultiPolygon(polygons) => Ok(polygons),
        _ => Err(problem("the geometry is no polygon: draw a Polygon or a MultiPolygon")),
    }
}

/// Whether a drawing in local metres can be kept.
pub(crate) fn check(shape: &MultiPolygon) -> Result<(), Problem> {
    let rings = || {
        shape.iter().flat_map(|polygon| [polygon.exterior()].into_iter().chain(polygon.interiors()))
    };
    let vertices: usize = rings().map(|ring| ring.0.len()).sum();
    if shape.0.is_empty() || vertices == 0 {
        return Err(problem("the outline is empty: draw three corners or more"));
    }
    if vertices > MOST_VERTICES {
        let text = format!("the outline has {vertices} vertices: {MOST_VERTICES} are the most");
        return Err(problem(text));
    }
    for ring in rings() {
        if let Some(at) = ring.coords().find(|at| !at.x.is_finite() || !at.y.is_finite()) {
            return Err(problem(format!("the outline has the vertex {at:?}: give numbers")));
        }
        if ring.0.len() < 4 {
            let at = ring.0.first().copied();
            let text = "a ring has fewer than three corners: draw it anew, or take it out".into();
            return Err(Problem { text, at });
        }
    }
    if rams_overlay::is_valid(shape) {
        return Ok(());
    }
    let text = "the outline crosses or touches itself here: move a corner, or draw it anew".into();
    let first = rings().next().and_then(|ring| ring.0.first().copied());
    Err(Problem { text, at: rams_overlay::crossing(shape).or(first) })
}

/// What a person should know of a valid drawing; it can be kept all the same.
pub(crate) fn warnings(survey: &ReviewedSurvey, shape: &MultiPolygon) -> Vec<String> {
    let mut warnings = vec![];
    let lines = shape.iter().flat_map(|polygon| polygon.exterior().lines());
    let longest = lines
        .map(|line| Euclidean.distance(geo::Point(line.start), geo::Point(line.end)))
        .fold(0.0, f64::max);
    if longest > LONG_M {
        let text = format!("two corners in a row are {longest:.0} m apart: importers ask above");
        warnings.push(format!("{text} {LONG_M:.0} m"));
    }
    if !survey.extent.to_polygon().contains(shape) {
        warnings.push("a part of it lies beyond the ground of the survey".into());
    }
    warnings
}

/// A drawing brought from local metres to the survey's CRS. Vertices of `before` that were left
/// where they were keep their coordinates to the last bit.
pub(crate) fn to_ground(
    survey: &ReviewedSurvey,
    shape: &MultiPolygon,
    before: Option<&MultiPolygon>,
) -> MultiPolygon {
    let ground = &survey.survey.ground;
    let key = |at: Coord| (at.x.to_bits(), at.y.to_bits());
    let mut known = HashMap::new();
    for polygon in before.into_iter().flatten() {
        let moved: Polygon = ground.to_metres(polygon);
        let rings = |polygon: &Polygon| -> Vec<Coord> {
            let rings = [polygon.exterior()].into_iter().chain(polygon.interiors());
            rings.flat_map(|ring| ring.0.clone()).collect()
        };
        known.extend(rings(&moved).into_iter().map(key).zip(rings(polygon)));
    }
    shape.map_coords(|at| {
        known.get(&key(at)).copied().unwrap_or_else(|| ground.from_metres(&geo::Point(at)).0)
    })
}

/// An outline that is kept, as bytes. The error is a person's to read.
pub(crate) fn bytes(boundary: &MultiPolygon) -> Result<Arc<[u8]>, Problem> {
    // Brought to another CRS, what was valid by a hair may not be.
    if !rams_overlay::is_valid(boundary) {
        let text = "the outline crosses itself by less than a millimetre: move a corner";
        return Err(problem(text));
    }
    rams_overlay::to_wkb(boundary).map(Into::into).map_err(problem)
}

/// The pieces into which a line cuts an outline, local metres; one where it cuts nothing off.
pub(crate) fn split(shape: &MultiPolygon, line: &LineString) -> Result<Vec<Polygon>, Problem> {
    check(shape)?;
    if line.0.len() < 2 || line.coords().any(|at| !at.x.is_finite() || !at.y.is_finite()) {
        return Err(problem("the line has fewer than two corners: draw it across the outline"));
    }
    rams_overlay::split(shape, line).map_err(problem)
}

/// The ground of several outlines in the survey's CRS.
pub(crate) fn merge(boundaries: &[MultiPolygon]) -> Result<MultiPolygon, Problem> {
    let mut all = boundaries.iter();
    let first = all.next().cloned().ok_or_else(|| problem("give items to merge"))?;
    let merged = all.try_fold(first, |sum, next| rams_overlay::union(&sum, next));
    merged.map_err(problem)
}

/// That pieces are all of an outline and nothing else, and none lies on another.
pub(crate) fn check_pieces(whole: &Outline, pieces: &[Outline]) -> Result<(), Problem> {
    let sum: f64 = pieces.iter().map(|piece| piece.area_m2).sum();
    let tolerance = (whole.area_m2 * AREA_TOLERANCE).max(1e-3);
    let shapes: Vec<MultiPolygon> = pieces.iter().map(|piece| piece.shape.clone()).collect();
    let outside = rams_overlay::difference(&merge(&shapes)?, &whole.shape).map_err(problem)?;
    if (sum - whole.area_m2).abs() > tolerance || outside.unsigned_area() > tolerance {
        return Err(problem(format!(
            "the parts have {sum:.3} m² and the whole {:.3} m²: cut it by a line, so that nothing \
             is lost and nothing counts twice",
            whole.area_m2
        )));
    }
    Ok(())
}
