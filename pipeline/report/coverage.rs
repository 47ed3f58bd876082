//! How much of the ground was assessed, for which classes, and why the rest was not.

use rams_domain::{GapArea, GapReason, Survey};
use std::collections::{BTreeMap, BTreeSet};

/// Below this share of the ground most of it was not assessed.
pub(crate) const MOST: f64 = 0.5;

/// How much of the ground was assessed, for which classes.
pub(crate) struct Coverage<'a> {
    /// What was assessed least comes first, what nobody looked for last.
    pub(crate) groups: Vec<Group<'a>>,
    /// Ground in the frame of the imagery or of the survey's limit, square metres.
    pub(crate) whole_m2: f64,
    /// The part of it that has an image.
    pub(crate) imaged_m2: f64,
    /// Whether the survey has a limit: all ground within it was ordered, with an image or without.
    pub(crate) is_limited: bool,
}

/// Classes for which the very same ground was assessed, and what became of the rest.
pub(crate) struct Group<'a> {
    /// Model that looked for them; empty where none did.
    pub(crate) model: &'a str,
    pub(crate) classes: Vec<String>,
    pub(crate) assessed_m2: f64,
    pub(crate) gaps: Vec<&'a GapArea>,
}

/// The assessed areas and gaps of a class of a model, by their place in the survey: classes with
/// the same ones are one group.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct GroundOfClass {
    assessed: Vec<usize>,
    gaps: Vec<usize>,
}

impl<'a> Coverage<'a> {
    /// The coverage of a survey, from its assessed areas and its gaps.
    pub(crate) fn of(survey: &'a Survey) -> Self {
        let mut groups = groups(survey);
        groups.sort_by(|a, b| {
            (a.model.is_empty(), a.assessed_m2)
                .partial_cmp(&(b.model.is_empty(), b.assessed_m2))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        let whole_m2 =
            groups.iter().map(|group| group.assessed_m2 + group.gaps_m2()).fold(0.0, f64::max);
        let is_limited = survey.record.evidence.iter().any(|file| file.is_limit);
        Self { whole_m2, imaged_m2: whole_m2 - nodata_m2(survey), is_limited, groups }
    }

    /// Groups that a model of the survey looks for.
    pub(crate) fn looked_for(&self) -> impl Iterator<Item = &Group<'a>> {
        self.groups.iter().filter(|group| !group.model.is_empty())
    }

    /// Whether another model looks for a class of the same name.
    pub(crate) fn is_shared(&self, group: &Group<'_>) -> bool {
        let others = self.looked_for().filter(|other| other.model != group.model);
        others.flat_map(|other| &other.classes).any(|class| group.classes.contains(class))
    }

    /// Share of the ground that was ordered, or without a limit of the ground with an image, that
    /// was assessed for a group; 0 where there is none.
    pub(crate) fn share(&self, group: &Group<'_>) -> f64 {
        let of_m2 = if self.is_limited { self.whole_m2 } else { self.imaged_m2 };
        if of_m2 > 0.0 { (group.assessed_m2 / of_m2).min(1.0) } else { 0.0 }
    }

    /// The ground that shares are of.
    pub(crate) fn ground(&self) -> &'static str {
        if self.is_limited { "the ground that was ordered" } else { "the ground" }
    }

    /// Reasons of gaps, in the order of the vocabulary.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let reasons: BTreeSet<GapReason> =
            self.groups.iter().flat_map(|group| group.gaps.iter().map(|gap| gap.reason)).collect();
        reasons.iter().map(ToString::to_string).collect()
    }

    /// Reasons of gaps of the models with what more the gaps say of themselves.
    pub(crate) fn details(&self) -> BTreeSet<(String, &str)> {
        self.groups
            .iter()
            .flat_map(|group| &group.gaps)
            .filter(|gap| !gap.detail.is_empty() && !gap.model.is_empty())
            .map(|gap| (gap.reason.to_string(), gap.detail.as_str()))
            .collect()
    }
}

impl Group<'_> {
    pub(crate) fn gaps_m2(&self) -> f64 {
        self.gaps.iter().map(|gap| gap.area_m2).sum()
    }

    /// Reasons and square metres, the largest first.
    pub(crate) fn by_reason(&self) -> Vec<(String, f64)> {
        let mut sums: BTreeMap<String, f64> = BTreeMap::new();
        for gap in &self.gaps {
            *sums.entry(gap.reason.to_string()).or_default() += gap.area_m2;
        }
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by(|a, b| b.1.total_cmp(&a.1));
        sums
    }
}

fn groups(survey: &Survey) -> Vec<Group<'_>> {
    let mut by_class: BTreeMap<(&str, &str), GroundOfClass> = BTreeMap::new();
    for (index, area) in survey.assessed.iter().enumerate() {
        for class in &area.classes {
            by_class.entry((&area.model, class)).or_default().assessed.push(index);
        }
    }
    for (index, gap) in survey.gaps.iter().enumerate() {
        for class in &gap.classes {
            by_class.entry((&gap.model, class)).or_default().gaps.push(index);
        }
    }
    let mut alike: BTreeMap<(&str, GroundOfClass), Vec<String>> = BTreeMap::new();
    for ((model, class), ground) in by_class {
        alike.entry((model, ground)).or_default().push(class.to_owned());
    }
    alike
        .into_iter()
        .map(|((model, ground), classes)| Group {
            model,
            classes,
            assessed_m2: ground.assessed.iter().map(|index| survey.assessed[*index].area_m2).sum(),
            gaps: ground.gaps.iter().map(|index| &survey.gaps[*index]).collect(),
        })
        .collect()
}

/// Ground without image. A model that sees little counts in coarser cells, so the least that any
/// model says is the nearest to the truth.
fn nodata_m2(survey: &Survey) -> f64 {
    let mut by_model: BTreeMap<(&str, &str), BTreeMap<&str, f64>> = BTreeMap::new();
    for area in &survey.assessed {
        by_model.entry((&area.orthomosaic, &area.model)).or_default();
    }
    use GapReason::{BeyondLimit, NoImagery, Nodata};
    let is_nodata = |gap: &&GapArea| matches!(gap.reason, Nodata | NoImagery | BeyondLimit);
    for gap in survey.gaps.iter().filter(is_nodata) {
        let classes = by_model.entry((&gap.orthomosaic, &gap.model)).or_default();
        gap.classes.iter().for_each(|class| *classes.entry(class).or_default() += gap.area_m2);
    }
    let mut least: BTreeMap<&str, f64> = BTreeMap::new();
    for ((orthomosaic, _), classes) in by_model {
        let nodata_m2 = classes.into_values().fold(0.0, f64::max);
        least
            .entry(orthomosaic)
            .and_modify(|least| *least = least.min(nodata_m2))
            .or_insert(nodata_m2);
    }
    least.into_values().sum()
}
