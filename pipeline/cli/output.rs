//! What a command leaves: its answer on stdout, its files in a folder, its exit code.

use rams_store::StoreError;
use std::{
    fs,
    io::{self, Write},
    path::Path,
};

/// Done, but ground that should have been assessed was not (the layer `gaps` says where and why),
/// or an export holds what an import would refuse.
pub(crate) const DONE_WITH_GAPS: u8 = 3;

/// This machine cannot do a shard that another may be able to do.
pub(crate) const FOREIGN: u8 = 5;

/// Prints to a reader that may have had enough: `rams survey ... | head` is no error.
pub(crate) fn print(text: &str) -> io::Result<()> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Makes a folder, and those that it lies in.
pub(crate) fn create_folder(folder: &Path) -> anyhow::Result<()> {
    Ok(fs::create_dir_all(folder).map_err(|error| StoreError::write(folder, &error))?)
}

/// Writes a file.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> anyhow::Result<()> {
    Ok(fs::write(path, bytes).map_err(|error| StoreError::write(path, &error))?)
}

/// Writes files into a folder, which is made where it is missing.
pub(crate) fn write_all(folder: &Path, files: Vec<(String, Vec<u8>)>) -> anyhow::Result<()> {
    create_folder(folder)?;
    files.into_iter().try_for_each(|(name, bytes)| write(&folder.join(name), bytes))
}
