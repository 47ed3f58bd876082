//! Proposal -> events, or why not.

use super::{
    Decision, Disposition, ItemState, Proposal, Reason, Review, ReviewEvent, ReviewItem,
    ReviewStages, Standing,
};
use crate::EoCategory;
use std::sync::Arc;

/// Why a proposal is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such item.
    #[error("there is no item {0}: look at the queue again")]
    NoItem(String),
    /// Somebody decided in the meantime.
    #[error("{item} was changed by somebody else: it has version {version} now; look at it again")]
    Changed {
        /// The item.
        item: String,
        /// Its version now.
        version: u64,
    },
    /// Another person must do it.
    #[error("{0}")]
    NotYou(String),
    /// It cannot be done at all, as it is proposed.
    #[error("{0}")]
    NotPossible(String),
}

pub(super) fn not_possible<T>(text: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::NotPossible(text.into()))
}

impl Review {
    /// What a proposal does: its events, the first of them of the item itself, or of the first that
    /// is made. Geometry is taken as valid.
    pub fn decide(&self, proposal: &Proposal) -> Result<Vec<ReviewEvent>, Refusal> {
        if !self.stages.iter().any(|stage| stage == proposal.stage) {
            return not_possible(format!("this review has no stage {}", proposal.stage));
        }
        check_reason(proposal)?;
        self.check_seen(proposal)?;
        match proposal.decision {
            Decision::Add => self.add(proposal),
            Decision::Comment => self.comment(proposal),
            Decision::Verdict => self.verdicts(proposal),
            Decision::Observe => self.observe(proposal),
            Decision::Undo => self.undo(proposal),
            Decision::Reopen => self.reopen(proposal),
            Decision::Merge => self.merge(proposal),
            Decision::Split => self.split(proposal),
            decision if decision.samples() => self.sampling(proposal),
            _ => self.one(proposal),
        }
    }

    pub(super) fn find(&self, id: &str) -> Result<&ReviewItem, Refusal> {
        self.items.get(id).ok_or_else(|| Refusal::NoItem(id.into()))
    }

    /// The item in the version that the person saw.
    pub(super) fn seen(&self, id: &str, version: u64) -> Result<&ReviewItem, Refusal> {
        let item = self.find(id)?;
        if item.version == version {
            return Ok(item);
        }
        Err(Refusal::Changed { item: id.into(), version: item.version })
    }

    /// Accept, modify, reject, defer, pass, return.
    fn one(&self, proposal: &Proposal) -> Result<Vec<ReviewEvent>, Refusal> {
        let item = self.seen(&proposal.item, proposal.version)?;
        check_open(item, proposal)?;
        let Standing { stage, disposition, .. } = item.standing();
        let decision = proposal.decision;
        let to = match decision {
            Decision::Defer => Standing { state: ItemState::Deferred, ..item.standing() },
            // What two copies of a review decided otherwise goes to those who say what it is.
            Decision::Return if proposal.detail.conflicts.is_some() => {
                Standing::waiting(self.stages.reopened(), disposition)
            }
            Decision::Return => {
                let Some(before) = self.stages.before(stage) else {
                    return not_possible(format!(
                        "{} is at the first stage, {stage}: reject or defer it instead",
                        item.id
                    ));
                };
                if item.returns() > 0 && proposal.comment.trim().is_empty() {
                    return not_possible(format!(
                        "{} was returned before: say in a comment what is to be done",
                        item.id
                    ));
                }
                Standing::waiting(before, disposition)
            }
            Decision::Pass if stage.decides() => {
                return not_possible(format!("at {stage} an item is accepted or rejected"));
            }
            Decision::Pass => onwards(&self.stages, stage, disposition),
            _ if !stage.decides() => {
                return not_possible(format!("at {stage} an item is passed or returned"));
            }
            _ => onwards(&self.stages, stage, Disposition::of(decision)),
        };
        let mut event = event(proposal, item, to);
        if decision == Decision::Modify {
            if proposal.boundary.is_none() && proposal.eo_category.is_none() {
                return not_possible("give geometry or eo_category: nothing would be modified");
            }
            replace(&mut event, item, proposal.boundary.clone());
            event.detail.eo_category = proposal.eo_category;
        }
        Ok(vec![event])
    }

    fn reopen(&self, proposal: &Proposal) -> Result<Vec<ReviewEvent>, Refusal> {
        let item = self.seen(&proposal.item, proposal.version)?;
        check_person(item, proposal)?;
        let Standing { state, disposition, .. } = item.standing();
        if state != ItemState::Verified {
            return not_possible(format!("{} is {state}: only verified items reopen", item.id));
        }
        if proposal.stage != self.stages.last() {
            let text = format!("a verified item is reopened at {}", self.stages.last());
            return Err(Refusal::NotYou(text));
        }
        let to = Standing::waiting(self.stages.reopened(), disposition);
        Ok(vec![event(proposal, item, to)])
    }

    fn comment(&self, proposal: &Proposal) -> Result<Vec<ReviewEvent>, Refusal> {
        let item = self.find(&proposal.item)?;
        if proposal.comment.trim().is_empty() {
            return not_possible("give comment: there is nothing to say");
        }
        Ok(vec![event(proposal, item, item.standing())])
    }

    fn verdicts(&self, proposal: &Proposal) -> Result<Vec<ReviewEvent>, Refusal> {
        let Some(verdict) = proposal.verdict.filter(|_| !proposal.features.is_empty()) else {
            return not_possible("give feature or features, and verdict: seen or not_seen");
        };
        let of = |(feature, item): &(String, String)| {
            let item = self.find(item)?;
            check_open(item, proposal)?;
            let mut event = event(proposal, item, item.standing());
            event.detail.verdicts.insert(feature.clone(), verdict);
            Ok(event)
        };
        proposal.features.iter().map(of).collect()
    }

    fn add(&self, proposal: &Proposal) -> Result<Vec<ReviewEvent>, Refusal> {
        check_draws(proposal)?;
        let (Some(boundary), Some(category)) = (&proposal.boundary, proposal.eo_category) else {
            return not_possible("give geometry and eo_category of the new item");
        };
        Ok(vec![self.new_item(proposal, 1, boundary, category, &[])])
    }

    fn merge(&self, proposal: &Proposal) -> Result<Vec<ReviewEvent>, Refusal> {
        check_draws(proposal)?;
        let first = self.seen(&proposal.item, proposal.version)?;
        let mut parents = vec![first];
        for (id, version) in &proposal.others {
            let other = self.seen(id, *version)?;
            if parents.iter().any(|parent| parent.id == other.id) {
                return not_possible(format!("{id} is named twice"));
            }
            if other.eo_category() != first.eo_category() {
                return not_possible(format!(
                    "{} is {} and {id} is {}: categories are never mixed; modify one first",
                    first.id,
                    first.eo_category(),
                    other.eo_category()
                ));
            }
            parents.push(other);
        }
        parents.iter().try_for_each(|parent| check_open(parent, proposal))?;
        let (Some(boundary), true) = (&proposal.boundary, parents.len() > 1) else {
            return not_possible("give two or more items to merge");
        };
        let child = self.new_item(proposal, 1, boundary, first.eo_category(), &parents);
        Ok(superseded(proposal, &parents, vec![child]))
    }

    fn split(&self, proposal: &Proposal) -> Result<Vec<ReviewEvent>, Refusal> {
        check_draws(proposal)?;
        let item = self.seen(&proposal.item, proposal.version)?;
        check_open(item, proposal)?;
        if proposal.parts.len() < 2 {
            return not_possible("give two or more parts");
        }
        let part = |(number, boundary): (u32, &Arc<[u8]>)| {
            self.new_item(proposal, number, boundary, item.eo_category(), &[item])
        };
        let children = (1..).zip(&proposal.parts).map(part).collect();
        Ok(superseded(proposal, &[item], children))
    }

    /// The making of an item, the `number`th of the decision, which waits where it was drawn.
    fn new_item(
        &self,
        proposal: &Proposal,
        number: u32,
        boundary: &Arc<[u8]>,
        eo_category: EoCategory,
        parents: &[&ReviewItem],
    ) -> ReviewEvent {
        let id = format!("N{:04}", self.made + number);
        let standing = Standing::waiting(proposal.stage, None);
        let item = ReviewItem::new(id, standing, eo_category, boundary.clone());
        let mut event = event(proposal, &item, standing);
        event.item_version = 1;
        event.geom_after = Some(boundary.clone());
        event.detail.eo_category = Some(eo_category);
        event.detail.parents = parents.iter().map(|parent| parent.id.clone()).collect();
        event
    }

    fn undo(&self, proposal: &Proposal) -> Result<Vec<ReviewEvent>, Refusal> {
        let item = self.seen(&proposal.item, proposal.version)?;
        let Some(last) = item.steps.last() else {
            return not_possible(format!("nothing was decided on {} that can be undone", item.id));
        };
        let concerned = self.items_of(&last.decision).unwrap_or_default();
        let mut events = vec![];
        let mut ids: Vec<&String> = concerned.iter().collect();
        ids.sort_by_key(|id| **id != item.id);
        for id in ids {
            let other = self.find(id)?;
            let step = other.steps.last().filter(|step| step.decision == last.decision);
            let Some(step) = step.filter(|step| step.who == proposal.by.name) else {
                let by = other.steps.last().map_or("somebody", |step| step.who.as_str());
                return Err(Refusal::NotYou(format!(
                    "{id} was decided on by {by} since: ask them, or return it"
                )));
            };
            let mut event = event(proposal, other, step.before.standing);
            event.stage = step.stage;
            replace(&mut event, other, Some(step.before.boundary.clone()));
            event.detail.undoes = Some(step.decision.clone());
            events.push(event);
        }
        Ok(events)
    }
}

/// Where an item goes that was decided on at a stage.
fn onwards(
    stages: &ReviewStages,
    stage: super::ReviewStage,
    disposition: Option<Disposition>,
) -> Standing {
    let verified = Standing { stage, state: ItemState::Verified, disposition };
    stages.after(stage).map_or(verified, |next| Standing::waiting(next, disposition))
}

fn check_reason(proposal: &Proposal) -> Result<(), Refusal> {
    let Proposal { decision, reason, comment, .. } = proposal;
    let allowed = Reason::of(*decision);
    let words = || allowed.iter().map(Reason::to_string).collect::<Vec<_>>().join(", ");
    match reason {
        Some(reason) if !allowed.contains(reason) => {
            not_possible(format!("{reason} is no reason to {decision}: give one of {}", words()))
        }
        None if !allowed.is_empty() && *decision != Decision::Verdict => {
            not_possible(format!("give the reason to {decision}: one of {}", words()))
        }
        Some(Reason::Other) if comment.trim().is_empty() => {
            not_possible("say in a comment what the other reason is")
        }
        _ => Ok(()),
    }
}

/// That outlines are drawn where it is said what an item is.
fn check_draws(proposal: &Proposal) -> Result<(), Refusal> {
    if proposal.stage.decides() {
        return Ok(());
    }
    not_possible(format!("at {} an item is passed or returned, not drawn", proposal.stage))
}

/// That nobody acts at two stages of an item.
fn check_person(item: &ReviewItem, proposal: &Proposal) -> Result<(), Refusal> {
    let who = &proposal.by.name;
    item.barred(who, proposal.stage).map_or(Ok(()), |acted| {
        Err(Refusal::NotYou(format!(
            "{who} acted on {} at {acted}: another person must do so at {}",
            item.id, proposal.stage
        )))
    })
}

fn check_open(item: &ReviewItem, proposal: &Proposal) -> Result<(), Refusal> {
    let Standing { stage, state, .. } = item.standing();
    if !item.standing().is_open() {
        let remedy = match state {
            ItemState::Verified => "reopen it",
            _ => "look at what took its place",
        };
        return not_possible(format!("{} is {state}: {remedy}", item.id));
    }
    if stage != proposal.stage {
        return not_possible(format!("{} waits at {stage}, not at {}", item.id, proposal.stage));
    }
    check_person(item, proposal)
}

/// The event of a proposal on an item that then stands at `to`.
pub(super) fn event(proposal: &Proposal, item: &ReviewItem, to: Standing) -> ReviewEvent {
    ReviewEvent {
        decision_id: proposal.id.clone(),
        at_utc: proposal.at_utc.clone(),
        who: proposal.by.name.clone(),
        organisation: proposal.by.organisation.clone(),
        role: proposal.by.role.clone(),
        stage: proposal.stage,
        item: item.id.clone(),
        item_version: item.version + u64::from(proposal.decision.moves()),
        kind: proposal.decision,
        reason: proposal.reason,
        comment: proposal.comment.clone(),
        geom_before: None,
        geom_after: None,
        detail: proposal.detail.clone(),
        from: item.standing(),
        to,
        seconds_open: proposal.seconds_open,
        client: proposal.by.client.clone(),
    }
}

/// Notes an outline in place of another, where it is another.
fn replace(event: &mut ReviewEvent, item: &ReviewItem, boundary: Option<Arc<[u8]>>) {
    if let Some(boundary) = boundary.filter(|boundary| boundary != item.boundary()) {
        event.geom_before = Some(item.boundary().clone());
        event.geom_after = Some(boundary);
    }
}

/// Items whose place is taken by new ones.
fn superseded(
    proposal: &Proposal,
    parents: &[&ReviewItem],
    children: Vec<ReviewEvent>,
) -> Vec<ReviewEvent> {
    let ids: Vec<String> = children.iter().map(|child| child.item.clone()).collect();
    let parent = |parent: &&ReviewItem| {
        let to = Standing { state: ItemState::Superseded, ..parent.standing() };
        let mut event = event(proposal, parent, to);
        event.detail.children.clone_from(&ids);
        event
    };
    parents.iter().map(parent).chain(children).collect()
}
