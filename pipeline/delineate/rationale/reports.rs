//! What others reported, in sentences.

use super::sentence;
use super::words::{bearing_deg, compass, some};
use crate::evidence::Evidence;
use geo::{Centroid, ConvexHull, CoordsIter, Distance, Euclidean, Geometry, MultiPoint, Point};
use rams_domain::{ExternalEvidence, ExternalEvidenceKind, Reliability};

/// So many reports are told one by one.
const TOLD: usize = 4;

/// A report that is nearer lies where the finds are, metres: positions are known no better.
const HERE_M: f64 = 10.0;

/// A sentence for each report, the weightiest first.
pub(super) fn sentences(members: &[Evidence]) -> Vec<String> {
    let mut reports: Vec<(&Evidence, &ExternalEvidence)> =
        members.iter().filter_map(|e| Some((e, e.external()?))).collect();
    // Stable, so that equal ones stay in the order of their numbers.
    reports.sort_by(|(a, _), (b, _)| b.confidence.total_cmp(&a.confidence));
    let finds = finds(members);
    let told = reports.iter().take(TOLD).map(|(e, report)| {
        let place = finds.as_ref().map_or("here".into(), |finds| place(&e.geometry, finds));
        let what = match report.kind {
            ExternalEvidenceKind::Accident => format!("an accident was reported {place}"),
            ExternalEvidenceKind::Incident => format!("an incident was reported {place}"),
            ExternalEvidenceKind::MinefieldRecord if place == "here" => {
                "a minefield record names this ground".into()
            }
            ExternalEvidenceKind::MinefieldRecord => {
                format!("a minefield record names ground {place}")
            }
            _ => format!("a witness reported a hazard {place}"),
        };
        sentence(&format!("{what}{} ({})", when(&report.date), reliability(report.reliability)))
    });
    let more = reports.len().saturating_sub(TOLD);
    let stand = if more == 1 { "stands" } else { "stand" };
    let rest =
        (more > 0).then(|| sentence(&format!("{} {stand} behind it", some(more, "more report"))));
    told.chain(rest).collect()
}

/// The ground of the finds; `None` without any.
fn finds(members: &[Evidence]) -> Option<Geometry> {
    let seen = members.iter().filter(|e| e.feature().is_some());
    let places: Vec<Point> = seen.flat_map(|e| e.geometry.coords_iter()).map(Point::from).collect();
    (!places.is_empty()).then(|| MultiPoint::from(places).convex_hull().into())
}

/// Where a report lies, as seen from the finds.
fn place(report: &Geometry, finds: &Geometry) -> String {
    let metres = Euclidean.distance(report, finds);
    match (finds.centroid(), report.centroid()) {
        (Some(from), Some(to)) if metres >= HERE_M => {
            format!("{metres:.0} m to the {}", compass(bearing_deg(from, to)))
        }
        _ => "here".into(),
    }
}

/// " in 2022" where a year can be read out of a date, else the date as its source writes it.
fn when(date: &str) -> String {
    let years = date.split(|letter: char| !letter.is_ascii_digit());
    let year = years.filter(|digits| digits.len() == 4).find(|year| year.starts_with(['1', '2']));
    match (year, date.trim()) {
        (Some(year), _) => format!(" in {year}"),
        (None, "") => String::new(),
        (None, date) => format!(" ({date})"),
    }
}

fn reliability(of: Reliability) -> String {
    match (of.source, of.information) {
        (None, None) => "reliability not stated".into(),
        (source, information) => format!(
            "source {}, information {}",
            source.map_or("not stated".into(), |letter| letter.to_string()),
            information.map_or("not stated".into(), |level| level.to_string())
        ),
    }
}
