//! Areas that are too doubtful for a reader.

use super::Layers;
use rams_domain::Tier;
use std::collections::HashSet;

/// Takes areas of less than a confidence out, with their belts and the links of features to them,
/// and returns how many. What others reported stays, and what a person drew: no doctrine did.
pub(super) fn leave_out(layers: &mut Layers, min_confidence: f32) -> usize {
    let areas = layers.get("hazard_areas");
    let reported = Tier::Reported.to_string();
    let is_doubtful = |row: &usize| {
        let confidence = areas.number(*row, "confidence").unwrap_or(0.0);
        let is_drawn = !areas.text(*row, "doctrine").is_empty();
        // As it is stored: a limit of 0.3 is that of an area of 0.3.
        is_drawn && areas.text(*row, "tier") != reported && (confidence as f32) < min_confidence
    };
    let doubtful: Vec<usize> = (0..areas.rows.len()).filter(is_doubtful).collect();
    if doubtful.is_empty() {
        return 0;
    }
    let ids: HashSet<String> =
        doubtful.iter().map(|row| areas.text(*row, "id").to_owned()).collect();
    layers.get_mut("hazard_areas").retain(|areas, row| !ids.contains(areas.text(row, "id")));
    layers.get_mut("indication_belts").retain(|belts, row| !ids.contains(belts.text(row, "area")));
    let features = layers.get_mut("features");
    for row in 0..features.rows.len() {
        let held = features.list(row, "hazard_areas");
        if held.iter().any(|id| ids.contains(id)) {
            let left: Vec<_> = held.into_iter().filter(|id| !ids.contains(id)).collect();
            features.set_text(row, "hazard_areas", left.join(","));
        }
    }
    doubtful.len()
}
