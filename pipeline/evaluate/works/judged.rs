//! What became of each predicted feature.

use super::{
    EarthworksFlight, FoundEarthwork, FoundShape, Verdict,
    measured::{JudgedShape, Measured},
    rules::Rules,
};
use geo::{Area, Euclidean, Length};
use serde::Serialize;

/// Least share of a line's metres that are right where the line is.
const MOSTLY: f64 = 0.5;

/// A predicted feature, judged against all truth of its flight, whatever its score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JudgedFeature {
    /// Name of the orthomosaic.
    pub flight: String,
    /// Its id in the survey.
    pub id: String,
    /// Name of its class.
    pub class: String,
    /// The model's score, 0 to 1.
    pub score: f64,
    /// The calibrated probability, 0 to 1.
    pub confidence: f64,
    /// What it touches.
    pub verdict: Verdict,
    /// Of a line, whether half or more of its metres are right, of those that count; of an area,
    /// whether true ground of its family that is not ignored covers 30 % of it. `None` where
    /// nothing of it counts: of an area that touches ignored truth alone, of lines wholly on
    /// ignored ground or where the truth has no centrelines.
    pub right: Option<bool>,
    /// Length of a line, with all its branches; of an area the side of a square as large. Metres.
    pub size_m: f64,
}

/// Every feature, by flight, the most confident first. `all` holds what is measured with all
/// predictions.
pub(crate) fn features(
    flights: &[EarthworksFlight],
    all: &[Measured],
    rules: &Rules<'_>,
) -> Vec<JudgedFeature> {
    let of_flight = |(flight, measured): (&EarthworksFlight, &Measured)| {
        let pairs = flight.found.iter().zip(&measured.features);
        pairs.map(|(found, judged)| feature(&flight.name, found, judged, rules)).collect::<Vec<_>>()
    };
    let mut features: Vec<JudgedFeature> = flights.iter().zip(all).flat_map(of_flight).collect();
    features.sort_by(|a, b| {
        a.flight
            .cmp(&b.flight)
            .then(b.confidence.total_cmp(&a.confidence))
            .then_with(|| a.id.cmp(&b.id))
    });
    features
}

fn feature(
    flight: &str,
    found: &FoundEarthwork,
    judged: &JudgedShape,
    rules: &Rules<'_>,
) -> JudgedFeature {
    let JudgedShape { verdict, covered, right_share, .. } = *judged;
    let right = if rules.is_line(found.class) {
        right_share.map(|share| share >= MOSTLY)
    } else {
        (verdict != Verdict::Neither).then_some(covered)
    };
    JudgedFeature {
        flight: flight.to_owned(),
        id: found.id.clone(),
        class: rules.classes.names()[found.class].clone(),
        score: found.score,
        confidence: found.confidence,
        verdict,
        right,
        size_m: match &found.shape {
            FoundShape::Lines(parts) => parts.iter().map(|part| Euclidean.length(&part.line)).sum(),
            FoundShape::Area(ground) => ground.unsigned_area().sqrt(),
        },
    }
}
