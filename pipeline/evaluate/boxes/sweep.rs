//! What another threshold would give: recall against false alarms.

use crate::interval;
use serde::Serialize;

/// One threshold of a sweep.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Step {
    /// Least score (or confidence, see [`crate::Figures::swept_by`]) that counts.
    pub threshold: f64,
    /// Objects found.
    pub hits: usize,
    /// Predictions where nothing is.
    pub false_alarms: usize,
}

/// The best recall within a budget of false alarms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RecallAt {
    /// The budget.
    pub false_alarms_per_hectare: f64,
    /// The threshold that meets it; `None` where even the first prediction is one too many.
    pub threshold: Option<f64>,
    /// False alarms per hectare at that threshold; 0 without one.
    pub false_alarms_per_hectare_at_threshold: f64,
    /// Share of the objects found.
    pub recall: f64,
    /// Exact 95 % interval of the recall.
    pub recall_95: [f64; 2],
    /// Whether all predictions that were given fit the budget: with lower scores than were kept
    /// there might be more false alarms and more hits, so that the recall is that of fewer false
    /// alarms than the budget's.
    pub exhausted: bool,
}

/// Steps from the strictest threshold to the loosest; predictions of equal rank come together,
/// since no threshold parts them. `judged`: rank and whether it is a hit; duplicates left out.
pub(crate) fn sweep(mut judged: Vec<(f64, bool)>) -> Vec<Step> {
    judged.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut steps: Vec<Step> = vec![];
    let (mut hits, mut false_alarms) = (0, 0);
    for (threshold, hit) in judged {
        if hit {
            hits += 1;
        } else {
            false_alarms += 1;
        }
        let step = Step { threshold, hits, false_alarms };
        match steps.last_mut() {
            Some(last) if last.threshold == threshold => *last = step,
            _ => steps.push(step),
        }
    }
    steps
}

/// Recall within each budget; `None` without objects or without known ground.
pub(crate) fn recall_at(
    steps: &[Step],
    objects: usize,
    hectares: Option<f64>,
    budgets: &[f64],
) -> Vec<RecallAt> {
    let Some(hectares) = hectares.filter(|_| objects > 0) else { return vec![] };
    let at = |budget: &f64| {
        let within = steps.partition_point(|step| step.false_alarms as f64 <= budget * hectares);
        let last = within.checked_sub(1).map(|at| steps[at]);
        let hits = last.map_or(0, |step| step.hits);
        RecallAt {
            false_alarms_per_hectare: *budget,
            threshold: last.map(|step| step.threshold),
            false_alarms_per_hectare_at_threshold: last
                .map_or(0.0, |step| step.false_alarms as f64 / hectares),
            recall: hits as f64 / objects as f64,
            recall_95: interval::share(hits, objects).expect("there are objects"),
            exhausted: within == steps.len(),
        }
    };
    budgets.iter().map(at).collect()
}

/// The steps at which recall rises, and the last: what a curve needs.
pub(crate) fn corners(steps: &[Step]) -> Vec<Step> {
    let rises = |at: usize| at == 0 || steps[at].hits > steps[at - 1].hits || at + 1 == steps.len();
    (0..steps.len()).filter(|at| rises(*at)).map(|at| steps[at]).collect()
}
