//! The sections of a report: their order, and so their numbers.

use maud::{Markup, html};
use std::fmt;

/// A section. Its number is its place in [`Section::ALL`], in its heading as in sentences that
/// speak of it: `(section)` in a template reads "section 4".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    NotAssessed,
    Areas,
    Details,
    OtherEvidence,
    Methods,
    Limits,
    Models,
}

impl Section {
    /// In the order of the report.
    pub(crate) const ALL: [Self; 8] = [
        Self::Overview,
        Self::NotAssessed,
        Self::Areas,
        Self::Details,
        Self::OtherEvidence,
        Self::Methods,
        Self::Limits,
        Self::Models,
    ];

    /// From 1. A section that a report leaves out keeps its number, so that the same section has
    /// the same number in every report.
    pub(crate) fn number(self) -> usize {
        1 + Self::ALL.iter().take_while(|section| **section != self).count()
    }

    /// The heading with its number.
    pub(crate) fn heading(self, title: &str) -> Markup {
        html! { h2 { (self.number()) span { (title) } } }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "section {}", self.number())
    }
}
