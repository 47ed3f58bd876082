//! What people draw: whether it can be kept, and what comes of cutting and joining it.

use crate::reviewed_survey::{Outline, ReviewedSurvey};
use geo::{
    Area, Contains, Coord, Distance, Euclidean, Geometry, LineString, MapCoords, MultiPolygon,
    Polygon,
};
use serde::Serialize;
use std::{collections::HashMap, sync::Arc};

/// Vertices of a drawing at the most.
const MOST_VERTICES: usize = 50_000;

/// Importers ask about longer stretches without a vertex, metres.
const LONG_M: f64 = 5_000.0;

/// Share of the area by which pieces may differ from the whole.
const AREA_TOLERANCE: f64 = 1e-6;

/// What is wrong with a drawing. The page says it in other words, by its code and values.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub(crate) enum Flaw {
    #[error("the geometry is no polygon: draw a Polygon or a MultiPolygon")]
    NoPolygon,
    #[error("the outline is empty: draw three corners or more")]
    Empty,
    #[error("the outline has {vertices} vertices: {most} are the most")]
    TooManyVertices { vertices: usize, most: usize },
    #[error("a corner of the outline lies nowhere, for its place is no number: draw it anew")]
    NoPlace,
    #[error("a ring has fewer than three corners: draw it anew, or take it out")]
    TooFewCorners,
    #[error("the outline crosses or touches itself here: move a corner, or draw it anew")]
    Crosses,
    #[error("the outline crosses itself by less than a millimetre: move a corner")]
    CrossesByAHair,
    #[error("the line has fewer than two corners: draw it across the outline")]
    LineTooShort,
    #[error("give two or more items to merge")]
    NothingToMerge,
    #[error(
        "the parts have {parts_m2:.3} m² and the whole {whole_m2:.3} m²: cut it by a line, so that \
         nothing is lost and nothing counts twice"
    )]
    PartsDiffer { parts_m2: f64, whole_m2: f64 },
    #[error("the outline cannot be worked with: {detail}")]
    Geos { detail: String },
}

/// What a person should know of a drawing that can be kept all the same.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub(crate) enum Warning {
    #[error("two corners in a row are {length_m} m apart: importers ask above {most_m} m")]
    LongStretch { length_m: u64, most_m: u64 },
    #[error("a part of it lies beyond the ground of the survey")]
    BeyondSurvey,
}

/// What is wrong with a drawing, and where, local metres.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Problem {
    pub(crate) flaw: Flaw,
    pub(crate) at: Option<Coord>,
}

impl From<Flaw> for Problem {
    fn from(flaw: Flaw) -> Self {
        Self { flaw, at: None }
    }
}

fn geos(detail: String) -> Problem {
    Flaw::Geos { detail }.into()
}

/// The polygons of a drawing in local metres.
pub(crate) fn polygons(geometry: Geometry) -> Result<MultiPolygon, Problem> {
    match geometry {
        Geometry::Polygon(polygon) => Ok(polygon.into()),
        Geometry::MultiPolygon(polygons) => Ok(polygons),
        _ => Err(Flaw::NoPolygon.into()),
    }
}

/// Whether a drawing in local metres can be kept.
pub(crate) fn check(shape: &MultiPolygon) -> Result<(), Problem> {
    let rings = || {
        shape.iter().flat_map(|polygon| [polygon.exterior()].into_iter().chain(polygon.interiors()))
    };
    let vertices: usize = rings().map(|ring| ring.0.len()).sum();
    if shape.0.is_empty() || vertices == 0 {
        return Err(Flaw::Empty.into());
    }
    if vertices > MOST_VERTICES {
        return Err(Flaw::TooManyVertices { vertices, most: MOST_VERTICES }.into());
    }
    for ring in rings() {
        if ring.coords().any(|at| !at.x.is_finite() || !at.y.is_finite()) {
            return Err(Flaw::NoPlace.into());
        }
        if ring.0.len() < 4 {
            let at = ring.0.first().copied();
            return Err(Problem { flaw: Flaw::TooFewCorners, at });
        }
    }
    if rams_overlay::is_valid(shape) {
        return Ok(());
    }
    let first = rings().next().and_then(|ring| ring.0.first().copied());
    Err(Problem { flaw: Flaw::Crosses, at: rams_overlay::crossing(shape).or(first) })
}

/// What a person should know of a valid drawing.
pub(crate) fn warnings(survey: &ReviewedSurvey, shape: &MultiPolygon) -> Vec<Warning> {
    let mut warnings = vec![];
    let lines = shape.iter().flat_map(|polygon| polygon.exterior().lines());
    let longest = lines
        .map(|line| Euclidean.distance(geo::Point(line.start), geo::Point(line.end)))
        .fold(0.0, f64::max);
    if longest > LONG_M {
        let length_m = longest.ceil() as u64;
        warnings.push(Warning::LongStretch { length_m, most_m: LONG_M as u64 });
    }
    if !survey.extent.to_polygon().contains(shape) {
        warnings.push(Warning::BeyondSurvey);
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
        return Err(Flaw::CrossesByAHair.into());
    }
    rams_overlay::to_wkb(boundary).map(Into::into).map_err(geos)
}

/// The pieces into which a line cuts an outline, local metres; one where it cuts nothing off.
pub(crate) fn split(shape: &MultiPolygon, line: &LineString) -> Result<Vec<Polygon>, Problem> {
    check(shape)?;
    if line.0.len() < 2 || line.coords().any(|at| !at.x.is_finite() || !at.y.is_finite()) {
        return Err(Flaw::LineTooShort.into());
    }
    rams_overlay::split(shape, line).map_err(geos)
}

/// The ground of several outlines in the survey's CRS.
pub(crate) fn merge(boundaries: &[MultiPolygon]) -> Result<MultiPolygon, Problem> {
    let mut all = boundaries.iter();
    let first = all.next().cloned().ok_or(Flaw::NothingToMerge)?;
    let merged = all.try_fold(first, |sum, next| rams_overlay::union(&sum, next));
    merged.map_err(geos)
}

/// That pieces are all of an outline and nothing else, and none lies on another.
pub(crate) fn check_pieces(whole: &Outline, pieces: &[Outline]) -> Result<(), Problem> {
    let sum: f64 = pieces.iter().map(|piece| piece.area_m2).sum();
    let tolerance = (whole.area_m2 * AREA_TOLERANCE).max(1e-3);
    let shapes: Vec<MultiPolygon> = pieces.iter().map(|piece| piece.shape.clone()).collect();
    let outside = rams_overlay::difference(&merge(&shapes)?, &whole.shape).map_err(geos)?;
    if (sum - whole.area_m2).abs() > tolerance || outside.unsigned_area() > tolerance {
        return Err(Flaw::PartsDiffer { parts_m2: sum, whole_m2: whole.area_m2 }.into());
    }
    Ok(())
}
