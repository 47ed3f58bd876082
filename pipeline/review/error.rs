//! What stops a review, grouped by who must act.

use std::path::PathBuf;

fn place(at: &str) -> String {
    if at.is_empty() { " in another process".into() } else { format!(" at {at}") }
}

/// Why a review cannot be opened or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReviewError {
    /// Another process has it open.
    #[error(
        "the review of {dir} is open{}: close it there (Ctrl-C), and do this again",
        place(.at)
    )]
    InUse {
        /// The survey's folder.
        dir: PathBuf,
        /// Where it is served; empty where that is not known.
        at: String,
    },
    /// The survey is not the one that was reviewed.
    #[error(
        "{path} is the review of another survey.gpkg (sha256 {was}) than the one here ({is}): put \
         that one back, or move the folder away to begin a new review"
    )]
    OtherSurvey {
        /// The review's file.
        path: PathBuf,
        /// The digest that was reviewed.
        was: String,
        /// The digest here.
        is: String,
    },
    /// The stages are others than those that the review began with.
    #[error("{path} was begun with the stages {was}, and review.toml says {is}: give those again")]
    OtherStages {
        /// The review's file.
        path: PathBuf,
        /// Those that it began with.
        was: String,
        /// Those of review.toml.
        is: String,
    },
    /// Nobody has begun a review.
    #[error(
        "cannot read {path}: there is no review yet; begin one with `rams review DIR --as NAME`"
    )]
    NoReview {
        /// The review's file.
        path: PathBuf,
    },
    /// Nobody was named who reviews.
    #[error("say who reviews: --as NAME")]
    Nameless,
    /// No stage of this review.
    #[error("this review has no stage {reached}: give one of {stages}, or verified")]
    NoStage {
        /// What was asked for.
        reached: rams_domain::Reached,
        /// Those that there are.
        stages: String,
    },
    /// The log was changed or is damaged.
    #[error(
        "the log in {path} is broken at event {seq}: {cause}; put a backup in its place, and keep \
         this file for those who look into it"
    )]
    Broken {
        /// The review's file.
        path: PathBuf,
        /// The first event that does not fit.
        seq: u64,
        /// In which way.
        cause: String,
    },
    /// The file system has no write-ahead log, such as a network drive.
    #[error(
        "{path} lies where SQLite can keep no write-ahead log ({mode}), such as a network drive: \
         review on a disk of this machine"
    )]
    NoWal {
        /// The review's file.
        path: PathBuf,
        /// The journal mode that there is.
        mode: String,
    },
    /// `review.toml` cannot be used.
    #[error("cannot use {path}: {cause}")]
    Settings {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: String,
    },
    /// The disk.
    #[error("cannot write {path}: {cause}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: std::io::Error,
    },
    /// SQLite.
    #[error("cannot read or write {path}: {cause}; nothing of it was kept")]
    Sql {
        /// The review's file.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: rusqlite::Error,
    },
    /// A geometry of the survey.
    #[error("cannot take area {area} into the review: {cause}")]
    Geometry {
        /// The area.
        area: String,
        /// Why not.
        cause: String,
    },
    /// The survey.
    #[error(transparent)]
    Store(#[from] rams_store::StoreError),
    /// A row of a file that is imported.
    #[error("cannot take {path} into the review: {row}: {cause}")]
    Import {
        /// The file.
        path: PathBuf,
        /// Which row or field.
        row: String,
        /// Why not, and what to do.
        cause: String,
    },
    /// A user who cannot be added or changed so.
    #[error("{0}")]
    User(String),
    /// A certificate or its key.
    #[error("cannot use {path}: {cause}")]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: String,
    },
    /// The address to listen on.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address.
        address: String,
        /// Why not.
        cause: String,
    },
}
