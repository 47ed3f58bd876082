//! Two logs of one survey -> what the other adds to ours.

use super::Walk;
use super::conflict::{live, said};
use super::outcome::{Conflict, LogOutcome};
use super::proposals::{Group, proposal};
use crate::book::Subject;
use crate::imported::{hashed, importer};
use rams_domain::{
    Decision, EventDetail, ItemState, Origin, Proposal, Reason, Review, ReviewEvent, ReviewStage,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

/// An item that stops the import, and why.
pub(super) type Stopped = (String, String);

pub(super) struct Merge<'a> {
    ours: &'a Walk,
    theirs: &'a Walk,
    importer: &'a str,
    /// Where the importer acts.
    stages: Vec<ReviewStage>,
    /// Ours, with what was taken so far.
    review: Review,
    /// What decisions made, there and here.
    made_there: HashMap<String, Vec<String>>,
    made_here: HashMap<String, Vec<String>>,
    /// Decisions of theirs that do not fit ours, since an import before.
    otherwise: HashSet<&'a String>,
    /// Our item of each of theirs.
    ids: HashMap<String, String>,
    /// Our items on which both decided.
    diverged: BTreeSet<String>,
    proposals: Vec<Proposal>,
}

/// The items that each decision made, in order.
fn made(subject: &Subject, events: &[ReviewEvent]) -> HashMap<String, Vec<String>> {
    let mut seen: HashSet<&str> = subject.areas.iter().map(|(id, ..)| id.as_str()).collect();
    let mut made: HashMap<String, Vec<String>> = HashMap::new();
    for event in events {
        if seen.insert(&event.item) {
            made.entry(event.decision_id.clone()).or_default().push(event.item.clone());
        }
    }
    made
}

impl<'a> Merge<'a> {
    pub(super) fn new(
        subject: &Subject,
        ours: &'a Walk,
        theirs: &'a Walk,
        importer: &'a str,
        stages: Vec<ReviewStage>,
    ) -> Self {
        let own = subject.areas.iter().map(|(id, ..)| (id.clone(), id.clone()));
        let otherwise = ours.events.iter().filter_map(|event| event.detail.conflicts.as_ref());
        Self {
            ours,
            theirs,
            importer,
            stages,
            review: ours.review.clone(),
            made_there: made(subject, &theirs.events),
            made_here: made(subject, &ours.events),
            otherwise: otherwise.collect(),
            ids: own.collect(),
            diverged: BTreeSet::new(),
            proposals: vec![],
        }
    }

    /// The proposals that bring ours to what both have, in order; nothing is written.
    pub(super) fn of(mut self, file: &Path) -> Result<(Vec<Proposal>, LogOutcome), Stopped> {
        let mut outcome = LogOutcome::new(file, self.theirs.head);
        let mut conflicts: BTreeMap<String, Conflict> = BTreeMap::new();
        for group in groups(&self.theirs.events) {
            let first = group[0].1;
            if first.kind.samples() {
                outcome.samples += 1;
            } else if self.is_known(&group) {
                outcome.repeated += 1;
            } else {
                match self.take(&group)? {
                    Ok(()) => *outcome.taken.entry(first.kind).or_default() += 1,
                    Err(found) => {
                        for conflict in found {
                            conflicts.insert(conflict.item.clone(), conflict);
                        }
                        outcome.otherwise += 1;
                    }
                }
            }
        }
        for conflict in conflicts.values_mut().filter(|conflict| conflict.moves) {
            self.send_back(conflict)?;
        }
        outcome.conflicts = conflicts.into_values().collect();
        Ok((self.proposals, outcome))
    }

    /// Whether a decision is in ours, as it is or as one that was decided otherwise.
    fn is_known(&mut self, group: &Group<'_>) -> bool {
        let first = group[0].1;
        let Some(items) = self.review.items_of(&first.decision_id).map(<[String]>::to_vec) else {
            return false;
        };
        let there = self.made_there.get(&first.decision_id).cloned().unwrap_or_default();
        match self.made_here.get(&first.decision_id) {
            Some(here) => self.ids.extend(there.into_iter().zip(here.clone())),
            // A conflict: what was made of it there has no other place here.
            None => self.ids.extend(there.into_iter().map(|it| (it, items[0].clone()))),
        }
        if first.kind.moves() && self.otherwise.contains(&first.decision_id) {
            self.diverged.extend(self.items(group));
        }
        true
    }

    /// Our items of a decision of theirs.
    fn items(&self, group: &Group<'_>) -> Vec<String> {
        let mut items: Vec<String> = vec![];
        for id in group.iter().filter_map(|(_, event)| self.ids.get(&event.item)) {
            if !items.contains(id) {
                items.push(id.clone());
            }
        }
        items
    }

    /// Takes a decision, or notes that it does not fit.
    fn take(&mut self, group: &Group<'_>) -> Result<Result<(), Vec<Conflict>>, Stopped> {
        let first = group[0].1;
        let items = self.items(group);
        let moves_nothing = matches!(first.kind, Decision::Comment | Decision::Observe);
        let is_diverged = !moves_nothing && items.iter().any(|id| self.diverged.contains(id));
        let mut why = String::new();
        if !is_diverged {
            let origin = self.origin(group[0]);
            match proposal(group, &self.ids, &self.review, origin) {
                Some(proposal) => match self.review.decide(&proposal) {
                    Ok(events) if events[0].detail.undoes == first.detail.undoes => {
                        self.took(group, proposal, &events)?;
                        return Ok(Ok(()));
                    }
                    Ok(_) => {}
                    Err(refusal) => why = refusal.to_string(),
                },
                None => why = "it is of an item that is not here".into(),
            }
        }
        self.conflict(group, &items, &why).map(Err)
    }

    fn took(
        &mut self,
        group: &Group<'_>,
        proposal: Proposal,
        events: &[ReviewEvent],
    ) -> Result<(), Stopped> {
        let id = &proposal.id;
        let new = events.iter().filter(|event| self.review.item(&event.item).is_none());
        let new: Vec<String> = new.map(|event| event.item.clone()).collect();
        let there = self.made_there.get(id).cloned().unwrap_or_default();
        self.ids.extend(there.into_iter().zip(new));
        let stopped = |error: rams_domain::OutOfOrder| (group[0].1.item.clone(), error.to_string());
        events.iter().try_for_each(|event| self.review.apply(event)).map_err(stopped)?;
        self.proposals.push(proposal);
        Ok(())
    }

    fn origin(&self, (seq, event): (u64, &ReviewEvent)) -> Origin {
        Origin {
            who: event.who.clone(),
            organisation: event.organisation.clone(),
            at_utc: event.at_utc.clone(),
            seq,
            head: self.theirs.head.hex(),
            imported_by: self.importer.into(),
        }
    }

    /// Writes down what the other decided, for whoever decides next.
    fn conflict(
        &mut self,
        group: &Group<'_>,
        items: &[String],
        why: &str,
    ) -> Result<Vec<Conflict>, Stopped> {
        let first = group[0].1;
        if first.kind.moves() {
            self.diverged.extend(items.iter().cloned());
        }
        let there = self.made_there.get(&first.decision_id).cloned().unwrap_or_default();
        self.ids.extend(there.into_iter().filter_map(|it| Some((it, items.first()?.clone()))));
        let mut found = vec![];
        let mut id = first.decision_id.clone();
        for (of, item) in items
            .iter()
            .flat_map(|of| {
                let live = live(&self.review, of);
                live.into_iter().map(move |item| (of, item))
            })
            .collect::<Vec<_>>()
        {
            let text = said(first, self.last(of), why);
            let stage = self.review.item(&item).map_or(first.stage, |it| it.standing().stage);
            let proposal = Proposal {
                comment: text.clone(),
                detail: EventDetail {
                    origin: Some(Box::new(self.origin(group[0]))),
                    conflicts: Some(first.decision_id.clone()),
                    ..EventDetail::default()
                },
                ..Proposal::new(id, importer(self.importer), stage, Decision::Comment, &item)
            };
            self.decide(proposal)?;
            id = hashed("rams-conflict-1", &[&first.decision_id, &item], b"comment");
            let (moves, decision) = (first.kind.moves(), first.decision_id.clone());
            found.push(Conflict { item, text, decision, stage, moves, is_sent_back: false });
        }
        Ok(found)
    }

    /// Our latest decision on an item.
    fn last(&self, item: &str) -> Option<&'a ReviewEvent> {
        let moves = |event: &&ReviewEvent| event.item == item && event.kind.moves();
        self.ours.events.iter().rev().find(moves)
    }

    /// Brings an item on which both decided to where people say what it is.
    fn send_back(&mut self, conflict: &mut Conflict) -> Result<(), Stopped> {
        let Some(item) = self.review.item(&conflict.item) else { return Ok(()) };
        let (standing, version) = (item.standing(), item.version);
        let decision = match standing.state {
            ItemState::Superseded => return Ok(()),
            ItemState::Verified => Decision::Reopen,
            _ if standing.stage.decides() => return Ok(()),
            _ => Decision::Return,
        };
        if !self.stages.contains(&standing.stage) {
            let text = format!(
                "it was decided otherwise and is at {}: give --as one who acts there, to send it \
                 back",
                standing.stage
            );
            return Err((conflict.item.clone(), text));
        }
        let id = hashed("rams-conflict-1", &[&conflict.decision, &conflict.item], b"back");
        let proposal = Proposal {
            version,
            reason: (decision == Decision::Return).then_some(Reason::Other),
            comment: conflict.text.clone(),
            detail: EventDetail {
                conflicts: Some(conflict.decision.clone()),
                ..EventDetail::default()
            },
            ..Proposal::new(id, importer(self.importer), standing.stage, decision, &conflict.item)
        };
        self.decide(proposal)?;
        conflict.is_sent_back = true;
        let item = self.review.item(&conflict.item);
        conflict.stage = item.map_or(conflict.stage, |item| item.standing().stage);
        Ok(())
    }

    fn decide(&mut self, proposal: Proposal) -> Result<(), Stopped> {
        let stopped = |cause: String| (proposal.item.clone(), cause);
        let events =
            self.review.decide(&proposal).map_err(|refusal| stopped(refusal.to_string()))?;
        let taken = events.iter().try_for_each(|event| self.review.apply(event));
        taken.map_err(|error| stopped(error.to_string()))?;
        self.proposals.push(proposal);
        Ok(())
    }
}

/// The decisions of a log, in order.
fn groups(events: &[ReviewEvent]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = vec![];
    for (seq, event) in (1..).zip(events) {
        match groups.last_mut().filter(|group| group[0].1.decision_id == event.decision_id) {
            Some(group) => group.push((seq, event)),
            None => groups.push(vec![(seq, event)]),
        }
    }
    groups
}
