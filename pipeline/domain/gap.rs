//! A part of an orthomosaic that a model did not assess.

use crate::{PxBox, class::display_as_serialised};
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
    /// The run was stopped before it came to this ground.
    Interrupted,
}
display_as_serialised!(GapReason);

impl GapReason {
    /// Whether the user's own choice of input and models explains the gap entirely. A run whose
    /// gaps are all expected ends with exit code 0, any other with 3.
    pub fn is_expected(self) -> bool {
        matches!(self, GapReason::Nodata | GapReason::NoModel)
    }
}

/// Failure as data: why a region was not assessed. It becomes a [`crate::GapArea`] on the map and
/// never stops a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// Why.
    pub reason: GapReason,
    /// The reason with its values, for example GDAL's own message; empty where the reason says all.
    pub detail: String,
    /// Where, as boxes in mosaic pixels.
    pub region: Vec<PxBox>,
}
