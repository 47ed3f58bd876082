//! Why, in words that can be counted.

use super::Decision;
use crate::display::display_as_serialised;
use serde::{Deserialize, Serialize};

/// Why something was rejected, deferred or returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A stone, a plant, soil.
    NaturalObject,
    /// Man-made, and no ordnance.
    ManMadeObject,
    /// Blur, shadow, a seam.
    ImageFault,
    /// An earthwork of farming or building.
    CivilianEarthwork,
    /// The same as another item.
    Duplicate,
    /// The imagery does not tell.
    ImageryInsufficient,
    /// Somebody must go there.
    FieldVisit,
    /// Another person should look.
    SecondOpinion,
    /// Reports or records are on their way.
    AwaitsReports,
    /// The boundary is wrong.
    Boundary,
    /// The category of ordnance is wrong.
    Category,
    /// Evidence was missed or misread.
    Evidence,
    /// The decision does not follow from the evidence.
    Decision,
    /// What the comment says.
    Other,
}
display_as_serialised!(Reason);

impl Reason {
    const REJECT: [Reason; 6] = [
        Reason::NaturalObject,
        Reason::ManMadeObject,
        Reason::ImageFault,
        Reason::CivilianEarthwork,
        Reason::Duplicate,
        Reason::Other,
    ];
    const DEFER: [Reason; 5] = [
        Reason::ImageryInsufficient,
        Reason::FieldVisit,
        Reason::SecondOpinion,
        Reason::AwaitsReports,
        Reason::Other,
    ];
    const RETURN: [Reason; 5] =
        [Reason::Boundary, Reason::Category, Reason::Evidence, Reason::Decision, Reason::Other];
    const FEATURE: [Reason; 4] =
        [Reason::NaturalObject, Reason::ManMadeObject, Reason::ImageFault, Reason::Other];

    /// The reasons that a decision may have, in the order in which people are offered them.
    pub fn of(decision: Decision) -> &'static [Reason] {
        match decision {
            Decision::Reject => &Self::REJECT,
            Decision::Defer => &Self::DEFER,
            Decision::Return => &Self::RETURN,
            Decision::Verdict => &Self::FEATURE,
            _ => &[],
        }
    }

    /// Its name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::NaturalObject => "natural object: stone, plant, soil",
            Self::ManMadeObject => "man-made object, no ordnance",
            Self::ImageFault => "fault of the image: blur, shadow, seam",
            Self::CivilianEarthwork => "earthwork of farming or building",
            Self::Duplicate => "the same as another area",
            Self::ImageryInsufficient => "the imagery does not tell",
            Self::FieldVisit => "needs a visit",
            Self::SecondOpinion => "needs a second opinion",
            Self::AwaitsReports => "reports or records are awaited",
            Self::Boundary => "boundary is wrong",
            Self::Category => "category is wrong",
            Self::Evidence => "evidence was missed or misread",
            Self::Decision => "does not follow from the evidence",
            Self::Other => "other, as the comment says",
        }
    }
}
