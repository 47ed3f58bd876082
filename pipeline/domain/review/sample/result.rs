//! What a sample came to.

use super::{
    AcceptanceNumbers, Agreement, Finding, LotSize, Sample, SamplePlan, SamplePurpose, Severity,
    most_nonconforming,
};
use crate::display::display_as_serialised;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a sample says of its lot by the acceptance numbers. It is about decisions, not about land.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LotVerdict {
    /// At most `ac` items do not conform.
    Acceptable,
    /// `re` or more do not.
    NotAcceptable,
    /// More than `ac` and fewer than `re`.
    Undecided,
}
display_as_serialised!(LotVerdict);

/// What a sample came to so far.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SampleResult {
    /// `S0001`.
    pub id: String,
    /// How it was drawn.
    pub plan: SamplePlan,
    /// Who drew it.
    pub who: String,
    /// When, RFC 3339, UTC.
    pub at_utc: String,
    /// From how much.
    pub lot: LotSize,
    /// How much was drawn.
    pub drawn: LotSize,
    /// Items that were looked at.
    pub looked_at: usize,
    /// Items that do not conform.
    pub nonconforming: BTreeMap<Severity, usize>,
    /// Items that do not conform and of which it was said what is done about it.
    pub corrected: usize,
    /// The most that can be wrong with the lot where nothing is found: a share of its items, with
    /// 95 % confidence. None of a second look.
    pub can_show: Option<f64>,
    /// The same by what was found, once all items were looked at.
    pub at_most: Option<f64>,
    /// What that means, where the plan has acceptance numbers.
    pub verdict: Option<LotVerdict>,
    /// How far the first and the second person agree, once all items were looked at.
    pub agreement: Option<Agreement>,
}

impl Sample {
    /// What it came to so far.
    pub fn result(&self) -> SampleResult {
        let mut nonconforming = BTreeMap::new();
        let (mut pairs, mut corrected) = (vec![], 0);
        for item in &self.items {
            match item.finding.as_ref().map(|finding| finding.what) {
                Some(Finding::Nonconforming { severity, .. }) => {
                    *nonconforming.entry(severity).or_default() += 1;
                    corrected += usize::from(item.correction.is_some());
                }
                Some(Finding::Says(second)) => pairs.push((item.said, second)),
                Some(Finding::Conform) | None => {}
            }
        }
        let (is_complete, drawn) = (self.is_complete(), self.items.len());
        let (is_blind, found) =
            (self.plan.purpose == SamplePurpose::SecondLook, nonconforming.values().sum());
        let share = |found| {
            most_nonconforming(self.lot.items, drawn, found) as f64 / self.lot.items.max(1) as f64
        };
        let verdict = |numbers: AcceptanceNumbers| match found {
            found if found >= numbers.re => Some(LotVerdict::NotAcceptable),
            _ if !is_complete => None,
            found if found <= numbers.ac => Some(LotVerdict::Acceptable),
            _ => Some(LotVerdict::Undecided),
        };
        SampleResult {
            id: self.id.clone(),
            plan: self.plan.clone(),
            who: self.who.clone(),
            at_utc: self.at_utc.clone(),
            lot: self.lot,
            drawn: LotSize {
                items: drawn,
                area_m2: self.items.iter().map(|item| item.drawn.area_m2).sum(),
            },
            looked_at: self.items.iter().filter(|item| item.finding.is_some()).count(),
            nonconforming,
            corrected,
            can_show: (!is_blind).then(|| share(0)),
            at_most: (is_complete && !is_blind).then(|| share(found)),
            verdict: self.plan.acceptance.and_then(verdict),
            agreement: (is_complete && is_blind).then(|| Agreement::of(pairs)),
        }
    }
}
