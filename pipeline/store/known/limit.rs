//! File of a survey's limit -> polygons in the survey's CRS.

use super::layer::{Outcome, Reader};
use super::mapping::Mapping;
use super::place::Mended;
use super::words::Attribute;
use super::{NOT_EVIDENCE, open, unreadable};
use crate::StoreError;
use gdal::vector::LayerAccess;
use rams_domain::{Ground, Known, KnownKind};
use std::path::Path;

const REMEDY: &str = "give a file that says its CRS, with the polygons that are to be surveyed and nothing else";

/// Reads the ground that a survey was ordered for: every row of every layer is a polygon of it,
/// whatever its fields say. Formats and CRS as for [`super::read_known`]; the numbers are for the
/// caller to set.
///
/// What is doubtful is [`StoreError::Evidence`], for a limit that is read wrongly is ground that
/// nobody looks at: a row that is no polygon, crosses itself or lies over 10 km beyond the imagery.
pub fn read_limit(path: &Path, onto: &Ground) -> Result<Vec<Known>, StoreError> {
    let dataset = open(path)?;
    let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let is_csv = dataset.driver().short_name() == "CSV";
    let mapping = Mapping::of_kind(KnownKind::SurveyLimit);
    let mut limit = vec![];
    for mut layer in dataset.layers().filter(|layer| !NOT_EVIDENCE.contains(&layer.name().as_str())) {
        let name = layer.name();
        let reader = Reader::new(path, &layer, is_csv, &mapping, onto).map_err(no_mapping)?;
        let outcomes =
            reader.map_or(Ok(vec![]), |reader| reader.only(&[Attribute::Name, Attribute::Wkt]).read(&mut layer));
        for (row, outcome) in (1..).zip(outcomes.map_err(no_mapping)?) {
            let doubt = |cause: String, remedy: &str| StoreError::Evidence {
                path: path.into(),
                place: format!(", layer {name}, row {row}"),
                cause,
                remedy: remedy.into(),
            };
            match outcome {
                Outcome::Known { known, mended: None | Some(Mended::Overlap) } => {
                    limit.push(Known { file: file.clone().into(), ..*known })
                }
                Outcome::Known { .. } => {
                    let remedy = "draw it anew, or mend it with `Fix geometries` of QGIS";
                    return Err(doubt("its outline crosses itself, so what lies inside is not known".into(), remedy));
                }
                Outcome::Beyond { km } => {
                    let remedy = "check the CRS, and the order of longitude and latitude, or take the row out";
                    return Err(doubt(format!("it lies {km:.0} km from the middle of the imagery"), remedy));
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

/// A limit has no mapping that could mend it.
fn no_mapping(error: StoreError) -> StoreError {
    match error {
        StoreError::Evidence { path, place, cause, remedy } if remedy.contains("mapping") => {
            StoreError::Evidence { path, place, cause, remedy: REMEDY.into() }
        }
        error => error,
    }
}
