//! Files that appear whole or not at all.

use crate::companions;
use crate::error::{Halt, StoreError};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A hidden folder beside a target, on the same file system, in which files are made under their
/// final names. A folder rather than a file name, because shapefiles come in fives, FlatGeobuf and
/// SQLite leave working files beside their own, and a driver takes a layer's name from its file.
#[derive(Debug)]
pub struct Draft {
    folder: PathBuf,
    home: PathBuf,
}

impl Draft {
    /// Opens a draft in the folder where `target` is to be; makes that folder where it is missing.
    pub fn beside(target: &Path) -> Result<Self, StoreError> {
        let home = match target.parent() {
            Some(parent) if parent != Path::new("") => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        fs::create_dir_all(&home).map_err(|error| StoreError::write(&home, &error))?;
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        // The process number alone is not unique between containers that share a folder.
        for attempt in 0u32.. {
            let folder = home.join(format!(".{name}.{}-{attempt}.partial", std::process::id()));
            match fs::create_dir(&folder) {
                Ok(()) => return Ok(Self { folder, home }),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(StoreError::write(target, &error)),
            }
        }
        Err(StoreError::Bug {
            doing: "name a temporary folder",
            cause: "all names are taken".into(),
        })
    }

    /// The hidden folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where to make the file that will be called `name`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Forces the files to the disk, then moves each over its namesake, in this order, and takes
    /// away what lay beside that and spoke of it. One file changes at one instant; of several, a
    /// crash in between leaves some old and some new, each of them whole.
    pub fn publish(self, names: &[String]) -> Result<Vec<PathBuf>, StoreError> {
        for name in names {
            let synced = File::open(self.path(name)).and_then(|file| file.sync_all());
            synced.map_err(|error| StoreError::write(&self.home.join(name), &error))?;
        }
        let mut published = Vec::new();
        for name in names {
            let target = self.home.join(name);
            companions::take_away(&target)?;
            fs::rename(self.path(name), &target)
                .map_err(|error| StoreError::write(&target, &error))?;
            published.push(target);
        }
        // The rename itself must last too.
        sync_folder(&self.home.join("."));
        Ok(published)
    }

    /// The error to report for what stopped `target`. GDAL often knows only that a write failed,
    /// so the disk is asked: if it refuses a few bytes now, its reason is the cause.
    pub fn blame<E: From<StoreError>>(&self, target: &Path, halt: Halt<E>) -> E {
        const PROBE_BYTES: usize = 1 << 20;
        let refused = || {
            let mut probe = File::create(self.path("probe"))?;
            probe.write_all(&vec![0; PROBE_BYTES])?;
            probe.sync_all()
        };
        let (cause, remedy) = match halt {
            Halt::Error(error) => return error,
            Halt::Io(error) => return StoreError::write(target, &error).into(),
            Halt::Gdal(error) => {
                (error.to_string(), "give another name or format, and report this as a bug")
            }
            Halt::Torn(what) => (what, "check the disk and run it again"),
        };
        match refused() {
            Err(error) => StoreError::write(target, &error).into(),
            Ok(()) => StoreError::Write { path: target.into(), cause, remedy }.into(),
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Nothing to be done where it fails: the folder is hidden and holds nothing of value.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Removes what a process that was killed left of a target; for the only one that may write it.
pub(crate) fn sweep(target: &Path) {
    let (home, name) = (
        target.parent().unwrap_or(target),
        target.file_name().unwrap_or_default().to_string_lossy(),
    );
    let is_draft = |path: &Path| {
        let found = path.file_name().unwrap_or_default().to_string_lossy();
        found.starts_with(&format!(".{name}.")) && found.ends_with(".partial")
    };
    for path in fs::read_dir(home).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if is_draft(&path) {
            // As for a draft that is dropped.
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// The same of all targets in a folder.
pub(crate) fn sweep_all(folder: &Path) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') && name.ends_with(".partial") {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

/// Makes names in the folder of a file last. Not every file system lets a folder be synced.
pub(crate) fn sync_folder(of: &Path) {
    if let Some(Ok(folder)) = of.parent().map(File::open) {
        let _ = folder.sync_all();
    }
}
