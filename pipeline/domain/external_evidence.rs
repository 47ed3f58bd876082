//! What others know of the ground: evidence that is not from this survey's imagery.

use crate::{EoCategory, display::display_as_serialised};
use geo::Geometry;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Number of a piece of other evidence within the survey, from 1, written `K0001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExternalEvidenceId(pub u32);

impl fmt::Display for ExternalEvidenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "K{:04}", self.0)
    }
}

/// What a piece of other evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExternalEvidenceKind {
    /// Somebody was harmed there.
    Accident,
    /// Ordnance went off or was met there without harm.
    Incident,
    /// A record of those who laid the mines.
    MinefieldRecord,
    /// What a witness reported.
    Witness,
    /// Ground that an operator reports as having been worked through and handed over.
    Released,
    /// Ground that the authority cancelled or reduced.
    Cancelled,
    /// What the ground is used for; `name` says what.
    LandUse,
    /// An administrative district; `name` is its name.
    District,
    /// Where the front is known: `bearing_deg` is the direction in which the defences on this
    /// ground face.
    Front,
    /// The ground that the survey was ordered for: areas are cut at it.
    SurveyLimit,
}
display_as_serialised!(ExternalEvidenceKind);

impl ExternalEvidenceKind {
    /// All of them, in the order in which messages list them.
    pub const ALL: [ExternalEvidenceKind; 10] = [
        ExternalEvidenceKind::Accident,
        ExternalEvidenceKind::Incident,
        ExternalEvidenceKind::MinefieldRecord,
        ExternalEvidenceKind::Witness,
        ExternalEvidenceKind::Released,
        ExternalEvidenceKind::Cancelled,
        ExternalEvidenceKind::LandUse,
        ExternalEvidenceKind::District,
        ExternalEvidenceKind::Front,
        ExternalEvidenceKind::SurveyLimit,
    ];

    /// Whether it points to hazard, and so draws an area of its own.
    ///
    /// ```
    /// use rams_domain::ExternalEvidenceKind;
    ///
    /// assert!(ExternalEvidenceKind::Accident.points_to_hazard());
    /// assert!(!ExternalEvidenceKind::Released.points_to_hazard());
    /// ```
    pub fn points_to_hazard(self) -> bool {
        matches!(self, Self::Accident | Self::Incident | Self::MinefieldRecord | Self::Witness)
    }

    /// Whether it says that land was released.
    pub fn is_release(self) -> bool {
        matches!(self, Self::Released | Self::Cancelled)
    }
}

/// How far a source and its information are to be trusted, in the terms of IMSMA.
///
/// ```
/// use rams_domain::Reliability;
///
/// assert_eq!(Reliability { source: Some('B'), information: Some(2) }.to_string(), "B2");
/// assert_eq!(Reliability::default().to_string(), "??");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reliability {
    /// Of the source, `A` (completely reliable) to `F` (cannot be judged).
    pub source: Option<char>,
    /// Of the information, 1 (confirmed by others) to 6 (cannot be judged).
    pub information: Option<u8>,
}

/// Written as in IMSMA: `B2`; a part that is not known is a `?`.
impl fmt::Display for Reliability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let information = self.information.map_or("?".into(), |level| level.to_string());
        write!(f, "{}{information}", self.source.unwrap_or('?'))
    }
}

/// A piece of evidence from elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalEvidence {
    /// Its number within the survey.
    pub id: ExternalEvidenceId,
    /// What it is.
    pub kind: ExternalEvidenceKind,
    /// Where, in the survey's CRS.
    pub geometry: Geometry,
    /// Category of explosive ordnance that it speaks of; `Unknown` where it does not say.
    pub eo_category: EoCategory,
    /// How far it is to be trusted.
    pub reliability: Reliability,
    /// Name or number at its source: of a district its name, of land use what it is.
    pub name: String,
    /// When, as its source writes it; empty where not known.
    pub date: String,
    /// Of a front, degrees from true north, clockwise, 0 to 360.
    pub bearing_deg: Option<f64>,
    /// The file it came from.
    pub file: String,
}
