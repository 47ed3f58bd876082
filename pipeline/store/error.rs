//! What can go wrong, grouped by who must act.

use std::path::{Path, PathBuf};

/// Why a survey was not written or not exported. Nothing is left half done: an older file of the
/// same name is as it was.
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
    #[error("cannot use {path} as it is now:\n  {}\ncorrect it in QGIS, save, and run this again", .faults.join("\n  "))]
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
        "cannot replace {path}: {by} has it open, and what is saved there would be lost or end up in the new file; \
         close it there and run this again"
    )]
    Open {
        /// The GeoPackage.
        path: PathBuf,
        /// Who has it.
        by: String,
    },
    /// The file is there, but cannot be read as a truth.
    #[error(
        "cannot read {path} as truth: {cause}; give a GeoPackage with a layer `truth` or `labels` of the fields \
         class, px_x0, px_y0, px_x1, px_y1, or COCO JSON"
    )]
    NotATruth {
        /// The file.
        path: PathBuf,
        /// What GDAL or this crate says of it.
        cause: String,
    },
    /// Evidence of others that cannot be used as it is.
    #[error("cannot read evidence {path}{place}: {cause}; {remedy}")]
    Evidence {
        /// The file.
        path: PathBuf,
        /// Layer and rows, with a comma before; empty for the whole file.
        place: String,
        /// What is wrong, with its value.
        cause: String,
        /// What to do about it.
        remedy: String,
    },
    /// A mapping of evidence that cannot be used.
    #[error("cannot use mapping {path}: {cause}")]
    Mapping {
        /// The file.
        path: PathBuf,
        /// Field, value, and what it should be.
        cause: String,
    },
    /// An export onto the survey's own file.
    #[error("cannot export to {path}: it is the survey itself; choose another name")]
    OntoItself {
        /// The survey's file.
        path: PathBuf,
    },
    /// A format that no one writes.
    #[error("cannot export to format `{name}`; it is one of geojson, kml, shp, csv, xlsx, imsma, fgb")]
    UnknownFormat {
        /// As typed.
        name: String,
    },

    /// A table longer than a sheet of a workbook.
    #[error("cannot write {rows} {name} to a workbook: a sheet holds {most} rows; export to csv")]
    TooManyRows {
        /// The table.
        name: &'static str,
        /// Its rows.
        rows: usize,
        /// How many fit.
        most: usize,
    },

    /// A survey is there that no one asked to replace.
    #[error("{path} is there already: give another -o, or --overwrite to replace it")]
    Exists {
        /// The survey.
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
        "cannot go on from {path}: it was not written by this version of rams; finish with the version that wrote \
         it, give another -o, or --overwrite to begin again"
    )]
    NotAJournal {
        /// The file.
        path: PathBuf,
    },

    /// A CRS that a GeoPackage does not keep.
    #[error(
        "cannot keep the survey's CRS {crs} in a GeoPackage: {cause}; warp the orthomosaic to a CRS with an EPSG code \
         (gdalwarp -t_srs EPSG:...)"
    )]
    CrsLost {
        /// Name and code.
        crs: String,
        /// What becomes of it.
        cause: String,
    },

    // Environment: whoever owns the disk.
    /// The journal of an interrupted survey cannot be read.
    #[error("cannot read {path}: {cause}; check the disk and run it again, or give --overwrite to begin again")]
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
    /// An export that is not the map: it was not published.
    #[error(
        "cannot export {layer}{} to {format}: it reads back {what}; an older export is as it was: please report \
         this as a bug, and export to another format",
        if row.is_empty() { String::new() } else { format!(" {row}") }
    )]
    Disagrees {
        /// The format.
        format: crate::Format,
        /// The layer or table.
        layer: String,
        /// Id or name of the row; empty for all of a layer without ids.
        row: String,
        /// What was read back, and what the map has.
        what: String,
    },
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
    pub(crate) fn write(path: &Path, cause: &std::io::Error) -> Self {
        use std::io::ErrorKind::{NotADirectory, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let remedy = match cause.kind() {
            PermissionDenied | ReadOnlyFilesystem => "choose a folder that you may write to",
            StorageFull | QuotaExceeded => "free some space and run it again",
            NotADirectory => "a file is in the way of the folder: choose another",
            _ => "check the folder and run it again",
        };
        StoreError::Write { path: path.into(), cause: cause.to_string(), remedy }
    }
}

/// What stopped a file half way, before anyone has asked the disk whose fault it is:
/// [`crate::draft::Draft::blame`] makes it a [`StoreError`].
#[derive(Debug)]
pub(crate) enum Halt {
    Io(std::io::Error),
    Gdal(gdal::errors::GdalError),
    /// What was written does not read back.
    Torn(String),
    Error(StoreError),
}

impl From<std::io::Error> for Halt {
    fn from(error: std::io::Error) -> Self {
        Halt::Io(error)
    }
}

impl From<gdal::errors::GdalError> for Halt {
    fn from(error: gdal::errors::GdalError) -> Self {
        Halt::Gdal(error)
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Halt::Error(error)
    }
}
