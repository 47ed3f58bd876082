//! How each item was drawn, version by version.

use crate::ReviewError;
use crate::book::Subject;
use geo::MultiPolygon;
use rams_domain::{EoCategory, ReviewEvent, ReviewItem};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

/// An item as it was drawn.
pub(super) struct Drawn {
    pub(super) boundary: MultiPolygon,
    pub(super) eo_category: EoCategory,
}

impl Drawn {
    pub(super) fn of(item: &ReviewItem) -> Result<Self, String> {
        let boundary = rams_overlay::from_wkb(item.boundary())?;
        Ok(Self { boundary, eo_category: item.eo_category() })
    }
}

/// All versions of all items.
pub(super) struct History {
    versions: HashMap<String, BTreeMap<u64, Drawn>>,
    of_survey: HashSet<String>,
}

impl History {
    /// That of a log.
    pub(super) fn of(subject: &Subject, events: &[ReviewEvent]) -> Result<Self, ReviewError> {
        let mut review = subject.review();
        let of_survey = review.items().map(|item| item.id.clone()).collect();
        let mut history = Self { versions: HashMap::new(), of_survey };
        review.items().try_for_each(|item| history.take(item))?;
        for event in events {
            let applied = review.apply(event);
            applied.map_err(|error| bad(&event.item, error.to_string()))?;
            review.item(&event.item).map_or(Ok(()), |item| history.take(item))?;
        }
        Ok(history)
    }

    fn take(&mut self, item: &ReviewItem) -> Result<(), ReviewError> {
        let versions = self.versions.entry(item.id.clone()).or_default();
        if let Entry::Vacant(version) = versions.entry(item.version) {
            version.insert(Drawn::of(item).map_err(|cause| bad(&item.id, cause))?);
        }
        Ok(())
    }

    pub(super) fn at(&self, item: &str, version: u64) -> Option<&Drawn> {
        self.versions.get(item)?.get(&version)
    }

    /// Whether an item is one that the survey found.
    pub(super) fn is_of_survey(&self, item: &str) -> bool {
        self.of_survey.contains(item)
    }

    /// How items that people made were drawn.
    pub(super) fn of_people(&self) -> impl Iterator<Item = &Drawn> {
        let of_people = self.versions.iter().filter(|(item, _)| !self.is_of_survey(item));
        of_people.flat_map(|(_, versions)| versions.values())
    }
}

fn bad(area: &str, cause: String) -> ReviewError {
    ReviewError::Geometry { area: area.into(), cause }
}
