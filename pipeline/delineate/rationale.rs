//! The sentence that explains an area.

use crate::constrained_area::ConstrainedArea;
use crate::earthworks::NearestEarthwork;
use crate::evidence::{Evidence, features};
use crate::grade::count;
use crate::{CategoryRule, Doctrine};
use geo::{ConvexHull, CoordsIter, Distance, Euclidean, MultiPoint, Point};
use rams_domain::{AreaKind, EvidenceKind, Threat};
use std::collections::BTreeMap;

/// What the sentence says of an area beside its evidence.
pub(crate) struct Surroundings<'a> {
    /// The earthwork that its mines lie nearest to.
    pub(crate) earthwork: Option<NearestEarthwork<'a>>,
    /// The area as the site leaves it.
    pub(crate) site: &'a ConstrainedArea,
    /// Geodesic area, square metres.
    pub(crate) area_m2: f64,
    /// Direction of its front, degrees from north, where all of its earthworks agree.
    pub(crate) front_deg: Option<f64>,
    /// Whether the front of one of its earthworks is unknown.
    pub(crate) front_unknown: bool,
}

/// One sentence: `14 pfm-1 in 2 rows, 3.0 m apart, within 31 m, 60 m in front of trench F000012;
/// strongest 0.97; threat HIGH: 12 of 0.70 or more; evidence is indirect (imagery)`.
pub(crate) fn rationale(
    members: &[Evidence],
    rule: &CategoryRule,
    doctrine: &Doctrine,
    threat: Threat,
    evidence: EvidenceKind,
    surroundings: &Surroundings<'_>,
) -> String {
    let strongest = members.iter().map(|e| e.confidence).fold(0.0, f64::max);
    let least = match threat {
        Threat::High => rule.threat.high.map(|need| need.confidence),
        Threat::Medium => rule.threat.medium.map(|need| need.confidence),
        Threat::Low | Threat::Unassessed => None,
    };
    let least = least.unwrap_or(rule.min_confidence);
    let mut sentence = format!(
        "{}; strongest {strongest:.2}; threat {threat}: {} of {least:.2} or more",
        what(members, surroundings),
        count(members, least)
    );
    let mut add = |clause: String| {
        sentence.push_str("; ");
        sentence.push_str(&clause);
    };
    if surroundings.front_unknown {
        add("front not known, both sides drawn".into());
    }
    if let Some(deg) = surroundings.front_deg {
        add(format!(
            "front towards {:03}°, drawn on that side",
            (deg.round() as i64).rem_euclid(360)
        ));
    }
    if rule.kind == AreaKind::Indicative {
        add("envelope of evidence points, not a perimeter".into());
    }
    let site = surroundings.site;
    if !site.released_by.is_empty() {
        let by = site.released_by.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        add(format!("land reported as released cut out ({by})"));
    }
    if site.on_released > 0 {
        add(format!("but {} of the evidence lies on that land and stays", site.on_released));
    }
    if site.beyond_limit {
        add("beyond the limit of the survey, not cut".into());
    }
    if let Some((name, _)) = &site.absence {
        add(format!("most of it is {}, which lowers its confidence", name.replace('_', " ")));
    }
    if surroundings.area_m2 > doctrine.area.max_area_m2 {
        add(format!("larger than {:.0} m², to be split by review", doctrine.area.max_area_m2));
    }
    add(match evidence {
        EvidenceKind::Indirect if features(members).next().is_none() => {
            "evidence is indirect (reported)".into()
        }
        EvidenceKind::Indirect => "evidence is indirect (imagery)".into(),
        EvidenceKind::Direct => "direct evidence is reported by others, not confirmed here".into(),
    });
    sentence
}

/// What lies there, and how.
fn what(members: &[Evidence], surroundings: &Surroundings<'_>) -> String {
    let mut by_class: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for feature in features(members) {
        *by_class.entry(&feature.class).or_default().entry(&feature.model).or_default() += 1;
    }
    // What two models call alike may be one thing that both saw, or may not be alike.
    let named = |class: &str, model: &str, models: usize| match models {
        1 => class.to_owned(),
        _ => format!("{class} by {model}"),
    };
    let counts = by_class.iter().flat_map(|(class, models)| {
        models.iter().map(move |(model, count)| (named(class, model, models.len()), *count))
    });
    let mut classes: Vec<(String, usize)> = counts.collect();
    // Stable, so that equal counts stay in the order of the alphabet.
    classes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let seen = classes.iter().map(|(class, count)| format!("{count} {class}"));
    let reported = members.iter().filter_map(|e| e.external()).map(|report| {
        let kind = report.kind.to_string().replace('_', " ");
        format!("{kind} {} ({})", report.id, report.reliability)
    });
    let mut what = seen.chain(reported).collect::<Vec<_>>().join(", ");
    let mut spacings: Vec<f64> = members.iter().filter_map(|e| Some(e.row()?.spacing_m)).collect();
    spacings.sort_by(f64::total_cmp);
    if let Some(spacing_m) = spacings.get(spacings.len() / 2) {
        let rows = if spacings.len() == 1 {
            "a row".to_owned()
        } else {
            format!("{} rows", spacings.len())
        };
        what.push_str(&format!(" in {rows}, {spacing_m:.1} m apart,"));
    }
    if members.iter().filter(|e| e.row().is_none()).count() > 1 {
        let metres = span_m(members);
        what.push_str(&if metres < 10.0 {
            format!(" within {metres:.1} m")
        } else {
            format!(" within {metres:.0} m")
        });
    }
    if let Some(NearestEarthwork { feature, distance_m, in_front }) = surroundings.earthwork {
        let side = if in_front { "in front of" } else { "from" };
        what.push_str(&format!(", {distance_m:.0} m {side} {} {}", feature.class, feature.id));
    }
    what
}

/// Largest distance between any two positions of the evidence, metres.
fn span_m(members: &[Evidence]) -> f64 {
    let seen = members.iter().filter(|e| e.row().is_none());
    let positions: Vec<Point> =
        seen.flat_map(|e| e.geometry.coords_iter()).map(Point::from).collect();
    let hull: Vec<Point> = MultiPoint::from(positions).convex_hull().exterior().points().collect();
    let pairs = hull.iter().enumerate().flat_map(|(i, a)| hull[i..].iter().map(move |b| (a, b)));
    pairs.map(|(a, b)| Euclidean.distance(*a, *b)).fold(0.0, f64::max)
}
