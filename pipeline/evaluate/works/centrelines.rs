//! What centrelines were taken for, and whether their confidence is right.

use super::measured::Measured;
use crate::{Classes, Confusion, Reliability};

/// What true centrelines were taken for, and predicted ones where nothing is; metres.
pub(crate) fn confusion_m(flights: &[Measured], classes: &Classes) -> Confusion {
    let names = classes.names();
    let last = names.len();
    let mut metres = vec![vec![0.0; last + 1]; last + 1];
    for flight in flights {
        for stretch in &flight.true_stretches {
            metres[stretch.class][stretch.taken_for.unwrap_or(last)] += stretch.length_m;
        }
        for stretch in flight.found_stretches.iter().filter(|stretch| stretch.alone) {
            metres[last][stretch.class] += stretch.length_m;
        }
    }
    let whole =
        |row: Vec<f64>| row.into_iter().map(|metres: f64| metres.round() as usize).collect();
    Confusion::new(names, metres.into_iter().map(whole).collect())
}

/// Confidence of parts against the share of their metres that was right.
pub(crate) fn reliability_m(flights: &[Measured]) -> Option<Reliability> {
    let stretches = flights.iter().flat_map(|flight| &flight.found_stretches);
    Reliability::weighed(
        stretches.map(|stretch| (stretch.part_confidence, stretch.right, stretch.length_m)),
    )
}
