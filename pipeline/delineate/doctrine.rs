//! How far evidence reaches and what it amounts to: a named, versioned profile, read from TOML. Its
//! sections and fields are explained at the head of `datasets/doctrine/baseline.toml`, where each
//! number is marked by its source.

mod category;
mod check;
mod error;
#[cfg(test)]
mod tests;

use rams_domain::{
    DoctrineRef, EoCategory, EvidenceKind, ExternalEvidenceKind, Indicator, LandClass, Tier,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

pub use category::{CategoryContext, CategoryRule, IndicatorRule, RowRule, ThreatRule};
pub use error::DoctrineError;

/// A validated doctrine profile: the rules of one authority.
///
/// ```
/// use rams_delineate::Doctrine;
/// use rams_domain::{EoCategory, Indicator};
///
/// let doctrine = Doctrine::baseline();
/// let mines = doctrine.category(EoCategory::ApMine);
/// assert_eq!((mines.buffer_m, mines.link_m), (5.0, 25.0));
/// // A fire trench has rules of its own: a close buffer, and a belt of 120 m before it.
/// let trench = doctrine.indicator_rule(EoCategory::Unknown, Indicator::TrenchFire);
/// assert_eq!((trench.buffer_m, trench.belt_m), (5.0, Some(120.0)));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Doctrine {
    /// Name, version and digest: what every area drawn by it carries.
    pub reference: DoctrineRef,
    /// What the profile says about itself.
    pub notes: String,
    /// What holds for every area.
    pub area: AreaRule,
    /// What makes a candidate suspected hazardous area.
    pub sha: ShaRule,
    /// How belts before earthworks fade.
    pub belt: BeltRule,
    /// What holds for mines that are scattered, not laid.
    pub scattered: ScatteredRule,
    /// How finds around a find change its probability.
    pub context: ContextRule,
    /// How the evidence of an area adds up to its probability.
    pub confidence: ConfidenceRule,
    /// How the front is inferred where no one says where it is.
    pub front: FrontRule,
    /// What reports from elsewhere count for, for each kind that points to hazard; `report` in the
    /// file.
    pub reports: BTreeMap<ExternalEvidenceKind, ReportRule>,
    /// How far reports are to be trusted.
    pub reliability: ReliabilityRule,
    /// What the use of the ground changes: by the name of an indicator of absence or of a land use
    /// (`cultivated`).
    pub land_use: BTreeMap<String, LandUseRule>,
    categories: BTreeMap<EoCategory, CategoryRule>,
}

/// What holds for every area.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AreaRule {
    /// A smaller area is widened until it has this size, square metres.
    pub min_area_m2: f64,
    /// A larger one is flagged: its review should split it, square metres.
    pub max_area_m2: f64,
    /// Horizontal error that positions inherit from the imagery, metres.
    pub position_accuracy_m: f64,
    /// Areas of less confidence are left out, but for those that others reported.
    pub min_confidence: f32,
    /// Least confidence of the tier `likely`.
    pub likely: f32,
    /// Least confidence of the tier `possible`, up to `likely`; below it lie weak signs.
    pub possible: f32,
}

impl AreaRule {
    /// The tier of a confidence that stands on imagery alone.
    pub(crate) fn tier(&self, confidence: f32) -> Tier {
        match confidence {
            p if p >= self.likely => Tier::Likely,
            p if p >= self.possible => Tier::Possible,
            _ => Tier::WeakSign,
        }
    }
}

/// What makes a candidate suspected hazardous area: a report does in any case, ordnance from these
/// confidences on. All else is an indication.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShaRule {
    /// Least confidence of an area in which ordnance was seen.
    pub confidence: f32,
    /// The same where there are two independent kinds of sign: the ordnance lies in the belt of an
    /// earthwork. Up to `confidence`.
    pub independent_signs: f32,
}

impl ShaRule {
    /// The class of land in which ordnance was seen, and nothing reported.
    pub(crate) fn land_class(&self, confidence: f32, in_a_belt: bool) -> LandClass {
        let least = if in_a_belt { self.independent_signs } else { self.confidence };
        if confidence >= least { LandClass::Sha } else { LandClass::Indication }
    }
}

/// How the belt before an earthwork fades.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeltRule {
    /// What is expected of each band beside the first, from the earthwork outwards; bands are
    /// equally deep, and weights fall from 1.
    pub weights: Vec<f32>,
}

/// How the probabilities of an area's features add up to the area's own. The formula is a choice of
/// this software; the weights are fitted, see `datasets/fields/CARD.md`.
///
/// For an area whose features have the probabilities `p`, those in mine rows of the sum `r`:
///
/// ```text
/// ln odds = intercept
///         + sum * ln odds(1 - prod(1 - p))
///         + strongest * ln odds(max p)
///         + row * ln(1 + r)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfidenceRule {
    /// Shift of the log-odds, of either sign.
    pub intercept: f64,
    /// Weight of all features together, as if they were independent; 0 or more.
    pub sum: f64,
    /// Weight of the strongest feature; 0 or more.
    pub strongest: f64,
    /// Weight of the mines in rows; 0 or more.
    pub row: f64,
}

/// Mines that are scattered, from the air or by rocket, and never laid in rows: what tells of them
/// is how many lie together. The weights are fitted, see `datasets/fields/CARD.md`.
///
/// For an area with finds of these classes, `n` being the sum of the probabilities of those from
/// 0.5 on, less `doubtful` for each weaker find of whatever class, and no less than 0:
///
/// ```text
/// ln odds = intercept + together * ln(1 + n)
/// ```
///
/// The area has these odds or those of [`ConfidenceRule`], whichever are greater.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScatteredRule {
    /// Their classes, as the models call them.
    pub classes: Vec<String>,
    /// How many probable finds a doubtful one outweighs: where false finds lie together, most of
    /// them are doubtful; 0 or more.
    pub doubtful: f64,
    /// Shift of the log-odds, of either sign.
    pub intercept: f64,
    /// Weight of those that lie together; 0 or more.
    pub together: f64,
}

/// How finds around a find change its probability, by expectation and maximisation (Saerens et al.
/// 2002): on other ground than that on which a model's probabilities were fitted, another share of
/// its finds is right.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContextRule {
    /// The models whose fitted shares the profile knows. Finds of others keep the probabilities
    /// that these give them.
    pub models: Vec<String>,
    /// How many finds of a survey it takes to trust their own share as much as the fitted one.
    pub trust: f64,
    /// How many neighbours it takes to trust their share as much as that of the whole survey.
    pub local: f64,
}

/// How the front of an earthwork is known.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontRule {
    /// How far from the earthwork mine rows and reported fronts count, metres.
    pub within_m: f64,
    /// What it takes of mine rows; left out, only reported fronts are known.
    #[serde(default)]
    pub rows: Option<FrontRows>,
}

/// How mine rows tell the front of a fire trench.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontRows {
    /// How many mines in rows it takes.
    pub mines: f64,
    /// Share of them which must lie on one side, above 0.5 and up to 1.
    pub share: f64,
}

/// What one kind of report counts for.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRule {
    /// The national mapping: direct or indirect.
    pub evidence: EvidenceKind,
    /// Probability that ordnance of its category lies there, before its reliability, 0 to 1.
    pub confidence: f64,
    /// The same however little its source is trusted, 0 to `confidence`.
    #[serde(default)]
    pub floor: f64,
    /// As [`CategoryRule::buffer_m`].
    pub buffer_m: f64,
    /// As [`CategoryRule::link_m`].
    pub link_m: f64,
}

/// What the use of the ground changes.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LandUseRule {
    /// Factor, above 0 and up to 1, on the odds of what was seen where most of an area is used so;
    /// on no report.
    pub odds: f64,
    /// Factor, above 0 and up to 1, on the limits of the threat levels where any of it is.
    pub threat: f64,
}

/// Factors on the probability of a report by its reliability in the terms of IMSMA.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReliabilityRule {
    /// By the source's letter, `A` to `F`.
    pub source: BTreeMap<char, f64>,
    /// By the information's level, `1` to `6`.
    pub information: BTreeMap<String, f64>,
    /// For a letter or level that is not given.
    pub unknown: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    name: String,
    version: String,
    #[serde(default)]
    notes: String,
    area: AreaRule,
    sha: ShaRule,
    belt: BeltRule,
    scattered: ScatteredRule,
    context: ContextRule,
    confidence: ConfidenceRule,
    front: FrontRule,
    report: BTreeMap<ExternalEvidenceKind, ReportRule>,
    reliability: ReliabilityRule,
    #[serde(default)]
    land_use: BTreeMap<String, LandUseRule>,
    category: BTreeMap<EoCategory, CategoryRule>,
}

impl Doctrine {
    /// Reads and checks a profile in TOML; `origin` names the text in messages, for example its
    /// path.
    ///
    /// # Errors
    /// For a text that is not TOML or has a field that no profile has; for a value out of its
    /// range; and where a rule is missing: every category needs one, so that no feature a model may
    /// find is without, and so does every kind of evidence from elsewhere that points to hazard.
    ///
    /// ```
    /// use rams_delineate::Doctrine;
    ///
    /// let error = Doctrine::parse("name = \"mine\"", "mine.toml").expect_err("it lacks the rest");
    /// assert!(error.to_string().starts_with("cannot read doctrine mine.toml: "));
    /// ```
    pub fn parse(text: &str, origin: &str) -> Result<Self, DoctrineError> {
        let syntax = |error: toml::de::Error| DoctrineError::Syntax {
            origin: origin.into(),
            // Of a length that is given with its unit.
            detail: error
                .to_string()
                .trim_end()
                .replace("expected f64", "give a number without quotes and unit")
                .replace("expected f32", "give a number without quotes and unit"),
        };
        let profile: Profile = toml::from_str(text).map_err(syntax)?;
        check::check(&profile, origin)?;
        let digest =
            Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let reference = DoctrineRef { name: profile.name, version: profile.version, digest };
        Ok(Self {
            reference,
            notes: profile.notes,
            area: profile.area,
            sha: profile.sha,
            belt: profile.belt,
            scattered: profile.scattered,
            context: profile.context,
            confidence: profile.confidence,
            front: profile.front,
            reports: profile.report,
            reliability: profile.reliability,
            land_use: profile.land_use,
            categories: profile.category,
        })
    }

    /// The profile that ships with the software, `datasets/doctrine/baseline.toml`: numbers from
    /// the literature, to be replaced by those of the national authority.
    pub fn baseline() -> Self {
        Self::parse(include_str!("../../datasets/doctrine/baseline.toml"), "baseline.toml")
            .expect("the baseline in the repository is valid, as a test says")
    }

    /// The rules of a category.
    pub fn category(&self, category: EoCategory) -> &CategoryRule {
        self.categories.get(&category).expect("parse requires a rule for every category")
    }

    /// The rule of an indicator within a category: its own, or else the category's.
    pub fn indicator_rule(&self, category: EoCategory, indicator: Indicator) -> IndicatorRule {
        self.category(category).indicator_rule(indicator)
    }
}
