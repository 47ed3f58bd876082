//! The whole evaluation.

use crate::{
    Classes, Confusion, EvaluateError, EvaluatedGround, Flight, JudgedObject, Level, Reliability,
    boxes::figures::Scope, boxes::judge::Depth, boxes::object,
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
    /// What became of each true object.
    pub objects: Vec<JudgedObject>,
    /// Confidence against hits over all, and by family under its name; `None` without confidences.
    pub reliability: Option<Reliability>,
    /// The same by family.
    pub reliability_by_family: BTreeMap<String, Reliability>,
}

/// Compares predictions with the truth of the same flights. The order of flights matters to the
/// average precision of equal scores alone.
///
/// Fails for tiles of 0 px.
///
/// ```
/// use rams_domain::PxBox;
/// use rams_evaluate::{
///     Classes, EvaluatedGround, Flight, Prediction, Settings, Truth, evaluate,
/// };
///
/// let mut classes = Classes::default();
/// let mine = classes.add("pmn-2");
/// classes.set_threshold(mine, 0.5);
/// let px = |x0: f64, y0: f64| PxBox { x0, y0, x1: x0 + 30.0, y1: y0 + 30.0 };
/// let truth = |px| Truth { class: mine, px, ignored: false };
/// let found = |px, score| Prediction { class: mine, px, score, confidence: None };
///
/// // Two mines on a hectare: one is found. One alarm is false. One find is below the threshold.
/// let truths = vec![truth(px(100.0, 100.0)), truth(px(500.0, 500.0))];
/// let predictions = vec![
///     found(px(103.0, 100.0), 0.9),
///     found(px(800.0, 100.0), 0.7),
///     found(px(500.0, 503.0), 0.3),
/// ];
/// let ground = EvaluatedGround::of(Some(1e4), Some(1e4), None, &truths);
/// let flight = Flight { name: "field".into(), truths, predictions, ground };
///
/// let evaluation = evaluate(&[flight], &classes, Settings::default())?;
/// let figures = &evaluation.by_class.all.classes["pmn-2"];
/// assert_eq!((figures.objects, figures.centre.hits), (2, 1));
/// assert_eq!(figures.centre.recall, Some(0.5));
/// assert_eq!(figures.centre.false_alarms_per_hectare, Some(1.0));
/// assert!(evaluation.to_csv().starts_with("level,flight,class,hectares,objects,"));
/// # Ok::<(), rams_evaluate::EvaluateError>(())
/// ```
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
        objects: object::objects(flights, classes),
        reliability: Reliability::of(&scope(None)),
        reliability_by_family: by_family.all.classes.keys().filter_map(family).collect(),
        by_family,
    })
}
