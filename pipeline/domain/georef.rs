//! The only bridge between pixels and ground.

use crate::{Ground, PxBox, RasterSize};
use geo::{AffineOps, AffineTransform, Coord, Distance, Geodesic, MapCoords, Point, Polygon, coord};

/// Places mosaic pixels on the ground by an affine transform, north-up or rotated.
#[derive(Debug, Clone, PartialEq)]
pub struct Georef {
    to_ground: AffineTransform,
    to_pixel: AffineTransform,
    ground: Ground,
}

/// A geotransform that places nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("geotransform {0:?} is not invertible: its pixels have no area on the ground")]
pub struct GeorefError([f64; 6]);

impl Georef {
    /// The affine transform of a geotransform in GDAL's order: `x = g[0] + col g[1] + row g[2]`,
    /// `y = g[3] + col g[4] + row g[5]`, in units of the CRS.
    ///
    /// It takes the [`Ground`] because metres and longitudes need the CRS: the raster's own
    /// ground covers its extent.
    pub fn new(geotransform: [f64; 6], ground: Ground) -> Result<Self, GeorefError> {
        let to_ground = affine(geotransform);
        let finite = geotransform.iter().all(|value| value.is_finite());
        let to_pixel = to_ground.inverse().filter(|_| finite).ok_or(GeorefError(geotransform))?;
        Ok(Self { to_ground, to_pixel, ground })
    }

    /// The corners of a raster on the ground, in units of the CRS: what a [`Ground`] must cover.
    pub fn corners(geotransform: [f64; 6], size: RasterSize) -> [Coord; 4] {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)].map(|px| affine(geotransform).apply(px.into()))
    }

    /// The ground the raster lies on.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Mosaic pixels to ground, units of the CRS.
    pub fn to_ground(&self, px: Coord) -> Coord {
        self.to_ground.apply(px)
    }

    /// Ground to mosaic pixels.
    pub fn to_pixel(&self, ground: Coord) -> Coord {
        self.to_pixel.apply(ground)
    }

    /// A geometry in mosaic pixels placed on the ground.
    pub fn place<G: AffineOps<f64>>(&self, px: &G) -> G {
        px.affine_transform(&self.to_ground)
    }

    /// A box in mosaic pixels as a polygon on the ground (a parallelogram if rotated).
    pub fn place_box(&self, px: &PxBox) -> Polygon {
        px.rect().to_polygon().map_coords(|c| self.to_ground(c))
    }

    /// Width and height of one pixel around `px`, metres on the ellipsoid.
    pub fn gsd_m(&self, px: Coord) -> [f64; 2] {
        // A hundred pixels, because the geodesic solver loses digits over millimetres.
        const SPAN: f64 = 100.0;
        let lonlat = |x: f64, y: f64| Point::from(self.ground.lonlat(self.to_ground(coord! { x: x, y: y })));
        let along = |dx: f64, dy: f64| {
            let from = lonlat(px.x - dx / 2.0, px.y - dy / 2.0);
            Geodesic.distance(from, lonlat(px.x + dx / 2.0, px.y + dy / 2.0)) / SPAN
        };
        [along(SPAN, 0.0), along(0.0, SPAN)]
    }
}

fn affine(g: [f64; 6]) -> AffineTransform {
    AffineTransform::new(g[1], g[2], g[0], g[4], g[5], g[3])
}
