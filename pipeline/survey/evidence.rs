//! External evidence: read before the first tile, told on one line a file.

use crate::{SurveyError, digest::file_digest};
use rams_domain::{EvidenceFileRecord, ExternalEvidence, Ground};
use rams_evidence::{EvidenceFile, Mapping};
use std::path::{Path, PathBuf};

/// Evidence that goes into a survey, and what there is to say of its files.
pub(crate) struct EvidenceInput {
    pub(crate) external_evidence: Vec<ExternalEvidence>,
    files: Vec<EvidenceFile>,
    mapping: Option<PathBuf>,
}

/// Reads files of external evidence onto the ground of a survey.
pub(crate) fn read(
    files: &[PathBuf],
    mapping: Option<&Path>,
    ground: &Ground,
) -> Result<EvidenceInput, SurveyError> {
    let words = mapping.map(Mapping::read).transpose()?.unwrap_or_default();
    let rams_evidence::Evidence { known, files } =
        rams_evidence::read_evidence(files, &words, ground)?;
    Ok(EvidenceInput { external_evidence: known, files, mapping: mapping.map(Path::to_owned) })
}

impl EvidenceInput {
    /// What became of each file, for a person.
    pub(crate) fn told(&self) -> impl Iterator<Item = String> {
        self.files.iter().map(|file| format!("evidence {}: {file}", file.path.display()))
    }

    /// The files, their digests and what became of their rows.
    pub(crate) fn records(&self) -> Vec<EvidenceFileRecord> {
        let mut records = vec![];
        for file in &self.files {
            let path = file.path.clone();
            records.push(EvidenceFileRecord {
                digest: file_digest(&path),
                path,
                outcome: Some(file.to_string()),
                kept_out: file.beyond,
                is_limit: false,
            });
            // The words of a shapefile lie beside it.
            let words = file.path.with_extension("dbf");
            let is_shapefile = file
                .path
                .extension()
                .is_some_and(|extension| extension.eq_ignore_ascii_case("shp"));
            if is_shapefile && words.is_file() {
                records.push(EvidenceFileRecord {
                    digest: file_digest(&words),
                    path: words,
                    outcome: None,
                    kept_out: 0,
                    is_limit: false,
                });
            }
        }
        if let Some(path) = self.mapping.clone() {
            records.push(EvidenceFileRecord {
                digest: file_digest(&path),
                path,
                outcome: Some(EvidenceFileRecord::MAPPING.into()),
                kept_out: 0,
                is_limit: false,
            });
        }
        records
    }
}
