//! GlobalIDs that are the same in every export.

use super::fields::{GLOBAL_ID, GUID};
use crate::Halt;
use crate::record::Record;
use gdal::Dataset;
use gdal::vector::LayerAccess;
use rams_domain::{FeatureGuids, PxBox, RunRecord};
use rams_store::text;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// Bytes of an id.
const BYTES: usize = 16;

/// Gives each row of a layer its id.
pub(super) struct Ids<'a> {
    record: &'a RunRecord,
    layer: &'static str,
    finds: FeatureGuids<'a>,
    /// How often there was a row without an id of this content.
    seen: HashMap<String, usize>,
}

impl<'a> Ids<'a> {
    pub(super) fn new(record: &'a RunRecord, layer: &'static str) -> Self {
        Self { record, layer, finds: FeatureGuids::new(record), seen: HashMap::new() }
    }

    /// That of a review, or that of the find, or that of the row's id within the survey, or that of
    /// all that the row says. All rows of a layer have to be asked for, in their order.
    pub(super) fn of(&mut self, row: &Record) -> Result<String, Halt> {
        let (given, id) = (row.value(GUID), row.value("id"));
        if parsed(&given).is_some() {
            return Ok(given.to_uppercase());
        }
        Ok(match (self.layer, id.as_str()) {
            ("features", id) => {
                let source = ["orthomosaic", "model", "class"].map(|name| row.value(name));
                let side = |name: &str| row.value(name).parse().unwrap_or(0.0);
                let [x0, y0, x1, y1] = ["px_x0", "px_y0", "px_x1", "px_y1"].map(side);
                let px = PxBox { x0, y0, x1, y1 };
                self.finds.next(id, source.each_ref().map(String::as_str), &px)
            }
            (_, "") => {
                let content = self.content(row)?;
                let number = self.seen.entry(content.clone()).or_default();
                *number += 1;
                self.record.guid_as_drawn(&format!("{content} {number}"))
            }
            (_, id) => self.record.guid_as_drawn(id),
        })
    }

    fn content(&self, row: &Record) -> Result<String, Halt> {
        use gdal::vector::ToGdal;
        let mut digest = Sha256::new_with_prefix(self.layer);
        for (name, value) in row.values() {
            for text in [name, &value] {
                digest.update((text.len() as u64).to_le_bytes());
                digest.update(text);
            }
        }
        digest.update(row.geometry.to_gdal()?.wkb()?);
        Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

/// Gives the rows of a closed geodatabase the ids of their field `guid` as GlobalIDs. GDAL draws
/// one for each row and takes none: they are replaced in the files, where each is 16 bytes that
/// are found nowhere else.
pub(super) fn settle(folder: &Path) -> Result<(), Halt> {
    let mut wanted = HashMap::new();
    let dataset = Dataset::open(folder)?;
    for mut layer in dataset.layers() {
        if layer.defn().field_index(GLOBAL_ID).is_err() {
            continue;
        }
        for row in layer.features() {
            let ids = [GLOBAL_ID, GUID].map(|field| parsed(&text(&row, field)));
            let [Some(drawn), Some(own)] = ids else {
                return Err(Halt::Torn("a row reads back without its id".into()));
            };
            wanted.insert(drawn, own);
        }
    }
    dataset.close()?;
    let mut settled = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "gdbtable") {
            let mut bytes = fs::read(&path)?;
            let replaced = replace(&mut bytes, &wanted);
            if replaced > 0 {
                fs::write(&path, bytes)?;
            }
            settled += replaced;
        }
    }
    if settled == wanted.len() {
        Ok(())
    } else {
        Err(Halt::Torn(format!("{settled} of {} GlobalIDs are where they should be", wanted.len())))
    }
}

fn replace(bytes: &mut [u8], wanted: &HashMap<[u8; BYTES], [u8; BYTES]>) -> usize {
    let (mut at, mut replaced) = (0, 0);
    while let Some(found) = bytes.get_mut(at..at + BYTES) {
        let own = <[u8; BYTES]>::try_from(&*found).ok().and_then(|found| wanted.get(&found));
        match own {
            Some(own) => {
                found.copy_from_slice(own);
                replaced += 1;
                at += BYTES;
            }
            None => at += 1,
        }
    }
    replaced
}

/// The bytes of `{199360B0-7F7A-E537-BC3E-E8065D439333}` as they lie in a file: of its first three
/// groups the last byte first.
fn parsed(id: &str) -> Option<[u8; BYTES]> {
    let groups: Vec<&str> = id.strip_prefix('{')?.strip_suffix('}')?.split('-').collect();
    if !groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) {
        return None;
    }
    let mut bytes = u128::from_str_radix(&groups.concat(), 16).ok()?.to_be_bytes();
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    Some(bytes)
}
