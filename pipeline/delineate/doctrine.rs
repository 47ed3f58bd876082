//! How far evidence reaches and what it amounts to: a named, versioned profile.

mod check;
#[cfg(test)]
mod tests;

use rams_domain::{
    AreaKind, DoctrineRef, EoCategory, EvidenceKind, ExternalEvidenceKind, Indicator,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

pub use check::DoctrineError;

/// A validated doctrine profile: the rules of one authority.
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
    /// What evidence from elsewhere counts for.
    pub known: BTreeMap<ExternalEvidenceKind, ExternalEvidenceRule>,
    /// How far it is to be trusted.
    pub reliability: ReliabilityRule,
    /// Factors on the odds of an area that mostly lies on ground used in such a way: by the name
    /// of an indicator of absence or of land use.
    pub absence: BTreeMap<String, f64>,
    categories: BTreeMap<EoCategory, Category>,
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

/// `ln odds = intercept + sum x ln odds(1 - prod(1 - p)) + strongest x ln odds(max p) + row x ln(1
/// + r)` for an area whose features have the probabilities p, those in mine rows of the sum r.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfidenceRule {
    /// Shift of the log-odds.
    pub intercept: f64,
    /// Weight of all features together, as if they were independent; 0 or more.
    pub sum: f64,
    /// Weight of the strongest feature; 0 or more.
    pub strongest: f64,
    /// Weight of the mines in rows; 0 or more.
    pub row: f64,
}

/// How finds around a find change its probability.
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
    /// As [`Category::buffer_m`].
    pub buffer_m: f64,
    /// As [`Category::link_m`].
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
    /// Probability below which a piece of evidence does not count towards the threat level, and
    /// ties no others together.
    pub min_confidence: f32,
    /// Probability below which a feature draws no area, unless a mine row or other evidence holds
    /// it: it stays among the features.
    pub draw_confidence: f32,
    /// How finds of the category change each other's probability; left out, the model's own stays.
    #[serde(default)]
    pub context: Option<Context>,
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
#[serde(deny_unknown_fields)]
pub struct Context {
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
    /// As [`Category::buffer_m`]; with `rear_m`, to the front.
    pub buffer_m: f64,
    /// As [`Category::link_m`].
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
    known: BTreeMap<ExternalEvidenceKind, ExternalEvidenceRule>,
    reliability: ReliabilityRule,
    #[serde(default)]
    absence: BTreeMap<String, f64>,
    category: BTreeMap<EoCategory, Category>,
}

impl Doctrine {
    /// Reads and checks a profile; `origin` names the text in messages, for example its path.
    ///
    /// Every category needs a rule, so that no feature a model may find is without one, and so does
    /// every kind of evidence from elsewhere that points to hazard.
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
            known,
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
            known,
            reliability,
            absence,
            categories: category,
        })
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
        let own = Reach { buffer_m: rule.buffer_m, link_m: rule.link_m, rear_m: None };
        rule.indicator.get(&indicator).copied().unwrap_or(own)
    }
}
