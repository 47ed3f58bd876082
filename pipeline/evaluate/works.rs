//! Earthworks, which have a length or an area on the ground, against their truth: trenches,
//! ditches, berms, craters.
//!
//! Boxes say little of them: the box of a bent trench is mostly field. Here ground is compared with
//! ground and centreline with centreline, in metres.

mod centrelines;
mod cut;
mod figures;
mod flight;
mod grounds;
mod index;
mod judged;
mod level;
mod measure;
mod measured;
mod plot;
mod predicted_part;
mod rules;
mod surroundings;
mod text;
mod verdict;

pub use figures::{EarthworksFigures, EarthworksStep, Length, Objects, Overlap};
pub use flight::{
    EarthworksFlight, FoundEarthwork, FoundPart, FoundShape, TrueEarthwork, TrueLine,
};
pub use judged::JudgedFeature;
pub use level::{EarthworksLevel, EarthworksTable};
pub use verdict::Verdict;

use crate::{Classes, Confusion, EvaluatedGround, Reliability, boxes::judge::Depth};
use measured::Measured;
use rules::Rules;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// All figures of earthworks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarthworksEvaluation {
    /// How far apart two centrelines may lie and still be one, metres.
    pub tolerance_m: f64,
    /// Least score of a feature at the operating point, by class.
    pub thresholds: BTreeMap<String, f64>,
    /// The ground of each flight.
    pub ground: BTreeMap<String, EvaluatedGround>,
    /// By class as named: overlap by that name alone; lengths, objects and false alarms by family,
    /// as in `by_family`, since a trench of the wrong kind is a trench found.
    pub by_class: EarthworksLevel,
    /// One level up: each name replaced by its coarser one where it has one.
    pub by_family: EarthworksLevel,
    /// What centrelines were taken for, metres, at the thresholds: rows and columns as of
    /// [`Confusion`], `nothing` being predicted centrelines where no earthwork is.
    pub confusion_m: Confusion,
    /// Confidence of the parts of predicted lines against the share of their length that was right,
    /// counted in metres; `None` without lines.
    pub reliability_m: Option<Reliability>,
    /// Every predicted feature, at the thresholds or not: by flight, the most confident first.
    pub features: Vec<JudgedFeature>,
    /// Flights whose truth has no centrelines: their lengths are in no figure.
    pub without_centrelines: Vec<String>,
}

/// Compares predicted earthworks with the truth of the same flights. `lines` are the families that
/// are lines; all others have an area. Takes time in proportion to the earthworks, not to their
/// square.
///
/// ```
/// use geo::{MultiPolygon, Rect, line_string};
/// use rams_evaluate::{
///     Classes, EarthworksFlight, EvaluatedGround, FoundEarthwork, FoundPart, FoundShape,
///     TrueEarthwork, TrueLine, compare,
/// };
///
/// let mut classes = Classes::default();
/// let trench = classes.add("trench_fire");
/// let ground = |x1: f64| MultiPolygon::from(Rect::new((0.0, -1.0), (x1, 1.0)).to_polygon());
/// // 40 m of trench, 2 m wide, of which the first 30 m are found.
/// let flight = EarthworksFlight {
///     name: "field".into(),
///     ground: EvaluatedGround::of(Some(1e6), Some(1e6), None, &[]),
///     assessed: vec![Rect::new((-100.0, -100.0), (100.0, 100.0)).to_polygon().into()],
///     truths: vec![TrueEarthwork { class: trench, ground: ground(40.0), ignored: false }],
///     lines: Some(vec![TrueLine {
///         class: trench,
///         line: line_string![(x: 0.0, y: 0.0), (x: 40.0, y: 0.0)],
///     }]),
///     found: vec![FoundEarthwork {
///         id: "F000001".into(),
///         class: trench,
///         score: 0.8,
///         confidence: 0.8,
///         shape: FoundShape::Lines(vec![FoundPart {
///             class: trench,
///             confidence: 0.8,
///             line: line_string![(x: 0.0, y: 0.0), (x: 30.0, y: 0.0)],
///             width_m: 2.0,
///         }]),
///     }],
/// };
/// let evaluation = compare(&[flight], &classes, &[trench].into(), 1.0);
/// let figures = &evaluation.by_class.all.classes["trench_fire"];
/// let length = figures.length.ok_or("a trench has a length")?;
/// assert_eq!((length.true_m, length.precision), (40.0, Some(1.0)));
/// // The tolerance of 1 m reaches a little beyond the end.
/// assert!((length.recalled_m - 31.0).abs() < 0.3, "{}", length.recalled_m);
/// assert!((figures.overlap.iou.unwrap_or(0.0) - 0.75).abs() < 1e-6);
/// assert_eq!(figures.false_alarms, 0);
/// # Ok::<(), &str>(())
/// ```
pub fn compare(
    flights: &[EarthworksFlight],
    classes: &Classes,
    lines: &BTreeSet<usize>,
    tolerance_m: f64,
) -> EarthworksEvaluation {
    let rules = Rules { classes, lines, tolerance_m };
    let all: Vec<Measured> =
        flights.iter().map(|flight| Measured::of(flight, &rules, |_| true)).collect();
    let at_thresholds = |flight: &EarthworksFlight, all: &Measured| {
        let counts = |found: &FoundEarthwork| found.score >= classes.threshold(found.class);
        if flight.found.iter().all(counts) {
            all.clone()
        } else {
            Measured::of(flight, &rules, counts)
        }
    };
    let counted: Vec<Measured> =
        flights.iter().zip(&all).map(|(flight, all)| at_thresholds(flight, all)).collect();
    let level = |depth| EarthworksLevel::of(flights, &counted, &all, &rules, depth);
    let by_class = level(Depth::Class);
    let named = |name: &String| Some((name.clone(), classes.threshold(classes.find(name)?)));
    EarthworksEvaluation {
        tolerance_m,
        thresholds: by_class.all.classes.keys().filter_map(named).collect(),
        ground: flights.iter().map(|flight| (flight.name.clone(), flight.ground.clone())).collect(),
        by_class,
        by_family: level(Depth::Family),
        confusion_m: centrelines::confusion_m(&counted, classes),
        reliability_m: centrelines::reliability_m(&all),
        features: judged::features(flights, &all, &rules),
        without_centrelines: flights
            .iter()
            .filter(|f| f.lacks_lines(&rules))
            .map(|f| f.name.clone())
            .collect(),
    }
}
