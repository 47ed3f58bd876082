//! What people said of finds in reviews -> how likely finds of each class are on such ground.

use rams_domain::{
    ClassCalibration, FeatureVerdict, Judgements, OtherModel, SiteCalibration, SiteReview, Survey,
};
use std::collections::BTreeMap;

/// Standard deviation of how far the log odds of a class are expected to be off on ground that the
/// model does not know. It keeps three judgements from turning a model's word over: three stones
/// among finds of 0.9 make 0.6 of the next one, thirty make 0.14.
const PRIOR_SD: f64 = 1.0;

/// Newton's steps: the fit is concave in one unknown, and ten leave nothing to find.
const STEPS: usize = 20;

/// Fits one number for each class: the log odds to be added to the confidences of its finds
/// under which what people said is likeliest, kept near 0 by a normal prior (maximum a
/// posteriori). A survey that was itself calibrated so is reckoned back to its model's word.
///
/// Errors: [`OtherModel`] where two surveys are of different models of one name.
pub fn site_calibration<'a>(
    reviews: impl IntoIterator<Item = (&'a Survey, &'a Judgements)>,
) -> Result<SiteCalibration, OtherModel> {
    let mut this = SiteCalibration::default();
    let mut judged: BTreeMap<(&str, &str), Vec<(f64, bool)>> = BTreeMap::new();
    for (survey, said) in reviews {
        for (model, is) in survey.record.model_digests() {
            this.check(model, is)?;
            this.models.insert(model.into(), is.into());
        }
        let (events, head) = (said.events, said.head.clone());
        this.reviews.push(SiteReview { events, head });
        let own = SiteCalibration::default();
        let before = survey.record.site_calibration.as_ref().unwrap_or(&own);
        for feature in &survey.features {
            let Some(verdict) = said.features.get(&feature.id) else { continue };
            let of = (&*feature.model, &*feature.class);
            let said = (before.before(feature), *verdict == FeatureVerdict::Seen);
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

fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
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
