//! Event -> the state after it.

use super::item::{Content, Step};
use super::{Decision, Disposition, ItemState, Returned, Review, ReviewEvent, ReviewItem};
use crate::EoCategory;
use std::collections::HashMap;

/// An event that does not follow from those before it: the log is not whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} of {item} does not follow from the events before it: {cause}")]
pub struct OutOfOrder {
    kind: Decision,
    item: String,
    cause: String,
}

impl OutOfOrder {
    fn of(event: &ReviewEvent, cause: &str) -> Self {
        Self { kind: event.kind, item: event.item.clone(), cause: cause.into() }
    }
}

impl Review {
    /// Takes an event in. The same events in the same order always give the same state.
    pub fn apply(&mut self, event: &ReviewEvent) -> Result<(), OutOfOrder> {
        self.apply_to_item(event)?;
        self.take_sample(event).map_err(|cause| OutOfOrder::of(event, cause))
    }

    fn apply_to_item(&mut self, event: &ReviewEvent) -> Result<(), OutOfOrder> {
        let out_of_order = |cause: &str| OutOfOrder::of(event, cause);
        if !self.items.contains_key(&event.item) {
            let made = made(event).ok_or_else(|| out_of_order("there is no such item"))?;
            self.items.insert(event.item.clone(), made);
            self.made += 1;
        } else {
            let item = self.items.get_mut(&event.item).expect("it was just found");
            if item.now.standing != event.from {
                let cause = format!("it stands at {}, not at {}", item.now.standing, event.from);
                return Err(out_of_order(&cause));
            }
            if event.kind == Decision::Undo {
                let step = item.steps.pop().ok_or_else(|| out_of_order("nothing was decided"))?;
                item.now = step.before;
            } else if event.kind.acts() {
                take_in(item, event);
            }
            if event.kind == Decision::Observe {
                observe(item, event).map_err(out_of_order)?;
            }
            item.version = event.item_version;
        }
        self.note(event);
        Ok(())
    }

    /// The items of some events as they are after them, by id. Nothing of this review changes.
    pub fn after(&self, events: &[ReviewEvent]) -> Result<Vec<ReviewItem>, OutOfOrder> {
        let ids = events.iter().flat_map(|event| {
            event.detail.parents.iter().chain([&event.item]).cloned().collect::<Vec<_>>()
        });
        let items = ids.filter_map(|id| Some((id.clone(), self.items.get(&id)?.clone())));
        let mut part = Self {
            stages: self.stages.clone(),
            items: items.collect(),
            decisions: HashMap::new(),
            samples: vec![],
            made: self.made,
        };
        events.iter().try_for_each(|event| part.apply_to_item(event))?;
        Ok(part.items.into_values().collect())
    }

    /// Who acted on the item, and which items the decision concerned.
    fn note(&mut self, event: &ReviewEvent) {
        let parents: Vec<_> =
            event.detail.parents.iter().filter_map(|id| self.items.get(id)).collect();
        let mut acted: Vec<_> = parents.iter().flat_map(|parent| parent.acted.clone()).collect();
        if event.acts() {
            acted.push((event.who.clone(), [event.stage].into()));
        }
        let item = self.items.get_mut(&event.item).expect("it was taken in");
        for (who, stages) in acted {
            item.acted.entry(who).or_default().extend(stages);
        }
        let of = self.decisions.entry(event.decision_id.clone()).or_default();
        if !of.contains(&event.item) {
            of.push(event.item.clone());
        }
    }
}

/// Notes what was observed, or that it was a mistake.
fn observe(item: &mut ReviewItem, event: &ReviewEvent) -> Result<(), &'static str> {
    if let Some(decision) = &event.detail.withdraws {
        let count = item.observations.len();
        item.observations.retain(|(id, _)| id != decision);
        let is_withdrawn = item.observations.len() < count;
        return is_withdrawn.then_some(()).ok_or("it withdraws no observation");
    }
    let observation = event.detail.observation.as_deref().cloned();
    let observation = observation.ok_or("it does not say what was observed")?;
    item.observations.push((event.decision_id.clone(), observation));
    Ok(())
}

/// A new item. What undoes its making leaves it superseded.
fn made(event: &ReviewEvent) -> Option<ReviewItem> {
    let makes = matches!(event.kind, Decision::Add | Decision::Split | Decision::Merge);
    let boundary = event.geom_after.clone().filter(|_| makes)?;
    let eo_category = event.detail.eo_category.unwrap_or(EoCategory::Unknown);
    let mut item = ReviewItem::new(event.item.clone(), event.to, eo_category, boundary);
    item.parents.clone_from(&event.detail.parents);
    let mut before = item.now.clone();
    before.standing.state = ItemState::Superseded;
    item.steps.push(step(event, before));
    Some(item)
}

fn step(event: &ReviewEvent, before: Content) -> Step {
    let (decision, who) = (event.decision_id.clone(), event.who.clone());
    Step { decision, who, stage: event.stage, before }
}

fn take_in(item: &mut ReviewItem, event: &ReviewEvent) {
    // All events of a decision are undone at once.
    if item.steps.last().is_none_or(|last| last.decision != event.decision_id) {
        item.steps.push(step(event, item.now.clone()));
    }
    let now = &mut item.now;
    now.standing = event.to;
    now.eo_category = event.detail.eo_category.unwrap_or(now.eo_category);
    if let Some(boundary) = &event.geom_after {
        now.boundary = boundary.clone();
    }
    now.verdicts.extend(event.detail.verdicts.clone());
    match event.kind {
        Decision::Return => {
            now.returns += 1;
            now.returned = Some(Returned {
                reason: event.reason,
                comment: event.comment.clone(),
                who: event.who.clone(),
                at: event.at_utc.clone(),
            });
        }
        Decision::Verdict | Decision::Defer => {}
        _ => now.returned = None,
    }
}

impl Disposition {
    /// What a decision says of an item, if it says anything.
    pub(super) fn of(decision: Decision) -> Option<Self> {
        match decision {
            Decision::Accept | Decision::Modify => Some(Self::Accepted),
            Decision::Reject => Some(Self::Rejected),
            _ => None,
        }
    }
}
