//! Ids that no two surveys share.

use rams_domain::RunRecord;
use sha2::{Digest, Sha256};

/// How every id of a set begins.
pub(crate) const PREFIX: &str = "rams-";

/// Makes `imsma_id`s: a prefix of the survey, and the id within it. The prefix is a digest of the
/// record of the run (digests of the orthomosaics and models, doctrine, parameters, start): every
/// export of a survey gives the same ids, and another survey gives others, of the same ground too.
pub(super) struct Ids {
    prefix: String,
}

impl Ids {
    /// 48 bits: among a thousand surveys two are alike with a probability of 2e-9.
    const BYTES: usize = 6;

    pub(super) fn new(record: &RunRecord) -> Self {
        let mut digest = Sha256::new();
        for (section, name, value) in record.rows() {
            for cell in [section, &name, &value] {
                digest.update((cell.len() as u64).to_le_bytes());
                digest.update(cell);
            }
        }
        let hex: String =
            digest.finalize().iter().take(Self::BYTES).map(|byte| format!("{byte:02x}")).collect();
        Self { prefix: format!("{PREFIX}{hex}") }
    }

    /// `rams-0123456789ab-A0001` of `A0001`.
    pub(super) fn of(&self, id: &str) -> String {
        format!("{}-{id}", self.prefix)
    }
}
