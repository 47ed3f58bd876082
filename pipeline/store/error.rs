//! What can go wrong, grouped by who must act.

use std::path::{Path, PathBuf};

/// Why a survey was not written or not read. Nothing is left half done: an older file of the same
/// name is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    // Input: the person who runs the command.
    /// The folder holds no survey.
    #[error("cannot find {path}; run `rams survey` first, or name the folder it wrote to")]
    NoSurvey {
        /// The file looked for.
        path: PathBuf,
    },
    /// The file is there, but cannot be read as a survey.
    #[error("cannot read {path}: {cause}; give the folder of a survey as `rams survey` writes it")]
    NotASurvey {
        /// The file.
        path: PathBuf,
        /// What GDAL or this crate says of it.
        cause: String,
    },
    /// Rows of a survey, as people left them, that cannot be used as they are.
    #[error(
        "cannot use {path} as it is now:\n  {}\ncorrect it in QGIS, save, and run this again",
        .faults.join("\n  ")
    )]
    Rows {
        /// The file.
        path: PathBuf,
        /// Layer, row, field, what is wrong and what is right; one each.
        faults: Vec<String>,
    },
    /// Changes to a GeoPackage that are not in it yet.
    #[error("cannot use {path}: {journal} holds changes that are not in it yet; {remedy}")]
    Unsettled {
        /// The GeoPackage.
        path: PathBuf,
        /// The file of SQLite with the changes.
        journal: PathBuf,
        /// What to do about it.
        remedy: &'static str,
    },
    /// A GeoPackage that another process has open.
    #[error(
        "cannot replace {path}: {by} has it open, and what is saved there would be lost or end up \
         in the new file; close it there and run this again"
    )]
    Open {
        /// The GeoPackage.
        path: PathBuf,
        /// Who has it.
        by: String,
    },
    /// Areas that people made, or may have made, where areas are to be drawn again.
    #[error(
        "cannot draw the areas of {path} again: {cause}; give -o with another folder, which gets \
         the new areas and leaves these as they are"
    )]
    AreasEdited {
        /// The survey.
        path: PathBuf,
        /// What was done to them, or why that is not known.
        cause: &'static str,
    },
    /// The file is there, but cannot be read as a truth.
    #[error(
        "cannot read {path} as truth: {cause}; give a GeoPackage with a layer `truth` or `labels` \
         of the fields class, px_x0, px_y0, px_x1, px_y1, or COCO JSON"
    )]
    NotATruth {
        /// The file.
        path: PathBuf,
        /// What GDAL or this crate says of it.
        cause: String,
    },

    /// A survey is there that no one asked to replace.
    #[error("{path} is there already: give another -o, or --overwrite to replace it")]
    Exists {
        /// The survey.
        path: PathBuf,
    },
    /// Observations of a team may be in a file that was to be written.
    #[error(
        "{path} is there already, and a team may have written into it: take it in with `rams \
         review DIR import`, then give another folder"
    )]
    Observations {
        /// The file.
        path: PathBuf,
    },
    /// Two surveys into one folder at once.
    #[error("cannot survey into {dir}: {by} is at it; wait for its end, or give another -o")]
    InUse {
        /// The folder.
        dir: PathBuf,
        /// Who has it, as far as that is known.
        by: String,
    },
    /// A journal of another form, or no journal.
    #[error(
        "cannot go on from {path}: it was not written by this version of rams; finish with the \
         version that wrote it, give another -o, or --overwrite to begin again"
    )]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },
    /// A piece of a survey done in shards that is not whole, or not what its name says.
    #[error("cannot use {path}: {cause}; remove it and run its shard again")]
    Piece {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },

    /// A CRS that a GeoPackage does not keep.
    #[error(
        "cannot keep the survey's CRS {crs} in a GeoPackage: {cause}; warp the orthomosaic to a \
         CRS with an EPSG code (gdalwarp -t_srs EPSG:...)"
    )]
    CrsLost {
        /// Name and code.
        crs: String,
        /// What becomes of it.
        cause: String,
    },

    // Environment: whoever owns the disk.
    /// The journal of an interrupted survey cannot be read.
    #[error(
        "cannot read {path}: {cause}; check the disk and run it again, or give --overwrite to \
         begin again"
    )]
    Journal {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: String,
    },
    /// A file or folder could not be written.
    #[error("cannot write {path}: {cause}; {remedy}")]
    Write {
        /// The file or folder that was to be.
        path: PathBuf,
        /// What the system or GDAL says.
        cause: String,
        /// What to do about it.
        remedy: &'static str,
    },

    // Bug: us.
    /// The survey holds something that should never have come this far.
    #[error("cannot {doing}: {cause}; please report this as a bug")]
    Bug {
        /// Verb and object.
        doing: &'static str,
        /// Why not.
        cause: String,
    },
}

impl StoreError {
    /// A file or folder that could not be written, with the remedy for its cause.
    pub fn write(path: &Path, cause: &std::io::Error) -> Self {
        use std::io::ErrorKind::{
            AlreadyExists, NotADirectory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem,
            StorageFull,
        };
        let remedy = match cause.kind() {
            PermissionDenied | ReadOnlyFilesystem => {
                "choose a folder that you may write to, or get leave to write to this one"
            }
            StorageFull | QuotaExceeded => "free some space and run it again",
            AlreadyExists | NotADirectory => "a file is in the way of the folder: choose another",
            _ => "check the folder and run it again",
        };
        StoreError::Write { path: path.into(), cause: cause.to_string(), remedy }
    }
}

/// What stopped a file half way, before anyone has asked the disk whose fault it is:
/// [`Draft::blame`](crate::Draft::blame) makes it an error.
#[derive(Debug)]
pub enum Halt<E = StoreError> {
    /// The system refused.
    Io(std::io::Error),
    /// GDAL refused.
    Gdal(gdal::errors::GdalError),
    /// What was written does not read back.
    Torn(String),
    /// An error that needs no asking.
    Error(E),
}

impl<E> From<std::io::Error> for Halt<E> {
    fn from(error: std::io::Error) -> Self {
        Halt::Io(error)
    }
}

impl<E> From<gdal::errors::GdalError> for Halt<E> {
    fn from(error: gdal::errors::GdalError) -> Self {
        Halt::Gdal(error)
    }
}

impl<E: From<StoreError>> From<StoreError> for Halt<E> {
    fn from(error: StoreError) -> Self {
        Halt::Error(error.into())
    }
}
