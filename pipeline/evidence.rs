//! What others know of the ground: read before the first tile, told on one line a file.

use crate::{args::SurveyConfig, record::Record};
use rams_domain::{Ground, Known};
use rams_store::{EvidenceFile, Mapping};
use std::path::{Path, PathBuf};

/// Evidence that goes into a survey, and what there is to say of its files.
pub(crate) struct Others {
    pub(crate) known: Vec<Known>,
    files: Vec<EvidenceFile>,
    mapping: Option<PathBuf>,
}

/// Reads all evidence of a survey and tells what became of it.
pub(crate) fn read(config: &SurveyConfig, ground: &Ground) -> anyhow::Result<Others> {
    let mapping = config.mapping.as_deref().map(Mapping::read).transpose()?.unwrap_or_default();
    let rams_store::Evidence { known, files } = rams_store::read_known(&config.evidence, &mapping, ground)?;
    files.iter().for_each(|file| eprintln!("evidence {}: {file}", file.path.display()));
    Ok(Others { known, files, mapping: config.mapping.clone() })
}

impl Others {
    /// Notes the files, their digests and what became of their rows.
    pub(crate) fn note(&self, record: &mut Record) {
        for file in &self.files {
            record.evidence(&file.path, &file.to_string());
            // The words of a shapefile lie beside it.
            let words = file.path.with_extension("dbf");
            let is_shapefile = file.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("shp"));
            digest(&file.path, record);
            if is_shapefile && words.is_file() {
                digest(&words, record);
            }
        }
        if let Some(mapping) = &self.mapping {
            record.evidence(mapping, "mapping");
            digest(mapping, record);
        }
    }
}

fn digest(path: &Path, record: &mut Record) {
    record.evidence_digest(path, rams_tile::digest(path, || false));
}
