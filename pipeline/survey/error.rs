//! What can keep a survey from being made, by who must act.

use rams_detect::DetectError;
use rams_domain::{MetadataError, OtherModel, PlanError};
use rams_evidence::EvidenceError;
use rams_model::ModelError;
use rams_store::StoreError;
use rams_tile::TileError;
use std::path::PathBuf;

/// Why a survey was not made. Nothing that was stored is lost.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages are the documentation
pub enum SurveyError {
    // Of the stages.
    #[error(transparent)]
    Tile(#[from] TileError),
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Detect(#[from] DetectError),
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    OtherModel(#[from] OtherModel),
    #[error(transparent)]
    Plan(#[from] PlanError),

    // The person who runs it.
    #[error("no orthomosaic given")]
    NoOrthomosaic,
    #[error("cannot survey {one} and {other}: they are one file; give it once")]
    SameFile { one: PathBuf, other: PathBuf },
    #[error(
        "cannot run {one} and {other}: they are one model (sha256 {digest}), and all that it finds \
         would count twice; give it once"
    )]
    SameModel { one: PathBuf, other: PathBuf, digest: String },
    #[error(
        "{path} does not touch the imagery: it reaches {aoi}, the imagery {imagery}; check its \
         CRS, or give the limit of this ground"
    )]
    AoiApart { path: PathBuf, aoi: String, imagery: String },
    #[error(
        "{path} covers 0 % of {orthomosaics}: give the surface model of the same ground, or leave \
         --dsm out"
    )]
    SurfaceApart { path: PathBuf, orthomosaics: String },
    #[error(
        "cannot go on with the survey begun in {path}: it was another\n  {}\ngive the inputs and \
         options of then, another -o, or --overwrite to begin again",
        .differences.join("\n  ")
    )]
    AnotherSurvey { path: PathBuf, differences: Vec<String> },
    #[error(
        "cannot read {path}: {cause}; give --survey-metadata a file of the form of \
         docs/examples/survey.toml"
    )]
    NoMetadata { path: PathBuf, cause: std::io::Error },
    #[error("{path}, line {line}: {cause}")]
    MetadataLine { path: PathBuf, line: usize, cause: String },
    #[error("{0}; write one value into both files, or name one file with --survey-metadata")]
    Metadata(#[from] MetadataError),
    #[error(
        "cannot draw {path} again by a doctrine that is not given: it was drawn by {doctrine} \
         (sha256 {sha256}); give --doctrine with its file, or with another"
    )]
    WhichDoctrine { path: PathBuf, doctrine: String, sha256: String },
    #[error("cannot read the journal {path}: {cause}; give --overwrite to begin again")]
    Journal { path: PathBuf, cause: String },

    // The person who runs it on several machines.
    #[error(
        "{path} is the plan of another survey: give another --pieces, or --overwrite to put this \
         one in its place"
    )]
    PlanInStore { path: PathBuf },
    #[error(
        "cannot read {path}: {cause}; give the folder that `rams plan` made, or plan the survey \
         again"
    )]
    NoPlan { path: PathBuf, cause: String },
    #[error("{path} has shards 0 to {last}: give one of these instead of {shard}")]
    NoShard { path: PathBuf, shard: u32, last: u32 },
    #[error(
        "this machine cannot work on {path}:\n  {}\ngive it the same build of rams and the same \
         files; a processor of another kind may work on a plan made with --kernels any",
        .differences.join("\n  ")
    )]
    Foreign { path: PathBuf, differences: Vec<String> },
    #[error(
        "shard {shard} was not done: {cause}; nothing of it is kept, run it again, here or on \
         another machine"
    )]
    ShardFailed { shard: u32, cause: String },
    #[error(
        "cannot gather {dir}: {}\nrun these shards, or give --partial for a map on which their \
         ground is a gap",
        .shards
    )]
    Missing { dir: PathBuf, shards: String },
    #[error(
        "cannot gather: {one} and {other} are of one shard and differ, so two machines do not \
         answer alike; find out which, remove what it made, and run the shard again"
    )]
    Disagree { one: PathBuf, other: PathBuf },
    #[error("cannot gather over {path}: {cause}; move it to another folder and gather again")]
    Edited { path: PathBuf, cause: &'static str },
    #[error("stopped before its end; nothing was written")]
    Stopped,

    // Us.
    #[error(
        "cannot store the survey, because {count} of its figures cannot be right:\n  {}{}\nthis is \
         a fault of the program: please report it with these lines; no tile is lost, and the same \
         command goes on from the journal",
        .lines.join("\n  "),
        more(*count, .lines.len())
    )]
    Broken { count: usize, lines: Vec<String> },
    #[error("cannot find the program's own file: {cause}")]
    NoProgram { cause: std::io::Error },
}

/// That there are more lines than are told.
fn more(count: usize, told: usize) -> String {
    match count.saturating_sub(told) {
        0 => String::new(),
        more => format!("\n  and {more} more"),
    }
}
