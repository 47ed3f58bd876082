//! The digest of a file, for the record.

use rams_domain::FileDigest;
use rams_tile::TileError;
use std::path::Path;

/// A digest, or why there is none: that is no reason to lose a survey.
pub(crate) fn recorded(digest: Result<Option<String>, TileError>) -> FileDigest {
    match digest {
        Ok(Some(hex)) => FileDigest::Sha256(hex),
        Ok(None) => FileDigest::Stopped,
        Err(error) => FileDigest::Failed(error.to_string()),
    }
}

/// The digest of a small file.
pub(crate) fn file_digest(path: &Path) -> FileDigest {
    recorded(rams_tile::digest(path, || false))
}
