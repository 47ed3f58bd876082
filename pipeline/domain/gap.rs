//! A part of an orthomosaic that a model did not assess.

use crate::{ObscuredBy, PxBox, display::display_as_serialised};
use serde::{Deserialize, Serialize};

/// Why ground was not assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// The orthomosaic holds no image there (nodata, alpha or mask).
    Nodata,
    /// The file could not be read there.
    Unreadable,
    /// The model failed on it.
    ModelFailed,
    /// The pixels are too large for the class.
    GsdTooCoarse,
    /// No model of the run knows the class.
    NoModel,
    /// Plants hide the ground.
    Vegetation,
    /// The ground lies in deep shadow.
    Shadow,
    /// The image is white or black there.
    Saturation,
    /// The image is too blurred for the class.
    Blur,
    /// No orthomosaic shows this ground of the survey's limit.
    NoImagery,
    /// It lies beyond the limit with which the imagery was surveyed; areas were drawn again with a
    /// wider one.
    BeyondLimit,
    /// The run was stopped before it came to this ground.
    Interrupted,
}
display_as_serialised!(GapReason);

impl GapReason {
    /// All of them, in the order in which messages list them.
    pub const ALL: [GapReason; 12] = [
        GapReason::Nodata,
        GapReason::Unreadable,
        GapReason::ModelFailed,
        GapReason::GsdTooCoarse,
        GapReason::NoModel,
        GapReason::Vegetation,
        GapReason::Shadow,
        GapReason::Saturation,
        GapReason::Blur,
        GapReason::NoImagery,
        GapReason::BeyondLimit,
        GapReason::Interrupted,
    ];

    /// Whether a gap is a matter of course: explained by the user's own choice of input and models,
    /// or a bush on ground that is otherwise seen. A run whose gaps are all expected ends with exit
    /// code 0, any other with 3; so does one in which most of the ground is hidden.
    ///
    /// ```
    /// use rams_domain::GapReason;
    ///
    /// assert!(GapReason::Nodata.is_expected(), "the collar of an orthomosaic");
    /// assert!(GapReason::Vegetation.is_expected(), "a bush");
    /// assert!(!GapReason::Unreadable.is_expected(), "a damaged file");
    /// ```
    pub fn is_expected(self) -> bool {
        matches!(self, GapReason::Nodata | GapReason::NoModel) || self.is_hidden()
    }

    /// Whether there is an image in which the ground cannot be seen.
    pub fn is_hidden(self) -> bool {
        matches!(
            self,
            GapReason::Vegetation | GapReason::Shadow | GapReason::Saturation | GapReason::Blur
        )
    }
}

impl From<ObscuredBy> for GapReason {
    fn from(obstacle: ObscuredBy) -> Self {
        match obstacle {
            ObscuredBy::Vegetation => GapReason::Vegetation,
            ObscuredBy::Shadow => GapReason::Shadow,
            ObscuredBy::Saturation => GapReason::Saturation,
            ObscuredBy::Blur => GapReason::Blur,
        }
    }
}

/// Failure as data: why a region was not assessed. It becomes a [`crate::GapArea`] on the map and
/// never stops a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// Why.
    pub reason: GapReason,
    /// The reason with its values, for example GDAL's own message; empty where the reason says all.
    pub detail: String,
    /// Where, as boxes in mosaic pixels.
    pub region: Vec<PxBox>,
}
