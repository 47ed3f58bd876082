//! What can be wrong with truth or predictions, each with its remedy.

/// Why nothing could be evaluated. All of it is for the person who made the files to mend.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages are the documentation
pub enum EvaluateError {
    #[error("cannot read {file} as COCO {kind}: {cause}")]
    Coco { file: String, kind: &'static str, cause: String },
    #[error(
        "cannot use {file}: {what} names {key} {value}, which the file does not list; add it or \
         remove the row"
    )]
    Dangling { file: String, what: String, key: &'static str, value: i64 },
    #[error("cannot use {file}: two {rows} have the id {id}; give each its own")]
    Twice { file: String, rows: &'static str, id: i64 },
    #[error(
        "cannot use {file}: {what} has the box {bbox:?}; give [x, y, width, height] with sides \
         above 0, in pixels"
    )]
    Bbox { file: String, what: String, bbox: [f64; 4] },
    #[error("cannot use {file}: prediction {number} has no score; give each a `score` from 0 to 1")]
    NoScore { file: String, number: usize },
    #[error(
        "cannot use {file}: prediction {number} has the {key} {value}; give a value from 0 to 1"
    )]
    Share { file: String, number: usize, key: &'static str, value: f64 },
    #[error(
        "cannot put class {class} under {parent}: a class has one parent, and a parent has none"
    )]
    ClassTree { class: String, parent: String },
    #[error("cannot evaluate tiles of {tile_px} px: give 1 or more")]
    TileSide { tile_px: u32 },
    #[error("cannot draw {plot}: {cause}")]
    Plot { plot: &'static str, cause: String },
}
