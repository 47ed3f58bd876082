//! Geometry of others -> geometry on the survey's ground.

use crate::problem::Problem;
use gdal::errors::GdalError;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gdal::vector::{Geometry, ToGdal};
use geo::{Coord, CoordsIter, Distance, Haversine, Intersects, Point, Rect, coord};
use rams_domain::Ground;
use rams_overlay::{Doubtful, Parts, is_valid, is_valid_ogr, repair};
use rams_store::{between, wgs84};

/// Evidence that lies further than this beyond the survey's extent says nothing of its ground: the
/// widest belt of domain knowledge is 0.6 km, and a front is seldom mapped to better than some.
pub(crate) const REACH_KM: f64 = 10.0;

/// Least length of a degree of latitude, kilometres.
const DEGREE_KM: f64 = 110.57;

/// The way from one layer's CRS to the survey's.
pub(crate) struct Place {
    to_survey: CoordTransform,
    to_lonlat: CoordTransform,
    /// The survey's extent and [`REACH_KM`] around it, degrees.
    near: Rect,
}

/// Why a geometry had to be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mended {
    /// An outline crosses or touches itself: what it encloses is a matter of interpretation.
    Outline,
    /// Polygons of one row overlap, each of them in order: their ground is known.
    Overlap,
}

/// Where a row lies.
pub(crate) enum Placed {
    /// On or near the survey's ground, in its CRS.
    Here { geometry: geo::Geometry, mended: Option<Mended> },
    /// So many kilometres from its middle, and over [`REACH_KM`] beyond its extent.
    Beyond { km: f64 },
}

impl Place {
    pub(crate) fn new(mut from: SpatialRef, onto: &Ground) -> Result<Self, String> {
        let name = from.name().unwrap_or_else(|| "unnamed".into());
        let unrelated = |_| {
            format!("how its CRS, {name}, lies to the survey's, {}, is not known", onto.crs().name)
        };
        let mut survey = SpatialRef::from_wkt(&onto.crs().wkt).map_err(unrelated)?;
        for crs in [&mut from, &mut survey] {
            crs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        }
        let to_survey = between(&from, &survey).map_err(unrelated)?;
        let to_lonlat = wgs84().and_then(|lonlat| between(&from, &lonlat)).map_err(unrelated)?;
        Ok(Self { to_survey, to_lonlat, near: near(onto) })
    }

    /// Only vertices are moved: between two turning points runs a straight line of the survey's
    /// plane, which is nearer to what is walked on the ground than a line of degrees.
    pub(crate) fn place(
        &self,
        mut geometry: Geometry,
        is_release: bool,
    ) -> Result<Placed, Problem> {
        geometry.flatten_to_2d();
        let parts = Parts::of(&geometry)?;
        let single = parts.geometry()?;
        let lonlat =
            geometry.transform(&self.to_lonlat).ok().and_then(|geometry| extent(&geometry));
        let lonlat = lonlat.filter(is_on_earth).ok_or_else(|| off_earth(&single))?;
        if let Some(km) = self.beyond_km(lonlat) {
            return Ok(Placed::Beyond { km });
        }
        let unplaced = |error: GdalError| {
            let remedy = "give the file in the survey's CRS or in WGS 84";
            Problem::Row {
                cause: format!("it cannot be brought into the survey's CRS ({error})"),
                remedy,
            }
        };
        let moved = single
            .to_gdal()
            .and_then(|single| single.transform(&self.to_survey))
            .map_err(unplaced)?;
        let (moved, mended) = settle(&moved, is_release)?;
        Ok(Placed::Here { geometry: moved.geometry()?, mended })
    }

    /// How far it is from the survey's middle, if it lies beyond its reach.
    fn beyond_km(&self, lonlat: Rect) -> Option<f64> {
        let middle = self.near.center();
        // The same place may be written as 179 and -181 degrees.
        let turn = 360.0 * ((lonlat.center().x - middle.x) / 360.0).round();
        let turned = |c: Coord| coord! { x: c.x - turn, y: c.y };
        let (min, max) = (turned(lonlat.min()), turned(lonlat.max()));
        let nearest = coord! { x: middle.x.clamp(min.x, max.x), y: middle.y.clamp(min.y, max.y) };
        let is_near = Rect::new(min, max).intersects(&self.near);
        (!is_near).then(|| Haversine.distance(Point::from(middle), Point::from(nearest)) / 1000.0)
    }
}

/// The ground's extent in degrees, with its reach.
fn near(onto: &Ground) -> Rect {
    let (min, max) = (onto.extent().min(), onto.extent().max());
    let corners = [min, max, coord! { x: min.x, y: max.y }, coord! { x: max.x, y: min.y }]
        .map(|c| onto.lonlat(c));
    let extent = Ground::extent_of(&corners).expect("four corners have an extent");
    let lat = REACH_KM / DEGREE_KM;
    let highest = (extent.max().y.abs().max(extent.min().y.abs()) + lat).min(89.0);
    let reach = coord! { x: lat / highest.to_radians().cos(), y: lat };
    Rect::new(extent.min() - reach, extent.max() + reach)
}

/// The valid, oriented parts of a geometry, and why it had to be mended for them, if it had.
fn settle(geometry: &Geometry, is_release: bool) -> Result<(Parts, Option<Mended>), Problem> {
    let parts = Parts::of(geometry)?;
    if is_valid_ogr(geometry) {
        return Ok((parts, None));
    }
    let is_overlap = !parts.polygons.is_empty() && parts.polygons.iter().all(is_valid);
    let why = if is_overlap { Mended::Overlap } else { Mended::Outline };
    // Where an outline overlaps itself, suspicion takes the ground in, and a release does not.
    let doubtful = if is_release { Doubtful::Excluded } else { Doubtful::Included };
    Ok((repair(geometry, &parts, doubtful)?, Some(why)))
}

fn is_on_earth(lonlat: &Rect) -> bool {
    let (min, max) = (lonlat.min(), lonlat.max());
    min.x >= -360.0 && max.x <= 360.0 && min.y >= -90.0 && max.y <= 90.0
}

fn off_earth(geometry: &geo::Geometry) -> Problem {
    let at = geometry.coords_iter().next().unwrap_or_default();
    let cause =
        format!("its coordinates ({}, {}) are nowhere on earth in the CRS of the file", at.x, at.y);
    Problem::Row {
        cause,
        remedy: "name the right one as `crs` in the mapping, or mend the coordinates",
    }
}

fn extent(geometry: &Geometry) -> Option<Rect> {
    let envelope = geometry.envelope();
    let (min, max) = (
        coord! { x: envelope.MinX, y: envelope.MinY },
        coord! { x: envelope.MaxX, y: envelope.MaxY },
    );
    [min.x, min.y, max.x, max.y].iter().all(|side| side.is_finite()).then(|| Rect::new(min, max))
}
