//! Ids by which a database knows the rows of a survey again.

use super::RunRecord;
use crate::PxBox;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

impl RunRecord {
    /// The id of an area, or of what else depends on how areas were drawn, in the form that Esri
    /// writes: a digest of its id within the survey, of what the survey was of (its beginning,
    /// orthomosaics and models), of what areas were drawn by (the doctrine, the least confidence
    /// and the external evidence) and of all areas as they were drawn. Where one of these differs,
    /// `A0002` may be other ground: it gets another id. What people edit afterwards changes none.
    ///
    /// ```
    /// use rams_domain::{RunRecord, Timing};
    ///
    /// let timing = Timing { runs: vec!["2026-01-02T03:04:05Z".into()], ..Timing::default() };
    /// let mut record = RunRecord { timing, ..RunRecord::default() };
    /// record.areas_sha256 = "ab12".into();
    /// let area = record.guid_as_drawn("A0001");
    ///
    /// record.add_drawing("2026-06-01T10:00:00Z".into(), "0.2.0");
    /// record.areas_sha256 = "ab12".into();
    /// assert_eq!(record.guid_as_drawn("A0001"), area);
    /// record.areas_sha256 = "cd34".into();
    /// assert_ne!(record.guid_as_drawn("A0001"), area);
    /// ```
    pub fn guid_as_drawn(&self, id: &str) -> String {
        let mut digest = self.as_seen();
        add(&mut digest, &self.doctrine.sha256);
        add(&mut digest, &self.left_out.min_confidence.to_string());
        self.evidence.iter().for_each(|file| add(&mut digest, &file.digest.to_string()));
        add(&mut digest, &self.areas_sha256);
        form(digest.chain_update(id))
    }

    fn as_seen(&self) -> Sha256 {
        let mut digest = Sha256::new_with_prefix("rams");
        // The first run: one that goes on after it finds the same.
        add(&mut digest, self.timing.runs.first().map_or("", String::as_str));
        for orthomosaic in &self.orthomosaics {
            add(&mut digest, &orthomosaic.name);
            add(&mut digest, &orthomosaic.digest.to_string());
        }
        for model in &self.models {
            add(&mut digest, &model.name);
            add(&mut digest, &model.sha256);
        }
        digest
    }
}

/// Gives the finds of a survey, in the order of their rows, ids in the form that Esri writes: of
/// each a digest of what the survey was of (its beginning, orthomosaics and models), the
/// orthomosaic it was seen in, the model and class, and its box in mosaic pixels. An id stays
/// when areas are drawn again, when what was missing is surveyed and finds get other numbers, and
/// when people take others out. Of finds that share all that, such as one that people copied, the
/// second and later ones are told apart by their order.
///
/// A find that people drew has no box: its id within the survey stands for it.
///
/// ```
/// use rams_domain::{FeatureGuids, PxBox, RunRecord, Timing};
///
/// let timing = Timing { runs: vec!["2026-01-02T03:04:05Z".into()], ..Timing::default() };
/// let record = RunRecord { timing, ..RunRecord::default() };
/// let px = PxBox { x0: 10.0, y0: 20.0, x1: 14.0, y1: 26.0 };
/// let ids = |ids: [&str; 2]| {
///     let mut guids = FeatureGuids::new(&record);
///     ids.map(|id| guids.next(id, ["field", "mines", "pfm-1"], &px))
/// };
/// let [find, twin] = ids(["F000001", "F000002"]);
/// assert_ne!(find, twin);
/// assert_eq!(ids(["F000007", "F000009"]), [find, twin]);
/// ```
pub struct FeatureGuids<'a> {
    record: &'a RunRecord,
    /// How many finds there were of each key.
    seen: HashMap<Vec<u8>, u64>,
}

impl<'a> FeatureGuids<'a> {
    /// For a survey of which this is the record.
    pub fn new(record: &'a RunRecord) -> Self {
        Self { record, seen: HashMap::new() }
    }

    /// The id of the next find: of its id within the survey, of orthomosaic, model and class, and
    /// of its box, empty where it has none.
    pub fn next(&mut self, id: &str, source: [&str; 3], px: &PxBox) -> String {
        let mut digest = self.record.as_seen();
        source.iter().for_each(|text| add(&mut digest, text));
        match px.area() > 0.0 {
            true => [px.x0, px.y0, px.x1, px.y1]
                .iter()
                .for_each(|side| digest.update(side.to_le_bytes())),
            false => add(&mut digest, id),
        }
        let number = self.seen.entry(digest.clone().finalize().to_vec()).or_default();
        *number += 1;
        form(digest.chain_update(number.to_le_bytes()))
    }
}

fn add(digest: &mut Sha256, text: &str) {
    digest.update((text.len() as u64).to_le_bytes());
    digest.update(text);
}

fn form(digest: Sha256) -> String {
    let hash = digest.finalize();
    let hex: String = hash[..16].iter().map(|byte| format!("{byte:02X}")).collect();
    let groups = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    format!("{{{}}}", groups.join("-"))
}
