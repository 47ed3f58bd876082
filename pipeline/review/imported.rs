//! What imports have in common.

use crate::ReviewError;
use rams_domain::{ImportedRow, Reviewer};
use sha2::{Digest, Sha256};
use std::path::Path;

/// A row that cannot be taken.
pub(crate) fn bad_row(path: &Path, row: &str, cause: impl ToString) -> ReviewError {
    ReviewError::Import { path: path.into(), row: row.into(), cause: cause.to_string() }
}

/// Where a row comes from, as the log keeps it.
pub(crate) fn file_row(path: &Path, sha256: &str, row: &str) -> ImportedRow {
    let name = path.file_name().unwrap_or(path.as_os_str());
    let file = name.to_string_lossy().into_owned();
    ImportedRow { file, file_sha256: sha256.into(), row: row.into() }
}

/// The id of a decision that is the same whenever it is imported, hex.
pub(crate) fn hashed(tag: &str, texts: &[&str], bytes: &[u8]) -> String {
    let mut hasher = Sha256::new();
    for field in [tag].iter().chain(texts).map(|text| text.as_bytes()).chain([bytes]) {
        hasher.update((field.len() as u64).to_le_bytes());
        hasher.update(field);
    }
    hex(&hasher.finalize())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Who imports what others said.
pub(crate) fn importer(name: &str) -> Reviewer {
    let (role, client) = ("import".into(), "import".into());
    Reviewer { name: name.into(), role, client, ..Reviewer::default() }
}
