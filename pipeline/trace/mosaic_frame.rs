//! An orthomosaic, as far as it matters to features of several.

use geo::Polygon;
use rams_domain::{Ground, Orthomosaic, PxBox};

/// Name, pixels and frame of an orthomosaic.
pub(crate) struct MosaicFrame {
    pub(crate) name: String,
    /// The longer side of a pixel, metres.
    pub(crate) gsd_m: f64,
    /// The border of its raster, local metres: beyond it, it shows nothing.
    pub(crate) frame: Polygon,
}

impl MosaicFrame {
    /// The frame of an orthomosaic on the ground of the survey.
    pub(crate) fn of(orthomosaic: &Orthomosaic, ground: &Ground) -> Self {
        let (x1, y1) = (f64::from(orthomosaic.size.width), f64::from(orthomosaic.size.height));
        let frame = orthomosaic.georef.place_box(&PxBox { x0: 0.0, y0: 0.0, x1, y1 });
        Self {
            name: orthomosaic.name.clone(),
            gsd_m: orthomosaic.coarsest_gsd_m(),
            frame: ground.to_metres(&frame),
        }
    }
}
