//! Right, wrong or neither: each prediction of a flight against its truth.

use crate::boxes::near::Near;
use crate::{Classes, Prediction, Truth};
use rams_domain::PxBox;

/// Least overlap of a hit, whatever the rule: a mine in a trench is not the trench.
const LIKE: f64 = 0.1;

/// When a prediction hits an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Intersection over union of the boxes is 0.5 or more, as in published figures. A second
    /// prediction of the same object is a false alarm.
    Iou50,
    /// The prediction's centre lies in the object's box and the two are of like size (IoU of 0.1 or
    /// more): the point on the map is on the mine. Where it lies in several boxes, the one it
    /// overlaps most is meant. A second prediction of the same object is a duplicate and sends no
    /// one to an empty place.
    Centre,
}

/// What became of a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Found this truth.
    Hit(usize),
    /// Found one that a better prediction had found.
    Duplicate,
    /// On an ignored truth, or on an object of its family where one of the two names is the coarse
    /// one.
    Neither,
    FalseAlarm,
}

/// How finely a class is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Class,
    Family,
    /// Whatever it is called.
    Object,
}

/// Judges predictions, best first by `rank`; verdicts come in the order of the predictions.
pub(crate) fn judge(
    truths: &[Truth],
    predictions: &[&Prediction],
    rule: Rule,
    (classes, depth): (&Classes, Depth),
    rank: impl Fn(&Prediction) -> f64,
) -> Vec<Verdict> {
    let mut order: Vec<usize> = (0..predictions.len()).collect();
    order.sort_by(|a, b| rank(predictions[*b]).total_cmp(&rank(predictions[*a])));
    let near = Near::new(truths.iter().map(|truth| &truth.px));
    let mut taken = vec![false; truths.len()];
    let mut verdicts = vec![Verdict::FalseAlarm; predictions.len()];
    for at in order {
        let prediction = predictions[at];
        let near = near.to(&prediction.px);
        let named = depth.name(classes, prediction.class);
        let hits = |truth: &Truth| {
            !truth.ignored
                && depth.name(classes, truth.class) == named
                && rule.hits(prediction, truth)
        };
        // A neighbour is no second choice in the field: whoever goes there finds what was found
        // before.
        let found = near
            .iter()
            .copied()
            .filter(|at| hits(&truths[*at]) && (rule == Rule::Centre || !taken[*at]));
        let iou_of = |at: usize| iou(&prediction.px, &truths[at].px);
        let best =
            found.max_by(|a, b| iou_of(*a).total_cmp(&iou_of(*b)).then(taken[*b].cmp(&taken[*a])));
        verdicts[at] = match best {
            Some(truth) if taken[truth] => Verdict::Duplicate,
            Some(truth) => {
                taken[truth] = true;
                Verdict::Hit(truth)
            }
            None if near.iter().any(|at| excused(prediction, &truths[*at], classes, depth)) => {
                Verdict::Neither
            }
            None => Verdict::FalseAlarm,
        };
    }
    verdicts
}

impl Depth {
    /// The class that stands for another at this depth.
    pub(crate) fn name(self, classes: &Classes, class: usize) -> usize {
        match self {
            Depth::Class => class,
            Depth::Family => classes.family(class),
            Depth::Object => 0,
        }
    }
}

impl Rule {
    fn hits(self, prediction: &Prediction, truth: &Truth) -> bool {
        match self {
            Rule::Iou50 => iou(&prediction.px, &truth.px) >= 0.5,
            Rule::Centre => {
                holds_centre(&truth.px, &prediction.px) && iou(&prediction.px, &truth.px) >= LIKE
            }
        }
    }
}

fn excused(prediction: &Prediction, truth: &Truth, classes: &Classes, depth: Depth) -> bool {
    if truth.ignored {
        return holds_centre(&truth.px, &prediction.px)
            || prediction.px.overlap(&truth.px) >= 0.5 * prediction.px.area();
    }
    let family = classes.family(truth.class);
    let one_is_coarse =
        prediction.class != truth.class && [prediction.class, truth.class].contains(&family);
    let alike = one_is_coarse && classes.family(prediction.class) == family;
    depth == Depth::Class && alike && Rule::Centre.hits(prediction, truth)
}

fn holds_centre(outer: &PxBox, inner: &PxBox) -> bool {
    let centre = inner.centre();
    (outer.x0..=outer.x1).contains(&centre.x) && (outer.y0..=outer.y1).contains(&centre.y)
}

fn iou(a: &PxBox, b: &PxBox) -> f64 {
    let shared = a.overlap(b);
    shared / (a.area() + b.area() - shared)
}
