//! What people said of finds on some ground -> how likely finds of a class are there.

use crate::Feature;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

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

    /// The log odds of a find by the word of its model alone, where this made its confidence.
    pub fn before(&self, feature: &Feature) -> f64 {
        logit(feature.confidence) - self.log_odds(&feature.model, &feature.class)
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
