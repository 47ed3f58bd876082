//! Which kinds of reports are direct evidence, by the doctrine that drew the areas. A survey keeps
//! no doctrine: its areas tell, for one is direct where any report that it stands on is.

use crate::record::Record;
use std::collections::{BTreeSet, HashMap};

/// `Direct` or `Indirect` by kind of report, of the kinds of which the areas tell.
pub(super) fn of(areas: &[Record], external: &[Record]) -> HashMap<String, &'static str> {
    // What people saw makes an area direct, too, and tells nothing of reports.
    let drawn = areas.iter().filter(|area| !area.value("rationale").contains("visual observation"));
    let kinds: HashMap<String, String> =
        external.iter().map(|record| (record.id_on_map(), record.value("kind"))).collect();
    let told = |area: &Record| {
        let ids = area.list("external_evidence").into_iter();
        let kinds: BTreeSet<String> = ids.filter_map(|id| kinds.get(&id).cloned()).collect();
        (area.value("evidence") == "direct", kinds)
    };
    let (direct, indirect): (Vec<_>, Vec<_>) = drawn.map(told).partition(|(direct, _)| *direct);
    let indirect = indirect.into_iter().flat_map(|(_, kinds)| kinds);
    let mut mapping: HashMap<String, &'static str> =
        indirect.map(|kind| (kind, "Indirect")).collect();
    for (_, kinds) in direct {
        let mut rest = kinds.into_iter().filter(|kind| mapping.get(kind) != Some(&"Indirect"));
        if let (Some(kind), None) = (rest.next(), rest.next()) {
            mapping.insert(kind, "Direct");
        }
    }
    mapping
}
