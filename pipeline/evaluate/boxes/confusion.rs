//! What objects were taken for.

use crate::{
    Classes, Flight, Prediction, Rule,
    boxes::judge::{Depth, Verdict, judge},
};
use serde::Serialize;

/// Column of objects that no prediction found.
const MISSED: &str = "missed";
/// Row of predictions where no object is.
const NOTHING: &str = "nothing";

/// Counts at the operating point, by the point on the map, best score first whatever the class.
/// A prediction of a coarse class has its own column: found, named coarsely.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Confusion {
    /// True classes, then `nothing`.
    pub rows: Vec<String>,
    /// Predicted classes, then `missed`.
    pub columns: Vec<String>,
    /// By row, then column. Nothing is never missed: the last cell is 0.
    pub counts: Vec<Vec<usize>>,
}

impl Confusion {
    pub(crate) fn of(flights: &[Flight], classes: &Classes) -> Self {
        let names = classes.names();
        let mut counts = vec![vec![0; names.len() + 1]; names.len() + 1];
        for flight in flights {
            let counted: Vec<&Prediction> = flight
                .predictions
                .iter()
                .filter(|found| found.score >= classes.threshold(found.class))
                .collect();
            let mut missed: Vec<bool> = flight.truths.iter().map(|truth| !truth.ignored).collect();
            let verdicts =
                judge(&flight.truths, &counted, Rule::Centre, (classes, Depth::Object), |found| {
                    found.score
                });
            for (found, verdict) in counted.iter().zip(verdicts) {
                match verdict {
                    Verdict::Hit(truth) => {
                        missed[truth] = false;
                        counts[flight.truths[truth].class][found.class] += 1;
                    }
                    Verdict::FalseAlarm => counts[names.len()][found.class] += 1,
                    Verdict::Duplicate | Verdict::Neither => {}
                }
            }
            for (truth, _) in flight.truths.iter().zip(missed).filter(|(_, missed)| *missed) {
                counts[truth.class][names.len()] += 1;
            }
        }
        Self::new(names, counts)
    }

    /// Counts by the index of the true class, then of the predicted one; last those of nothing, and
    /// what was missed.
    pub(crate) fn new(names: &[String], counts: Vec<Vec<usize>>) -> Self {
        Self { rows: with(names, NOTHING), columns: with(names, MISSED), counts }.without_empty()
    }

    /// Leaves out classes that are neither there nor predicted.
    fn without_empty(self) -> Self {
        let last = self.rows.len() - 1;
        let rows: Vec<usize> = (0..=last)
            .filter(|row| *row == last || self.counts[*row].iter().any(|count| *count > 0))
            .collect();
        let columns: Vec<usize> = (0..=last)
            .filter(|col| *col == last || self.counts.iter().any(|row| row[*col] > 0))
            .collect();
        Self {
            rows: rows.iter().map(|row| self.rows[*row].clone()).collect(),
            columns: columns.iter().map(|col| self.columns[*col].clone()).collect(),
            counts: rows
                .iter()
                .map(|row| columns.iter().map(|col| self.counts[*row][*col]).collect())
                .collect(),
        }
    }
}

fn with(names: &[String], last: &str) -> Vec<String> {
    names.iter().cloned().chain([last.to_owned()]).collect()
}
