//! How far evidence reaches and what it amounts to: a named, versioned profile, read from TOML. Its
//! sections and fields are explained at the head of `datasets/doctrine/baseline.toml`, where each
//! number is marked by its source.

mod check;
mod error;
#[cfg(test)]
mod tests;

use rams_domain::{
    AreaKind, DoctrineRef, EoCategory, EvidenceKind, ExternalEvidenceKind, Indicator,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

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
/// // A fire trench has distances of its own: 120 m towards its front, 20 m to the rear.
/// let trench = doctrine.reach(EoCategory::Unknown, Indicator::TrenchFire);
/// assert_eq!((trench.buffer_m, trench.rear_m), (120.0, Some(20.0)));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Doctrine {
    /// Name, version and digest: what every area drawn by it carries.
    pub reference: DoctrineRef,
    /// What the profile says about itself.
    pub notes: String,
    /// What holds for every area.
    pub area: AreaRule,
    /// How finds around a find change its probability.
    pub context: ContextRule,
    /// How the evidence of an area adds up to its probability.
    pub confidence: ConfidenceRule,
    /// How the front is inferred where no one says where it is.
    pub front: FrontRule,
    /// What evidence from elsewhere counts for, for each kind that points to hazard; `known` in the
    /// file.
    pub external_evidence: BTreeMap<ExternalEvidenceKind, ExternalEvidenceRule>,
    /// How far evidence from elsewhere is to be trusted.
    pub reliability: ReliabilityRule,
    /// Factors, above 0 and up to 1, on the odds of an area that mostly lies on ground used in such
    /// a way: by the name of an indicator of absence or of a land use (`cultivated`).
    pub absence: BTreeMap<String, f64>,
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

/// How finds around a find change its probability, by expectation and maximisation (Saerens et al.
/// 2002): on other ground than that on which a model's probabilities were fitted, another share of
/// its finds is right.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContextRule {
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

/// What one kind of evidence from elsewhere counts for.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalEvidenceRule {
    /// The national mapping: direct or indirect.
    pub evidence: EvidenceKind,
    /// Probability that it is what it says, before its reliability, 0 to 1.
    pub confidence: f32,
    /// As [`CategoryRule::buffer_m`].
    pub buffer_m: f64,
    /// As [`CategoryRule::link_m`].
    pub link_m: f64,
}

/// Factors on the probability of evidence from elsewhere by its reliability in the terms of IMSMA.
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

/// The rules for one category of explosive ordnance.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table of rules")]
pub struct CategoryRule {
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
    /// Probability below which a piece of evidence does not count towards the threat level, and
    /// ties no others together.
    pub min_confidence: f32,
    /// Probability below which a feature draws no area, unless a mine row or other evidence holds
    /// it: it stays among the features.
    pub draw_confidence: f32,
    /// How finds of the category change each other's probability; left out, the model's own stays.
    #[serde(default)]
    pub context: Option<CategoryContext>,
    /// Of an `indicative` category: how far around a point the ground is to be searched, metres.
    #[serde(default)]
    pub fade_out_m: Option<f64>,
    /// Of an `indicative` category: from how many points on the footprint of a strike is fitted.
    #[serde(default)]
    pub strike_points: Option<usize>,
    /// How a row of these mines looks; left out, no rows are looked for.
    #[serde(default)]
    pub row: Option<RowRule>,
    /// How its evidence adds up, in place of the profile's.
    #[serde(default)]
    pub confidence: Option<ConfidenceRule>,
    /// What makes an area MEDIUM or HIGH.
    #[serde(default)]
    pub threat: ThreatRule,
    /// Distances for single indicators in place of the category's.
    #[serde(default)]
    pub indicator: BTreeMap<Indicator, Reach>,
}

/// What finds of one category say of each other.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table of rules")]
pub struct CategoryContext {
    /// How far around a find others change its probability, metres; 15 m for AP mines.
    pub within_m: f64,
    /// Share of the finds that were right where the model's probabilities were fitted, between 0
    /// and 1.
    pub fitted_share: f64,
}

/// What a mine row is.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowRule {
    /// Least and largest distance of neighbours in the row, metres.
    pub spacing_m: [f64; 2],
    /// Sum of the probabilities of its mines that it takes.
    pub mines: f64,
    /// How far a mine may lie beside the line, metres.
    pub off_m: f64,
    /// How many neighbours in a row may be missing between two that were found.
    pub missing: u32,
    /// By how many spacings a row is extended beyond its last mine at either end.
    pub beyond: f64,
}

/// Distances for one kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reach {
    /// As [`CategoryRule::buffer_m`]; with `rear_m`, to the front.
    pub buffer_m: f64,
    /// As [`CategoryRule::link_m`].
    pub link_m: f64,
    /// Buffer away from the front, metres, for what has a front. Where the front is not known,
    /// `buffer_m` is drawn on both sides and the area flagged.
    #[serde(default)]
    pub rear_m: Option<f64>,
}

/// What an area needs for its threat level; a level left out is never given.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    name: String,
    version: String,
    #[serde(default)]
    notes: String,
    area: AreaRule,
    context: ContextRule,
    confidence: ConfidenceRule,
    front: FrontRule,
    #[serde(rename = "known")]
    external_evidence: BTreeMap<ExternalEvidenceKind, ExternalEvidenceRule>,
    reliability: ReliabilityRule,
    #[serde(default)]
    absence: BTreeMap<String, f64>,
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
            detail: error.to_string().trim_end().into(),
        };
        let profile: Profile = toml::from_str(text).map_err(syntax)?;
        check::check(&profile, origin)?;
        let digest =
            Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        let reference = DoctrineRef { name: profile.name, version: profile.version, digest };
        let Profile {
            notes,
            area,
            context,
            confidence,
            front,
            external_evidence,
            reliability,
            absence,
            category,
            ..
        } = profile;
        Ok(Self {
            reference,
            notes,
            area,
            context,
            confidence,
            front,
            external_evidence,
            reliability,
            absence,
            categories: category,
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

    /// How far evidence of a category and indicator reaches: by the distances of the indicator if
    /// it has its own, else by the category's.
    pub fn reach(&self, category: EoCategory, indicator: Indicator) -> Reach {
        let rule = self.category(category);
        rule.indicator.get(&indicator).copied().unwrap_or(rule.own_reach())
    }
}

impl CategoryRule {
    /// How far its evidence reaches, but for indicators with distances of their own.
    pub(crate) fn own_reach(&self) -> Reach {
        Reach { buffer_m: self.buffer_m, link_m: self.link_m, rear_m: None }
    }
}
