//! Areas of CMR and UXO without an evidence point, as points: a person drew them, or says that they
//! are of this category.

use super::Set;
use crate::Halt;
use crate::job::Job;
use crate::record::Record;
use crate::turning_points::is_indication;
use geo::InteriorPoint;
use rams_store::is_spot;
use std::collections::{HashMap, HashSet};

/// The points of the set for areas that have no others, as `A0004.1`.
pub(crate) fn spots(job: &Job<'_>) -> Result<Vec<Record>, Halt> {
    Ok(Set::read(job)?.spots)
}

/// A point within each area of a category that is recorded by points, where no evidence of this
/// category stands for it: its envelope is for maps only.
pub(super) fn of(areas: &[Record], features: &[Record], external: &[Record]) -> Vec<Record> {
    let category = |record: &Record| record.value("eo_category");
    let mut told: HashSet<(String, String)> = HashSet::new();
    for feature in features {
        told.extend(feature.list("hazard_areas").into_iter().map(|area| (area, category(feature))));
    }
    let external: HashMap<String, String> =
        external.iter().map(|record| (record.id_on_map(), category(record))).collect();
    for area in areas {
        let others = area.list("external_evidence").into_iter();
        let others = others.filter_map(|id| external.get(&id).cloned());
        told.extend(others.map(|category| (area.value("id"), category)));
    }
    let without = areas.iter().filter(|area| {
        is_spot(&category(area))
            && !is_indication(area)
            && !told.contains(&(area.value("id"), category(area)))
    });
    without.filter_map(|area| Some(area.part(1, area.geometry.interior_point()?.into()))).collect()
}
