//! Earthworks of a field.

use super::chance::span;
use super::frame::Frame;
use super::spec::FieldSpec;
use crate::random::Dice;
use crate::terrain::Walk;
use geo::{Coord, Intersects, LineString, Rect};
use rams_domain::Indicator;

/// The earthworks of a defended line, metres.
pub(super) fn dig(
    seed: u64,
    spec: &FieldSpec,
    frame: Frame,
    extent: Rect,
) -> Vec<(Indicator, LineString)> {
    let front = &spec.front;
    let mut dice = Dice::new(seed, "field works", 0);
    let mut earthworks = vec![];
    if dice.happens(front.trench) {
        let length_m = span(front.trench_m, &mut dice);
        earthworks.push((
            Indicator::TrenchFire,
            Walk::FIRE_TRENCH.through(frame.origin, frame.along, length_m, &mut dice),
        ));
        if dice.happens(front.communication) {
            let from = frame.place(dice.between(-0.3, 0.3) * length_m, 0.0);
            let length_m = span(front.communication_m, &mut dice);
            let rear = frame.forward * -1.0;
            earthworks.push((
                Indicator::TrenchComm,
                Walk::COMMUNICATION_TRENCH.line(from, rear, length_m, &mut dice),
            ));
        }
    }
    if dice.happens(front.ditch) {
        let middle = frame.place(dice.between(-60.0, 60.0), span(front.ditch_ahead_m, &mut dice));
        let length_m = span(front.ditch_m, &mut dice);
        earthworks.push((
            Indicator::AtDitch,
            Walk::AT_DITCH.through(middle, frame.along, length_m, &mut dice),
        ));
    }
    earthworks.into_iter().flat_map(|(indicator, line)| inside(indicator, &line, extent)).collect()
}

/// The stretches of a line within the field.
fn inside(indicator: Indicator, line: &[Coord], extent: Rect) -> Vec<(Indicator, LineString)> {
    let within = line.split(|at| !extent.intersects(at));
    within
        .filter(|stretch| stretch.len() > 1)
        .map(|stretch| (indicator, stretch.to_vec().into()))
        .collect()
}
