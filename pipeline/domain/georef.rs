//! The only bridge between pixels and ground.

use crate::{Ground, Mesh, PxBox, RasterSize};
use geo::coord;
use geo::{
    AffineOps, AffineTransform, Coord, Distance, Geodesic, LineString, MapCoords, MultiPolygon,
    Orient, Point, Polygon, orient::Direction,
};

/// Places mosaic pixels on the ground: by the file's affine transform, north-up or rotated, in the
/// file's own CRS, and from there by a [`Mesh`] where the survey's CRS is another.
///
/// ```
/// use geo::coord;
/// use rams_domain::{Crs, Georef, Ground, RasterSize};
///
/// // 1,000 x 1,000 px of 1e-7 degrees, north-up, in WGS 84.
/// let geotransform = [30.0, 1e-7, 0.0, 50.0, 0.0, -1e-7];
/// let corners = Georef::corners(geotransform, RasterSize { width: 1_000, height: 1_000 });
/// let extent = Ground::extent_of(&corners).ok_or("no extent")?;
/// let crs = Crs { name: "WGS 84".into(), code: Some("EPSG:4326".into()), wkt: String::new() };
/// let ground = Ground::new(crs, extent, Ground::node_positions(extent)).ok_or("no ground")?;
/// let georef = Georef::new(geotransform, ground)?;
///
/// let middle = georef.to_ground(coord! { x: 500.0, y: 500.0 });
/// assert!((middle.x - 30.00005).abs() < 1e-9 && (middle.y - 49.99995).abs() < 1e-9);
/// let [x_m, y_m] = georef.gsd_m(coord! { x: 500.0, y: 500.0 });
/// assert!((x_m - 0.00717).abs() < 1e-5 && (y_m - 0.01112).abs() < 1e-5, "{x_m} {y_m}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Georef {
    to_own: AffineTransform,
    to_pixel: AffineTransform,
    own: Ground,
    onto: Option<(Mesh, Ground)>,
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
        let to_own = affine(geotransform);
        let finite = geotransform.iter().all(|value| value.is_finite());
        let to_pixel = to_own.inverse().filter(|_| finite).ok_or(GeorefError(geotransform))?;
        Ok(Self { to_own, to_pixel, own: ground, onto: None })
    }

    /// The same raster on the ground of a survey in another CRS: `mesh` has its nodes there, and
    /// `ground` covers them.
    pub fn onto(self, mesh: Mesh, ground: Ground) -> Self {
        Self { onto: Some((mesh, ground)), ..self }
    }

    /// The corners of a raster on the ground, in units of its CRS: what a [`Ground`] must cover.
    pub fn corners(geotransform: [f64; 6], size: RasterSize) -> [Coord; 4] {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
            .map(|px| affine(geotransform).apply(px.into()))
    }

    /// The ground the raster lies on, in the survey's CRS.
    pub fn ground(&self) -> &Ground {
        self.onto.as_ref().map_or(&self.own, |(_, ground)| ground)
    }

    /// The same ground in the file's own CRS.
    pub fn own_ground(&self) -> &Ground {
        &self.own
    }

    /// Mosaic pixels to ground, units of the survey's CRS.
    pub fn to_ground(&self, px: Coord) -> Coord {
        self.onto.as_ref().map_or_else(|| self.to_own.apply(px), |(mesh, _)| mesh.to_ground(px))
    }

    /// Mosaic pixels to ground, units of the file's own CRS.
    pub fn to_own(&self, px: Coord) -> Coord {
        self.to_own.apply(px)
    }

    /// Ground, units of the survey's CRS, to mosaic pixels.
    pub fn to_pixel(&self, ground: Coord) -> Coord {
        self.onto
            .as_ref()
            .map_or_else(|| self.to_pixel.apply(ground), |(mesh, _)| mesh.to_pixel(ground))
    }

    /// A polygon in mosaic pixels placed on the ground, its exterior anticlockwise and its holes
    /// clockwise there, whichever way rows and columns run: down, up, or turned.
    pub fn place(&self, px: &Polygon) -> Polygon {
        let placed = match &self.onto {
            None => px.affine_transform(&self.to_own),
            Some((mesh, _)) => {
                let ring = |ring: &LineString| mesh.cut(ring).map_coords(|px| mesh.to_ground(px));
                Polygon::new(ring(px.exterior()), px.interiors().iter().map(ring).collect())
            }
        };
        placed.orient(Direction::Default)
    }

    /// Polygons in mosaic pixels placed on the ground. Those that share an edge share it
    /// afterwards.
    pub fn place_all(&self, px: &MultiPolygon) -> MultiPolygon {
        px.iter().map(|polygon| self.place(polygon)).collect()
    }

    /// A box in mosaic pixels as a polygon on the ground (a parallelogram if rotated).
    pub fn place_box(&self, px: &PxBox) -> Polygon {
        self.place(&px.rect().to_polygon())
    }

    /// Width and height of one pixel around `px`, metres on the ellipsoid; the same in every
    /// survey, for the scale at which a model reads follows from it.
    pub fn gsd_m(&self, px: Coord) -> [f64; 2] {
        // A hundred pixels, because the geodesic solver loses digits over millimetres.
        const SPAN: f64 = 100.0;
        let lonlat =
            |x: f64, y: f64| Point::from(self.own.lonlat(self.to_own(coord! { x: x, y: y })));
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
