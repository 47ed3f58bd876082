//! Plan and pieces of a survey in an object store, for machines that share no folder.

use crate::{
    SurveyError,
    plan::{COMMAND_FILE, PLAN_FILE, SHARDS_FILE, SurveyPlan},
};
use rams_store::{Draft, PIECES_FOLDER, PieceFile};
use rams_tile::ObjectFolder;
use std::{collections::BTreeSet, path::Path};

/// Digits of what a plan's shards see that are in the name of their folder.
const ID_DIGITS: usize = 12;

/// Puts the plan of a folder into a store. Another plan that is there is an error, unless it is to
/// be replaced; its pieces stay where they are, apart from those of this one.
pub fn put_plan(dir: &Path, store: &ObjectFolder, replace: bool) -> Result<(), SurveyError> {
    let plan = SurveyPlan::read(dir)?;
    if !replace && store.names("").iter().any(|name| name == PLAN_FILE) {
        let draft = Draft::beside(&dir.join(PLAN_FILE))?;
        let there = draft.path(PLAN_FILE);
        store.fetch(PLAN_FILE, &there)?;
        let other = SurveyPlan::read(there.parent().unwrap_or(dir));
        if other.map_or(true, |other| other.id != plan.id) {
            let differences = vec!["the plan in the object store".into()];
            return Err(SurveyError::AnotherSurvey { path: dir.join(PLAN_FILE), differences });
        }
    }
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
/// folder.
pub fn fetch_pieces(
    store: &ObjectFolder,
    dir: &Path,
    shard: Option<u32>,
) -> Result<(), SurveyError> {
    let folder = folder(dir)?;
    let here: BTreeSet<_> = rams_store::pieces(dir)?.iter().map(name).collect();
    let of_shard = shard.map_or_else(String::new, rams_store::piece_prefix);
    for name in store.names(&folder) {
        if !name.starts_with(&of_shard) || here.contains(&name) {
            continue;
        }
        let draft = Draft::beside(&dir.join(PIECES_FOLDER).join(&name))?;
        store.fetch(&format!("{folder}/{name}"), &draft.path(&name))?;
        draft.publish(&[name])?;
    }
    Ok(())
}

/// Puts the pieces of a shard into a store that are not there: their names say what they hold.
pub fn put_pieces(dir: &Path, store: &ObjectFolder, shard: u32) -> Result<(), SurveyError> {
    let folder = folder(dir)?;
    let there = store.names(&folder);
    for piece in rams_store::pieces(dir)?.iter().filter(|piece| piece.shard == shard) {
        let name = name(piece);
        if !there.contains(&name) {
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
