//! Ids by which a database knows the rows of a survey again.

use super::RunRecord;
use sha2::{Digest, Sha256};

impl RunRecord {
    /// The id of a find, in the form that Esri writes: a digest of its id within the survey and of
    /// what the survey was of (its beginning, orthomosaics and models). It is the same however
    /// often areas are drawn again, and no two surveys share one.
    ///
    /// ```
    /// use rams_domain::{RunRecord, Timing};
    ///
    /// let timing = Timing { runs: vec!["2026-01-02T03:04:05Z".into()], ..Timing::default() };
    /// let mut record = RunRecord { timing, ..RunRecord::default() };
    /// let [find, area] = [record.guid("F000001"), record.guid_as_drawn("A0001")];
    /// assert_eq!(find, "{DAD09789-0FBB-C1F2-93BB-520B6B5315FE}");
    ///
    /// record.add_drawing("2026-06-01T10:00:00Z".into(), "0.2.0");
    /// assert_eq!([&find, &area], [&record.guid("F000001"), &record.guid_as_drawn("A0001")]);
    /// record.doctrine.sha256 = "ab12".into();
    /// assert_eq!(record.guid("F000001"), find);
    /// assert_ne!(record.guid_as_drawn("A0001"), area);
    /// ```
    pub fn guid(&self, id: &str) -> String {
        form(self.as_seen().chain_update(id))
    }

    /// The same of an area, or of what else depends on how areas were drawn: also of the doctrine,
    /// the least confidence and the external evidence. Where these differ, `A0002` may be other
    /// ground: it gets another id.
    pub fn guid_as_drawn(&self, id: &str) -> String {
        let mut digest = self.as_seen();
        add(&mut digest, &self.doctrine.sha256);
        add(&mut digest, &self.left_out.min_confidence.to_string());
        self.evidence.iter().for_each(|file| add(&mut digest, &file.digest.to_string()));
        form(digest.chain_update(id))
    }

    fn as_seen(&self) -> Sha256 {
        let mut digest = Sha256::new_with_prefix("rams");
        add(&mut digest, self.started().unwrap_or_default());
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
