//! The ground a survey lies on: its CRS, and how the CRS relates to metres and to longitude and
//! latitude, without a projection library.

use geo::{
    AffineOps, AffineTransform, BoundingRect, Coord, Distance, Euclidean, Geodesic, GeodesicArea,
    LineString, MapCoords, MultiPoint, MultiPolygon, Point, Polygon, Rect, coord,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A coordinate reference system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crs {
    /// Name for people, for example `WGS 84 / UTM zone 18N`.
    pub name: String,
    /// Authority and code, for example `EPSG:32618`, where it has one.
    pub code: Option<String>,
    /// Well-known text, the full definition.
    pub wkt: String,
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.code.as_deref().unwrap_or("no code"))
    }
}

/// A longitude as people write it, between -180 and 180 degrees: those of a [`Ground`] run on
/// across the 180th meridian.
///
/// ```
/// use rams_domain::wrapped_longitude;
///
/// assert_eq!(wrapped_longitude(180.5), -179.5);
/// assert_eq!(wrapped_longitude(-15.0), -15.0);
/// ```
pub fn wrapped_longitude(longitude: f64) -> f64 {
    longitude - 360.0 * (longitude / 360.0).round()
}

/// Geodesic area, square metres, of polygons in longitude and latitude, degrees, whichever way
/// their rings run; never negative.
///
/// ```
/// use geo::{MultiPolygon, Rect};
///
/// let square = MultiPolygon::from(Rect::new((30.0, 0.0), (30.001, 0.001)).to_polygon());
/// let area_m2 = rams_domain::geodesic_area_m2(&square);
/// assert!((area_m2 - 12_309.0).abs() < 1.0, "{area_m2}"); // 111.32 m x 110.57 m
/// ```
pub fn geodesic_area_m2(lonlat: &MultiPolygon) -> f64 {
    // A ring that runs the other way, or a hairline whose direction is a matter of rounding, would
    // be taken for all the earth but itself.
    let ring_m2 =
        |ring: &LineString| Polygon::new(ring.clone(), vec![]).geodesic_area_signed().abs();
    let polygon_m2 = |polygon: &Polygon| {
        let holes_m2: f64 = polygon.interiors().iter().map(ring_m2).sum();
        (ring_m2(polygon.exterior()) - holes_m2).max(0.0)
    };
    lonlat.iter().map(polygon_m2).sum()
}

/// Ground in one CRS. Longitudes and latitudes are interpolated between nodes that the caller
/// projected, 16 x 16 cells over the extent: exact for a geographic CRS, and within a millimetre
/// for UTM over 5 km (cells of 300 m, a sagitta of 300² / 8 / 6.4e6 m before the second-order
/// part that the bilinear term takes up).
///
/// ```
/// use geo::{Rect, coord};
/// use rams_domain::{Crs, Ground};
///
/// // In WGS 84 itself longitude and latitude are the coordinates. For any other CRS a projection
/// // library makes them of the positions.
/// let crs = Crs { name: "WGS 84".into(), code: Some("EPSG:4326".into()), wkt: String::new() };
/// let extent = Rect::new((30.0, 50.0), (30.01, 50.01));
/// let ground = Ground::new(crs, extent, Ground::node_positions(extent)).ok_or("no ground")?;
///
/// assert_eq!(ground.crs().to_string(), "WGS 84 (EPSG:4326)");
/// let hectares = ground.area_m2(&extent.to_polygon().into()) / 1e4;
/// assert!((hectares - 79.74).abs() < 0.01, "{hectares}");
/// let centre = ground.to_metres(&geo::Point(coord! { x: 30.005, y: 50.005 }));
/// assert!(centre.x().abs() < 1e-6 && centre.y().abs() < 1e-6, "metres count from the centre");
/// # Ok::<(), &str>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Ground {
    crs: Crs,
    extent: Rect,
    lonlat_nodes: Vec<Coord>,
    to_metres: AffineTransform,
    from_metres: AffineTransform,
}

impl Ground {
    const CELLS: usize = 16;

    /// Positions, in units of the CRS, whose longitude and latitude [`Ground::new`] needs.
    pub fn node_positions(extent: Rect) -> Vec<Coord> {
        let step = |i: usize| i as f64 / Self::CELLS as f64;
        let node = |row: usize, col: usize| {
            coord! {
                x: extent.min().x + extent.width() * step(col),
                y: extent.min().y + extent.height() * step(row),
            }
        };
        (0..=Self::CELLS).flat_map(|row| (0..=Self::CELLS).map(move |col| node(row, col))).collect()
    }

    /// The smallest extent around some positions.
    pub fn extent_of(positions: &[Coord]) -> Option<Rect> {
        MultiPoint::from(positions.to_vec()).bounding_rect()
    }

    /// Ground over `extent` with the WGS 84 longitude and latitude (degrees) of each of
    /// [`Ground::node_positions`], in that order. `None` where they do not span an area on the
    /// ellipsoid, as with a CRS that does not belong to the coordinates.
    pub fn new(crs: Crs, extent: Rect, lonlat_nodes: Vec<Coord>) -> Option<Self> {
        let count = (Self::CELLS + 1) * (Self::CELLS + 1);
        let on_earth = |c: &Coord| c.x.is_finite() && c.y.is_finite() && c.y.abs() <= 90.0;
        if lonlat_nodes.len() != count || !lonlat_nodes.iter().all(on_earth) {
            return None;
        }
        // Across the antimeridian longitudes jump by 360 degrees: keep them together instead.
        let centre_lon = lonlat_nodes[count / 2].x;
        let nearby = |lon: f64| lon - 360.0 * ((lon - centre_lon) / 360.0).round();
        let lonlat_nodes =
            lonlat_nodes.into_iter().map(|c| coord! { x: nearby(c.x), y: c.y }).collect();
        let identity = AffineTransform::identity();
        let mut ground =
            Self { crs, extent, lonlat_nodes, to_metres: identity, from_metres: identity };
        ground.to_metres = ground.local_metres();
        ground.from_metres = ground.to_metres.inverse()?;
        Some(ground)
    }

    /// The CRS.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// The extent the ground was made for, units of the CRS.
    pub fn extent(&self) -> Rect {
        self.extent
    }

    /// WGS 84 longitude and latitude, degrees, of a position in units of the CRS. Beyond the
    /// extent the outermost cells are continued.
    pub fn lonlat(&self, at: Coord) -> Coord {
        let along = |value: f64, least: f64, span: f64| {
            let t = if span > 0.0 { (value - least) / span * Self::CELLS as f64 } else { 0.0 };
            let cell = t.floor().clamp(0.0, (Self::CELLS - 1) as f64);
            (cell as usize, t - cell)
        };
        let (col, u) = along(at.x, self.extent.min().x, self.extent.width());
        let (row, v) = along(at.y, self.extent.min().y, self.extent.height());
        let node = |row: usize, col: usize| self.lonlat_nodes[row * (Self::CELLS + 1) + col];
        let low = node(row, col) * (1.0 - u) + node(row, col + 1) * u;
        let high = node(row + 1, col) * (1.0 - u) + node(row + 1, col + 1) * u;
        low * (1.0 - v) + high * v
    }

    /// A geometry in local metres, east and north of the extent's centre, for buffers and
    /// distances: right to a part in a thousand within some kilometres, whatever the CRS's unit.
    pub fn to_metres<G: AffineOps<f64>>(&self, geometry: &G) -> G {
        geometry.affine_transform(&self.to_metres)
    }

    /// The way back from [`Ground::to_metres`].
    pub fn from_metres<G: AffineOps<f64>>(&self, geometry: &G) -> G {
        geometry.affine_transform(&self.from_metres)
    }

    /// Geodesic area, square metres, of polygons in units of the CRS, as [`geodesic_area_m2`].
    pub fn area_m2(&self, polygons: &MultiPolygon) -> f64 {
        geodesic_area_m2(&polygons.map_coords(|c| self.lonlat(c)))
    }

    /// By which share, at most, a short distance at a corner of the extent differs from what
    /// [`Ground::to_metres`] or [`Ground::lonlat`] makes of it: 0.002 is 2 mm in a metre.
    pub fn scale_spread(&self) -> f64 {
        let (min, max, size) =
            (self.extent.min(), self.extent.max(), self.extent.width().max(self.extent.height()));
        let step = size / 1000.0;
        let share = |corner: Coord, to: Coord| {
            let true_m =
                Geodesic.distance(Point::from(self.lonlat(corner)), Point::from(self.lonlat(to)));
            let [from, to] = [corner, to].map(|c| self.to_metres(&Point::from(c)));
            (Euclidean.distance(from, to) / true_m - 1.0).abs()
        };
        let corners = [min, max, coord! { x: min.x, y: max.y }, coord! { x: max.x, y: min.y }];
        let steps = |c: Coord| {
            [c + coord! { x: step, y: 0.0 }, c + coord! { x: 0.0, y: step }].map(|to| share(c, to))
        };
        // Within a cell longitudes and latitudes run straight, which the earth does not.
        const EARTH_M: f64 = 6.37e6;
        let [min_m, max_m] = [min, max].map(|corner| self.to_metres(&Point::from(corner)));
        let bend = Euclidean.distance(min_m, max_m) / Self::CELLS as f64 / (2.0 * EARTH_M);
        corners.into_iter().flat_map(steps).fold(bend, f64::max)
    }

    /// The linear map from the CRS to metres east and north, from its derivative at the centre.
    fn local_metres(&self) -> AffineTransform {
        let centre = self.extent.center();
        let metres = |dx: f64, dy: f64| {
            let (from, to) = (self.lonlat(centre), self.lonlat(centre + coord! { x: dx, y: dy }));
            let east = Geodesic.distance(Point::from(from), Point::new(to.x, from.y))
                * (to.x - from.x).signum();
            let north = Geodesic.distance(Point::from(from), Point::new(from.x, to.y))
                * (to.y - from.y).signum();
            (east, north)
        };
        let (dx, dy) = (self.extent.width() / 4.0, self.extent.height() / 4.0);
        let ((ex, nx), (ey, ny)) = (metres(dx, 0.0), metres(0.0, dy));
        let (a, b, d, e) = (ex / dx, ey / dy, nx / dx, ny / dy);
        AffineTransform::new(
            a,
            b,
            -(a * centre.x + b * centre.y),
            d,
            e,
            -(d * centre.x + e * centre.y),
        )
    }
}
