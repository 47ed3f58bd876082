//! File of a survey's limit -> polygons in the survey's CRS.

use crate::EvidenceError;
use crate::evidence_row::Outcome;
use crate::layer::Reader;
use crate::mapping::Mapping;
use crate::place::Mended;
use crate::read::{NOT_EVIDENCE, open, unreadable};
use crate::words::Attribute;
use gdal::vector::LayerAccess;
use rams_domain::{ExternalEvidence, ExternalEvidenceId, ExternalEvidenceKind, Ground};
use std::path::Path;

const LIMIT: &str = "limit";

const REMEDY: &str =
    "give a file that says its CRS, with the polygons that are to be surveyed and nothing else";

/// Reads the ground that a survey was ordered for: every row of every layer is a polygon of it,
/// whatever its fields say. Formats and CRS as for [`crate::read_evidence`]; numbered from 1.
///
/// What is doubtful is [`EvidenceError::Unusable`], for a limit that is read wrongly is ground that
/// nobody looks at: a row that is no polygon, crosses itself or lies over 10 km beyond the imagery.
pub fn read_aoi(path: &Path, onto: &Ground) -> Result<Vec<ExternalEvidence>, EvidenceError> {
    read(path, onto).map_err(as_limit)
}

fn read(path: &Path, onto: &Ground) -> Result<Vec<ExternalEvidence>, EvidenceError> {
    let dataset = open(path)?;
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let is_csv = dataset.driver().short_name() == "CSV";
    let mapping = Mapping::of_kind(ExternalEvidenceKind::SurveyLimit);
    let mut limit = vec![];
    for mut layer in dataset.layers().filter(|layer| !NOT_EVIDENCE.contains(&layer.name().as_str()))
    {
        let name = layer.name();
        let reader = Reader::new(path, &layer, is_csv, &mapping, onto)?;
        let outcomes = reader.map_or(Ok(vec![]), |reader| {
            reader.only(&[Attribute::Name, Attribute::Wkt]).read(&mut layer)
        });
        for (row, outcome) in (1..).zip(outcomes?) {
            let doubt = |cause: String, remedy: &str| EvidenceError::Unusable {
                role: LIMIT,
                path: path.into(),
                place: format!(", layer {name}, row {row}"),
                cause,
                remedy: remedy.into(),
            };
            match outcome {
                Outcome::Evidence { row, mended: None | Some(Mended::Overlap) } => {
                    limit.push(row.numbered(ExternalEvidenceId(limit.len() as u32 + 1), &file));
                }
                Outcome::Evidence { .. } => {
                    let remedy = "draw it anew, or mend it with `Fix geometries` of QGIS";
                    return Err(doubt(
                        "its outline crosses itself, so what lies inside is not known".into(),
                        remedy,
                    ));
                }
                Outcome::Beyond { km } => {
                    let remedy = "check the CRS, and the order of longitude and latitude, or take \
                                  the row out";
                    return Err(doubt(
                        format!("it lies {km:.0} km from the middle of the imagery"),
                        remedy,
                    ));
                }
                Outcome::Skipped => return Err(doubt("it is left out".into(), REMEDY)),
            }
        }
    }
    if limit.is_empty() {
        return Err(unreadable(path, "it holds no polygon".into(), REMEDY));
    }
    Ok(limit)
}

/// A limit is called so, and has no mapping that could mend it.
fn as_limit(error: EvidenceError) -> EvidenceError {
    match error {
        EvidenceError::Unusable { role: _, path, place, cause, remedy } => {
            let remedy = if remedy.contains("mapping") { REMEDY.into() } else { remedy };
            EvidenceError::Unusable { role: LIMIT, path, place, cause, remedy }
        }
        error => error,
    }
}
