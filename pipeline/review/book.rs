//! The book of a review: a log of decisions that only grows, each with the hash of the one before
//! it, in `review/review.db` of the survey's folder.
//!
//! One process opens it, one thread writes. What an item came to is the fold of the log; the table
//! `item` holds it for others to read. The log is tamper-evident: whoever changes an event has to
//! change all after it, and then the head is another than the one that was written down.

mod people;
mod row;
mod schema;
#[cfg(test)]
mod tests;
mod users;
mod verify;
mod writer;

pub(crate) use row::{EventRow, Hash, word};
pub use users::{Role, User, Users};
pub(crate) use users::{fits, roles};
pub use verify::Verification;
pub(crate) use writer::{Answer, Failed};

use crate::ReviewError;
use rams_domain::{EoCategory, Proposal, Review, ReviewEvent, ReviewStages, plural};
use row::COLUMNS;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params, types::Value};
use sha2::{Digest, Sha256};
use std::{
    fmt,
    fs::{self, File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, mpsc},
    thread::JoinHandle,
};
use writer::{Request, Writer};

/// The folder of the review within the survey's.
pub const REVIEW_DIR: &str = "review";
pub(crate) const FILE: &str = "review.db";
const LOCK_FILE: &str = "review.lock";

/// What a review is about: the survey's digest, the stages, and its areas.
pub struct Subject {
    /// SHA-256 of survey.gpkg, hex.
    pub survey_sha256: String,
    /// The stages.
    pub stages: ReviewStages,
    /// Id, category and outline, WKB in the survey's CRS, of each area.
    pub areas: Vec<(String, EoCategory, Arc<[u8]>)>,
}

impl Subject {
    fn stages(&self) -> String {
        self.stages.iter().map(|stage| stage.to_string()).collect::<Vec<_>>().join(", ")
    }

    /// What the first event goes on from: a log belongs to one survey and its stages.
    fn root(&self) -> Hash {
        let mut hasher = Sha256::new();
        for text in ["rams-review-log-1", &self.survey_sha256, &self.stages()] {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        }
        hasher.finalize().into()
    }

    /// The review before anybody decided.
    pub(crate) fn review(&self) -> Review {
        Review::new(self.stages.clone(), self.areas.iter().cloned())
    }
}

/// The end of the log: how many events there are, and the hash of the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Number of the last event.
    pub seq: u64,
    /// Its hash.
    pub hash: Hash,
}

impl Head {
    /// The hash, hex.
    pub fn hex(&self) -> String {
        self.hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "log of {} {}, head {}", self.seq, plural(self.seq as usize, "event"), self.hex())
    }
}

/// What is known now.
pub(crate) struct State {
    pub(crate) review: Review,
    pub(crate) head: Head,
    last_utc: String,
}

/// Keeps other processes out of a book.
struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // A child process that another thread begins at this moment still has the file; closing
        // ours alone would leave the book locked until that child has begun its own program.
        let _ = self.0.unlock();
    }
}

/// An open book.
pub struct Book {
    path: PathBuf,
    state: Arc<RwLock<State>>,
    reader: Mutex<Connection>,
    requests: Option<mpsc::Sender<Request>>,
    writer: Option<JoinHandle<()>>,
    lock: Lock,
}

impl Book {
    /// Whether there is a book in the folder of a survey.
    pub(crate) fn is_begun(dir: &Path) -> bool {
        dir.join(REVIEW_DIR).join(FILE).is_file()
    }

    /// Opens the book in the folder of a survey, or begins it; walks the log on the way.
    pub fn open(dir: &Path, subject: &Subject) -> Result<Self, ReviewError> {
        let folder = dir.join(REVIEW_DIR);
        let io = |path: &Path, cause| ReviewError::Io { path: path.into(), cause };
        fs::create_dir_all(&folder).map_err(|cause| io(&folder, cause))?;
        let lock_path = folder.join(LOCK_FILE);
        let lock = File::options().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.map_err(|cause| io(&lock_path, cause))?;
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            let at = fs::read_to_string(&lock_path).unwrap_or_default();
            return Err(ReviewError::InUse { dir: dir.into(), at: at.trim().into() });
        }
        // What a process wrote there that was killed.
        lock.set_len(0).map_err(|cause| io(&lock_path, cause))?;
        let lock = Lock(lock);
        let (connection, path) = Self::connection(dir, subject)?;
        let sql = |cause| ReviewError::Sql { path: path.clone(), cause };
        let fold = verify::fold(&connection, subject).map_err(sql)?;
        if let Some((seq, cause)) = fold.broken {
            return Err(ReviewError::Broken { path, seq, cause });
        }
        let reader = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY);
        let reader = reader.map_err(sql)?;
        let state = State { review: fold.review, head: fold.head, last_utc: fold.last_utc };
        let state = Arc::new(RwLock::new(state));
        let (requests, received) = mpsc::channel();
        let writer = Writer { connection, state: state.clone(), path: path.clone() };
        let thread = std::thread::Builder::new().name("book".into());
        let writer =
            thread.spawn(move || writer.run(&received)).map_err(|cause| io(&path, cause))?;
        let (requests, writer) = (Some(requests), Some(writer));
        Ok(Self { path, state, reader: Mutex::new(reader), requests, writer, lock })
    }

    /// A connection to the file of a review, which is begun where there is none; and its path.
    fn connection(dir: &Path, subject: &Subject) -> Result<(Connection, PathBuf), ReviewError> {
        let path = dir.join(REVIEW_DIR).join(FILE);
        let sql = |cause| ReviewError::Sql { path: path.clone(), cause };
        let mut connection = Connection::open(&path).map_err(sql)?;
        let mode = prepare(&mut connection, subject).map_err(sql)?;
        if mode != "wal" {
            return Err(ReviewError::NoWal { path, mode });
        }
        check_subject(&connection, subject, &path)?;
        Ok((connection, path))
    }

    /// Walks the log of a survey's folder without changing anything, and compares what it comes to
    /// with the table `item`. The book may be open meanwhile.
    pub fn verify(dir: &Path, subject: &Subject) -> Result<Verification, ReviewError> {
        let path = dir.join(REVIEW_DIR).join(FILE);
        let connection = open_to_read(&path, subject)?;
        verify::verify(&connection, subject).map_err(|cause| ReviewError::Sql { path, cause })
    }

    /// The log of a survey's folder up to a time, RFC 3339. Nothing is changed. The book may be
    /// open meanwhile.
    pub(crate) fn read(
        dir: &Path,
        subject: &Subject,
        until: Option<&str>,
    ) -> Result<Walk, ReviewError> {
        let path = dir.join(REVIEW_DIR).join(FILE);
        walk(&open_to_read(&path, subject)?, subject, until, &path)
    }

    /// The log in another file than that of a survey's folder. Nothing is changed.
    pub(crate) fn read_file(path: &Path, subject: &Subject) -> Result<Walk, ReviewError> {
        walk(&open_to_read(path, subject)?, subject, None, path)
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The log of the open book up to a time, RFC 3339.
    pub(crate) fn walk(&self, subject: &Subject, until: Option<&str>) -> Result<Walk, ReviewError> {
        walk(&self.reader(), subject, until, &self.path)
    }

    /// What is known now. Hold it for as long as it takes to read.
    pub(crate) fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The end of the log now.
    pub fn head(&self) -> Head {
        self.state().head
    }

    /// Lets a person decide. When it returns, the decision is on the disk. The same id again gives
    /// the same answer and changes nothing.
    pub(crate) fn decide(&self, proposal: Proposal) -> Result<Answer, Failed> {
        self.request(|reply| Request::Decide(Box::new(proposal), reply)).unwrap_or_else(|| {
            Err(Failed::Book("the log is closed: start `rams review` again".into()))
        })
    }

    /// Takes several decisions in, one upon the other: all of them, or none. The error is that of
    /// the first that is refused, by its place.
    pub(crate) fn decide_all(&self, proposals: Vec<Proposal>) -> Result<Head, (usize, Failed)> {
        self.request(|reply| Request::DecideAll(proposals, reply)).unwrap_or_else(|| {
            Err((0, Failed::Book("the log is closed: start `rams review` again".into())))
        })
    }

    /// Tells other processes that want the book where it is served.
    pub(crate) fn say_where(&self, address: &str) {
        // They are told less where it cannot be written.
        drop((&self.lock.0).write_all(address.as_bytes()));
    }

    /// Writes to another table than the log.
    pub(crate) fn execute(&self, sql: &'static str, values: Vec<Value>) -> Result<(), Failed> {
        self.request(|reply| Request::Execute(sql, values, reply)).unwrap_or_else(|| {
            Err(Failed::Book("the log is closed: start `rams review` again".into()))
        })
    }

    fn request<T>(&self, request: impl FnOnce(mpsc::Sender<T>) -> Request) -> Option<T> {
        let (reply, answer) = mpsc::channel();
        self.requests.as_ref()?.send(request(reply)).ok()?;
        answer.recv().ok()
    }

    /// A connection that reads.
    pub(crate) fn reader(&self) -> MutexGuard<'_, Connection> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The events after a number, in order, at most so many.
    pub(crate) fn log(&self, after: u64, most: u32) -> Result<Vec<EventRow>, ReviewError> {
        self.events("seq > ?1 ORDER BY seq LIMIT ?2", params![after as i64, most])
    }

    /// The events of an item.
    pub(crate) fn history(&self, item: &str) -> Result<Vec<EventRow>, ReviewError> {
        self.events("item = ?1 ORDER BY seq", params![item])
    }

    fn events(
        &self,
        which: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<EventRow>, ReviewError> {
        let connection = self.reader();
        let read = || -> rusqlite::Result<Vec<EventRow>> {
            let sql = format!("SELECT {COLUMNS} FROM event WHERE {which}");
            connection.prepare_cached(&sql)?.query_map(values, EventRow::read)?.collect()
        };
        read().map_err(|cause| self.failed(cause))
    }

    pub(crate) fn failed(&self, cause: rusqlite::Error) -> ReviewError {
        ReviewError::Sql { path: self.path.clone(), cause }
    }

    /// Walks the log of the open book.
    pub(crate) fn verify_open(&self, subject: &Subject) -> Result<Verification, ReviewError> {
        verify::verify(&self.reader(), subject).map_err(|cause| self.failed(cause))
    }
}

impl Drop for Book {
    fn drop(&mut self) {
        // The writer ends when nobody can ask it any more.
        drop(self.requests.take());
        if let Some(writer) = self.writer.take() {
            drop(writer.join());
        }
    }
}

/// The time now, RFC 3339, UTC.
pub(crate) fn now() -> String {
    stamp(jiff::Timestamp::now())
}

/// A time as it is written: RFC 3339, UTC.
pub(crate) fn stamp(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn meta(connection: &Connection, name: &str) -> rusqlite::Result<String> {
    connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
}

/// Makes the tables where there are none. Returns the journal mode.
///
/// A connection waits 5 s for others by itself. `Connection::busy_timeout` would need SQLite 3.44,
/// which Debian 12 has not.
fn prepare(connection: &mut Connection, subject: &Subject) -> rusqlite::Result<String> {
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
    // Two processes may begin a book at once: the later one finds it begun.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version == 0 {
        transaction.execute_batch(schema::TABLES)?;
        for (name, value) in [
            ("survey_sha256", subject.survey_sha256.clone()),
            ("stages", subject.stages()),
            ("begun_utc", now()),
            ("rams", env!("CARGO_PKG_VERSION").into()),
        ] {
            transaction
                .execute("INSERT INTO meta (name, value) VALUES (?1, ?2)", [name, &value])?;
        }
        transaction.pragma_update(None, "user_version", schema::VERSION)?;
        transaction.commit()?;
    }
    Ok(mode)
}

/// A log that was walked through.
pub(crate) struct Walk {
    /// What it comes to.
    pub(crate) review: Review,
    /// Its end.
    pub(crate) head: Head,
    /// Its events, in order.
    pub(crate) events: Vec<ReviewEvent>,
    /// When the review was begun.
    pub(crate) begun: String,
}

fn walk(
    connection: &Connection,
    subject: &Subject,
    until: Option<&str>,
    path: &Path,
) -> Result<Walk, ReviewError> {
    let sql = |cause| ReviewError::Sql { path: path.into(), cause };
    let mut events = vec![];
    let fold = verify::fold_each(connection, subject, until, |event| events.push(event.clone()));
    let fold = fold.map_err(sql)?;
    if let Some((seq, cause)) = fold.broken {
        return Err(ReviewError::Broken { path: path.into(), seq, cause });
    }
    let begun = meta(connection, "begun_utc").map_err(sql)?;
    Ok(Walk { review: fold.review, head: fold.head, events, begun })
}

/// A connection to a log that changes nothing.
fn open_to_read(path: &Path, subject: &Subject) -> Result<Connection, ReviewError> {
    if !path.is_file() {
        return Err(ReviewError::NoReview { path: path.into() });
    }
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .map_err(|cause| ReviewError::Sql { path: path.into(), cause })?;
    check_subject(&connection, subject, path)?;
    Ok(connection)
}

fn check_subject(
    connection: &Connection,
    subject: &Subject,
    path: &Path,
) -> Result<(), ReviewError> {
    let read = |name| {
        meta(connection, name).map_err(|cause| ReviewError::Sql { path: path.into(), cause })
    };
    let was = read("survey_sha256")?;
    if was != subject.survey_sha256 {
        let is = subject.survey_sha256.clone();
        return Err(ReviewError::OtherSurvey { path: path.into(), was, is });
    }
    let (was, is) = (read("stages")?, subject.stages());
    if was == is { Ok(()) } else { Err(ReviewError::OtherStages { path: path.into(), was, is }) }
}
