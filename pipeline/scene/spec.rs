//! What to paint.

mod arrangement;
mod camera;
mod ground;

pub use arrangement::Arrangement;
pub use camera::CameraSpec;
pub use ground::{Ground, GroundKind};

use crate::SceneError;
use gdal::spatial_ref::SpatialRef;
use geo::{AffineTransform, Coord, coord};
use rams_domain::RasterSize;

/// What to paint. The pixels and the truth are a function of these values and of nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct SceneSpec {
    /// Decides everything that the other values leave open.
    pub seed: u64,
    /// Size of the raster, pixels; up to 200,000 a side.
    pub size: RasterSize,
    /// Side of a pixel, metres of the CRS: 0.004 for a flight at 10 m. From 0.5 mm to 1 m.
    pub gsd_m: f64,
    /// Angle by which the raster is turned on the ground, degrees anticlockwise; 0 is north-up.
    pub rotation_deg: f64,
    /// EPSG code of a projected CRS in metres; 32633 (UTM 33N) by default.
    pub epsg: u32,
    /// What it lies on.
    pub ground: Ground,
    /// How what is to be found lies there.
    pub arrangement: Arrangement,
    /// How it was photographed and put together.
    pub camera: CameraSpec,
}

impl Default for SceneSpec {
    /// The demo: 24 x 18 m at 4 mm, seed 7.
    fn default() -> Self {
        Self {
            seed: 7,
            size: RasterSize { width: 6000, height: 4500 },
            gsd_m: 0.004,
            rotation_deg: 0.0,
            epsg: 32633,
            ground: Ground::Kind(GroundKind::Meadow),
            arrangement: Arrangement::Field,
            camera: CameraSpec::plain(),
        }
    }
}

impl SceneSpec {
    /// Longest side of a raster, pixels.
    const SIDE_MAX_PX: u32 = 200_000;

    /// Width and height on the ground, metres.
    pub fn extent_m(&self) -> [f64; 2] {
        [f64::from(self.size.width) * self.gsd_m, f64::from(self.size.height) * self.gsd_m]
    }

    /// The geotransform in GDAL's order. The middle of the raster lies on the central meridian, its
    /// lower edge 1 km north of the equator: a place that no one surveyed.
    pub fn geotransform(&self) -> [f64; 6] {
        let (sin, cos) = match self.rotation_deg {
            // Exact, so that a north-up scene does not depend on the platform's sine.
            0.0 => (0.0, 1.0),
            turned => turned.to_radians().sin_cos(),
        };
        let [width, height] = self.extent_m();
        let [a, b, d, e] =
            [self.gsd_m * cos, self.gsd_m * sin, self.gsd_m * sin, -self.gsd_m * cos];
        let middle = coord! { x: 500_000.0, y: 1_000.0 + height.max(width) / 2.0 };
        let (cols, rows) = (f64::from(self.size.width) / 2.0, f64::from(self.size.height) / 2.0);
        [middle.x - cols * a - rows * b, a, b, middle.y - cols * d - rows * e, d, e]
    }

    /// Names the first value that paints nothing sensible.
    pub(crate) fn check(&self) -> Result<SpatialRef, SceneError> {
        let refuse = |name, value: String, limit| Err(SceneError::Spec { name, value, limit });
        let RasterSize { width, height } = self.size;
        let sides = 1..=Self::SIDE_MAX_PX;
        if !sides.contains(&width) || !sides.contains(&height) {
            return refuse(
                "size",
                format!("{width}x{height} px"),
                "each side must be 1 to 200000 px",
            );
        }
        if !(0.0005..=1.0).contains(&self.gsd_m) {
            return refuse("gsd", format!("{} m", self.gsd_m), "it must be 0.0005 to 1 m");
        }
        if !self.rotation_deg.is_finite() {
            return refuse(
                "rotation",
                format!("{} degrees", self.rotation_deg),
                "it must be a finite angle",
            );
        }
        SpatialRef::from_epsg(self.epsg)
            .ok()
            .filter(|crs| crs.is_projected() && (crs.linear_units() - 1.0).abs() < 1e-9)
            .map_or_else(
                || {
                    refuse(
                        "EPSG code",
                        self.epsg.to_string(),
                        "it must name a projected CRS in metres",
                    )
                },
                Ok,
            )
    }

    /// Scene metres (right and down from the raster's upper left corner) to the CRS.
    pub(crate) fn scene_to_crs(&self) -> AffineTransform {
        let g = self.geotransform();
        let px = 1.0 / self.gsd_m;
        AffineTransform::new(g[1] * px, g[2] * px, g[0], g[4] * px, g[5] * px, g[3])
    }

    /// Scene metres to mosaic pixels.
    pub(crate) fn scene_to_px(&self, at: Coord) -> Coord {
        coord! { x: at.x / self.gsd_m, y: at.y / self.gsd_m }
    }

    /// Room that the files may take, MiB: four bands that hardly compress, and a third for
    /// overviews.
    pub(crate) fn needed_mib(&self) -> u64 {
        u64::from(self.size.width) * u64::from(self.size.height) * 4 * 4 / 3 / (1 << 20) + 1
    }
}
