//! A value of a table.

/// A value; a number is kept as the decimals that people are to read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    Number(String),
}

impl Cell {
    pub(crate) fn text(value: impl Into<String>) -> Self {
        let value = value.into();
        if value.is_empty() { Cell::Empty } else { Cell::Text(value) }
    }

    /// Degrees to the seventh decimal, 11 mm.
    pub(crate) fn degrees(value: f64) -> Self {
        Cell::Number(format!("{value:.7}"))
    }

    pub(crate) fn as_text(&self) -> &str {
        match self {
            Cell::Empty => "",
            Cell::Text(text) | Cell::Number(text) => text,
        }
    }
}
