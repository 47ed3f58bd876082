//! The figures of all earthworks at one depth of the class tree: over all, and by flight.

use super::{
    EarthworksFigures, EarthworksFlight, figures::Group, measured::Measured, rules::Rules,
};
use crate::boxes::judge::Depth;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Figures at one depth of the class tree.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarthworksLevel {
    /// Over all flights.
    pub all: EarthworksTable,
    /// By flight, without sweeps.
    pub flights: BTreeMap<String, EarthworksTable>,
}

/// Figures by class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarthworksTable {
    /// Ground, square kilometres; `None` where it is not known.
    pub km2: Option<f64>,
    /// All classes together: sums over families.
    pub pooled: EarthworksFigures,
    /// Each class that has truth or predictions.
    pub classes: BTreeMap<String, EarthworksFigures>,
}

impl EarthworksLevel {
    /// `counted` holds what is measured at the thresholds, `all` the same with all predictions.
    pub(crate) fn of(
        flights: &[EarthworksFlight],
        counted: &[Measured],
        all: &[Measured],
        rules: &Rules<'_>,
        depth: Depth,
    ) -> Self {
        let table = |of: &[usize], sweep: bool| {
            let counted: Vec<&Measured> = of.iter().map(|at| &counted[*at]).collect();
            let all: Vec<&Measured> = of.iter().map(|at| &all[*at]).collect();
            // Known only if it is for each flight: a rate over part of the ground is not a rate.
            let m2: Option<f64> = of.iter().map(|at| flights[*at].ground.counted_m2).sum();
            let km2 = m2.map(|m2| m2 / 1e6).filter(|km2| *km2 > 0.0);
            let figures = |class| {
                let group = Group { rules, depth, class, km2 };
                let sweep = if sweep { group.sweep(&all) } else { vec![] };
                EarthworksFigures { sweep, ..EarthworksFigures::of(group, &counted) }
            };
            let named = |class: usize| (rules.classes.names()[class].clone(), figures(Some(class)));
            let present = present(of.iter().map(|at| &flights[*at]), rules, depth);
            EarthworksTable {
                km2,
                pooled: figures(None),
                classes: present.into_iter().map(named).collect(),
            }
        };
        let every: Vec<usize> = (0..flights.len()).collect();
        let of_flight =
            |(at, flight): (usize, &EarthworksFlight)| (flight.name.clone(), table(&[at], false));
        Self {
            all: table(&every, true),
            flights: flights.iter().enumerate().map(of_flight).collect(),
        }
    }
}

/// Classes at this depth that have truth or predictions.
fn present<'a>(
    flights: impl Iterator<Item = &'a EarthworksFlight>,
    rules: &Rules<'_>,
    depth: Depth,
) -> BTreeSet<usize> {
    let classes = flights.flat_map(|flight| {
        let truths = flight.truths.iter().filter(|truth| !truth.ignored).map(|truth| truth.class);
        let lines = flight.lines.iter().flatten().map(|line| line.class);
        truths.chain(lines).chain(flight.found.iter().flat_map(super::FoundEarthwork::classes))
    });
    classes.map(|class| depth.name(rules.classes, class)).collect()
}
