//! Heights of the ground and of what stands on it, beside an orthomosaic.

use crate::class::GSD_LENIENCY;
use std::path::PathBuf;

/// What a digital surface model (DSM) is to an orthomosaic: everything about it but its heights.
#[derive(Debug, Clone, PartialEq)]
pub struct SurfaceModel {
    /// Where the file lies.
    pub path: PathBuf,
    /// Name for people: the file's.
    pub name: String,
    /// The longer side of its pixels where it lies under the orthomosaic, metres.
    pub gsd_m: f64,
    /// Share of the orthomosaic's rectangle that its raster covers, 0 to 1; it may have holes.
    pub share: f64,
    /// What a person should know of how it is placed, a sentence each.
    pub notices: Vec<String>,
}

impl SurfaceModel {
    /// Whether its pixels are no larger than a limit, metres: a trench of 3 m is gone at 2 m a
    /// pixel.
    ///
    /// ```
    /// let model = rams_domain::SurfaceModel {
    ///     path: "dsm.tif".into(),
    ///     name: "dsm.tif".into(),
    ///     gsd_m: 0.1,
    ///     share: 1.0,
    ///     notices: vec![],
    /// };
    /// assert!(model.is_fine_enough(0.1) && !model.is_fine_enough(0.05));
    /// ```
    pub fn is_fine_enough(&self, gsd_max_m: f64) -> bool {
        self.gsd_m <= gsd_max_m * GSD_LENIENCY
    }
}
