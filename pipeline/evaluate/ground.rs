//! The ground on which a flight's false alarms are counted.

use crate::Truth;
use geo::{Area, Polygon, unary_union};
use rams_domain::PxBox;
use serde::Serialize;

/// Share of the truth's ground from which on a survey counts as having assessed it: a rim of a
/// pixel is no gap.
const WHOLE: f64 = 0.99;

/// The ground of one flight.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EvaluatedGround {
    /// Ground that the truth is about, square metres; `None` where it does not say.
    pub truth_m2: Option<f64>,
    /// Ground that the survey assessed, square metres; `None` for predictions of no survey.
    pub assessed_m2: Option<f64>,
    /// Ground of ignored objects, square pixels; where they overlap it counts once.
    pub ignored_px2: f64,
    /// The same in square metres; `None` where the size of a pixel is not known.
    pub ignored_m2: Option<f64>,
    /// What rates are over: the lesser of truth and assessed, less what is ignored (where that is
    /// known in metres); `None` where neither is known.
    pub counted_m2: Option<f64>,
    /// Whether the survey assessed less than 99 % of the truth's ground: what it missed on the rest
    /// counts as missed, and no false alarm could be raised there.
    pub incomplete: bool,
}

impl EvaluatedGround {
    /// The ground of a truth, of the survey of it, with pixels of `px_m2` square metres.
    ///
    /// ```
    /// use rams_domain::PxBox;
    /// use rams_evaluate::{EvaluatedGround, Truth};
    ///
    /// // 10,000 m² of truth, 9,000 of them assessed; an ignored object of 100 x 100 px of 1 cm.
    /// let px = PxBox { x0: 0.0, y0: 0.0, x1: 100.0, y1: 100.0 };
    /// let ignored = Truth { class: 0, px, ignored: true };
    /// let ground = EvaluatedGround::of(Some(10_000.0), Some(9_000.0), Some(1e-4), &[ignored]);
    /// assert_eq!((ground.ignored_m2, ground.counted_m2), (Some(1.0), Some(8_999.0)));
    /// assert!(ground.incomplete);
    /// ```
    pub fn of(
        truth_m2: Option<f64>,
        assessed_m2: Option<f64>,
        px_m2: Option<f64>,
        truths: &[Truth],
    ) -> Self {
        let ignored: Vec<PxBox> =
            truths.iter().filter(|truth| truth.ignored).map(|truth| truth.px).collect();
        let ignored_px2 = union_area(&ignored);
        let ignored_m2 = px_m2.map(|px_m2| ignored_px2 * px_m2);
        let least = truth_m2.into_iter().chain(assessed_m2).reduce(f64::min);
        Self {
            truth_m2,
            assessed_m2,
            ignored_px2,
            ignored_m2,
            counted_m2: least.map(|m2| (m2 - ignored_m2.unwrap_or(0.0)).max(0.0)),
            incomplete: truth_m2
                .zip(assessed_m2)
                .is_some_and(|(truth, assessed)| assessed < WHOLE * truth),
        }
    }
}

/// Area of boxes, square pixels; where they overlap it counts once.
fn union_area(boxes: &[PxBox]) -> f64 {
    let polygons: Vec<Polygon> = boxes.iter().map(|px| px.rect().to_polygon()).collect();
    unary_union(&polygons).unsigned_area()
}
