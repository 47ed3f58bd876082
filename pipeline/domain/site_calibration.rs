//! What people said of finds on some ground -> how likely finds of a class are there.

use crate::{Feature, FeatureVerdict, Judgements, Survey};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// Standard deviation of how far the log odds of a class are expected to be off on ground that the
/// model does not know. It keeps three judgements from turning a model's word over: three stones
/// among finds of 0.9 make 0.6 of the next one, thirty make 0.14.
const PRIOR_SD: f64 = 1.0;

/// Newton's steps: the fit is concave in one unknown, and ten leave nothing to find.
const STEPS: usize = 20;

/// How much likelier, or less likely, finds of each class are on some ground than their model says,
/// by what people judged there. It moves confidences; it removes nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SiteCalibration {
    /// Reviews that it is from.
    pub reviews: Vec<SiteReview>,
    /// Digests of the models, by their names: of other models it says nothing.
    pub models: BTreeMap<String, String>,
    /// One for each class of a model of which people judged finds.
    pub classes: Vec<ClassCalibration>,
}

/// A review by the end of its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteReview {
    /// Events of the log.
    pub events: u64,
    /// Hash of the last of them, hex.
    pub head: String,
}

/// What people said of finds of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassCalibration {
    /// Name of the model.
    pub model: String,
    /// Name of the class.
    pub class: String,
    /// Finds that they saw.
    pub seen: usize,
    /// Finds that they did not.
    pub not_seen: usize,
    /// What is added to the log odds of a find.
    pub log_odds: f64,
}

/// A model ran on one of the reviewed surveys that is another one on the other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{model} of the reviewed survey is not the model that runs now (sha256 {was}, now {is}): what \
     people said of its finds says nothing of these; leave --learn-from out, or survey with the \
     same model"
)]
pub struct OtherModel {
    /// Name of the model.
    pub model: String,
    /// Its digest in the reviewed survey.
    pub was: String,
    /// The digest of that which runs.
    pub is: String,
}

impl SiteCalibration {
    /// Fits one number for each class: the log odds to be added to the confidences of its finds
    /// under which what people said is likeliest, kept near 0 by a normal prior (maximum a
    /// posteriori). A survey that was itself calibrated so is reckoned back to its model's word.
    ///
    /// Errors: [`OtherModel`] where two surveys are of different models of one name.
    pub fn fit<'a>(
        reviews: impl IntoIterator<Item = (&'a Survey, &'a Judgements)>,
    ) -> Result<Self, OtherModel> {
        let mut this = Self::default();
        let mut judged: BTreeMap<(&str, &str), Vec<(f64, bool)>> = BTreeMap::new();
        for (survey, said) in reviews {
            for (model, is) in survey.record.model_digests() {
                this.check(model, is)?;
                this.models.insert(model.into(), is.into());
            }
            let (events, head) = (said.events, said.head.clone());
            this.reviews.push(SiteReview { events, head });
            let before = survey.record.site_calibration.as_ref();
            for feature in &survey.features {
                let Some(verdict) = said.features.get(&feature.id) else { continue };
                let shift = before.map_or(0.0, |it| it.log_odds(&feature.model, &feature.class));
                let of = (&*feature.model, &*feature.class);
                let said = (logit(feature.confidence) - shift, *verdict == FeatureVerdict::Seen);
                judged.entry(of).or_default().push(said);
            }
        }
        let class = |((model, class), finds): ((&str, &str), Vec<(f64, bool)>)| {
            let seen = finds.iter().filter(|(_, is_seen)| *is_seen).count();
            ClassCalibration {
                model: model.into(),
                class: class.into(),
                seen,
                not_seen: finds.len() - seen,
                log_odds: shift(&finds),
            }
        };
        this.classes = judged.into_iter().map(class).collect();
        Ok(this)
    }

    /// Whether a model that runs is that of the same name whose finds people judged.
    pub fn check(&self, model: &str, is: &str) -> Result<(), OtherModel> {
        match self.models.get(model).filter(|was| *was != is) {
            None => Ok(()),
            Some(was) => {
                Err(OtherModel { model: model.into(), was: was.clone(), is: is.to_owned() })
            }
        }
    }

    /// Gives a find, and its stretches, the confidence that it has on this ground.
    pub fn apply(&self, feature: &mut Feature) {
        let Feature { model, class, confidence, parts, .. } = feature;
        *confidence = moved(*confidence, self.log_odds(model, class));
        for part in parts {
            part.confidence = moved(part.confidence, self.log_odds(model, &part.class));
        }
    }

    fn log_odds(&self, model: &str, class: &str) -> f64 {
        let mut classes = self.classes.iter();
        let found = classes.find(|it| it.model == model && it.class == class);
        found.map_or(0.0, |it| it.log_odds)
    }
}

/// `surface-ordnance pfm-1: 12 seen, 3 not, log odds -0.42`.
impl fmt::Display for ClassCalibration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { model, class, seen, not_seen, log_odds } = self;
        write!(f, "{model} {class}: {seen} seen, {not_seen} not, log odds {log_odds:+.2}")
    }
}

fn logit(probability: f32) -> f64 {
    let probability = f64::from(probability).clamp(1e-6, 1.0 - 1e-6);
    (probability / (1.0 - probability)).ln()
}

fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

fn moved(confidence: f32, by: f64) -> f32 {
    // What nobody judged stays as it was, to the last digit.
    if by == 0.0 { confidence } else { sigmoid(logit(confidence) + by) as f32 }
}

/// The shift of the likeliest posterior.
fn shift(finds: &[(f64, bool)]) -> f64 {
    let mut at = 0.0;
    for _ in 0..STEPS {
        let (mut slope, mut curve) = (-at / PRIOR_SD.powi(2), 1.0 / PRIOR_SD.powi(2));
        for (log_odds, is_seen) in finds {
            let said = sigmoid(log_odds + at);
            slope += f64::from(u8::from(*is_seen)) - said;
            curve += said * (1.0 - said);
        }
        // Where all that is said is sure the curve is flat, and a whole step would overshoot.
        at += (slope / curve).clamp(-1.0, 1.0);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::{shift, sigmoid};

    #[test]
    fn a_shift_is_where_prior_and_judgements_balance() {
        // Of n finds said to be 0.5 and not seen: n * sigmoid(b) = -b. For n = 1, b = -0.4011;
        // for n = 10, b = -1.6335; both by bisection elsewhere.
        let unseen = |n| shift(&vec![(0.0, false); n]);
        assert!((unseen(1) + 0.401_058).abs() < 1e-5, "{}", unseen(1));
        assert!((unseen(10) + 1.633_506).abs() < 1e-5, "{}", unseen(10));
        let seen = shift(&[(0.0, true); 10]);
        assert!((seen + unseen(10)).abs() < 1e-9, "the other way round");
        assert_eq!(shift(&[]), 0.0);
        let kept = shift(&[(0.0, true), (0.0, false)]);
        assert!(kept.abs() < 1e-12, "half of two is what was said");
    }

    #[test]
    fn few_judgements_turn_nothing_over_and_many_do() {
        let nine_tenths = (0.9_f64 / 0.1).ln();
        let next = |n| sigmoid(nine_tenths + shift(&vec![(nine_tenths, false); n]));
        assert!((next(3) - 0.598_850).abs() < 1e-5, "{}", next(3));
        assert!((next(30) - 0.135_121).abs() < 1e-5, "{}", next(30));
    }
}
