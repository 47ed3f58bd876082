//! What can go wrong with an export, grouped by who must act.

use rams_store::StoreError;
use std::path::PathBuf;

/// Why a survey was not exported. Nothing is left half done: an older file of the same name is as
/// it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The survey cannot be read, or the files cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),

    // Input: the person who runs the command.
    /// An export onto the survey's own file.
    #[error("cannot export to {path}: it is the survey itself; choose another name")]
    OntoItself {
        /// The survey's file.
        path: PathBuf,
    },
    /// A name that says another format.
    #[error(
        "cannot export {format} to {path}: its name ends in .{extension}; choose one that ends in \
         .{format}{}",
        match extension.parse::<crate::Format>() {
            Ok(other) => format!(", or give --format {other}"),
            Err(_) => String::new(),
        }
    )]
    OtherExtension {
        /// The file.
        path: PathBuf,
        /// The format.
        format: crate::Format,
        /// What its name ends in.
        extension: String,
    },
    /// A file of someone where the export would lie.
    #[error(
        "cannot export to {path}: the file there is no earlier export to {format}; choose another \
         name, or move that file away"
    )]
    NoExport {
        /// The file.
        path: PathBuf,
        /// The format.
        format: crate::Format,
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

    // Bug: us.
    /// An export that is not the map: it was not published.
    #[error(
        "cannot export {layer}{} to {format}: it reads back {what}; an older export is as it was: \
         please report this as a bug, and export to another format",
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
}

impl From<ExportError> for crate::Halt {
    fn from(error: ExportError) -> Self {
        Self::Error(error)
    }
}
