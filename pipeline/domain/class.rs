//! What a model can name: its classes, in the vocabulary of mine action.

use crate::{ObscuredBy, Thresholds, display::display_as_serialised};
use serde::{Deserialize, Serialize};

/// Explosive ordnance category, as IMAS 04.10 and IMSMA disaggregate it.
///
/// Displayed as IMSMA writes it:
///
/// ```
/// use rams_domain::EoCategory;
///
/// assert_eq!(EoCategory::ApMine.to_string(), "AP_MINE");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EoCategory {
    /// Anti-personnel mine.
    ApMine,
    /// Anti-vehicle mine.
    AvMine,
    /// Anti-personnel and anti-vehicle mines together.
    MixedMine,
    /// Improvised mine.
    ImprovisedMine,
    /// Cluster munition remnant.
    Cmr,
    /// Unexploded ordnance other than submunitions.
    Uxo,
    /// Abandoned ordnance.
    Axo,
    /// Booby trap.
    BoobyTrap,
    /// Improvised explosive device other than a mine.
    Ied,
    /// Not known from the imagery, as with earthworks.
    Unknown,
}

impl EoCategory {
    /// All of them, in the order in which messages list them.
    pub const ALL: [EoCategory; 10] = [
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

    /// The category for people.
    pub fn label(self) -> &'static str {
        match self {
            EoCategory::ApMine => "Anti-personnel mines (AP)",
            EoCategory::AvMine => "Anti-vehicle mines (AV)",
            EoCategory::MixedMine => "AP and AV mines together",
            EoCategory::ImprovisedMine => "Improvised mines",
            EoCategory::Cmr => "Cluster munition remnants (CMR)",
            EoCategory::Uxo => "Unexploded ordnance (UXO)",
            EoCategory::Axo => "Abandoned ordnance (AXO)",
            EoCategory::BoobyTrap => "Booby traps",
            EoCategory::Ied => "Improvised explosive devices (IED)",
            EoCategory::Unknown => "Not known (earthworks and other signs)",
        }
    }
}

/// What the ground shows: an indicator of presence (or, last two, of absence) of hazard.
///
/// Displayed in the form in which files hold it:
///
/// ```
/// use rams_domain::Indicator;
///
/// assert_eq!(Indicator::TrenchFire.to_string(), "trench_fire");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names are the field's own terms
pub enum Indicator {
    TrenchFire,
    TrenchComm,
    Berm,
    AtDitch,
    DragonsTeeth,
    WireObstacle,
    BunkerDugout,
    Foxhole,
    VehicleRevetment,
    Crater,
    DetonationMark,
    MineRow,
    MineSurface,
    Submunition,
    CmCarrier,
    MarkingSignFence,
    DisusedTrack,
    AbandonedField,
    DemolishedStructure,
    Cultivated,
    RoadInUse,
}

impl Indicator {
    /// The indicators of presence: those that no model of a run looks for become gaps with the
    /// reason "no model".
    pub const OF_PRESENCE: [Indicator; 19] = [
        Indicator::TrenchFire,
        Indicator::TrenchComm,
        Indicator::Berm,
        Indicator::AtDitch,
        Indicator::DragonsTeeth,
        Indicator::WireObstacle,
        Indicator::BunkerDugout,
        Indicator::Foxhole,
        Indicator::VehicleRevetment,
        Indicator::Crater,
        Indicator::DetonationMark,
        Indicator::MineRow,
        Indicator::MineSurface,
        Indicator::Submunition,
        Indicator::CmCarrier,
        Indicator::MarkingSignFence,
        Indicator::DisusedTrack,
        Indicator::AbandonedField,
        Indicator::DemolishedStructure,
    ];

    /// Those of absence: use of the ground.
    pub const OF_ABSENCE: [Indicator; 2] = [Indicator::Cultivated, Indicator::RoadInUse];

    /// The indicator for people, as the shipped models call their classes.
    ///
    /// ```
    /// use rams_domain::Indicator;
    ///
    /// assert_eq!(Indicator::TrenchComm.label(), "communication trench");
    /// assert_eq!(Indicator::WireObstacle.label(), "wire obstacle");
    /// ```
    pub fn label(self) -> String {
        match self {
            Indicator::TrenchFire => "fire trench".into(),
            Indicator::TrenchComm => "communication trench".into(),
            Indicator::AtDitch => "anti-tank ditch".into(),
            Indicator::DragonsTeeth => "dragon's teeth".into(),
            Indicator::BunkerDugout => "bunker or dugout".into(),
            Indicator::Foxhole => "foxhole or dugout".into(),
            Indicator::MineSurface => "surface mine".into(),
            Indicator::CmCarrier => "cluster munition carrier".into(),
            Indicator::MarkingSignFence => "marking sign or fence".into(),
            other => other.to_string().replace('_', " "),
        }
    }

    /// Whether it is ordnance itself, and no sign of it such as an earthwork or a crater.
    pub fn is_ordnance(self) -> bool {
        matches!(self, Self::MineRow | Self::MineSurface | Self::Submunition)
    }
}

/// How a feature of a class is drawn on the ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GeometryKind {
    /// An object: the centre of its box.
    Point,
    /// A linear earthwork: the long axis of a box, or the centrelines of a mask.
    Line,
    /// An area: its outline.
    Polygon,
}

/// One class of a model.
///
/// ```
/// use rams_domain::{Calibration, Class, EoCategory, GeometryKind, Indicator, ObscuredBy};
///
/// let class = Class {
///     name: "pfm-1".into(),
///     label: Some("PFM-1".into()),
///     indicator: Indicator::MineSurface,
///     eo_category: EoCategory::ApMine,
///     geometry: GeometryKind::Point,
///     parent: None,
///     gsd_name_m: None,
///     size_m: [0.06, 0.12],
///     gsd_max_m: 0.0076,
///     threshold: 0.5.into(),
///     pixel_threshold: None,
///     hidden_by: ObscuredBy::ALL.to_vec(),
///     calibration: Calibration { slope: 1.0, intercept: -1.0 },
/// };
/// assert_eq!(class.label(), "PFM-1");
/// assert!(class.is_assessable_at(0.004), "4 mm are fine enough");
/// assert!(!class.is_assessable_at(0.02), "20 mm are not");
/// // A score of 0.5 has log-odds of 0, and sigmoid(-1) is 0.269.
/// assert!((class.confidence(0.5) - 0.269).abs() < 1e-3);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Name within the model, for example `pfm-1`.
    pub name: String,
    /// Its name for people, for example `PMN-2`; the same as `name` if none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The indicator it stands for.
    pub indicator: Indicator,
    /// The category of explosive ordnance it points to.
    pub eo_category: EoCategory,
    /// How its features are drawn.
    pub geometry: GeometryKind,
    /// The coarser class that this one is a kind of, as `ap-round` is of `pmn-2`. A model says the
    /// coarser one where it cannot tell the kinds apart.
    #[serde(default)]
    pub parent: Option<String>,
    /// Coarsest GSD of the input, metres per pixel, at which the kind itself is named; in coarser
    /// input a find is called by its parent. Goes with `parent`.
    #[serde(default)]
    pub gsd_name_m: Option<f64>,
    /// Plausible longer side, metres, `[least, most]`; 0.12 m for a PFM-1.
    pub size_m: [f64; 2],
    /// Coarsest GSD of the input, metres per pixel, at which the class can be assessed; 0 for a
    /// class that the model finds too seldom to answer for: no ground counts as looked at for it,
    /// and its finds are called by its family, or, without one in reach, stay among the detections.
    pub gsd_max_m: f64,
    /// Least score of a find, 0 to 1.
    pub threshold: Thresholds,
    /// Least probability of a pixel of a mask, 0 to the sensitive threshold, which is the default:
    /// a mask reaches as far as its pixels do, whatever the operating point, and is a find if their
    /// mean reaches the threshold.
    #[serde(default)]
    pub pixel_threshold: Option<f32>,
    /// What hides it: ground that lies under one of these does not count as assessed for the class,
    /// though finds there are reported. By default all that can.
    #[serde(default = "all_obstacles")]
    pub hidden_by: Vec<ObscuredBy>,
    /// Platt scaling from score to probability.
    #[serde(default)]
    pub calibration: Calibration,
}

fn all_obstacles() -> Vec<ObscuredBy> {
    ObscuredBy::ALL.to_vec()
}

/// `probability = sigmoid(slope * logit(score) + intercept)`; the default changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Factor on the log-odds of the score.
    pub slope: f64,
    /// Shift of the log-odds.
    pub intercept: f64,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { slope: 1.0, intercept: 0.0 }
    }
}

/// Pixels may be larger than a limit by this factor: a nominal 4 mm in UTM is 4.0016 mm on the
/// ground at the central meridian, and a limit is no finer than a flight's own height.
pub(crate) const GSD_LENIENCY: f64 = 1.005;

impl Class {
    /// Its name for people.
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.name)
    }

    /// Whether the model answers for the class at any GSD.
    pub fn is_looked_for(&self) -> bool {
        self.gsd_max_m > 0.0
    }

    /// Whether an input of a GSD, metres per pixel, is fine enough to look for the class.
    pub fn is_assessable_at(&self, gsd_m: f64) -> bool {
        gsd_m <= self.gsd_max_m * GSD_LENIENCY
    }

    /// The calibrated probability of a score, both 0 to 1.
    pub fn confidence(&self, score: f32) -> f32 {
        let score = f64::from(score).clamp(1e-6, 1.0 - 1e-6);
        let logit = (score / (1.0 - score)).ln();
        let Calibration { slope, intercept } = self.calibration;
        (1.0 / (1.0 + (-(slope * logit + intercept)).exp())) as f32
    }
}

display_as_serialised!(EoCategory, Indicator, GeometryKind);
