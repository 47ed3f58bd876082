//! Records in the order in which they were made, kept through kill and power loss.

use crate::{
    StoreError, draft,
    frame::{FRAME_BYTES, frame, next},
    held,
    names::SURVEY_FILE,
};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufReader, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Name of the journal's file within the survey's folder.
pub const JOURNAL_FILE: &str = "survey.journal";

/// The first line of a journal; it changes with the form of its frames.
const MAGIC: &[u8] = b"rams survey journal 2\n";

/// A power loss costs the records of this time; a killed process costs none, since the system has
/// them.
const SYNC_EVERY: Duration = Duration::from_secs(5);

/// The journal of a survey that is under way in a folder, which it locks for this process.
///
/// A line that says what it is, then frames: length and checksum (CRC-32 of length and record), 4
/// bytes each, little endian, then the record. What a record means is for others to say; the first
/// is the head, which tells what the rest belongs to. Of a file that was cut off or damaged,
/// everything up to the first frame that is not whole counts.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    overwrite: bool,
    /// End of the last whole record, bytes.
    end: u64,
    synced: Instant,
}

impl Journal {
    /// Takes a folder for a survey of this process; makes it where it is missing.
    ///
    /// Errors: [`StoreError::Exists`] for a finished survey that must not be replaced;
    /// [`StoreError::InUse`] if another process has the folder; [`StoreError::Open`] or
    /// [`StoreError::Unsettled`] for a survey that must not be replaced as long as that is so;
    /// [`StoreError::Write`] if the folder cannot be written to.
    pub fn claim(dir: &Path, overwrite: bool) -> Result<Self, StoreError> {
        let (path, survey) = (dir.join(JOURNAL_FILE), dir.join(SURVEY_FILE));
        fs::create_dir_all(dir).map_err(|error| StoreError::write(dir, &error))?;
        loop {
            if survey.exists() && !overwrite && !path.exists() {
                return Err(StoreError::Exists { path: survey });
            }
            let open = OpenOptions::new().read(true).append(true).create(true).open(&path);
            let file = open.map_err(|error| StoreError::write(&path, &error))?;
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    let by = held::holders(&path).pop().unwrap_or_else(|| "another process".into());
                    return Err(StoreError::InUse { dir: dir.into(), by });
                }
                // Not every file system has locks, and a survey must be possible there too.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            // Another process may have ended its survey, and with it the journal, before the lock
            // was ours.
            if path.exists() {
                draft::sweep(&survey);
                let journal = Self { path, file, overwrite, end: 0, synced: Instant::now() };
                // Known now, and not after hours of work; the file is looked at again when it is
                // replaced.
                held::check_replaceable(&survey)?;
                return Ok(journal);
            }
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The head of what is there already, if it is whole.
    pub fn head(&self) -> Option<Vec<u8>> {
        let file = File::open(&self.path).ok()?;
        let left = file.metadata().ok()?.len().checked_sub(MAGIC.len() as u64)?;
        let (mut reader, mut magic) = (BufReader::new(file), Vec::new());
        reader.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic).ok()?;
        if magic == MAGIC { next(&mut reader, left).ok()? } else { None }
    }

    /// Gives the whole records of what is there already to `take`, the head first, until one is
    /// refused, and cuts off what follows the last whole one. Returns how many bytes that were. The
    /// file is read as a stream.
    ///
    /// Errors beside those of `take`: [`StoreError::NotAJournal`] for a file of another form;
    /// [`StoreError::Exists`] for a survey without a journal, which must not be replaced. A survey
    /// beside a journal may be: it is partial, or its replacement was asked for when the journal
    /// was begun.
    pub fn resume<E: From<StoreError>>(
        &mut self,
        mut take: impl FnMut(Vec<u8>) -> Result<(), E>,
    ) -> Result<u64, E> {
        let failed = |cause: io::Error| StoreError::Journal {
            path: self.path.clone(),
            cause: cause.to_string(),
        };
        let length = self.file.metadata().map_err(failed)?.len();
        let mut reader = BufReader::new(&self.file);
        let mut magic = Vec::new();
        reader.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic).map_err(failed)?;
        let mut end = 0;
        if magic == MAGIC {
            let mut at = MAGIC.len();
            while let Some(record) = next(&mut reader, length - at as u64).map_err(failed)? {
                at += FRAME_BYTES + record.len();
                take(record)?;
                end = at as u64;
            }
        } else if !MAGIC.starts_with(lasting(&magic)) {
            return Err(StoreError::NotAJournal { path: self.path.clone() }.into());
        }
        let survey = self.path.with_file_name(SURVEY_FILE);
        if end == 0 && survey.exists() && !self.overwrite {
            return Err(StoreError::Exists { path: survey }.into());
        }
        if length > end {
            self.file.set_len(end).map_err(|error| StoreError::write(&self.path, &error))?;
        }
        self.end = end;
        Ok(length - end)
    }

    /// Begins anew: forgets what is there and writes the head, onto the disk.
    pub fn begin(&mut self, head: &[u8]) -> Result<(), StoreError> {
        if self.file.metadata().is_ok_and(|metadata| metadata.len() > 0) {
            self.file.set_len(0).map_err(|error| StoreError::write(&self.path, &error))?;
        }
        self.end = 0;
        self.write(&[MAGIC, &frame(head)].concat())?;
        self.sync()?;
        draft::sync_folder(&self.path);
        Ok(())
    }

    /// Adds a record. It outlives this process at once, a power loss after some seconds. After an
    /// error the journal holds what it held before.
    pub fn append(&mut self, record: &[u8]) -> Result<(), StoreError> {
        self.write(&frame(record))?;
        if self.synced.elapsed() >= SYNC_EVERY { self.sync() } else { Ok(()) }
    }

    /// Forces all records onto the disk.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        self.file.sync_data().map_err(|error| StoreError::write(&self.path, &error))?;
        self.synced = Instant::now();
        Ok(())
    }

    /// Removes the journal of a survey that is done and stored.
    pub fn remove(self) -> Result<(), StoreError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::write(&self.path, &error))
            }
            _ => Ok(()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if let Err(error) = self.file.write_all(bytes) {
            // A part of a frame may be there. If it cannot be cut off now, the next start does so.
            let _ = self.file.set_len(self.end);
            return Err(StoreError::write(&self.path, &error));
        }
        self.end += bytes.len() as u64;
        Ok(())
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        // A survey that failed before its first tile leaves nothing; one that did not, what it had.
        if self.file.metadata().is_ok_and(|metadata| metadata.len() == 0) {
            let _ = fs::remove_file(&self.path);
        }
        // A child process that another thread begins at this moment still has the file; closing
        // ours alone would leave the folder locked until that child has begun its own program.
        let _ = self.file.unlock();
    }
}

/// What there is before the zeros that a power loss may leave for what was not written.
fn lasting(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)]
}
