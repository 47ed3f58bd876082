//! A row of evidence in our words, and what became of it.

use crate::place::Mended;
use rams_domain::{
    EoCategory, ExternalEvidence, ExternalEvidenceId, ExternalEvidenceKind, Reliability,
};

/// What became of a row.
pub(crate) enum Outcome {
    /// Evidence, and whether its outline had to be mended.
    Evidence { row: Box<EvidenceRow>, mended: Option<Mended> },
    /// Too far away, by so many kilometres.
    Beyond { km: f64 },
    /// Left out by the mapping.
    Skipped,
}

/// A piece of evidence that is not numbered yet.
pub(crate) struct EvidenceRow {
    pub(crate) kind: ExternalEvidenceKind,
    pub(crate) geometry: geo::Geometry,
    pub(crate) eo_category: EoCategory,
    pub(crate) reliability: Reliability,
    pub(crate) name: String,
    pub(crate) date: String,
    pub(crate) bearing_deg: Option<f64>,
}

impl EvidenceRow {
    /// The piece, with its number and the name of its file.
    pub(crate) fn numbered(self, id: ExternalEvidenceId, file: &str) -> ExternalEvidence {
        let Self { kind, geometry, eo_category, reliability, name, date, bearing_deg } = self;
        ExternalEvidence {
            id,
            kind,
            geometry,
            eo_category,
            reliability,
            name,
            date,
            bearing_deg,
            file: file.to_owned(),
        }
    }
}
