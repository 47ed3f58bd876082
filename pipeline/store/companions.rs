//! Files that programs keep beside one of some format: an index, a type, a CRS of its content.

use crate::{StoreError, held};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Extension of a file, and those that take its place in the names of its companions. Those that an
/// export writes itself are not among them. Styles and notes are people's own, and stay.
const OF: [(&str, &[&str]); 2] = [
    (
        "shp",
        &[
            "qix", "sbn", "sbx", "fbn", "fbx", "ain", "aih", "ixs", "mxs", "idm", "ind", "qpj",
            "shp.xml",
        ],
    ),
    ("csv", &["csvt", "csv.xml"]),
];

/// What GDAL adds to the whole name of any file.
const OF_ALL: [&str; 1] = ["aux.xml"];

/// Takes away what lies beside a file that is about to be replaced and would speak of the new one.
/// Fails for a GeoPackage that is in use, or beside which changes lie that are not in it.
pub(crate) fn take_away(target: &Path) -> Result<(), StoreError> {
    let extension = target.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if extension == "gpkg" {
        held::check_replaceable(target)?;
        held::sweep(target)?;
    }
    let own = OF.iter().filter(|(of, _)| *of == extension).flat_map(|(_, companions)| *companions);
    let own = own.map(|companion| target.with_extension(companion));
    let added = OF_ALL.map(|added| target.with_extension(format!("{extension}.{added}")));
    for companion in own.chain(added) {
        match fs::remove_file(&companion) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(StoreError::write(&companion, &error));
            }
            _ => {}
        }
    }
    Ok(())
}
