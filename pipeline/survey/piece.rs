//! What came of a shard, as it is kept: a head, then a record for each tile in the order of the
//! plan.

use crate::{
    SurveyError,
    checkpoint::Results,
    plan::{Kernels, SurveyPlan},
    shards::Shard,
};
use rams_domain::TileId;
use rams_store::{PieceFile, StoreError};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What a piece begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PieceHead {
    /// What the shards of its plan see, as a digest.
    plan: String,
    shard: u32,
    /// What the kernels of its machine answer.
    pub(crate) kernel_print: String,
    /// Tiles that may do better another time.
    pub(crate) unsettled: u32,
}

/// A piece as it reads back.
pub(crate) struct Piece {
    pub(crate) head: PieceHead,
    /// Tiles and their outcomes, in the order of the plan.
    pub(crate) outcomes: Vec<(TileId, Box<[u8]>)>,
}

/// Seals the outcomes of a shard.
pub(crate) fn write(
    dir: &Path,
    plan: &SurveyPlan,
    shard: &Shard,
    kernel_print: String,
    unsettled: u32,
    outcomes: &Results,
) -> Result<PieceFile, StoreError> {
    let of = plan.id_of_detections.clone();
    let head = PieceHead { plan: of, shard: shard.shard, kernel_print, unsettled };
    let mut records = vec![postcard::to_stdvec(&head).expect("memory takes any head")];
    for (tile, outcome) in outcomes {
        let record = postcard::to_extend(tile, Vec::with_capacity(outcome.len() + 5));
        records.push([&record.expect("memory takes any tile")[..], outcome].concat());
    }
    rams_store::write_piece(dir, shard.shard, &records)
}

/// Reads a piece; one of another plan or of other tiles than its shard's is an error that names it.
pub(crate) fn read(
    file: &PieceFile,
    plan: &SurveyPlan,
    shard: &Shard,
) -> Result<Piece, StoreError> {
    let wrong = |cause: &str| StoreError::Piece { path: file.path.clone(), cause: cause.into() };
    let records = rams_store::read_piece(file)?;
    let (head, tiles) = records.split_first().ok_or_else(|| wrong("it has no head"))?;
    let head: PieceHead = postcard::from_bytes(head).map_err(|_| wrong("its head is another"))?;
    if head.plan != plan.id_of_detections {
        return Err(wrong("it belongs to another plan"));
    }
    if head.shard != shard.shard {
        return Err(wrong("its name is not that of its shard"));
    }
    let outcome = |record: &Vec<u8>| {
        let (tile, outcome) = postcard::take_from_bytes::<TileId>(record).ok()?;
        Some((tile, outcome.into()))
    };
    let tiles: Option<Vec<_>> = tiles.iter().map(outcome).collect();
    let tiles = tiles.filter(|tiles| tiles.iter().map(|(tile, _)| *tile).eq(shard.tiles()));
    let outcomes = tiles.ok_or_else(|| wrong("its tiles are not those of its shard"))?;
    Ok(Piece { head, outcomes })
}

/// The piece of a shard that counts, of those that there are: without tiles that may do better
/// another time before one with them. Two that are done and differ are an error where their kernels
/// should answer alike: no one can say which is right. Of unlike kernels, where any may work, the
/// first by its digest counts.
pub(crate) fn best<'a>(
    files: &'a [PieceFile],
    plan: &SurveyPlan,
    shard: &Shard,
) -> Result<Option<&'a PieceFile>, SurveyError> {
    let [_, _, ..] = files else { return Ok(files.first()) };
    let heads = files.iter().map(|file| Ok((read(file, plan, shard)?.head, file)));
    let mut heads = heads.collect::<Result<Vec<_>, StoreError>>()?;
    heads.sort_by_key(|(head, file)| (head.unsettled, *file));
    if let [(one, first), (other, second), ..] = &heads[..]
        && (one.unsettled, other.unsettled) == (0, 0)
        && (plan.decided.kernels == Kernels::Same || one.kernel_print == other.kernel_print)
    {
        let [one, other] = [first, second].map(|file| file.path.clone());
        return Err(SurveyError::Disagree { one, other });
    }
    Ok(heads.first().map(|(_, file)| *file))
}
