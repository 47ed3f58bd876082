//! What became of each true object.

use crate::{
    Classes, Flight, Prediction, Rule,
    boxes::judge::{Depth, Verdict, judge},
};
use rams_domain::PxBox;
use serde::Serialize;

/// A true object that counts, judged at the thresholds, by the point on the map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JudgedObject {
    /// Name of the orthomosaic.
    pub flight: String,
    /// Name of its class.
    pub class: String,
    /// Name of its family.
    pub family: String,
    /// Where, mosaic pixels.
    pub px: PxBox,
    /// Whether a prediction of its class found it.
    pub found: bool,
    /// Whether one of its family did.
    pub found_in_family: bool,
}

/// The objects by flight, in the order of the truth.
pub(crate) fn objects(flights: &[Flight], classes: &Classes) -> Vec<JudgedObject> {
    let mut objects = vec![];
    for flight in flights {
        let [found, found_in_family] =
            [Depth::Class, Depth::Family].map(|depth| found(flight, classes, depth));
        let name = |class: usize| classes.names()[class].clone();
        let counted = flight.truths.iter().enumerate().filter(|(_, truth)| !truth.ignored);
        objects.extend(counted.map(|(at, truth)| JudgedObject {
            flight: flight.name.clone(),
            class: name(truth.class),
            family: name(classes.family(truth.class)),
            px: truth.px,
            found: found[at],
            found_in_family: found_in_family[at],
        }));
    }
    objects
}

/// Of each truth, whether it was found.
fn found(flight: &Flight, classes: &Classes, depth: Depth) -> Vec<bool> {
    let counts = |found: &&Prediction| found.score >= classes.threshold(found.class);
    let counted: Vec<&Prediction> = flight.predictions.iter().filter(counts).collect();
    let mut found = vec![false; flight.truths.len()];
    for verdict in
        judge(&flight.truths, &counted, Rule::Centre, (classes, depth), |found| found.score)
    {
        if let Verdict::Hit(truth) = verdict {
            found[truth] = true;
        }
    }
    found
}
