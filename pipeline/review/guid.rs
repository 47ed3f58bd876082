//! Ids that never change.

use sha2::{Digest, Sha256};

/// An id that is the same in every export: of the survey's digest and the id of an item or a
/// feature, in the form that Esri writes.
pub(crate) fn guid(survey_sha256: &str, id: &str) -> String {
    let hash = Sha256::digest(format!("rams {survey_sha256} {id}"));
    let hex: String = hash[..16].iter().map(|byte| format!("{byte:02X}")).collect();
    let groups = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    format!("{{{}}}", groups.join("-"))
}
