//! A suspected hazardous area and the evidence it stands on.

use crate::{EoCategory, ExternalEvidenceId, FeatureId, display::display_as_serialised};
use geo::MultiPolygon;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Number of an area within the survey, from 1, written `A0001`.
///
/// ```
/// use rams_domain::HazardAreaId;
///
/// assert_eq!(HazardAreaId(7).to_string(), "A0007");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HazardAreaId(pub u32);

impl fmt::Display for HazardAreaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "A{:04}", self.0)
    }
}

/// IMSMA's class of the land. A confirmed hazardous area is never among them.
///
/// ```
/// use rams_domain::LandClass;
///
/// assert_eq!(LandClass::Sha.to_string(), "SHA");
/// assert!(LandClass::Sha > LandClass::Indication);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LandClass {
    /// A sign that says where to look: an earthwork, a crater, a single doubtful find.
    Indication,
    /// A candidate suspected hazardous area: ordnance was seen or reported.
    Sha,
}

impl LandClass {
    /// Both, in the order in which messages list them.
    pub const ALL: [LandClass; 2] = [LandClass::Sha, LandClass::Indication];
}

/// How far an area is to be believed, in words: its confidence by the doctrine's limits, and above
/// all of them what others reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Too faint to act on alone.
    WeakSign,
    /// It may well be wrong.
    Possible,
    /// More likely right than wrong.
    Likely,
    /// Others reported it: an accident, an incident, a record or a witness.
    Reported,
}

impl Tier {
    /// All of them, in the order in which messages list them.
    pub const ALL: [Tier; 4] = [Tier::Reported, Tier::Likely, Tier::Possible, Tier::WeakSign];
}

/// What the boundary means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaKind {
    /// The edge of the ground that the evidence puts under suspicion.
    Perimeter,
    /// An envelope of evidence points: CMR and UXO are not recorded as perimeters.
    Indicative,
}

impl AreaKind {
    /// Both, in the order in which messages list them.
    pub const ALL: [AreaKind; 2] = [AreaKind::Perimeter, AreaKind::Indicative];
}

/// Threat level by the doctrine's rules: of confidence, category and the use of the ground.
/// `Unassessed` is what a person drew without saying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum Threat {
    Unassessed,
    Low,
    Medium,
    High,
}

impl Threat {
    /// All of them, in the order in which messages list them.
    pub const ALL: [Threat; 4] = [Threat::High, Threat::Medium, Threat::Low, Threat::Unassessed];
}

/// What an area stands on, by the national mapping in the doctrine. Direct evidence here is always
/// other people's: imagery is indirect until a person confirms it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum EvidenceKind {
    Indirect,
    Direct,
}
display_as_serialised!(LandClass, Tier, AreaKind, Threat, EvidenceKind);

impl EvidenceKind {
    /// Both, in the order in which messages list them.
    pub const ALL: [EvidenceKind; 2] = [EvidenceKind::Indirect, EvidenceKind::Direct];
}

/// Which doctrine profile drew an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctrineRef {
    /// Name of the profile.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its text, hex.
    pub digest: String,
}

/// A candidate suspected hazardous area, or an indication. This software never outputs a confirmed
/// one.
#[derive(Debug, Clone, PartialEq)]
pub struct HazardArea {
    /// Its number within the survey.
    pub id: HazardAreaId,
    /// IMSMA's class of the land.
    pub land_class: LandClass,
    /// What its boundary means.
    pub kind: AreaKind,
    /// The category of explosive ordnance, never mixed with another.
    pub eo_category: EoCategory,
    /// Outline in the survey's CRS.
    pub boundary: MultiPolygon,
    /// Geodesic area, square metres.
    pub area_m2: f64,
    /// Probability that it holds an item of its category, 0 to 1; of a sign without ordnance that
    /// mines lie in its belt.
    pub confidence: f32,
    /// What that amounts to; `None` for an area that a person drew.
    pub tier: Option<Tier>,
    /// Threat level.
    pub threat: Threat,
    /// The sentences that say what is suspected there, and why.
    pub rationale: String,
    /// Radius drawn around each piece of evidence, metres.
    pub buffer_m: f64,
    /// Largest distance across which pieces of evidence were joined, metres.
    pub link_m: f64,
    /// Whether its belt lies on both sides because the front is not known.
    pub front_unknown: bool,
    /// Where the front is known, the direction its defences face, degrees from true north.
    pub front_deg: Option<f64>,
    /// Number of mine rows recognised in it.
    pub rows: u32,
    /// Of an envelope of evidence points: how far around each the ground is to be searched, metres.
    pub fade_out_m: Option<f64>,
    /// Horizontal error that its positions inherit from the imagery, by the doctrine, metres.
    pub position_accuracy_m: f64,
    /// The nearest thing to direct evidence it stands on.
    pub evidence: EvidenceKind,
    /// Share of it, 0 to 1, that was assessed for what it is suspected of.
    pub assessed_share: f32,
    /// Geodesic area of the part of it that lies beyond the imagery, square metres.
    pub beyond_imagery_m2: f64,
    /// Geodesic area that was cut out of it as released land, square metres.
    pub released_m2: f64,
    /// Administrative district in which most of it lies; empty where none is known.
    pub district: String,
    /// The profile that set all of these.
    pub doctrine: DoctrineRef,
    /// The features it stands on.
    pub features: Vec<FeatureId>,
    /// The other evidence that it stands on or that changed it.
    pub external_evidence: Vec<ExternalEvidenceId>,
}

impl HazardArea {
    /// Whether an area of this confidence is still drawn, reported or exported where only those of
    /// at least `min_confidence` are: what others reported and what people drew always is.
    pub fn is_kept(&self, min_confidence: f32) -> bool {
        let is_by_hand = self.doctrine.name.is_empty();
        is_by_hand || self.tier == Some(Tier::Reported) || self.confidence >= min_confidence
    }
}

/// A band of the ground on which mines may lie beside an earthwork: where to look, never an area
/// of its own. Cut at the imagery and at the limit of the survey.
#[derive(Debug, Clone, PartialEq)]
pub struct IndicationBelt {
    /// The indication that it belongs to.
    pub area: HazardAreaId,
    /// Where the band begins, metres from the earthwork of the deepest belt.
    pub from_m: f64,
    /// Where it ends.
    pub to_m: f64,
    /// How much is expected of it beside the nearest band, which has 1: above 0.
    pub weight: f32,
    /// Whether it lies on both sides because the front is not known.
    pub front_unknown: bool,
    /// Outline in the survey's CRS.
    pub boundary: MultiPolygon,
}
