//! File -> [`Fingerprint`], by which a change during a survey, or between two, is told in a moment.

use crate::{
    TileError, vrt,
    vsi::{self, VsiFile},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

/// Samples that are looked at in a file, the least in each of many, in all of many; and their
/// length.
const SAMPLES: u64 = 64;
const SAMPLES_LEAST: u64 = 2;
const SAMPLES_ALL: u64 = 1024;
const SAMPLE_BYTES: u64 = 64 * 1024;

/// What a raster is made of, as far as a look at 4 MiB of it tells, of a VRT at 64 MiB of its
/// sources. Not proof against malice: that is what [`digest`](crate::digest) is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The file and its mask, if it has one beside it; and of a VRT its sources in the order in
    /// which it names them.
    pub files: Vec<Print>,
}

/// What one file looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Print {
    /// Where it lies.
    pub path: PathBuf,
    /// Its length; `None` where it is not there.
    pub bytes: Option<u64>,
    /// When it was last written, nanoseconds since 1970; `None` where the file system does not say.
    pub modified_ns: Option<u64>,
    /// SHA-256, hex, of up to 64 evenly spaced samples, fewer of many files, of 64 KiB.
    pub samples: String,
}

/// Takes the fingerprint of a raster and, if it is a VRT, of its sources.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("field.tif");
/// std::fs::write(&path, "some pixels")?;
/// let before = rams_tile::fingerprint(&path)?;
/// assert_eq!(before.files[0].bytes, Some(11));
/// assert!(before.check().is_ok());
/// std::fs::write(&path, "other pixels")?;
/// assert!(before.check().is_err(), "the file changed");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fingerprint(path: &Path) -> Result<Fingerprint, TileError> {
    let mut files = vrt::files(path)?;
    let mask = |of: &PathBuf| PathBuf::from(format!("{}.msk", of.display()));
    files.extend(files.iter().map(mask).filter(|mask| mask.exists()).collect::<Vec<_>>());
    let samples = (SAMPLES_ALL / files.len() as u64).clamp(SAMPLES_LEAST, SAMPLES);
    let print = |of: PathBuf| match print(&of, samples) {
        // A missing source is a gap; a missing raster is an error.
        Err(error) if error.kind() == io::ErrorKind::NotFound && of != path => {
            Ok(Print { path: of, bytes: None, modified_ns: None, samples: String::new() })
        }
        other => other.map_err(|cause| TileError::Io { path: of, cause }),
    };
    Ok(Fingerprint { files: files.into_iter().map(print).collect::<Result<_, _>>()? })
}

/// Takes the fingerprint of one file, whatever it is.
pub fn fingerprint_file(path: &Path) -> Result<Print, TileError> {
    print(path, SAMPLES).map_err(|cause| TileError::Io { path: path.to_owned(), cause })
}

impl Fingerprint {
    /// Takes it again; an error that names the raster if it is another.
    pub fn check(&self) -> Result<(), TileError> {
        let Some(Print { path, .. }) = self.files.first() else { return Ok(()) };
        if fingerprint(path).is_ok_and(|now| now == *self) {
            return Ok(());
        }
        Err(TileError::Changed { path: path.clone() })
    }
}

fn print(path: &Path, samples: u64) -> io::Result<Print> {
    let (modified_ns, (bytes, samples)) = if vsi::is_virtual(path) {
        (None, sample(VsiFile::open(path)?, samples)?)
    } else {
        let file = File::open(path)?;
        let modified = file.metadata()?.modified().ok();
        let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        (since.map(|since| since.as_nanos() as u64), sample(file, samples)?)
    };
    Ok(Print { path: path.to_owned(), bytes: Some(bytes), modified_ns, samples })
}

/// Length of a file, and the digest of its samples, the first and the last of which are its ends.
fn sample(mut file: impl Read + Seek, samples: u64) -> io::Result<(u64, String)> {
    let bytes = file.seek(SeekFrom::End(0))?;
    let last = bytes.saturating_sub(SAMPLE_BYTES);
    let mut starts: Vec<u64> = (0..samples)
        .map(|number| (u128::from(last) * u128::from(number) / u128::from(samples - 1)) as u64)
        .collect();
    if bytes <= samples * SAMPLE_BYTES {
        // A small file is read whole.
        starts = (0..bytes.div_ceil(SAMPLE_BYTES)).map(|number| number * SAMPLE_BYTES).collect();
    }
    let (mut hash, mut buffer) = (Sha256::new(), vec![]);
    for start in starts {
        buffer.clear();
        file.seek(SeekFrom::Start(start))?;
        file.by_ref().take(SAMPLE_BYTES).read_to_end(&mut buffer)?;
        hash.update(&buffer);
    }
    Ok((bytes, hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}
