//! File -> SHA-256, so that a survey can be tied to exactly what was surveyed.

use crate::{TileError, vsi};
use sha2::{Digest, Sha256};
use std::{fs::File, io::Read, path::Path};

/// SHA-256 of a file's bytes, hex; `None` if `is_stopping` became true before its end. Of a VRT it
/// is the digest of the text alone: its sources are named in it. A file on a network is an error,
/// for it would be fetched a second time.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("abc");
/// std::fs::write(&path, "abc")?;
/// let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
/// assert_eq!(rams_tile::digest(&path, || false)?.as_deref(), Some(sha256));
/// assert_eq!(rams_tile::digest(&path, || true)?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn digest(path: &Path, is_stopping: impl Fn() -> bool) -> Result<Option<String>, TileError> {
    if vsi::is_virtual(path) {
        return Err(TileError::NoDigest { path: path.to_owned() });
    }
    let failed = |cause| TileError::Io { path: path.to_owned(), cause };
    let mut file = File::open(path).map_err(failed)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    while !is_stopping() {
        match file.read(&mut buffer).map_err(failed)? {
            0 => {
                return Ok(Some(
                    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
                ));
            }
            count => hash.update(&buffer[..count]),
        }
    }
    Ok(None)
}
