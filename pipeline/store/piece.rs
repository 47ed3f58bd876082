//! Pieces of a survey that is done in shards: whole or absent, named by what they hold.

use crate::{
    Draft, StoreError, draft,
    frame::{frame, next},
};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of the pieces within that of a survey.
pub const PIECES_FOLDER: &str = "pieces";

/// The first line of a piece; it changes with the form of its frames.
const MAGIC: &[u8] = b"rams survey piece 1\n";

/// How the name of a piece ends.
const ENDING: &str = ".piece";

/// Hexadecimal digits of the digest that are in the name.
const NAME_DIGITS: usize = 32;

/// A piece by its name: of which shard it is, and the beginning of the digest of what it holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PieceFile {
    /// Number of the shard.
    pub shard: u32,
    /// The first 32 hexadecimal digits of the SHA-256 of its records.
    pub digest: String,
    /// Where it lies.
    pub path: PathBuf,
}

impl PieceFile {
    /// The piece that a file is by its name.
    ///
    /// Errors: [`StoreError::Piece`] where it is named otherwise.
    pub fn of(path: &Path) -> Result<Self, StoreError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let parts = name.strip_suffix(ENDING).and_then(|stem| stem.split_once('-'));
        let parts =
            parts.and_then(|(shard, digest)| Some((shard.parse().ok()?, digest.to_owned())));
        let cause = "its name is not NUMBER-DIGEST.piece".to_owned();
        let (shard, digest) =
            parts.ok_or_else(|| StoreError::Piece { path: path.into(), cause })?;
        Ok(Self { shard, digest, path: path.into() })
    }
}

/// Writes the records of a shard into `dir/pieces` and returns the file. It appears whole, on the
/// disk, or not at all; there are no times in it, so that the same records have the same name.
///
/// A line that says what it is, then frames as in [`Journal`](crate::Journal): the records, and
/// last their number (8 bytes, little endian) and the SHA-256 of all before.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let piece = rams_store::write_piece(folder.path(), 7, &[b"head".to_vec(), b"tile".to_vec()])?;
/// assert_eq!(rams_store::pieces(folder.path())?, [piece.clone()]);
/// assert_eq!(rams_store::read_piece(&piece)?, [b"head", b"tile"]);
///
/// std::fs::write(&piece.path, "rams survey piece 1\nhalf of it")?;
/// assert!(rams_store::read_piece(&piece).is_err(), "it is torn");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_piece(dir: &Path, shard: u32, records: &[Vec<u8>]) -> Result<PieceFile, StoreError> {
    let mut bytes = MAGIC.to_vec();
    records.iter().for_each(|record| bytes.extend(frame(record)));
    let digest = Sha256::digest(&bytes);
    bytes.extend(frame(&[&(records.len() as u64).to_le_bytes()[..], &digest[..]].concat()));
    let digest = hex(&digest);
    let name = format!("{}{digest}{ENDING}", piece_prefix(shard));
    let path = dir.join(PIECES_FOLDER).join(&name);
    let draft = Draft::beside(&path)?;
    fs::write(draft.path(&name), bytes).map_err(|error| StoreError::write(&path, &error))?;
    draft.publish(&[name])?;
    Ok(PieceFile { shard, digest, path })
}

/// What the names of all pieces of a shard begin with.
pub fn piece_prefix(shard: u32) -> String {
    format!("{shard:06}-")
}

/// The pieces of a survey, by shard and digest.
///
/// Errors: [`StoreError::Piece`] for a file that is called a piece and is not named like one.
pub fn pieces(dir: &Path) -> Result<Vec<PieceFile>, StoreError> {
    let folder = dir.join(PIECES_FOLDER);
    let unreadable = |path: &Path, cause: String| StoreError::Piece { path: path.into(), cause };
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
        entries => entries.map_err(|error| unreadable(&folder, error.to_string()))?,
    };
    let mut found = vec![];
    for entry in entries {
        let path = entry.map_err(|error| unreadable(&folder, error.to_string()))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(ENDING) && !name.starts_with('.') {
            found.push(PieceFile::of(&path)?);
        }
    }
    found.sort();
    Ok(found)
}

/// The records of a piece, all of them, or an error that names it: it was cut off, changed, or
/// renamed.
pub fn read_piece(piece: &PieceFile) -> Result<Vec<Vec<u8>>, StoreError> {
    let torn = |cause: &str| StoreError::Piece { path: piece.path.clone(), cause: cause.into() };
    let bytes = fs::read(&piece.path).map_err(|error| torn(&error.to_string()))?;
    let mut rest =
        bytes.strip_prefix(MAGIC).ok_or_else(|| torn("it is no piece of this version"))?;
    let (mut records, mut last_at) = (vec![], 0);
    while !rest.is_empty() {
        last_at = bytes.len() - rest.len();
        let left = rest.len() as u64;
        let record = next(&mut rest, left).ok().flatten();
        records.push(record.ok_or_else(|| torn("it was cut off or changed"))?);
    }
    let end = records.pop().ok_or_else(|| torn("it was cut off"))?;
    let digest = Sha256::digest(&bytes[..last_at]);
    if end != [&(records.len() as u64).to_le_bytes()[..], &digest[..]].concat() {
        return Err(torn("it was cut off or changed"));
    }
    if hex(&digest) != piece.digest {
        return Err(torn("its name is not that of what it holds"));
    }
    Ok(records)
}

/// Removes what processes that were killed left among the pieces; for when no shard is at work.
pub fn sweep_pieces(dir: &Path) {
    draft::sweep_all(&dir.join(PIECES_FOLDER));
}

/// The digits of a digest that go into a name.
fn hex(digest: &[u8]) -> String {
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits[..NAME_DIGITS].to_owned()
}
