//! The list of boxes that a model gives for one tile -> [`RawDetection`]s.

use crate::oriented_box::OrientedBox;
use crate::raw_detection::RawDetection;
use ndarray::{ArrayView2, ArrayViewD, Ix2};
use rams_domain::Class;
use rams_model::{Layout, Output};

/// The list with a row for each box, whichever way round it was exported. `prototypes` is the
/// number of prototypes of masks.
pub(crate) fn rows<'a>(
    output: &Output,
    list: &'a ArrayViewD<'_, f32>,
    prototypes: usize,
) -> Result<ArrayView2<'a, f32>, String> {
    let (layout, classes) = (output.layout, output.classes.len());
    let values = layout.values(classes, prototypes);
    let unexpected = || {
        let shape = list.shape();
        format!(
            "output of shape {shape:?} is not what {layout:?} means: {values} values a box, \
             {classes} class(es)"
        )
    };
    // In the order in which they lie: a list of columns is read many times faster so than box by
    // box.
    if let Some(value) = list.iter().find(|value| !value.is_finite()) {
        return Err(format!("a box that is not finite: {value}"));
    }
    let list = list.view().into_dimensionality::<Ix2>().map_err(|_| unexpected())?;
    let rows = match (list.ncols() == values, list.nrows() == values) {
        (true, true) if layout.is_rows() => list,
        (true, false) => list,
        (_, true) => list.reversed_axes(),
        (false, false) => return Err(unexpected()),
    };
    Ok(rows)
}

/// The boxes of a list whose scores reach the sensitive thresholds of their classes, in the order
/// of the list.
pub(crate) fn listed(
    output: &Output,
    rows: ArrayView2<'_, f32>,
    classes: &[Class],
) -> Result<Vec<RawDetection>, String> {
    let mut found = if output.layout.is_picked() {
        picked(output, rows, classes)?
    } else {
        scored(output, rows, classes)
    };
    if let Some(RawDetection { score, .. }) =
        found.iter().find(|found| found.score > 1.0 + SCORE_LENIENCY)
    {
        return Err(format!(
            "a score of {score}: scores run from 0 to 1; export the model with its last activation"
        ));
    }
    found.sort_by_key(|found| (found.rank, found.class));
    Ok(found)
}

/// Half precision rounds a score of one up.
const SCORE_LENIENCY: f32 = 1e-3;

/// Rows of box, score, class index and, in one layout, angle.
fn picked(
    output: &Output,
    rows: ArrayView2<'_, f32>,
    classes: &[Class],
) -> Result<Vec<RawDetection>, String> {
    let mut found = vec![];
    for (rank, row) in rows.outer_iter().enumerate() {
        let (score, index) = (row[4], row[5]);
        let class = (index >= 0.0 && index.fract() == 0.0)
            .then(|| output.classes.get(index as usize))
            .flatten();
        let Some(class) = class else {
            return Err(format!("class index {index}, there are {} classes", output.classes.len()));
        };
        let Some(class) = class.filter(|class| score >= classes[*class].threshold.sensitive) else {
            continue;
        };
        let [a, b, c, d] = [0, 1, 2, 3].map(|at| f64::from(row[at]));
        let bounds = match output.layout {
            Layout::BoxesObb => {
                OrientedBox { centre: (a, b), size: (c, d), angle: f64::from(row[6]) }
            }
            _ => OrientedBox {
                centre: ((a + c) / 2.0, (b + d) / 2.0),
                size: (c - a, d - b),
                angle: 0.0,
            },
        };
        found.push(RawDetection { rank, class, score, bounds });
    }
    Ok(found)
}

/// Rows of box and a score for each class. Which of two classes it is, is not for the decoder to
/// say.
fn scored(output: &Output, rows: ArrayView2<'_, f32>, classes: &[Class]) -> Vec<RawDetection> {
    let mut found = vec![];
    let first = if output.layout == Layout::YoloV5 { 5 } else { 4 };
    for (index, class) in
        output.classes.iter().enumerate().filter_map(|(index, class)| Some((index, (*class)?)))
    {
        let threshold = classes[class].threshold.sensitive;
        for (rank, score) in rows.column(first + index).iter().enumerate() {
            let score =
                if output.layout == Layout::YoloV5 { score * rows[(rank, 4)] } else { *score };
            if score >= threshold {
                let [x, y, width, height] = [0, 1, 2, 3].map(|at| f64::from(rows[(rank, at)]));
                let angle = if output.layout == Layout::YoloObb {
                    rows[(rank, rows.ncols() - 1)]
                } else {
                    0.0
                };
                let bounds =
                    OrientedBox { centre: (x, y), size: (width, height), angle: angle.into() };
                found.push(RawDetection { rank, class, score, bounds });
            }
        }
    }
    found
}
