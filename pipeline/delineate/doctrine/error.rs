//! What can be wrong with a profile.

/// Why a profile cannot be used, always for its author to mend.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DoctrineError {
    /// Not TOML, or not the fields of a profile.
    #[error("cannot read doctrine {origin}: {detail}")]
    Syntax {
        /// Where the text came from.
        origin: String,
        /// The parser's message with line and column.
        detail: String,
    },
    /// A category or a kind of evidence without a rule.
    #[error("cannot use doctrine {origin}: no rule for {what}, add a section [{section}]")]
    Missing {
        /// Where the text came from.
        origin: String,
        /// What has no rule.
        what: String,
        /// The section to add.
        section: String,
    },
    /// A value out of its range.
    #[error("cannot use doctrine {origin}: {field} is {value}, give {remedy}")]
    Value {
        /// Where the text came from.
        origin: String,
        /// Path of the field.
        field: String,
        /// The value found.
        value: String,
        /// What it should be.
        remedy: &'static str,
    },
}
