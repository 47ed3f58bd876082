//! What holds for all flights of an evaluation.

use crate::Classes;
use std::collections::BTreeSet;

/// The classes, which of them are lines, and how near is near.
pub(crate) struct Rules<'a> {
    pub(crate) classes: &'a Classes,
    /// Families that are lines.
    pub(crate) lines: &'a BTreeSet<usize>,
    /// How far apart two centrelines may lie and still be one, metres.
    pub(crate) tolerance_m: f64,
}

impl Rules<'_> {
    /// Whether the family of a class is a line.
    pub(crate) fn is_line(&self, class: usize) -> bool {
        self.lines.contains(&self.classes.family(class))
    }
}
