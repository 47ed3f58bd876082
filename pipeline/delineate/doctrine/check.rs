//! Whether a profile can be used.

mod category;

use super::{
    AreaRule, BeltRule, ConfidenceRule, ContextRule, DoctrineError, FrontRule, LandUseRule,
    Profile, ReliabilityRule, ReportRule, ScatteredRule, ShaRule,
};
use rams_domain::{EoCategory, ExternalEvidenceKind};
use std::collections::BTreeMap;

const METRES: &str = "metres above 0, for example 5";
const SHARE: &str = "a probability from 0 to 1";

/// Checks the values of a profile section by section; the first that is out of its range is the
/// error.
pub(super) fn check(profile: &Profile, origin: &str) -> Result<(), DoctrineError> {
    let check = Check { origin };
    check.named("name", &profile.name)?;
    check.named("version", &profile.version)?;
    check.area(&profile.area)?;
    check.sha(&profile.sha)?;
    check.belt(&profile.belt)?;
    check.context(&profile.context)?;
    check.confidence("confidence", &profile.confidence)?;
    check.scattered(&profile.scattered)?;
    check.front(&profile.front)?;
    check.reports(&profile.report)?;
    check.reliability(&profile.reliability)?;
    check.land_use(&profile.land_use)?;
    for category in EoCategory::ALL {
        let path = format!("category.{category}");
        let missing = || check.missing(category.to_string(), path.clone());
        check.category(&path, profile.category.get(&category).ok_or_else(missing)?)?;
    }
    Ok(())
}

fn positive(value: f64) -> bool {
    value.is_finite() && value > 0.0
}

fn at_least(value: f64, least: f64) -> bool {
    value.is_finite() && value >= least
}

/// Checks of one profile, whose origin every message names.
struct Check<'a> {
    origin: &'a str,
}

impl Check<'_> {
    fn named(&self, field: &str, value: &str) -> Result<(), DoctrineError> {
        let remedy = "a short text, since every area carries it";
        let error = || self.error(field.into(), format!("{value:?}"), remedy);
        if value.trim().is_empty() { Err(error()) } else { Ok(()) }
    }

    fn area(&self, rule: &AreaRule) -> Result<(), DoctrineError> {
        let AreaRule {
            min_area_m2,
            max_area_m2,
            position_accuracy_m,
            min_confidence,
            likely,
            possible,
        } = *rule;
        self.share("area", "min_confidence", min_confidence)?;
        self.share("area", "likely", likely)?;
        let is_below = (0.0..=likely).contains(&possible);
        self.that(is_below, "area", "possible", possible, "a probability from 0 to likely")?;
        let remedy = "square metres, 0 or more";
        self.that(at_least(min_area_m2, 0.0), "area", "min_area_m2", min_area_m2, remedy)?;
        let remedy = "square metres above min_area_m2";
        self.that(max_area_m2 > min_area_m2, "area", "max_area_m2", max_area_m2, remedy)?;
        let (field, remedy) = ("position_accuracy_m", "metres above 0, for example 0.5");
        self.that(positive(position_accuracy_m), "area", field, position_accuracy_m, remedy)
    }

    fn sha(&self, rule: &ShaRule) -> Result<(), DoctrineError> {
        let ShaRule { confidence, independent_signs } = *rule;
        self.share("sha", "confidence", confidence)?;
        let is_below = (0.0..=confidence).contains(&independent_signs);
        let remedy = "a probability from 0 to confidence: two kinds of sign say no less than one";
        self.that(is_below, "sha", "independent_signs", independent_signs, remedy)
    }

    fn belt(&self, rule: &BeltRule) -> Result<(), DoctrineError> {
        let falls = rule.weights.windows(2).all(|pair| pair[0] > pair[1]);
        let is_fading = falls
            && rule.weights.first() == Some(&1.0)
            && rule.weights.iter().all(|weight| *weight > 0.0);
        let remedy = "weights that fall from 1 and stay above 0, for example [1.0, 0.6, 0.3]";
        self.that(is_fading, "belt", "weights", format!("{:?}", rule.weights), remedy)
    }

    fn context(&self, rule: &ContextRule) -> Result<(), DoctrineError> {
        let ContextRule { models: _, trust, local } = *rule;
        let remedy = "a number of finds above 0, for example 20";
        self.that(positive(trust), "context", "trust", trust, remedy)?;
        let remedy = "a number of finds above 0, for example 4";
        self.that(positive(local), "context", "local", local, remedy)
    }

    fn confidence(&self, path: &str, rule: &ConfidenceRule) -> Result<(), DoctrineError> {
        let ConfidenceRule { intercept, sum, strongest, row } = *rule;
        for (field, weight) in [("sum", sum), ("strongest", strongest), ("row", row)] {
            let remedy = "0 or more: evidence never speaks against";
            self.that(at_least(weight, 0.0), path, field, weight, remedy)?;
        }
        let remedy = "a number, 0 for no shift";
        self.that(intercept.is_finite(), path, "intercept", intercept, remedy)
    }

    fn scattered(&self, rule: &ScatteredRule) -> Result<(), DoctrineError> {
        let ScatteredRule { classes: _, doubtful, intercept, together } = rule;
        let remedy = "a number of finds, 0 or more";
        self.that(at_least(*doubtful, 0.0), "scattered", "doubtful", doubtful, remedy)?;
        let remedy = "0 or more: evidence never speaks against";
        self.that(at_least(*together, 0.0), "scattered", "together", together, remedy)?;
        let remedy = "a number, 0 for no shift";
        self.that(intercept.is_finite(), "scattered", "intercept", intercept, remedy)
    }

    fn front(&self, rule: &FrontRule) -> Result<(), DoctrineError> {
        self.metres("front", "within_m", rule.within_m)?;
        let Some(rows) = rule.rows else { return Ok(()) };
        let remedy = "a number of mines above 0, for example 20";
        self.that(positive(rows.mines), "front.rows", "mines", rows.mines, remedy)?;
        let is_one_side = rows.share > 0.5 && rows.share <= 1.0;
        let remedy = "a share above 0.5 and up to 1";
        self.that(is_one_side, "front.rows", "share", rows.share, remedy)
    }

    fn reports(
        &self,
        rules: &BTreeMap<ExternalEvidenceKind, ReportRule>,
    ) -> Result<(), DoctrineError> {
        for kind in ExternalEvidenceKind::ALL.into_iter().filter(|kind| kind.points_to_hazard()) {
            let path = format!("report.{kind}");
            let missing = || self.missing(kind.to_string(), path.clone());
            let rule = rules.get(&kind).ok_or_else(missing)?;
            self.share(&path, "confidence", rule.confidence)?;
            let is_below = (0.0..=rule.confidence).contains(&rule.floor);
            let remedy = "a probability from 0 to confidence";
            self.that(is_below, &path, "floor", rule.floor, remedy)?;
            self.metres(&path, "buffer_m", rule.buffer_m)?;
            self.metres(&path, "link_m", rule.link_m)?;
        }
        match rules.keys().find(|kind| !kind.points_to_hazard()) {
            Some(kind) => {
                let remedy = "rules for accident, incident, minefield_record and witness only";
                Err(self.error("report".into(), kind.to_string(), remedy))
            }
            None => Ok(()),
        }
    }

    fn reliability(&self, rule: &ReliabilityRule) -> Result<(), DoctrineError> {
        let letters = rule
            .source
            .iter()
            .map(|(letter, factor)| ("reliability.source", letter.to_string(), *factor));
        let levels = rule
            .information
            .iter()
            .map(|(level, factor)| ("reliability.information", level.clone(), *factor));
        let unknown = [("reliability", "unknown".to_owned(), rule.unknown)];
        for (path, field, factor) in letters.chain(levels).chain(unknown) {
            let is_share = (0.0..=1.0).contains(&factor);
            self.that(is_share, path, &field, factor, "a factor from 0 to 1")?;
        }
        Ok(())
    }

    fn land_use(&self, rules: &BTreeMap<String, LandUseRule>) -> Result<(), DoctrineError> {
        for (name, LandUseRule { odds, threat }) in rules {
            let path = format!("land_use.{name}");
            let is_factor = |factor: &f64| *factor > 0.0 && *factor <= 1.0;
            let remedy = "a factor above 0 and up to 1: use lowers, it never cancels";
            self.that(is_factor(odds), &path, "odds", odds, remedy)?;
            let remedy = "a factor above 0 and up to 1: where people are a threat is no smaller";
            self.that(is_factor(threat), &path, "threat", threat, remedy)?;
        }
        Ok(())
    }

    /// That a number is a probability.
    fn share(
        &self,
        path: &str,
        field: &str,
        value: impl Into<f64> + ToString + Copy,
    ) -> Result<(), DoctrineError> {
        self.that((0.0..=1.0).contains(&value.into()), path, field, value, SHARE)
    }

    /// That a distance is above 0.
    fn metres(&self, path: &str, field: &str, metres: f64) -> Result<(), DoctrineError> {
        self.that(positive(metres), path, field, metres, METRES)
    }

    /// That something holds for the value of a field.
    fn that(
        &self,
        holds: bool,
        path: &str,
        field: &str,
        value: impl ToString,
        remedy: &'static str,
    ) -> Result<(), DoctrineError> {
        let error = || self.error(format!("{path}.{field}"), value.to_string(), remedy);
        if holds { Ok(()) } else { Err(error()) }
    }

    fn missing(&self, what: String, section: String) -> DoctrineError {
        DoctrineError::Missing { origin: self.origin.into(), what, section }
    }

    fn error(&self, field: String, value: String, remedy: &'static str) -> DoctrineError {
        DoctrineError::Value { origin: self.origin.into(), field, value, remedy }
    }
}
