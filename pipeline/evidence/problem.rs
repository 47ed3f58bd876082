//! What is wrong with rows of evidence, gathered over a layer, that one look mends them all.

use crate::error::{EVIDENCE, EvidenceError};
use crate::words::Attribute;
use rams_overlay::GeometryError;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// So many words or rows are named in a message, then the rest is counted.
const NAMED: usize = 8;

/// Why a row cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Problem {
    /// A word that neither we nor the mapping know.
    Word(Attribute, String),
    /// Anything else.
    Row { cause: String, remedy: &'static str },
}

impl From<GeometryError> for Problem {
    fn from(error: GeometryError) -> Self {
        Problem::Row { cause: error.cause, remedy: error.remedy }
    }
}

/// The problems of a layer, and in which rows they are.
#[derive(Debug, Default)]
pub(crate) struct Problems(BTreeMap<Problem, Vec<usize>>);

impl Problems {
    pub(crate) fn add(&mut self, problem: Problem, row: usize) {
        self.0.entry(problem).or_default().push(row);
    }

    /// The first of them as an error: words before rows, for there may be many rows to a word.
    pub(crate) fn check(&self, path: &Path, layer: &str) -> Result<(), EvidenceError> {
        let Some((first, rows)) = self.0.first_key_value() else { return Ok(()) };
        let (place, cause, remedy) = match first {
            Problem::Row { cause, remedy } => (rows_of(rows), cause.clone(), (*remedy).to_owned()),
            Problem::Word(attribute, _) => self.words(*attribute, layer),
        };
        // Not only the first: a person wants to know how much there is to mend.
        let named: usize = match first {
            Problem::Row { .. } => 1,
            Problem::Word(of, _) => self
                .0
                .keys()
                .filter(|problem| matches!(problem, Problem::Word(a, _) if a == of))
                .count(),
        };
        let others: usize = self.0.values().skip(named).map(Vec::len).sum();
        let cause = if others > 0 {
            let s = if others == 1 { "" } else { "s" };
            format!("{cause} ({others} other problem{s} in the layer)")
        } else {
            cause
        };
        Err(EvidenceError::Unusable {
            role: EVIDENCE,
            path: path.into(),
            place: format!(", layer {layer}{place}"),
            cause,
            remedy,
        })
    }

    fn words(&self, attribute: Attribute, layer: &str) -> (String, String, String) {
        let of_attribute = |problem: &Problem| match problem {
            Problem::Word(of, word) if *of == attribute => Some(format!("{word:?}")),
            _ => None,
        };
        let words: Vec<_> = self.0.keys().filter_map(of_attribute).collect();
        let rows = self.0.iter().filter(|(problem, _)| of_attribute(problem).is_some());
        let rows: BTreeSet<usize> = rows.flat_map(|(_, rows)| rows.iter().copied()).collect();
        let (name, expected) = (attribute.name(), attribute.expected());
        let cause = format!("{name} is {}, which is not {expected}", listed(&words));
        let first = words.first().map(String::as_str).unwrap_or_default();
        let remedy = match attribute {
            // A number has one meaning.
            Attribute::BearingDeg => "correct the field".into(),
            _ => format!(
                "say in the mapping, under [layer.{layer:?}.words.{name}], {first} = \"...\""
            ),
        };
        (rows_of(&Vec::from_iter(rows)), cause, remedy)
    }
}

fn rows_of(rows: &[usize]) -> String {
    let named: Vec<_> = rows.iter().map(ToString::to_string).collect();
    format!(", row{} {}", if rows.len() > 1 { "s" } else { "" }, listed(&named))
}

/// `a, b, c and 5 more`.
pub(crate) fn listed(names: &[String]) -> String {
    match names.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!("{} and {more} more", names[..NAMED].join(", ")),
        _ => names.join(", "),
    }
}
