//! How well ground shows in an image, and what that hides of a class.

use crate::{Class, ObscuredBy};
use serde::{Deserialize, Serialize};

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
        let lies_over = |obstacle: &ObscuredBy| match obstacle {
            ObscuredBy::Vegetation => self.vegetation,
            ObscuredBy::Shadow => self.shadow,
            ObscuredBy::Saturation => self.saturation,
            ObscuredBy::Blur => self.detail_m(gsd_m) > BLUR_LENIENCY * class.gsd_max_m,
        };
        ObscuredBy::ALL
            .into_iter()
            .filter(|obstacle| class.hidden_by.contains(obstacle))
            .find(lies_over)
    }

    /// The finest detail that the image holds, metres.
    fn detail_m(&self, gsd_m: f64) -> f64 {
        if self.blur == 0 { 0.0 } else { gsd_m * f64::from(self.blur).exp2() }
    }
}
