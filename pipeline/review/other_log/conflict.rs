//! What two copies of a review decided otherwise, in words.

use rams_domain::{ItemState, Review, ReviewEvent};

/// What took the place of an item, or itself where nothing did.
pub(super) fn live(review: &Review, item: &str) -> Vec<String> {
    let is_superseded =
        |id: &str| review.item(id).is_some_and(|it| it.standing().state == ItemState::Superseded);
    if !is_superseded(item) {
        return vec![item.to_owned()];
    }
    let children = review.items().filter(|child| child.parents.iter().any(|id| id == item));
    let live: Vec<String> = children.flat_map(|child| live(review, &child.id)).collect();
    let mut stands: Vec<String> = live.into_iter().filter(|id| !is_superseded(id)).collect();
    stands.dedup();
    if stands.is_empty() { vec![item.to_owned()] } else { stands }
}

/// Both decisions, for whoever decides next.
pub(super) fn said(theirs: &ReviewEvent, ours: Option<&ReviewEvent>, why: &str) -> String {
    let here = match ours {
        Some(ours) => format!("here {}", one(ours)),
        None => format!("here it does not fit: {why}"),
    };
    format!("decided otherwise in another copy of this review: there {}; {here}", one(theirs))
}

fn one(event: &ReviewEvent) -> String {
    let origin = event.detail.origin.as_deref();
    let at_utc = origin.map_or(&event.at_utc, |origin| &origin.at_utc);
    let mut text = event.who.clone();
    if !event.organisation.is_empty() {
        text.push_str(&format!(" ({})", event.organisation));
    }
    let day = at_utc.get(..10).unwrap_or(at_utc);
    text.push_str(&format!(", {day}, {}: {} {}", event.stage, event.kind, event.item));
    if let Some(verdicts) = Some(&event.detail.verdicts).filter(|verdicts| !verdicts.is_empty()) {
        let verdicts = verdicts.iter().map(|(id, verdict)| format!(" {id} {verdict}"));
        text.push_str(&verdicts.collect::<Vec<_>>().join(","));
    }
    if let Some(reason) = event.reason {
        text.push_str(&format!(", {}", reason.label()));
    }
    if !event.comment.is_empty() {
        text.push_str(&format!(", \"{}\"", event.comment));
    }
    text
}
