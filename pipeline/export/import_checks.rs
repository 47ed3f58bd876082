//! What an import would refuse or question.

use std::fmt;

/// Something that an import would refuse, or question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The area or the piece of evidence.
    pub id: String,
    /// What is wrong, as a phrase that follows the id.
    pub what: String,
    /// Whether an import takes it all the same and asks a person to look.
    pub is_advisory: bool,
}

/// The import checks of one export.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportChecks {
    /// Areas, or parts of areas where the format splits them.
    pub areas: usize,
    /// Points of their perimeters.
    pub points: usize,
    /// Pieces of evidence.
    pub evidence: usize,
    /// What was found, areas first.
    pub findings: Vec<Finding>,
}

impl ImportChecks {
    /// Whether an import would refuse a part of the export.
    pub fn refuse(&self) -> bool {
        self.findings.iter().any(|finding| !finding.is_advisory)
    }
}

/// One line, and one more for each finding.
impl fmt::Display for ImportChecks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { areas, points, evidence, findings } = self;
        let counted = |count: usize, what: &str| {
            format!("{count} {what}{}", if count == 1 { "" } else { "s" })
        };
        let (areas, points, evidence) = (
            counted(*areas, "area"),
            counted(*points, "point"),
            counted(*evidence, "evidence point"),
        );
        write!(f, "import checks: {areas} with {points}, {evidence}: ")?;
        match findings.len() {
            0 => f.write_str("no findings"),
            many => f.write_str(&counted(many, "finding")),
        }?;
        for Finding { id, what, is_advisory } in findings {
            write!(f, "\n  {id} {what}{}", if *is_advisory { " (advisory)" } else { "" })?;
        }
        Ok(())
    }
}
