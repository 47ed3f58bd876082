//! A decision of another log -> what would do the same here.

use rams_domain::{Decision, EventDetail, Origin, Proposal, Review, ReviewEvent, Reviewer};
use std::collections::HashMap;
use std::sync::Arc;

/// Events of one decision, each with its number.
pub(super) type Group<'a> = Vec<(u64, &'a ReviewEvent)>;

/// What a decision of theirs is here; `None` where an item of it is not.
pub(super) fn proposal(
    group: &Group<'_>,
    ids: &HashMap<String, String>,
    review: &Review,
    origin: Origin,
) -> Option<Proposal> {
    let first = group[0].1;
    let kind = first.kind;
    // Items that were made there by it are at its end.
    let is_new = |event: &ReviewEvent| {
        event.item_version == 1 && event.geom_after.is_some() && event.geom_before.is_none()
    };
    let makes = matches!(kind, Decision::Add | Decision::Split | Decision::Merge);
    let (new, old): (Vec<_>, Vec<_>) =
        group.iter().map(|(_, event)| *event).partition(|event| makes && is_new(event));
    let moved = u64::from(kind.moves());
    let old: Vec<(String, u64)> = old
        .into_iter()
        .map(|event| Some((ids.get(&event.item)?.clone(), event.item_version - moved)))
        .collect::<Option<_>>()?;
    let outlines = || new.iter().filter_map(|event| event.geom_after.clone());
    let (item, version) = old.first().cloned().unwrap_or_default();
    let mut boundary = if makes { outlines().next() } else { first.geom_after.clone() };
    if kind == Decision::Modify && boundary.is_none() && first.detail.eo_category.is_none() {
        boundary = review.item(&item).map(|item| Arc::clone(item.boundary()));
    }
    let detail = EventDetail {
        withdraws: first.detail.withdraws.clone(),
        conflicts: first.detail.conflicts.clone(),
        older: first.detail.older.clone(),
        row: first.detail.row.clone(),
        // Of what came to them from a third copy, that one.
        origin: first.detail.origin.clone().or_else(|| Some(Box::new(origin))),
        ..EventDetail::default()
    };
    let by = Reviewer {
        name: first.who.clone(),
        organisation: first.organisation.clone(),
        role: first.role.clone(),
        client: first.client.clone(),
    };
    let features = features(group, &old);
    Some(Proposal {
        version,
        reason: first.reason,
        comment: first.comment.clone(),
        boundary: boundary.filter(|_| kind != Decision::Split && kind != Decision::Undo),
        eo_category: first.detail.eo_category,
        others: if kind == Decision::Merge { old.into_iter().skip(1).collect() } else { vec![] },
        parts: if kind == Decision::Split { outlines().collect() } else { vec![] },
        verdict: first.detail.verdicts.values().next().copied(),
        observation: first.detail.observation.clone(),
        features,
        detail,
        seconds_open: first.seconds_open,
        ..Proposal::new(first.decision_id.clone(), by, first.stage, kind, &item)
    })
}

/// The finds that a decision speaks of, each with our item.
fn features(group: &Group<'_>, items: &[(String, u64)]) -> Vec<(String, String)> {
    let mut features = vec![];
    for ((_, event), (item, _)) in group.iter().zip(items) {
        let observed = event.detail.observation.iter().filter_map(|it| it.feature.clone());
        let judged = event.detail.verdicts.keys().cloned();
        features.extend(judged.chain(observed).map(|feature| (feature, item.clone())));
    }
    features
}
