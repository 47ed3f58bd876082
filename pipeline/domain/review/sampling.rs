//! Proposals about samples -> events, and the events -> samples. They move no item.

use super::decide::{event, not_possible};
use super::sample::{
    Drawn, Finding, Inspection, LotItem, LotSize, Said, Sample, SampleItem, SamplePlan,
    SamplePurpose, SampleSize, Sampling,
};
use super::{Decision, ItemState, Proposal, Reached, Refusal, Review, ReviewEvent};
use std::collections::BTreeMap;

impl Review {
    /// The samples that were drawn, in order.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// A sample by its id.
    pub fn sample(&self, id: &str) -> Option<&Sample> {
        self.samples.iter().find(|sample| sample.id == id)
    }

    /// Items on which a person did not act and of which a blind second look still asks what they
    /// are, each with its sample: until somebody has answered, the person is not told what was
    /// decided on them.
    pub fn second_looks(&self, who: &str) -> BTreeMap<&str, &str> {
        let asks = |sample: &&Sample| sample.plan.purpose == SamplePurpose::SecondLook;
        let items = self.samples.iter().filter(asks).flat_map(|sample| {
            let open = sample.items.iter().filter(|item| item.finding.is_none());
            open.map(|item| (item.drawn.item.as_str(), sample.id.as_str()))
        });
        let acted = |id: &str| self.items.get(id).is_some_and(|it| it.acted().contains_key(who));
        items.filter(|(id, _)| !acted(id)).collect()
    }

    /// That nobody decides on what they were not told all of.
    pub(super) fn check_seen(&self, proposal: &Proposal) -> Result<(), Refusal> {
        let is_told = proposal.decision == Decision::Observe || proposal.decision.samples();
        if is_told || self.samples.is_empty() {
            return Ok(());
        }
        let who = &proposal.by.name;
        let looks = self.second_looks(who);
        let others = proposal.others.iter().map(|(item, _)| item);
        let of_finds = proposal.features.iter().map(|(_, item)| item);
        let mut items = [&proposal.item].into_iter().chain(others).chain(of_finds);
        items.find_map(|item| looks.get_key_value(item.as_str())).map_or(
            Ok(()),
            |(item, sample)| {
                Err(Refusal::NotYou(format!(
                    "{sample} asks {who} what {item} is: answer there first, under Samples"
                )))
            },
        )
    }

    pub(super) fn sampling(&self, proposal: &Proposal) -> Result<Vec<ReviewEvent>, Refusal> {
        match (proposal.decision, &proposal.sampling) {
            (Decision::Sample, Some(Sampling::Draw { plan, lot })) => {
                self.draw_sample(proposal, plan, lot)
            }
            (Decision::Inspect, Some(Sampling::Inspect { sample, finding })) => {
                self.inspect(proposal, self.sample_named(sample)?, *finding)
            }
            (Decision::Correct, Some(Sampling::Correct { sample })) => {
                self.correct(proposal, self.sample_named(sample)?)
            }
            (decision, _) => not_possible(format!("{decision} is asked for by /samples")),
        }
    }

    fn sample_named(&self, id: &str) -> Result<&Sample, Refusal> {
        self.sample(id).ok_or_else(|| Refusal::NoItem(id.into()))
    }

    fn draw_sample(
        &self,
        proposal: &Proposal,
        plan: &SamplePlan,
        lot: &[LotItem],
    ) -> Result<Vec<ReviewEvent>, Refusal> {
        check(plan)?;
        for of in lot {
            let standing = self.seen(&of.item, of.version)?.standing();
            let is_decided = standing.state != ItemState::Superseded
                && standing.disposition.is_some()
                && Reached::of(standing) >= plan.reached;
            if !is_decided {
                return not_possible(format!("{} is not decided that far", of.item));
            }
        }
        if lot.is_empty() {
            return not_possible(format!(
                "nothing that is decided has reached {}: draw when something has",
                plan.reached
            ));
        }
        let size = LotSize { items: lot.len(), area_m2: lot.iter().map(|item| item.area_m2).sum() };
        let id = format!("S{:04}", self.samples.len() + 1);
        let drawn = |of: LotItem| {
            let mut event = self.about(proposal, &of.item)?;
            let drawn = Drawn { sample: id.clone(), plan: plan.clone(), lot: size, of };
            event.detail.drawn = Some(Box::new(drawn));
            Ok(event)
        };
        plan.draw(lot).into_iter().map(drawn).collect()
    }

    fn inspect(
        &self,
        proposal: &Proposal,
        sample: &Sample,
        finding: Finding,
    ) -> Result<Vec<ReviewEvent>, Refusal> {
        let who = &proposal.by.name;
        let Some(item) = sample.items.iter().find(|item| item.drawn.item == proposal.item) else {
            return not_possible(format!("{} is not in {}", proposal.item, sample.id));
        };
        let is_blind = sample.plan.purpose == SamplePurpose::SecondLook;
        if is_blind != matches!(finding, Finding::Says(_)) {
            let words = if is_blind { "accepted or rejected" } else { "conform or nonconforming" };
            return not_possible(format!("{} asks for one of {words}", sample.id));
        }
        // An inspector decided nothing of the sample; a second person did not of the item.
        let own = sample.items.iter().filter(|other| !is_blind || other.drawn == item.drawn);
        let acted = |id: &str| self.items.get(id).is_some_and(|it| it.acted().contains_key(who));
        if let Some(own) = own.map(|other| &other.drawn.item).find(|id| acted(id)) {
            return Err(Refusal::NotYou(format!(
                "{who} acted on {own}: a person who did not must look at {}",
                sample.id
            )));
        }
        if let (true, Some(first)) = (is_blind, &item.finding) {
            let text =
                format!("{} was looked at by {}: that answer stands", item.drawn.item, first.who);
            return not_possible(text);
        }
        let is_bad = matches!(finding, Finding::Nonconforming { .. });
        if is_bad && proposal.comment.trim().is_empty() {
            return not_possible("say in a comment what does not conform");
        }
        let mut event = self.about(proposal, &proposal.item)?;
        event.detail.inspection = Some(Inspection { sample: sample.id.clone(), finding });
        Ok(vec![event])
    }

    fn correct(&self, proposal: &Proposal, sample: &Sample) -> Result<Vec<ReviewEvent>, Refusal> {
        if proposal.comment.trim().is_empty() {
            return not_possible("say in a comment what is done about it");
        }
        let bad: Vec<_> = sample.items.iter().filter(|item| item.is_nonconforming()).collect();
        if bad.is_empty() {
            return not_possible(format!("nothing of {} was found nonconforming", sample.id));
        }
        let correct = |item: &&SampleItem| {
            let mut event = self.about(proposal, &item.drawn.item)?;
            event.detail.corrects = Some(sample.id.clone());
            Ok(event)
        };
        bad.iter().map(correct).collect()
    }

    /// An event that is about an item and leaves it where it stands.
    fn about(&self, proposal: &Proposal, item: &str) -> Result<ReviewEvent, Refusal> {
        let item = self.find(item)?;
        let mut event = event(proposal, item, item.standing());
        event.stage = item.standing().stage;
        Ok(event)
    }

    /// Takes in what an event says of a sample; the error is why it does not follow.
    pub(super) fn take_sample(&mut self, event: &ReviewEvent) -> Result<(), &'static str> {
        let detail = &event.detail;
        if let Some(drawn) = &detail.drawn {
            let disposition = event.from.disposition.ok_or("nothing was decided on it")?;
            let item = SampleItem {
                drawn: drawn.of.clone(),
                said: disposition,
                finding: None,
                correction: None,
            };
            if self.samples.last().is_none_or(|last| last.id != drawn.sample) {
                self.samples.push(Sample {
                    id: drawn.sample.clone(),
                    plan: drawn.plan.clone(),
                    lot: drawn.lot,
                    who: event.who.clone(),
                    at_utc: event.at_utc.clone(),
                    items: vec![],
                });
            }
            self.samples.last_mut().ok_or("there is no such sample")?.items.push(item);
        }
        if let Some(Inspection { sample, finding }) = &detail.inspection {
            let item = self.sample_item(sample, &event.item)?;
            item.finding = Some(said(event, *finding));
            item.correction = None;
        }
        if let Some(sample) = &detail.corrects {
            self.sample_item(sample, &event.item)?.correction = Some(said(event, ()));
        }
        Ok(())
    }

    fn sample_item(&mut self, sample: &str, item: &str) -> Result<&mut SampleItem, &'static str> {
        let mut samples = self.samples.iter_mut();
        let sample = samples.find(|of| of.id == sample).ok_or("there is no such sample")?;
        let mut items = sample.items.iter_mut();
        items.find(|of| of.drawn.item == item).ok_or("it is not in the sample")
    }
}

impl SampleItem {
    /// Whether it was found nonconforming.
    pub fn is_nonconforming(&self) -> bool {
        let found = self.finding.as_ref().map(|finding| finding.what);
        matches!(found, Some(Finding::Nonconforming { .. }))
    }
}

fn said<T>(event: &ReviewEvent, what: T) -> Said<T> {
    let (who, at_utc) = (event.who.clone(), event.at_utc.clone());
    Said { who, at_utc, what, comment: event.comment.clone() }
}

/// That a plan can be drawn by.
fn check(plan: &SamplePlan) -> Result<(), Refusal> {
    let is_share = |share: f64| share > 0.0 && share <= 1.0;
    match plan.size {
        SampleSize::Items(0) => return not_possible("items is 0: give 1 or more"),
        SampleSize::ShareOfItems(share) | SampleSize::ShareOfArea(share) if !is_share(share) => {
            return not_possible(format!("the share is {share}: give one above 0 to 1"));
        }
        _ => {}
    }
    match plan.acceptance {
        Some(numbers) if plan.purpose == SamplePurpose::SecondLook => not_possible(format!(
            "a second look has no acceptance numbers, but ac is {}: leave them out",
            numbers.ac
        )),
        Some(numbers) if numbers.re <= numbers.ac => not_possible(format!(
            "ac is {} and re is {}: give an re above ac",
            numbers.ac, numbers.re
        )),
        _ => Ok(()),
    }
}
