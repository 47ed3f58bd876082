//! What was observed on the ground -> events, and a mistake in it taken back.

use super::decide::{event, not_possible};
use super::{Proposal, Refusal, Review, ReviewEvent};

impl Review {
    /// One event for each item that the find belongs to, or for the area, where each stands.
    pub(super) fn observe(&self, proposal: &Proposal) -> Result<Vec<ReviewEvent>, Refusal> {
        if let Some(observation) = &proposal.detail.withdraws {
            return self.withdraw(proposal, observation);
        }
        let Some(observation) = &proposal.observation else {
            return not_possible("observations come from a table: `rams review DIR import FILE`");
        };
        let of_finds: Vec<_> = proposal.features.iter().map(|(_, item)| item).collect();
        let items = if of_finds.is_empty() { vec![&proposal.item] } else { of_finds };
        let one = |item: &String| {
            let item = self.find(item)?;
            let mut event = event(proposal, item, item.standing());
            event.stage = item.standing().stage;
            event.detail.observation = Some(observation.clone());
            Ok(event)
        };
        items.into_iter().map(one).collect()
    }

    /// One event for each item that has the observation of a decision.
    fn withdraw(&self, proposal: &Proposal, decision: &str) -> Result<Vec<ReviewEvent>, Refusal> {
        if proposal.comment.trim().is_empty() {
            return not_possible("say why the observation is withdrawn");
        }
        let items = self.items_of(decision).unwrap_or_default().iter();
        let items = items.filter_map(|id| self.item(id));
        let items = items.filter(|item| item.observations.iter().any(|(id, _)| id == decision));
        let one = |item: &super::ReviewItem| {
            let mut event = event(proposal, item, item.standing());
            event.stage = item.standing().stage;
            event
        };
        let events: Vec<ReviewEvent> = items.map(one).collect();
        if events.is_empty() {
            return not_possible("no observation of it stands: it was withdrawn, or never was one");
        }
        Ok(events)
    }
}
