//! Geometry as people draw it -> geometry as every reader expects it.

use gdal::spatial_ref::CoordTransform;
use gdal::vector::OGRwkbGeometryType::{wkbMultiLineString, wkbMultiPoint, wkbMultiPolygon};
use gdal::vector::{Geometry, ToGdal, geometry_type_flatten};
use geo::orient::{Direction, Orient};
use geo::{CoordsIter, MultiPolygon};
use rams_domain::geodesic_area_m2;
use rams_overlay::{Doubtful, GeometryError, Parts, is_valid, repair};

/// What a layer's geometry stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// Suspected or not assessed ground: of an outline that crosses itself all that it goes around.
    Suspected,
    /// Assessed ground: of such an outline only what is within it for certain.
    Assessed,
    /// Points, lines or polygons: evidence.
    Evidence,
}

/// A geometry in two dimensions, valid, its rings anticlockwise and their holes clockwise.
pub(super) struct Outline {
    pub(super) geometry: Geometry,
    /// Whether it was invalid as it was drawn.
    pub(super) mended: bool,
    /// Geodesic area of its polygons, square metres.
    pub(super) area_m2: f64,
}

impl Outline {
    /// Puts a geometry in order, or says what is wrong with it and what to do.
    pub(super) fn of(
        drawn: &Geometry,
        stands: Stands,
        to_lonlat: &CoordTransform,
    ) -> Result<Self, String> {
        let mut flat = drawn.clone();
        flat.flatten_to_2d();
        let parts = Parts::of(&flat).map_err(cannot_be_used)?;
        let is_ground = stands != Stands::Evidence;
        if is_ground
            && (parts.polygons.is_empty() || !parts.points.is_empty() || !parts.lines.is_empty())
        {
            return Err("is no polygon; draw it as one, or take the row out of the layer".into());
        }
        let many = [wkbMultiPoint, wkbMultiLineString, wkbMultiPolygon];
        let is_many = is_ground || many.contains(&geometry_type_flatten(flat.geometry_type()));
        let single = parts.geometry().map_err(cannot_be_used)?;
        let lonlat = flat.transform(to_lonlat).ok().and_then(|moved| moved.to_geo().ok());
        let is_on_earth =
            |at: geo::Coord| at.x.is_finite() && at.y.is_finite() && at.y.abs() <= 90.0;
        if !lonlat.is_some_and(|moved| moved.coords_iter().all(is_on_earth)) {
            return Err("lies nowhere on earth; move it, or take the row out of the layer".into());
        }
        if parts.polygons.is_empty() {
            return Ok(Self { geometry: flat, mended: false, area_m2: 0.0 });
        }
        let as_drawn = single.to_gdal().map_err(|error| error.to_string())?;
        let mended = !is_valid(&single);
        let doubtful =
            if stands == Stands::Assessed { Doubtful::Excluded } else { Doubtful::Included };
        let polygons = match mended {
            true => repair(&as_drawn, &parts, doubtful).map_err(cannot_be_used)?.polygons,
            false => parts.polygons,
        };
        let polygons = MultiPolygon(polygons).orient(Direction::Default);
        let area_m2 = area_m2(&polygons, to_lonlat)?;
        let geometry = match &polygons.0[..] {
            [polygon] if !is_many => polygon.to_gdal(),
            _ => polygons.to_gdal(),
        };
        Ok(Self { geometry: geometry.map_err(|error| error.to_string())?, mended, area_m2 })
    }
}

/// Geodesic area, whichever way the rings run.
fn area_m2(polygons: &MultiPolygon, to_lonlat: &CoordTransform) -> Result<f64, String> {
    let lonlat = polygons.to_gdal().and_then(|polygons| polygons.transform(to_lonlat)?.to_geo());
    let lonlat = lonlat.map_err(|error| error.to_string())?;
    let sum_m2 = match lonlat {
        geo::Geometry::Polygon(polygon) => geodesic_area_m2(&polygon.into()),
        geo::Geometry::MultiPolygon(polygons) => geodesic_area_m2(&polygons),
        _ => 0.0,
    };
    if sum_m2 > 0.0 {
        Ok(sum_m2)
    } else {
        Err("encloses no ground; draw it anew, or take the row out".into())
    }
}

fn cannot_be_used(error: GeometryError) -> String {
    format!("cannot be used: {error}")
}
