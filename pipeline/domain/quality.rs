//! How well ground shows in an image, and what that hides of a class.

use crate::{Class, GapReason, class::display_as_serialised};
use serde::{Deserialize, Serialize};

/// What can lie between a class and the camera on ground that has an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObscuredBy {
    /// Crowns, bushes, tall plants: leaves with dark gaps between them, as coarse as the object.
    Vegetation,
    /// Shadow so deep that the image holds no detail in it.
    Shadow,
    /// White or black beyond what the camera could tell apart.
    Saturation,
    /// Detail too coarse for the class, whatever the size of the pixels.
    Blur,
}
display_as_serialised!(ObscuredBy);

impl ObscuredBy {
    /// All of them, the gravest first: where several lie over the same ground, the first is named.
    pub const ALL: [ObscuredBy; 4] =
        [ObscuredBy::Vegetation, ObscuredBy::Shadow, ObscuredBy::Saturation, ObscuredBy::Blur];
}

impl From<ObscuredBy> for GapReason {
    fn from(veil: ObscuredBy) -> Self {
        match veil {
            ObscuredBy::Vegetation => GapReason::Vegetation,
            ObscuredBy::Shadow => GapReason::Shadow,
            ObscuredBy::Saturation => GapReason::Saturation,
            ObscuredBy::Blur => GapReason::Blur,
        }
    }
}

/// Detail may be coarser than a class's own limit by this factor before it counts as blurred:
/// pixels at the limit, resampled once on their way, are half as sharp again. 15 mm for a PFM-1.
const BLUR_LENIENCY: f64 = 2.0;

/// How a piece of ground shows at a model's scale, whatever is looked for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
pub struct QualityFlags {
    /// Overgrown.
    pub vegetation: bool,
    /// Black with shadow.
    pub shadow: bool,
    /// White or black with exposure.
    pub saturation: bool,
    /// Octaves of detail that the image lacks: its detail is as coarse as 2^octaves grid pixels.
    pub blur: u8,
}

impl QualityFlags {
    /// What keeps a class from being seen here in pixels of a grid, metres; `None` if nothing does.
    pub fn obscured_by(&self, class: &Class, gsd_m: f64) -> Option<ObscuredBy> {
        let lies_over = |veil: &ObscuredBy| match veil {
            ObscuredBy::Vegetation => self.vegetation,
            ObscuredBy::Shadow => self.shadow,
            ObscuredBy::Saturation => self.saturation,
            ObscuredBy::Blur => self.detail_m(gsd_m) > BLUR_LENIENCY * class.gsd_max_m,
        };
        ObscuredBy::ALL
            .into_iter()
            .filter(|veil| class.hidden_by.contains(veil))
            .find(|veil| lies_over(veil))
    }

    /// The finest detail that the image holds, metres.
    fn detail_m(&self, gsd_m: f64) -> f64 {
        if self.blur == 0 { 0.0 } else { gsd_m * f64::from(self.blur).exp2() }
    }
}
