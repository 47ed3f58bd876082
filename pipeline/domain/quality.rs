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
    ///
    /// Where several obstacles lie over the ground, the first of [`ObscuredBy::ALL`] that hides the
    /// class is named. Blur hides a class where the finest detail is more than twice as coarse as
    /// the class's own limit.
    ///
    /// ```
    /// use rams_domain::{ObscuredBy, QualityFlags};
    /// # use rams_domain::{Calibration, Class, EoCategory, GeometryKind, Indicator};
    /// # let class = Class {
    /// #     name: "pfm-1".into(), label: None, indicator: Indicator::MineSurface,
    /// #     eo_category: EoCategory::ApMine, geometry: GeometryKind::Point, parent: None,
    /// #     gsd_name_m: None, size_m: [0.06, 0.12], gsd_max_m: 0.0076, threshold: 0.5.into(),
    /// #     pixel_threshold: None, hidden_by: ObscuredBy::ALL.to_vec(),
    /// #     calibration: Calibration::default(),
    /// # };
    /// // A class that needs pixels of 7.6 mm, in pixels of 4 mm.
    /// let clear = QualityFlags::default();
    /// assert_eq!(clear.obscured_by(&class, 0.004), None);
    /// // Detail of 2^3 pixels, 32 mm, is coarser than 15.2 mm.
    /// let blurred = QualityFlags { blur: 3, ..clear };
    /// assert_eq!(blurred.obscured_by(&class, 0.004), Some(ObscuredBy::Blur));
    /// let overgrown = QualityFlags { vegetation: true, ..blurred };
    /// assert_eq!(overgrown.obscured_by(&class, 0.004), Some(ObscuredBy::Vegetation));
    /// ```
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
