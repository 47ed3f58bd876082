//! What the evidence of an area amounts to.

use crate::constrained_area::ConstrainedArea;
use crate::evidence::Evidence;
use crate::front::Front;
use crate::{CategoryRule, ConfidenceRule, Doctrine, Need};
use rams_domain::{EvidenceKind, ExternalEvidenceId, Threat};

/// No imagery makes an area certain.
const MOST_CONFIDENT: f64 = 0.99;

/// Probability that an area holds what it is suspected of, 0 to 0.99: by the doctrine's formula,
/// times a factor on its odds. Evidence of a probability below `least` that merely lies in it does
/// not count.
///
/// That at least one of independent features is right, `1 - prod(1 - p)`, would be too sure, for
/// repeated false alarms on one kind of ground are not independent: the doctrine's weights are
/// fitted on simulated fields. Summed as logarithms, because the product of a thousand small
/// factors underflows.
pub(crate) fn confidence(
    members: &[Evidence],
    least: f32,
    rule: &ConfidenceRule,
    factor: f64,
) -> f32 {
    let counts =
        members.iter().filter(|e| e.external().is_some() || e.confidence >= f64::from(least));
    let counts: Vec<f64> = counts.map(|e| e.confidence.min(MOST_CONFIDENT)).collect();
    let strongest = counts.iter().copied().fold(0.0, f64::max);
    if strongest <= 0.0 {
        return 0.0;
    }
    let surprise: f64 = counts.iter().map(|p| -(-p).ln_1p()).sum();
    let together = surprise.exp_m1().min(f64::MAX).ln();
    let in_rows: f64 = members.iter().filter_map(|e| Some(e.row()?.mines)).sum();
    let log_odds = rule.intercept
        + rule.sum * together
        + rule.strongest * (strongest / (1.0 - strongest)).ln()
        + rule.row * in_rows.ln_1p();
    (1.0 / (1.0 + (-log_odds - factor.ln()).exp())).min(MOST_CONFIDENT) as f32
}

/// The highest level whose need is met; LOW for at least one piece of evidence that counts.
pub(crate) fn threat(members: &[Evidence], rule: &CategoryRule) -> Threat {
    let meets = |need: Option<Need>| {
        need.is_some_and(|need| count(members, need.confidence) >= need.features)
    };
    if meets(rule.threat.high) {
        Threat::High
    } else if meets(rule.threat.medium) {
        Threat::Medium
    } else if count(members, rule.min_confidence) > 0 {
        Threat::Low
    } else {
        Threat::Unassessed
    }
}

/// How many members are at least that probable.
pub(crate) fn count(members: &[Evidence], least: f32) -> usize {
    members.iter().filter(|e| e.row().is_none() && e.confidence >= f64::from(least)).count()
}

/// Direct where anything that others reported is, by the national mapping.
pub(crate) fn evidence(members: &[Evidence], doctrine: &Doctrine) -> EvidenceKind {
    let mapped = members
        .iter()
        .filter_map(|e| doctrine.external_evidence.get(&e.external()?.kind))
        .map(|rule| rule.evidence);
    mapped.max().unwrap_or(EvidenceKind::Indirect)
}

/// The direction of the front of an area, degrees from north, and whether it is unknown, by its
/// members that have a front: known only where all agree to a right angle.
pub(crate) fn front(members: &[Evidence]) -> (Option<f64>, bool) {
    let fronts: Vec<Front> = members.iter().filter_map(|e| e.front).collect();
    let mut directions = fronts.iter().filter_map(|front| match front {
        Front::Towards { deg, .. } => Some(*deg),
        Front::Unknown => None,
    });
    let Some(first) = directions.next() else { return (None, !fronts.is_empty()) };
    let agrees = |deg: f64| ((deg - first + 180.0).rem_euclid(360.0) - 180.0).abs() <= 90.0;
    let all_known = !fronts.contains(&Front::Unknown);
    (directions.all(agrees).then_some(first).filter(|_| all_known), !all_known)
}

/// What others reported that an area stands on, or that changed it.
pub(crate) fn external_evidence(
    members: &[Evidence],
    site: &ConstrainedArea,
) -> Vec<ExternalEvidenceId> {
    let mut ids: Vec<ExternalEvidenceId> =
        members.iter().filter_map(|e| Some(e.external()?.id)).collect();
    let fronts = members.iter().filter_map(|e| match e.front {
        Some(Front::Towards { by, .. }) => by,
        _ => None,
    });
    ids.extend(fronts);
    ids.extend(&site.released_by);
    ids.sort();
    ids.dedup();
    ids
}
