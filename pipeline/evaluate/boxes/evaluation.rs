//! The whole evaluation.

use crate::{
    Classes, Confusion, EvaluateError, EvaluatedGround, Flight, Level, Reliability,
    boxes::figures::Scope, boxes::judge::Depth,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a person may choose.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Settings {
    /// Predictions of a class that count for average precision in one image, best first;
    /// pycocotools takes 100, which a mosaic of hectares outgrows.
    pub max_detections: usize,
    /// Side of a tile where each tile is an image, mosaic pixels.
    pub tile_px: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_detections: 1000, tile_px: 640 }
    }
}

/// All figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// How they were made.
    pub settings: Settings,
    /// Least score at the operating point, by class.
    pub thresholds: BTreeMap<String, f64>,
    /// The ground of each flight.
    pub ground: BTreeMap<String, EvaluatedGround>,
    /// By class as named.
    pub by_class: Level,
    /// One level up: each name replaced by its coarser one where it has one.
    pub by_family: Level,
    /// What objects were taken for.
    pub confusion: Confusion,
    /// Confidence against hits over all, and by family under its name; `None` without confidences.
    pub reliability: Option<Reliability>,
    /// The same by family.
    pub reliability_by_family: BTreeMap<String, Reliability>,
}

/// Compares predictions with the truth of the same flights. The order of flights matters to the
/// average precision of equal scores alone.
pub fn evaluate(
    flights: &[Flight],
    classes: &Classes,
    settings: Settings,
) -> Result<Evaluation, EvaluateError> {
    let Settings { max_detections, tile_px } = settings;
    if tile_px == 0 {
        return Err(EvaluateError::TileSide { tile_px });
    }
    let level = |depth| Level::of(flights, classes, depth, (max_detections, tile_px));
    let all: Vec<&Flight> = flights.iter().collect();
    let scope =
        |class| Scope { flights: &all, classes, depth: Depth::Family, class, max_detections };
    let by_family = level(Depth::Family);
    let family =
        |name: &String| Some((name.clone(), Reliability::of(&scope(Some(classes.find(name)?)))?));
    Ok(Evaluation {
        settings,
        thresholds: (0..)
            .zip(classes.names())
            .map(|(at, name)| (name.clone(), classes.threshold(at)))
            .collect(),
        ground: flights.iter().map(|flight| (flight.name.clone(), flight.ground.clone())).collect(),
        by_class: level(Depth::Class),
        confusion: Confusion::of(flights, classes),
        reliability: Reliability::of(&scope(None)),
        reliability_by_family: by_family.all.classes.keys().filter_map(family).collect(),
        by_family,
    })
}
