//! Plan and pieces of a survey in an object store, for machines that share no folder.

use crate::{
    SurveyError,
    plan::{COMMAND_FILE, PLAN_FILE, SHARDS_FILE, SurveyPlan},
};
use rams_store::{Draft, PIECES_FOLDER, PieceFile, StoreError};
use rams_tile::ObjectFolder;
use std::{collections::BTreeSet, fs, path::Path};

/// Digits of what a plan's shards see that are in the name of their folder.
const ID_DIGITS: usize = 12;

/// Says in a store what it holds.
const README_FILE: &str = "README.txt";
const README: &str = "The plan of a survey by rams, and what came of its shards: as sensitive as \
                      the map. See \"Many machines\" in the manual of rams.\n";

/// Makes sure, before a survey is planned into a folder, that its plan may be put into a store: who
/// asks may write and list there, and no plan is there but that of the folder, unless it is to be
/// replaced.
pub fn check_store(dir: &Path, store: &ObjectFolder, replace: bool) -> Result<(), SurveyError> {
    let draft = Draft::beside(&std::env::temp_dir().join(PLAN_FILE))?;
    let readme = draft.path(README_FILE);
    fs::write(&readme, README).map_err(|error| StoreError::write(&readme, &error))?;
    store.put(README_FILE, &readme)?;
    let names = store.names("")?;
    if !replace && names.iter().any(|name| name == PLAN_FILE) {
        let there = draft.path(PLAN_FILE);
        store.fetch(PLAN_FILE, &there)?;
        // One that cannot be read, as another version's, is another.
        let there = SurveyPlan::read(there.parent().unwrap_or(dir)).ok();
        let own = SurveyPlan::read(dir).ok();
        if own.zip(there).is_none_or(|(own, there)| own.id != there.id) {
            return Err(SurveyError::PlanInStore { path: store.path(PLAN_FILE) });
        }
    }
    Ok(())
}

/// Puts the plan of a folder into a store.
pub fn put_plan(dir: &Path, store: &ObjectFolder) -> Result<(), SurveyError> {
    // Whoever sees the plan sees the rest.
    for name in [COMMAND_FILE, SHARDS_FILE, PLAN_FILE] {
        store.put(name, &dir.join(name))?;
    }
    Ok(())
}

/// Fetches a plan from a store into a folder.
pub fn fetch_plan(store: &ObjectFolder, dir: &Path) -> Result<(), SurveyError> {
    for name in [PLAN_FILE, SHARDS_FILE, COMMAND_FILE] {
        store.fetch(name, &dir.join(name))?;
    }
    Ok(())
}

/// Fetches the pieces of a plan, or of one of its shards, that are in a store and not in its
/// folder. One that is not whole is an error that names it; not so of a shard, which is done again.
pub fn fetch_pieces(
    store: &ObjectFolder,
    dir: &Path,
    shard: Option<u32>,
) -> Result<(), SurveyError> {
    let folder = folder(dir)?;
    let here: BTreeSet<_> = rams_store::pieces(dir)?.iter().map(name).collect();
    let of_shard = shard.map_or_else(String::new, rams_store::piece_prefix);
    for name in store.names(&folder)? {
        if !name.starts_with(&of_shard) || here.contains(&name) {
            continue;
        }
        let at = format!("{folder}/{name}");
        let pieces = Draft::beside(&dir.join(PIECES_FOLDER).join(&name))?;
        store.fetch(&at, &pieces.path(&name))?;
        let fetched = PieceFile::of(&pieces.path(&name))?;
        match rams_store::read_piece(&fetched) {
            Ok(_) => pieces.publish(&[name]).map(drop)?,
            Err(_) if shard.is_some() => {}
            Err(StoreError::Piece { cause, .. }) => {
                return Err(StoreError::Piece { path: store.path(&at), cause }.into());
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Puts the pieces of a shard into a store that are not there, and the one that was `made` now,
/// whatever is there of its name: a name says what a piece holds, and not whether it is whole.
pub fn put_pieces(
    dir: &Path,
    store: &ObjectFolder,
    shard: u32,
    made: Option<&Path>,
) -> Result<(), SurveyError> {
    let folder = folder(dir)?;
    let there = store.names(&folder)?;
    for piece in rams_store::pieces(dir)?.iter().filter(|piece| piece.shard == shard) {
        let name = name(piece);
        if made == Some(&piece.path) || !there.contains(&name) {
            store.put(&format!("{folder}/{name}"), &piece.path)?;
        }
    }
    Ok(())
}

/// The folder of the pieces in a store: plans whose shards see otherwise have another.
fn folder(dir: &Path) -> Result<String, SurveyError> {
    let id = SurveyPlan::read(dir)?.id_of_detections;
    Ok(format!("{PIECES_FOLDER}-{}", &id[..ID_DIGITS]))
}

fn name(piece: &PieceFile) -> String {
    piece.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
