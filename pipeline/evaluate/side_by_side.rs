//! Evaluations of the same truth -> one table, a column for each.

mod text;

use crate::{
    EarthworksEvaluation, EarthworksFigures, EarthworksLevel, Evaluation, Figures, JudgedObject,
    Level, Operating, PairedRecall,
};
use rams_domain::PxBox;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Evaluations side by side, in the order in which they were given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideBySide<Cell> {
    /// What the columns are of.
    pub names: Vec<String>,
    /// By class as named, then `all`.
    pub by_class: Vec<SideBySideRow<Cell>>,
    /// One level up.
    pub by_family: Vec<SideBySideRow<Cell>>,
}

/// A class or family.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideBySideRow<Cell> {
    /// Its name; `all`: all of them together.
    pub class: String,
    /// Of each evaluation; `None` where it has neither objects nor predictions of it.
    pub cells: Vec<Option<Cell>>,
}

/// Boxes of a class, at the thresholds, by the point on the map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoxCell {
    /// As [`Figures::objects`].
    pub objects: usize,
    /// As [`Figures::ap50`].
    pub ap50: Option<f64>,
    /// As [`crate::Operating::recall`].
    pub recall: Option<f64>,
    /// As [`crate::Operating::recall_95`].
    pub recall_95: Option<[f64; 2]>,
    /// As [`crate::Operating::false_alarms_per_hectare`].
    pub false_alarms_per_hectare: Option<f64>,
    /// As [`crate::Operating::false_alarms_per_hectare_95`].
    pub false_alarms_per_hectare_95: Option<[f64; 2]>,
    /// Against the first evaluation; `None` of the first itself.
    pub against_first: Option<PairedRecall>,
}

/// Earthworks of a class, at the thresholds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarthworksCell {
    /// As [`crate::Length::true_m`]; `None` for earthworks that have an area.
    pub true_m: Option<f64>,
    /// As [`crate::Length::recall`].
    pub length_recall: Option<f64>,
    /// As [`crate::Objects::objects`]; `None` for lines.
    pub objects: Option<usize>,
    /// As [`crate::Objects::recall`].
    pub object_recall: Option<f64>,
    /// As [`crate::Objects::recall_95`].
    pub object_recall_95: Option<[f64; 2]>,
    /// As [`EarthworksFigures::false_alarms_per_km2`].
    pub false_alarms_per_km2: Option<f64>,
    /// As [`EarthworksFigures::false_alarms_per_km2_95`].
    pub false_alarms_per_km2_95: Option<[f64; 2]>,
}

/// Name of the rows over all classes.
const ALL: &str = "all";

impl SideBySide<BoxCell> {
    /// Evaluations of boxes by name, each with a truth of the same flights; `None` for one that has
    /// no boxes.
    ///
    /// ```
    /// use rams_domain::PxBox;
    /// use rams_evaluate::{
    ///     BoxCell, Classes, EvaluatedGround, Flight, Prediction, Settings, SideBySide, Truth,
    ///     evaluate,
    /// };
    ///
    /// let mut classes = Classes::default();
    /// let mine = classes.add("pmn-2");
    /// let px = |x0: f64| PxBox { x0, y0: 0.0, x1: x0 + 30.0, y1: 30.0 };
    /// // Of three mines one model finds the first, another all.
    /// let evaluation = |found: &[f64]| {
    ///     let truth = |x| Truth { class: mine, px: px(x), ignored: false };
    ///     let truths = [0.0, 100.0, 200.0].map(truth);
    ///     let found = found.iter().map(|x| px(*x));
    ///     let prediction = |px| Prediction { class: mine, px, score: 0.9, confidence: None };
    ///     let flight = Flight {
    ///         name: "field".into(),
    ///         ground: EvaluatedGround::of(Some(1e4), None, None, &truths),
    ///         truths: truths.into(),
    ///         predictions: found.map(prediction).collect(),
    ///     };
    ///     evaluate(&[flight], &classes, Settings::default())
    /// };
    /// let (a, b) = (evaluation(&[0.0])?, evaluation(&[0.0, 100.0, 200.0])?);
    /// let table = SideBySide::<BoxCell>::new(&[("a".into(), Some(&a)), ("b".into(), Some(&b))]);
    /// let cell = table.by_class[0].cells[1].as_ref().ok_or("there are mines")?;
    /// let paired = cell.against_first.ok_or("it is not the first")?;
    /// assert_eq!((paired.by_first_alone, paired.by_this_alone), (0, 2));
    /// // Two coins that both fall on one side, whichever: 2 / 4.
    /// assert!((paired.p - 0.5).abs() < 1e-12);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(columns: &[(String, Option<&Evaluation>)]) -> Self {
        let rows = |level: fn(&Evaluation) -> &Level, name: fn(&JudgedObject) -> (&str, bool)| {
            let first = columns.first().and_then(|(_, evaluation)| *evaluation);
            let cell = |evaluation: &Evaluation, class: &str| {
                let table = &level(evaluation).all;
                let figures =
                    if class == ALL { Some(&table.pooled) } else { table.classes.get(class) };
                let against = first.filter(|first| !std::ptr::eq(*first, evaluation));
                let paired = |first: &Evaluation| {
                    PairedRecall::of(&pairs(&first.objects, &evaluation.objects, class, name))
                };
                figures.map(|figures| BoxCell::of(figures, against.map(paired)))
            };
            rows(columns, |evaluation| level(evaluation).all.classes.keys(), cell)
        };
        Self {
            names: columns.iter().map(|(name, _)| name.clone()).collect(),
            by_class: rows(|it| &it.by_class, |object| (&object.class, object.found)),
            by_family: rows(|it| &it.by_family, |object| (&object.family, object.found_in_family)),
        }
    }
}

impl SideBySide<EarthworksCell> {
    /// Evaluations of earthworks by name; `None` for one that has none.
    pub fn new(columns: &[(String, Option<&EarthworksEvaluation>)]) -> Self {
        let rows = |level: fn(&EarthworksEvaluation) -> &EarthworksLevel| {
            let cell = |evaluation: &EarthworksEvaluation, class: &str| {
                let table = &level(evaluation).all;
                let figures =
                    if class == ALL { Some(&table.pooled) } else { table.classes.get(class) };
                figures.map(EarthworksCell::of)
            };
            rows(columns, |evaluation| level(evaluation).all.classes.keys(), cell)
        };
        Self {
            names: columns.iter().map(|(name, _)| name.clone()).collect(),
            by_class: rows(|it| &it.by_class),
            by_family: rows(|it| &it.by_family),
        }
    }
}

/// The classes of any column, then all.
fn rows<'a, E: 'a, Cell, Names: Iterator<Item = &'a String>>(
    columns: &[(String, Option<&'a E>)],
    names: impl Fn(&'a E) -> Names,
    cell: impl Fn(&'a E, &str) -> Option<Cell>,
) -> Vec<SideBySideRow<Cell>> {
    let evaluations = || columns.iter().map(|(_, evaluation)| *evaluation);
    let classes: BTreeSet<&str> =
        evaluations().flatten().flat_map(names).map(String::as_str).collect();
    let row = |class: &str| SideBySideRow {
        class: class.to_owned(),
        cells: evaluations().map(|evaluation| evaluation.and_then(|it| cell(it, class))).collect(),
    };
    classes.into_iter().chain([ALL]).map(row).collect()
}

/// Of each object that both evaluations count under this name: whether either found it.
fn pairs(
    first: &[JudgedObject],
    this: &[JudgedObject],
    class: &str,
    name: fn(&JudgedObject) -> (&str, bool),
) -> Vec<(bool, bool)> {
    let place = |object: &JudgedObject| {
        let PxBox { x0, y0, x1, y1 } = object.px;
        (object.flight.clone(), [x0, y0, x1, y1].map(f64::to_bits), name(object).0.to_owned())
    };
    let mut found: BTreeMap<_, Vec<bool>> = BTreeMap::new();
    for object in first {
        found.entry(place(object)).or_default().push(name(object).1);
    }
    let named = this.iter().filter(|object| class == ALL || name(object).0 == class);
    let pair = |object: &JudgedObject| {
        let by_first = found.get_mut(&place(object))?.pop()?;
        Some((by_first, name(object).1))
    };
    named.filter_map(pair).collect()
}

impl BoxCell {
    fn of(figures: &Figures, against_first: Option<PairedRecall>) -> Self {
        let Operating {
            recall,
            recall_95,
            false_alarms_per_hectare,
            false_alarms_per_hectare_95,
            ..
        } = figures.centre;
        Self {
            objects: figures.objects,
            ap50: figures.ap50,
            recall,
            recall_95,
            false_alarms_per_hectare,
            false_alarms_per_hectare_95,
            against_first,
        }
    }
}

impl EarthworksCell {
    fn of(figures: &EarthworksFigures) -> Self {
        let (length, objects) = (figures.length, figures.objects);
        Self {
            true_m: length.map(|it| it.true_m),
            length_recall: length.and_then(|it| it.recall),
            objects: objects.map(|it| it.objects),
            object_recall: objects.and_then(|it| it.recall),
            object_recall_95: objects.and_then(|it| it.recall_95),
            false_alarms_per_km2: figures.false_alarms_per_km2,
            false_alarms_per_km2_95: figures.false_alarms_per_km2_95,
        }
    }
}
