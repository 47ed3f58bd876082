//! What SQLite keeps beside a GeoPackage, and who has a file open.

use crate::StoreError;
use gdal::errors::GdalError;
use gdal::vector::{LayerAccess, sql::Dialect};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Once;

/// Changes that are not in the file yet, changes that were begun, and the index of the first.
const BESIDE: [&str; 3] = ["-wal", "-journal", "-shm"];

/// What settles a GeoPackage.
const REOPEN: &str = "close the program that has it open, or, where one has crashed, open the file \
                      in QGIS once and close it (if there is no such file any more, move the \
                      journal away); then run this again";

/// The header of a write-ahead log, bytes: one without a frame holds no change.
const WAL_HEADER_BYTES: u64 = 32;

/// The file of that ending that SQLite keeps beside a GeoPackage.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Fails unless all that was saved in a GeoPackage is in its file.
pub(crate) fn check_settled(path: &Path) -> Result<(), StoreError> {
    for journal in ["-wal", "-journal"].map(|ending| beside(path, ending)) {
        if holds_changes(&journal) {
            return Err(StoreError::Unsettled { path: path.into(), journal, remedy: REOPEN });
        }
    }
    Ok(())
}

/// Fails unless a GeoPackage may be replaced, or made where there was one: SQLite would replay what
/// an old journal holds into the new file, and a program that has the old one open would write into
/// it.
pub(crate) fn check_replaceable(path: &Path) -> Result<(), StoreError> {
    check_settled(path)?;
    let in_use = |by| Err(StoreError::Open { path: path.into(), by });
    let mut by = holders(path);
    by.extend(BESIDE.iter().flat_map(|ending| holders(&beside(path, ending))));
    by.dedup();
    if !by.is_empty() {
        return in_use(by.join(", "));
    }
    if BESIDE.iter().any(|ending| beside(path, ending).exists()) && is_locked(path) {
        return in_use("another process".into());
    }
    Ok(())
}

/// Opens a file of vectors for reading, with all that was saved: changes that lie in a log beside a
/// GeoPackage are read with it, and are not passed over where that is impossible.
pub fn open_vector(path: &Path, drivers: Option<&[&str]>) -> Result<Dataset, Unopened> {
    quiet();
    // SQLite keeps them beside the file, not beside a link to it.
    let real = path.canonicalize().unwrap_or_else(|_| path.into());
    let [log, begun] = ["-wal", "-journal"].map(|ending| beside(&real, ending));
    let unsettled = |journal, remedy| {
        Unopened::Unsettled(StoreError::Unsettled { path: path.into(), journal, remedy })
    };
    if holds_changes(&begun) {
        return Err(unsettled(begun, REOPEN));
    }
    let has_log = holds_changes(&log);
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_VECTOR,
        allowed_drivers: drivers,
        // In a folder that it may not write to GDAL would take the file without its log.
        open_options: has_log.then_some(&["IMMUTABLE=NO"]),
        ..DatasetOptions::default()
    };
    Dataset::open_ex(path, options).map_err(|error| match has_log {
        true => {
            unsettled(log, "copy both into a folder that you may write to, and give the file there")
        }
        false => Unopened::Gdal(error),
    })
}

/// Opens the GeoPackage of a survey likewise.
pub(crate) fn open_survey(path: &Path) -> Result<Dataset, StoreError> {
    open_vector(path, Some(&["GPKG"])).map_err(|unopened| match unopened {
        Unopened::Gdal(error) => StoreError::NotASurvey { path: path.into(), cause: cause(error) },
        Unopened::Unsettled(error) => error,
    })
}

/// Why a file was not opened.
pub enum Unopened {
    /// What GDAL says.
    Gdal(GdalError),
    /// [`StoreError::Unsettled`].
    Unsettled(StoreError),
}

/// Keeps GDAL from printing: each error that matters comes back as a `Result`.
pub(crate) fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| gdal::config::set_error_handler(|_, _, _| {}));
}

/// Removes what is left beside a GeoPackage that may be replaced.
pub(crate) fn sweep(path: &Path) -> Result<(), StoreError> {
    for left in BESIDE.map(|ending| beside(path, ending)) {
        match fs::remove_file(&left) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(StoreError::write(&left, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// A write-ahead log of at least one frame, or a rollback journal that was not ended: SQLite
/// empties it, removes it, or overwrites its beginning with zeros.
fn holds_changes(journal: &Path) -> bool {
    let length = fs::metadata(journal).map_or(0, |metadata| metadata.len());
    if journal.as_os_str().as_encoded_bytes().ends_with(b"-wal") {
        return length > WAL_HEADER_BYTES;
    }
    let mut first = [0];
    length > 0
        && File::open(journal).and_then(|mut file| file.read_exact(&mut first)).is_ok()
        && first != [0]
}

/// Whether another process has a GeoPackage open that keeps a write-ahead log: without one SQLite
/// ends the log, which is what is asked of it here. It sees processes of other users and
/// containers, too.
fn is_locked(path: &Path) -> bool {
    quiet();
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_UPDATE,
        allowed_drivers: Some(&["GPKG"]),
        ..DatasetOptions::default()
    };
    // What is no GeoPackage keeps no log.
    let Ok(dataset) = Dataset::open_ex(path, options) else { return false };
    let mode =
        dataset.execute_sql("PRAGMA journal_mode = DELETE", None, Dialect::DEFAULT).ok().flatten();
    let mode = mode.and_then(|mut rows| rows.features().next()?.field_as_string(0).ok().flatten());
    mode.as_deref() != Some("delete")
}

/// The other processes that have a file open, such as `qgis (process 4711)`, as far as the system
/// says; only Linux does.
pub(crate) fn holders(path: &Path) -> Vec<String> {
    let Ok(path) = path.canonicalize() else { return vec![] };
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let others = numbers.filter(|number| *number != std::process::id());
    let has_it = |number: &u32| {
        let process = PathBuf::from(format!("/proc/{number}"));
        let open = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        open.filter(|entry| fs::read_link(entry.path()).is_ok_and(|open| open == path))
            .any(|entry| is_of_consequence(&process.join("fdinfo").join(entry.file_name())))
    };
    let named = |number: u32| {
        let name = fs::read_to_string(format!("/proc/{number}/comm")).unwrap_or_default();
        format!("{} (process {number})", name.trim())
    };
    others.filter(has_it).map(named).collect()
}

/// Whether a handle, described by a file of `/proc/*/fdinfo`, may write or is a database's: SQLite
/// keeps each of its own from the programs that a process starts. What only reads and is handed on
/// was often inherited unknowingly, as from GDAL, which so looks at a file before it opens it.
fn is_of_consequence(described: &Path) -> bool {
    // As Linux has them on every architecture that we build for.
    const WRITES: u32 = 0o3;
    const CLOSED_ON_EXEC: u32 = 0o2_000_000;
    let text = fs::read_to_string(described).unwrap_or_default();
    let flags = text.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| u32::from_str_radix(flags.trim(), 8).ok());
    flags.is_none_or(|flags| flags & (WRITES | CLOSED_ON_EXEC) != 0)
}

/// What GDAL says, without the name of its function; often nothing.
pub fn cause(error: GdalError) -> String {
    match error {
        GdalError::NullPointer { msg, .. } if msg.is_empty() => "it is in another format".into(),
        GdalError::NullPointer { msg, .. } => msg,
        error => error.to_string(),
    }
}
