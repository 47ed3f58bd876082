//! How far evidence reaches and what it amounts to: a named, versioned profile.

use rams_domain::{AreaKind, DoctrineRef, EoCategory, Indicator};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A validated doctrine profile.
#[derive(Debug, Clone, PartialEq)]
pub struct Doctrine {
    /// Name, version and digest: what every area drawn by it carries.
    pub reference: DoctrineRef,
    /// What the profile says about itself.
    pub notes: String,
    categories: BTreeMap<EoCategory, Category>,
}

/// The rules for one category of explosive ordnance.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// What its boundaries mean.
    pub kind: AreaKind,
    /// Ground suspected around each piece of evidence, metres; 5 m for an AP mine.
    pub buffer_m: f64,
    /// Largest distance across which two pieces of evidence belong to one area, metres; 25 m for
    /// AP mines. Evidence whose buffers touch belongs together in any case.
    pub link_m: f64,
    /// How far a boundary may move to have fewer turning points, metres; 0.05 m.
    pub simplify_m: f64,
    /// Holes of a boundary up to this size are filled, square metres; 0 keeps every hole.
    pub fill_holes_m2: f64,
    /// Probability below which a piece of evidence does not count towards the threat level. It
    /// still draws its area: a weak sign is graded, never dropped.
    pub min_confidence: f32,
    /// Whether the buffer would lie on one side only if the front were known, as with the mined
    /// belt before a trench. The front is not known, so both sides are drawn and flagged.
    #[serde(default)]
    pub one_sided: bool,
    /// What makes an area MEDIUM or HIGH.
    #[serde(default)]
    pub threat: ThreatRule,
    /// Distances for single indicators in place of the category's.
    #[serde(default)]
    pub indicator: BTreeMap<Indicator, Reach>,
}

/// Distances for one kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// As [`Category::buffer_m`].
    pub buffer_m: f64,
    /// As [`Category::link_m`].
    pub link_m: f64,
}

/// What an area needs for its threat level; a level left out is never given.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThreatRule {
    /// For HIGH.
    pub high: Option<Need>,
    /// For MEDIUM.
    pub medium: Option<Need>,
}

/// So many features of at least that confidence.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Number of features, 1 or more.
    pub features: usize,
    /// Calibrated probability of each, above 0 and up to 1.
    pub confidence: f32,
}

/// A profile that cannot be used, always for its author to mend.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum DoctrineError {
    /// Not TOML, or not the fields of a profile.
    #[error("cannot read doctrine {origin}: {detail}")]
    Syntax {
        /// Where the text came from.
        origin: String,
        /// The parser's message with line and column.
        detail: String,
    },
    /// A category without a rule.
    #[error("cannot use doctrine {origin}: no rule for {category}, add a section [category.{category}]")]
    Missing {
        /// Where the text came from.
        origin: String,
        /// The category.
        category: EoCategory,
    },
    /// A value out of its range.
    #[error("cannot use doctrine {origin}: {field} is {value}, give {remedy}")]
    Value {
        /// Where the text came from.
        origin: String,
        /// Path of the field.
        field: String,
        /// The value found.
        value: String,
        /// What it should be.
        remedy: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    name: String,
    version: String,
    #[serde(default)]
    notes: String,
    category: BTreeMap<EoCategory, Category>,
}

const CATEGORIES: [EoCategory; 10] = [
    EoCategory::ApMine,
    EoCategory::AvMine,
    EoCategory::MixedMine,
    EoCategory::ImprovisedMine,
    EoCategory::Cmr,
    EoCategory::Uxo,
    EoCategory::Axo,
    EoCategory::BoobyTrap,
    EoCategory::Ied,
    EoCategory::Unknown,
];

impl Doctrine {
    /// Reads and checks a profile; `origin` names the text in messages, for example its path.
    ///
    /// Every category needs a rule, so that no feature a model may find is without one.
    pub fn parse(text: &str, origin: &str) -> Result<Self, DoctrineError> {
        let syntax = |error: toml::de::Error| DoctrineError::Syntax {
            origin: origin.into(),
            detail: error.to_string().trim_end().into(),
        };
        let profile: Profile = toml::from_str(text).map_err(syntax)?;
        let check = Check { origin };
        check.named("name", &profile.name)?;
        check.named("version", &profile.version)?;
        for category in CATEGORIES {
            let missing = || DoctrineError::Missing { origin: origin.into(), category };
            check.category(&format!("category.{category}"), profile.category.get(&category).ok_or_else(missing)?)?;
        }
        let digest = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let reference = DoctrineRef { name: profile.name, version: profile.version, digest };
        Ok(Self { reference, notes: profile.notes, categories: profile.category })
    }

    /// The profile that ships with the software: numbers from the literature, to be replaced by
    /// those of the national authority.
    pub fn baseline() -> Self {
        Self::parse(include_str!("../../datasets/doctrine/baseline.toml"), "baseline.toml")
            .expect("the baseline in the repository is valid, as a test says")
    }

    /// The rules of a category.
    pub fn category(&self, category: EoCategory) -> &Category {
        self.categories.get(&category).expect("parse requires a rule for every category")
    }

    /// How far evidence of a category and indicator reaches.
    pub fn reach(&self, category: EoCategory, indicator: Indicator) -> Reach {
        let rule = self.category(category);
        let own = Reach { buffer_m: rule.buffer_m, link_m: rule.link_m };
        rule.indicator.get(&indicator).copied().unwrap_or(own)
    }
}

struct Check<'a> {
    origin: &'a str,
}

impl Check<'_> {
    fn category(&self, path: &str, rule: &Category) -> Result<(), DoctrineError> {
        self.reach(path, Reach { buffer_m: rule.buffer_m, link_m: rule.link_m }, rule.simplify_m)?;
        for (indicator, reach) in &rule.indicator {
            self.reach(&format!("{path}.indicator.{indicator}"), *reach, rule.simplify_m)?;
        }
        let positive = rule.simplify_m.is_finite() && rule.simplify_m > 0.0;
        self.that(positive, path, "simplify_m", rule.simplify_m, "metres above 0, for example 0.05")?;
        let area = rule.fill_holes_m2.is_finite() && rule.fill_holes_m2 >= 0.0;
        self.that(area, path, "fill_holes_m2", rule.fill_holes_m2, "square metres, 0 to keep every hole")?;
        let share = (0.0..=1.0).contains(&rule.min_confidence);
        self.that(share, path, "min_confidence", rule.min_confidence, "a probability from 0 to 1")?;
        for (level, need) in [("high", rule.threat.high), ("medium", rule.threat.medium)] {
            let Some(need) = need else { continue };
            let path = format!("{path}.threat.{level}");
            self.that(need.features >= 1, &path, "features", need.features, "1 feature or more")?;
            let within = need.confidence > 0.0 && need.confidence <= 1.0 && need.confidence >= rule.min_confidence;
            let remedy = "a probability above 0, up to 1 and not below min_confidence";
            self.that(within, &path, "confidence", need.confidence, remedy)?;
        }
        Ok(())
    }

    fn reach(&self, path: &str, reach: Reach, simplify_m: f64) -> Result<(), DoctrineError> {
        let length = |metres: f64| metres.is_finite() && metres > 0.0;
        self.that(length(reach.buffer_m), path, "buffer_m", reach.buffer_m, "metres above 0, for example 5")?;
        self.that(length(reach.link_m), path, "link_m", reach.link_m, "metres above 0, for example 25")?;
        // Simplifying moves a boundary by that much: it must never come near the evidence itself.
        let remedy = "at least twice simplify_m";
        self.that(reach.buffer_m >= 2.0 * simplify_m, path, "buffer_m", reach.buffer_m, remedy)
    }

    fn named(&self, field: &str, value: &str) -> Result<(), DoctrineError> {
        let error = || self.error(field.into(), format!("{value:?}"), "a short text, since every area carries it");
        if value.trim().is_empty() { Err(error()) } else { Ok(()) }
    }

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

    fn error(&self, field: String, value: String, remedy: &'static str) -> DoctrineError {
        DoctrineError::Value { origin: self.origin.into(), field, value, remedy }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASELINE: &str = include_str!("../../datasets/doctrine/baseline.toml");

    fn error(from: &str, to: &str) -> String {
        assert!(BASELINE.contains(from), "the baseline no longer holds {from:?}");
        let parsed = Doctrine::parse(&BASELINE.replacen(from, to, 1), "mine.toml");
        parsed.expect_err("the profile is broken").to_string()
    }

    #[test]
    fn the_baseline_is_valid_and_named() {
        let doctrine = Doctrine::baseline();
        assert_eq!(doctrine.reference.name, "baseline");
        assert_eq!(doctrine.reference.digest.len(), 64);
        assert_eq!(doctrine.category(EoCategory::ApMine).kind, AreaKind::Sha);
        for spot in [EoCategory::Cmr, EoCategory::Uxo] {
            assert_eq!(doctrine.category(spot).kind, AreaKind::Indicative, "no perimeter for {spot}");
        }
        // An indicator's own distances stand in place of the category's.
        let trench = doctrine.reach(EoCategory::Unknown, Indicator::TrenchFire);
        assert!(trench.buffer_m > doctrine.category(EoCategory::Unknown).buffer_m);
    }

    #[test]
    fn the_digest_is_that_of_the_text() {
        let changed = Doctrine::parse(&format!("{BASELINE}\n"), "mine.toml").expect("still valid");
        assert_ne!(changed.reference.digest, Doctrine::baseline().reference.digest);
        // Of the empty text, from FIPS 180-4 test vectors: the same function.
        assert!(format!("{:02x}", Sha256::digest(b"")[0]).starts_with("e3"));
    }

    #[test]
    fn a_broken_profile_says_field_value_and_remedy() {
        assert_eq!(
            error(
                "[category.AP_MINE]\nkind = \"sha\"\nbuffer_m = 5.0",
                "[category.AP_MINE]\nkind = \"sha\"\nbuffer_m = -5.0"
            ),
            "cannot use doctrine mine.toml: category.AP_MINE.buffer_m is -5, give metres above 0, for example 5"
        );
        assert_eq!(
            error("name = \"baseline\"", "name = \" \""),
            "cannot use doctrine mine.toml: name is \" \", give a short text, since every area carries it"
        );
        assert_eq!(
            error("simplify_m = 0.05", "simplify_m = 3.0"),
            "cannot use doctrine mine.toml: category.AP_MINE.buffer_m is 5, give at least twice simplify_m"
        );
        assert!(error("buffer_m = 5.0", "buffer_m = nan").contains("buffer_m is NaN"));
        assert!(error("link_m = 25.0", "link_m = inf").contains("link_m is inf"));
        assert!(error("min_confidence = ", "min_confidence = 7").contains("probability"));
        assert!(error("features = 3", "features = 0").contains("threat.high.features is 0, give 1 feature or more"));
        assert!(error("link_m = 25.0", "link = 25.0").contains("unknown field `link`"));
        assert!(error("kind = \"sha\"", "kind = \"cha\"").contains("unknown variant `cha`"));
        assert_eq!(
            Doctrine::parse("name = \"x\"\nversion = \"1\"\n[category]\n", "x.toml").expect_err("empty").to_string(),
            "cannot use doctrine x.toml: no rule for AP_MINE, add a section [category.AP_MINE]"
        );
    }
}
