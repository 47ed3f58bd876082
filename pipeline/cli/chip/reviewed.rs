//! A review as truth: finds that people saw, and finds that they did not.

use super::{
    Annotations,
    labels::{Category, Label},
};
use crate::{review, terminal::notice};
use anyhow::ensure;
use geo::Geometry;
use rams_domain::{Feature, FeatureVerdict, Orthomosaic};
use std::{collections::BTreeSet, path::Path};

/// Reads the review of a survey's folder: as objects the finds that people saw, and as ignored ones
/// those of which nobody spoke.
pub(super) fn read(dir: &Path, orthomosaic: &Orthomosaic) -> anyhow::Result<Annotations> {
    let (survey, said) = review::judgements(dir)?;
    // What several flights show is one find, with a box in one of them: in the others it would be
    // taught as ground.
    let mut overlaps = survey.record.overlaps.iter().flatten();
    ensure!(
        overlaps.all(|name| *name != orthomosaic.name),
        "cannot cut {}: other flights of {} show the same ground, and a find has its box in one of \
         them alone; survey and review {} by itself",
        orthomosaic.name,
        dir.display(),
        orthomosaic.name
    );
    // Lines and outlines have no boxes that a detector could learn.
    let is_meant = |of: &&Feature| {
        of.orthomosaic == orthomosaic.name && matches!(of.geometry, Geometry::Point(_))
    };
    let found: Vec<_> = survey.features.iter().filter(is_meant).collect();
    ensure!(
        found.iter().any(|feature| said.features.contains_key(&feature.id)),
        "cannot cut {}: of none of its {} finds in {} people said whether it is there; do so with \
         `rams review`, keys 1 to 9",
        orthomosaic.name,
        found.len(),
        dir.display()
    );
    let classes: BTreeSet<&str> = found.iter().map(|feature| &*feature.class).collect();
    let (mut labels, mut not_seen) = (vec![], vec![]);
    for feature in found {
        let class = classes.iter().position(|class| *class == feature.class).unwrap_or_default();
        let label = |ignored| Label { class, px: feature.px, ignored };
        match said.features.get(&feature.id) {
            Some(FeatureVerdict::Seen) => labels.push(label(false)),
            None => labels.push(label(true)),
            Some(FeatureVerdict::NotSeen) => not_seen.push(feature.px),
        }
    }
    notice(
        "labels are finds that people saw, with the answer of a model in view; ground on which it \
         found nothing is left out, for nobody looked there",
    );
    let category = |name: &&str| Category { name: (*name).to_owned(), parent: None };
    let categories = classes.iter().map(category).collect();
    Ok(Annotations { labels, categories, not_seen: Some(not_seen) })
}
