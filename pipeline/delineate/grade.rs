//! What the evidence of an area amounts to.

use crate::link::Evidence;
use crate::{Category, Need};
use geo::{ConvexHull, CoordsIter, Distance, Euclidean, MultiPoint, Point};
use rams_domain::{AreaKind, Threat};
use std::collections::BTreeMap;

/// No imagery makes an area certain.
const MOST_CONFIDENT: f64 = 0.99;

/// Probability that at least one feature is what it seems, `1 - prod(1 - p)`, at most 0.99.
///
/// Summed as logarithms, because the product of a thousand small factors underflows. It takes the
/// features as independent, which repeated false alarms on one kind of ground are not: threat
/// therefore counts single strong features instead.
pub(crate) fn confidence(members: &[&Evidence]) -> f32 {
    let log_none: f64 = members.iter().map(|e| (-probability(e)).ln_1p()).sum();
    (-log_none.exp_m1()).min(MOST_CONFIDENT) as f32
}

/// The highest level whose need is met; LOW for at least one feature that counts.
pub(crate) fn threat(members: &[&Evidence], rule: &Category) -> Threat {
    let meets = |need: Option<Need>| need.is_some_and(|need| count(members, need.confidence) >= need.features);
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

/// One sentence: `14 pfm-1 within 31 m; strongest 0.97; threat HIGH: 12 of 0.70 or more; evidence
/// is indirect (imagery)`.
pub(crate) fn rationale(members: &[&Evidence], rule: &Category) -> String {
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for e in members {
        *classes.entry(&e.feature.class).or_default() += 1;
    }
    let mut classes: Vec<(&str, usize)> = classes.into_iter().collect();
    // Stable, so that equal counts stay in the order of the alphabet.
    classes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let counted = classes.iter().map(|(class, count)| format!("{count} {class}")).collect::<Vec<_>>().join(", ");
    let across = match (members.len(), span_m(members)) {
        (..=1, _) => String::new(),
        (_, metres) if metres < 10.0 => format!(" within {metres:.1} m"),
        (_, metres) => format!(" within {metres:.0} m"),
    };
    let strongest = members.iter().map(|e| probability(e)).fold(0.0, f64::max);
    let level = threat(members, rule);
    let least = match level {
        Threat::High => rule.threat.high.map(|need| need.confidence),
        Threat::Medium => rule.threat.medium.map(|need| need.confidence),
        Threat::Low | Threat::Unassessed => None,
    };
    let least = least.unwrap_or(rule.min_confidence);
    let mut sentence = format!(
        "{counted}{across}; strongest {strongest:.2}; threat {level}: {} of {least:.2} or more",
        count(members, least)
    );
    if rule.one_sided {
        sentence.push_str("; front not known, both sides drawn");
    }
    if rule.kind == AreaKind::Indicative {
        sentence.push_str("; envelope of evidence points, not a perimeter");
    }
    sentence + "; evidence is indirect (imagery)"
}

fn count(members: &[&Evidence], least: f32) -> usize {
    members.iter().filter(|e| e.feature.confidence >= least).count()
}

fn probability(e: &Evidence) -> f64 {
    // A confidence that is not a number counts as none.
    let p = f64::from(e.feature.confidence);
    if p > 0.0 { p.min(1.0) } else { 0.0 }
}

/// Largest distance between any two positions of the evidence, metres.
fn span_m(members: &[&Evidence]) -> f64 {
    let positions: Vec<Point> = members.iter().flat_map(|e| e.metres.coords_iter()).map(Point::from).collect();
    let hull: Vec<Point> = MultiPoint::from(positions).convex_hull().exterior().points().collect();
    let pairs = hull.iter().enumerate().flat_map(|(i, a)| hull[i..].iter().map(move |b| (a, b)));
    pairs.map(|(a, b)| Euclidean.distance(*a, *b)).fold(0.0, f64::max)
}
