//! The log of a review -> what a day came to.

use crate::book::{Book, Walk};
use crate::reviewed_survey::ReviewedSurvey;
use crate::{ReviewError, settings};
use rams_domain::{
    AreaKind, Decision, EoCategory, GroupProgress, HazardArea, ItemState, LogHead, ObservedOfDay,
    Progress, ReviewEvent, ReviewItem, Sample, StageProgress, Survey, Threat,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::Path,
    sync::Arc,
};

#[cfg(test)]
mod tests;

/// The figures of a day, `2026-11-28`, UTC. Nothing of the review is changed, and somebody may
/// review meanwhile. `survey_sha256` is that of survey.gpkg, hex.
pub fn progress(
    dir: &Path,
    survey: Survey,
    survey_sha256: String,
    day: &str,
) -> Result<Progress, ReviewError> {
    let subject = ReviewedSurvey::subject(&survey, survey_sha256, settings::stages(dir)?)?;
    let walk = Book::read(dir, &subject, Some(&until(day)))?;
    Ok(of_day(day, &walk, &ReviewedSurvey::new(Arc::new(survey))))
}

/// What is later in the order of texts than all times of a day.
pub(crate) fn until(day: &str) -> String {
    format!("{day}U")
}

/// What a day came to, of a log up to its end.
pub(crate) fn of_day(day: &str, walk: &Walk, survey: &ReviewedSurvey) -> Progress {
    let undone: HashSet<&String> =
        walk.events.iter().filter_map(|event| event.detail.undoes.as_ref()).collect();
    let stands =
        |event: &&ReviewEvent| event.kind != Decision::Undo && !undone.contains(&event.decision_id);
    let standing: Vec<&ReviewEvent> = walk.events.iter().filter(stands).collect();
    let is_of_day = |event: &&&ReviewEvent| event.at_utc.starts_with(day);
    let of_day: Vec<&ReviewEvent> = standing.iter().filter(is_of_day).copied().collect();
    let counted: Vec<&ReviewEvent> = of_day.iter().copied().filter(|it| counts(it)).collect();
    let mut reasons: BTreeMap<Decision, BTreeMap<_, usize>> = BTreeMap::new();
    for event in counted.iter().filter(|event| event.kind != Decision::Verdict) {
        if let Some(reason) = event.reason {
            *reasons.entry(event.kind).or_default().entry(reason).or_default() += 1;
        }
    }
    let mut open: HashMap<&str, f64> = HashMap::new();
    for event in &of_day {
        open.insert(&event.decision_id, event.seconds_open.unwrap_or(0.0));
    }
    let (second_looks, agreed) = second_looks(&standing, day);
    Progress {
        day: day.into(),
        head: LogHead { seq: walk.head.seq, hash: walk.head.hex() },
        stages: stages(walk, day),
        groups: groups(walk, survey, &counted),
        decisions: tally(&counted),
        reasons,
        seconds_open: open.values().sum(),
        second_looks,
        agreed,
        observed: observed(walk, day),
        samples: walk.review.samples().iter().map(Sample::result).collect(),
    }
}

/// Whether an event stands for its decision: a merge is one by what it made, a split by what it
/// took apart. Samples, observations and what an older
/// survey says decide nothing.
fn counts(event: &ReviewEvent) -> bool {
    match event.kind {
        Decision::Merge => !event.detail.parents.is_empty(),
        Decision::Split => !event.detail.children.is_empty(),
        Decision::Observe => false,
        _ if event.detail.older.is_some() => false,
        decision => !decision.samples(),
    }
}

/// Observations that were taken in on the day and that stand.
fn observed(walk: &Walk, day: &str) -> Vec<ObservedOfDay> {
    let withdrawn: HashSet<&String> =
        walk.events.iter().filter_map(|event| event.detail.withdraws.as_ref()).collect();
    let mut observed: Vec<ObservedOfDay> = vec![];
    let mut last = None;
    for (seq, event) in (1..).zip(&walk.events) {
        let Some(observation) = &event.detail.observation else { continue };
        if !event.at_utc.starts_with(day) || withdrawn.contains(&event.decision_id) {
            continue;
        }
        // Of one observation there is an event for each item that it is of.
        if last == Some(&event.decision_id)
            && let Some(before) = observed.last_mut()
        {
            before.items.push(event.item.clone());
            continue;
        }
        last = Some(&event.decision_id);
        observed.push(ObservedOfDay {
            seq,
            found: observation.found,
            items: vec![event.item.clone()],
            feature: observation.feature.clone(),
            observer: observation.observer.clone(),
        });
    }
    observed
}

fn tally(events: &[&ReviewEvent]) -> BTreeMap<Decision, usize> {
    let mut tally = BTreeMap::new();
    events.iter().for_each(|event| *tally.entry(event.kind).or_default() += 1);
    tally
}

/// How often a person said on the day what an item is after another had at an earlier stage, and
/// how often they said the same.
fn second_looks(events: &[&ReviewEvent], day: &str) -> (usize, usize) {
    let mut said = HashMap::new();
    let (mut looks, mut agreed) = (0, 0);
    let says = |kind| matches!(kind, Decision::Accept | Decision::Modify | Decision::Reject);
    for event in events.iter().filter(|event| says(event.kind)) {
        let now = (event.stage, event.to.disposition);
        if let Some((stage, disposition)) = said.insert(&event.item, now)
            && stage < event.stage
            && event.at_utc.starts_with(day)
        {
            looks += 1;
            agreed += usize::from(disposition == event.to.disposition);
        }
    }
    (looks, agreed)
}

/// What waits at each stage, and since when the oldest.
fn stages(walk: &Walk, day: &str) -> Vec<StageProgress> {
    let moves = walk.events.iter().filter(|event| event.kind.moves());
    let moved: HashMap<&str, &String> =
        moves.map(|event| (event.item.as_str(), &event.at_utc)).collect();
    let stage = |stage| {
        let mut of =
            StageProgress { stage, waiting: 0, deferred: 0, oldest: None, oldest_days: None };
        for item in walk.review.items() {
            let standing = item.standing();
            if !standing.is_open() || standing.stage != stage {
                continue;
            }
            match standing.state {
                ItemState::Deferred => of.deferred += 1,
                _ => of.waiting += 1,
            }
            let since = moved.get(item.id.as_str()).copied().unwrap_or(&walk.begun);
            if of.oldest.as_ref().is_none_or(|oldest| since < oldest) {
                of.oldest = Some(since.clone());
            }
        }
        of.oldest_days = of.oldest.as_deref().and_then(|oldest| days_between(oldest, day));
        of
    };
    walk.review.stages().iter().map(stage).collect()
}

fn days_between(from: &str, to: &str) -> Option<i64> {
    let [from, to]: [Option<jiff::civil::Date>; 2] =
        [from, to].map(|time| time.get(..10)?.parse().ok());
    Some(i64::from((to? - from?).get_days()))
}

fn groups(walk: &Walk, survey: &ReviewedSurvey, events: &[&ReviewEvent]) -> Vec<GroupProgress> {
    let mut groups: BTreeMap<(String, String, Threat), GroupProgress> = BTreeMap::new();
    let mut accepted = BTreeSet::new();
    let group_of = |item: &ReviewItem, facts: &HazardArea| {
        (facts.district.clone(), item.eo_category(), facts.threat)
    };
    let mut group = |of: (String, EoCategory, Threat), add: &mut dyn FnMut(&mut GroupProgress)| {
        let (district, eo_category, threat) = of;
        let key = (district.clone(), eo_category.to_string(), threat);
        add(groups.entry(key).or_insert_with(|| GroupProgress {
            district,
            eo_category,
            threat,
            waiting: 0,
            decisions: BTreeMap::new(),
            accepted_m2: 0.0,
            accepted_points: 0,
            modified_from_m2: 0.0,
            modified_to_m2: 0.0,
        }));
    };
    for item in walk.review.items().filter(|item| item.standing().is_open()) {
        let facts = survey.facts(&walk.review, item);
        group(group_of(item, &facts), &mut |group| group.waiting += 1);
    }
    for event in events {
        let Some(item) = walk.review.item(&event.item) else { continue };
        let facts = survey.facts(&walk.review, item);
        let is_perimeter =
            crate::reviewed_survey::kind_of(item.eo_category()) == AreaKind::Perimeter;
        let is_accepted = matches!(event.kind, Decision::Accept | Decision::Modify);
        let is_first = is_accepted && accepted.insert(&item.id);
        group(group_of(item, &facts), &mut |group| {
            *group.decisions.entry(event.kind).or_default() += 1;
            if is_first && is_perimeter {
                group.accepted_m2 += survey.outline(item).area_m2;
            } else if is_first {
                group.accepted_points += facts.features.len();
            }
            let outlines = (&event.geom_before, &event.geom_after);
            if let (Decision::Modify, true, (Some(before), Some(after))) =
                (event.kind, is_perimeter, outlines)
            {
                group.modified_from_m2 += area_m2(survey, before);
                group.modified_to_m2 += area_m2(survey, after);
            }
        });
    }
    groups.into_values().collect()
}

/// Of an outline of the log, which was checked before it was written.
fn area_m2(survey: &ReviewedSurvey, wkb: &[u8]) -> f64 {
    rams_overlay::from_wkb(wkb).map_or(0.0, |boundary| survey.survey.ground.area_m2(&boundary))
}
