//! What the evidence of an area amounts to.

use crate::constrained_area::ConstrainedArea;
use crate::evidence::Evidence;
use crate::front::Front;
use crate::{CategoryRule, ConfidenceRule, Doctrine, ScatteredRule};
use rams_domain::{EvidenceKind, ExternalEvidenceId, LandClass, Threat, Tier};

/// Nothing makes an area certain.
const MOST_CONFIDENT: f64 = 0.99;

/// A find is more likely right than not.
const PROBABLE: f64 = 0.5;

/// What an area amounts to. All of it follows from one probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Grade {
    pub(crate) land_class: LandClass,
    pub(crate) confidence: f32,
    pub(crate) tier: Tier,
    pub(crate) threat: Threat,
}

/// The grade of an area; `in_a_belt` says whether it lies in the belt of an earthwork.
///
/// What was seen and what others reported are independent: `1 - (1 - seen)(1 - reported)`. So
/// nothing that is seen or not seen, and no use of the ground, makes a report less probable.
pub(crate) fn grade(
    members: &[Evidence],
    rule: &CategoryRule,
    doctrine: &Doctrine,
    site: &ConstrainedArea,
    in_a_belt: bool,
) -> Grade {
    let odds = site.absence.as_ref().map_or(1.0, |(_, factor)| *factor);
    let seen = seen(members, rule, doctrine, odds);
    let reported = reported(members);
    let either = 1.0 - (1.0 - seen) * (1.0 - reported.unwrap_or(0.0));
    let confidence = either.min(MOST_CONFIDENT) as f32;
    let has_ordnance = members.iter().any(|e| {
        e.confidence >= f64::from(rule.draw_confidence)
            && e.feature().is_some_and(|feature| feature.indicator.is_ordnance())
    });
    let land_class = match (reported, has_ordnance) {
        (Some(_), _) => LandClass::Sha,
        (None, true) => doctrine.sha.land_class(confidence, in_a_belt),
        (None, false) => LandClass::Indication,
    };
    let tier = if reported.is_some() { Tier::Reported } else { doctrine.area.tier(confidence) };
    let limits = site.in_use.as_ref().map_or(1.0, |(_, factor)| *factor);
    Grade { land_class, confidence, tier, threat: threat(confidence, rule, limits) }
}

/// How much a find weighs: how surprising ground without hazard would be where it is. Those of
/// several add up.
pub(crate) fn surprise(evidence: &Evidence) -> f64 {
    -(-evidence.confidence.min(MOST_CONFIDENT)).ln_1p()
}

/// Probability that what was seen makes an area hold what it is suspected of, 0 to 0.99: by the
/// doctrine's formulas, times a factor on its odds. Evidence of a probability below that of an area
/// of its own, which merely lies in it, does not count.
///
/// That at least one of independent features is right, `1 - prod(1 - p)`, would be too sure, for
/// repeated false alarms on one kind of ground are not independent: the doctrine's weights are
/// fitted on simulated fields. Summed as logarithms, because the product of a thousand small
/// factors underflows.
fn seen(members: &[Evidence], rule: &CategoryRule, doctrine: &Doctrine, odds: f64) -> f64 {
    let counts =
        |e: &&Evidence| e.feature().is_some() && e.confidence >= f64::from(rule.draw_confidence);
    let counted: Vec<&Evidence> = members.iter().filter(counts).collect();
    let strongest = counted
        .iter()
        .copied()
        .reduce(|most, e| if e.confidence > most.confidence { e } else { most });
    let Some(feature) = strongest.and_then(|e| e.feature()) else { return 0.0 };
    let own = rule.indicator_rule(feature.indicator).confidence;
    let ConfidenceRule { intercept, sum, strongest: weight, row } =
        own.unwrap_or(doctrine.confidence);
    let p = |e: &Evidence| e.confidence.min(MOST_CONFIDENT);
    let strongest = strongest.map_or(0.0, p);
    if strongest <= 0.0 {
        return 0.0;
    }
    let surprise: f64 = counted.iter().copied().map(surprise).sum();
    let together = surprise.exp_m1().min(f64::MAX).ln();
    let in_rows: f64 = members.iter().filter_map(|e| Some(e.row()?.mines)).sum();
    let laid = intercept
        + sum * together
        + weight * (strongest / (1.0 - strongest)).ln()
        + row * in_rows.ln_1p();
    let log_odds = laid.max(scattered(&counted, &doctrine.scattered));
    (1.0 / (1.0 + (-log_odds - odds.ln()).exp())).min(MOST_CONFIDENT)
}

/// Log-odds that scattered mines lie there, by the finds of an area that count: negative infinity
/// where none is of their classes. Parts of what carried them speak neither for nor against.
fn scattered(counted: &[&Evidence], rule: &ScatteredRule) -> f64 {
    let ScatteredRule { classes, doubtful, intercept, together } = rule;
    let ordnance = counted.iter().filter_map(|e| {
        let feature = e.feature().filter(|feature| feature.indicator.is_ordnance())?;
        Some((e.confidence, classes.contains(&feature.class)))
    });
    let (probable, weak): (Vec<_>, Vec<_>) = ordnance.partition(|(p, _)| *p >= PROBABLE);
    let expected: f64 =
        probable.iter().filter(|(_, is_scattered)| *is_scattered).map(|(p, _)| p).sum();
    if expected <= 0.0 {
        return f64::NEG_INFINITY;
    }
    intercept + together * (expected - doubtful * weak.len() as f64).max(0.0).ln_1p()
}

/// Probability that at least one of the reports on an area is right; `None` without any.
fn reported(members: &[Evidence]) -> Option<f64> {
    let reports = members.iter().filter(|e| e.external().is_some());
    reports.map(|e| 1.0 - e.confidence).reduce(|none, wrong| none * wrong).map(|none| 1.0 - none)
}

/// The highest level whose limit a probability reaches, the limits times a factor.
fn threat(confidence: f32, rule: &CategoryRule, factor: f64) -> Threat {
    let reaches =
        |limit: Option<f64>| limit.is_some_and(|least| f64::from(confidence) >= least * factor);
    if reaches(rule.threat.high) {
        Threat::High
    } else if reaches(rule.threat.medium) {
        Threat::Medium
    } else {
        Threat::Low
    }
}

/// Direct where anything that others reported is, by the national mapping.
pub(crate) fn evidence(members: &[Evidence], doctrine: &Doctrine) -> EvidenceKind {
    let mapped = members
        .iter()
        .filter_map(|e| doctrine.reports.get(&e.external()?.kind))
        .map(|rule| rule.evidence);
    mapped.max().unwrap_or(EvidenceKind::Indirect)
}

/// The direction of the front of an area, degrees from north, and whether it is unknown, by its
/// members that have a front: known only where all agree to a right angle.
pub(crate) fn front(members: &[Evidence]) -> (Option<f64>, bool) {
    let fronts: Vec<Front> = members.iter().filter_map(|e| Some(e.belt?.front)).collect();
    let mut directions = fronts.iter().filter_map(|front| match front {
        Front::Towards { deg, .. } => Some(*deg),
        Front::Unknown | Front::Disputed(_) => None,
    });
    let Some(first) = directions.next() else { return (None, !fronts.is_empty()) };
    let agrees = |deg: f64| ((deg - first + 180.0).rem_euclid(360.0) - 180.0).abs() <= 90.0;
    let all_known = fronts.iter().all(|front| matches!(front, Front::Towards { .. }));
    (directions.all(agrees).then_some(first).filter(|_| all_known), !all_known)
}

/// What others reported that an area stands on, or that changed it.
pub(crate) fn external_evidence(
    members: &[Evidence],
    site: &ConstrainedArea,
) -> Vec<ExternalEvidenceId> {
    let mut ids: Vec<ExternalEvidenceId> =
        members.iter().filter_map(|e| Some(e.external()?.id)).collect();
    for front in members.iter().filter_map(|e| Some(e.belt?.front)) {
        match front {
            Front::Towards { by, .. } => ids.extend(by),
            Front::Disputed(by) => ids.extend(by),
            Front::Unknown => {}
        }
    }
    ids.extend(&site.released_by);
    ids.sort();
    ids.dedup();
    ids
}
