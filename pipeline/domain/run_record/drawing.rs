//! When areas were drawn, and by what.

use super::{EvidenceFileRecord, LeftOut, RunRecord};
use serde::{Deserialize, Serialize};
use std::fmt;

/// One drawing of areas from what the models saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drawing {
    /// When, UTC.
    pub time: String,
    /// Version of `rams` that drew.
    pub rams: String,
    /// Name of the doctrine profile.
    pub doctrine: String,
    /// Its version.
    pub doctrine_version: String,
    /// SHA-256 of its text, hex.
    pub doctrine_sha256: String,
    /// The least confidence, and what was left out by it.
    pub left_out: LeftOut,
    /// Files of external evidence, their mapping and the survey's limit.
    pub evidence: Vec<EvidenceFileRecord>,
}

impl fmt::Display for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { time, rams, doctrine, doctrine_version, doctrine_sha256, left_out, evidence } =
            self;
        let least = left_out.min_confidence;
        write!(
            f,
            "{time} by rams {rams}, doctrine {doctrine} {doctrine_version} (sha256 \
             {doctrine_sha256}), areas from confidence {least} on"
        )?;
        for EvidenceFileRecord { path, outcome: _, kept_out: _, digest, is_limit } in evidence {
            let what = if *is_limit { "limit" } else { "evidence" };
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            write!(f, "; {what} {name} (sha256 {digest})")?;
        }
        Ok(())
    }
}

impl RunRecord {
    /// Adds a drawing by the doctrine, the evidence and the limit that the record states. What is
    /// drawn has no digest until it is stored.
    ///
    /// ```
    /// use rams_domain::{DoctrineRecord, EvidenceFileRecord, FileDigest, LeftOut, RunRecord};
    ///
    /// let mut record = RunRecord {
    ///     doctrine: DoctrineRecord {
    ///         name: "national".into(),
    ///         version: "7".into(),
    ///         sha256: "ab12".into(),
    ///         notes: String::new(),
    ///     },
    ///     evidence: vec![EvidenceFileRecord {
    ///         path: "reports/accidents.csv".into(),
    ///         outcome: Some("3 accidents".into()),
    ///         kept_out: 0,
    ///         digest: FileDigest::Sha256("cd34".into()),
    ///         is_limit: false,
    ///     }],
    ///     left_out: LeftOut { min_confidence: 0.05, areas: 2 },
    ///     ..RunRecord::default()
    /// };
    /// record.add_drawing("2026-06-01T10:00:00Z".into(), "0.2.0");
    ///
    /// let said = "2026-06-01T10:00:00Z by rams 0.2.0, doctrine national 7 (sha256 ab12), areas \
    ///             from confidence 0.05 on; evidence accidents.csv (sha256 cd34)";
    /// assert_eq!(record.drawings[0].to_string(), said);
    /// let row = ("time", "drawn".into(), said.into());
    /// assert!(record.rows().contains(&row));
    /// ```
    pub fn add_drawing(&mut self, time: String, rams: &str) {
        self.areas_sha256.clear();
        self.drawings.push(Drawing {
            time,
            rams: rams.to_owned(),
            doctrine: self.doctrine.name.clone(),
            doctrine_version: self.doctrine.version.clone(),
            doctrine_sha256: self.doctrine.sha256.clone(),
            left_out: self.left_out,
            evidence: self.evidence.clone(),
        });
    }
}
