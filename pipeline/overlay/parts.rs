//! A geometry of GDAL in its simplest parts: points, lines and polygons without Z.

use gdal::vector::OGRwkbGeometryType::{
    wkbGeometryCollection, wkbLineString, wkbMultiLineString, wkbMultiPoint, wkbMultiPolygon,
    wkbPoint, wkbPolygon,
};
use gdal::vector::{Geometry, geometry_type_flatten};
use geo::{
    LineString, MultiLineString, MultiPoint, MultiPolygon, Orient, Point, Polygon,
    orient::Direction,
};

/// Why a geometry cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{cause}; {remedy}")]
pub struct GeometryError {
    /// What is wrong with it, as a clause that follows the name of its row.
    pub cause: String,
    /// What to do about it.
    pub remedy: &'static str,
}

/// What a geometry is made of; exteriors of polygons run anticlockwise and holes clockwise. Empty
/// parts are left out: GDAL's own way to `geo` trips over them.
#[derive(Debug, Default)]
pub struct Parts {
    /// Its points.
    pub points: Vec<Point>,
    /// Its lines.
    pub lines: Vec<LineString>,
    /// Its polygons.
    pub polygons: Vec<Polygon>,
}

impl Parts {
    /// The parts of a geometry in two dimensions.
    pub fn of(geometry: &Geometry) -> Result<Self, GeometryError> {
        let mut parts = Self::default();
        parts.add(geometry)?;
        Ok(parts)
    }

    fn add(&mut self, geometry: &Geometry) -> Result<(), GeometryError> {
        if geometry.is_empty() {
            return Ok(());
        }
        let kind = geometry_type_flatten(geometry.geometry_type());
        if [wkbMultiPoint, wkbMultiLineString, wkbMultiPolygon, wkbGeometryCollection]
            .contains(&kind)
        {
            return (0..geometry.geometry_count())
                .try_for_each(|index| self.add(&geometry.get_geometry(index)));
        }
        let curved = || {
            let cause = format!("its geometry is a {}", geometry.geometry_name().to_lowercase());
            GeometryError { cause, remedy: "turn it into points, straight lines or polygons" }
        };
        if ![wkbPoint, wkbLineString, wkbPolygon].contains(&kind) {
            return Err(curved());
        }
        match geometry.to_geo().map_err(|_| curved())? {
            geo::Geometry::Point(point) => self.points.push(point),
            geo::Geometry::LineString(line) => self.lines.push(line),
            // Formats and people disagree on the way a ring runs; an overlay takes it for a sign.
            geo::Geometry::Polygon(polygon) => {
                self.polygons.push(polygon.orient(Direction::Default))
            }
            _ => return Err(curved()),
        }
        Ok(())
    }

    /// One geometry of them all: single where there is one part, else multiple.
    pub fn geometry(&self) -> Result<geo::Geometry, GeometryError> {
        let row = |cause: &str, remedy| GeometryError { cause: cause.into(), remedy };
        match (self.points.as_slice(), self.lines.as_slice(), self.polygons.as_slice()) {
            ([], [], []) => {
                Err(row("it has no geometry", "give it one, or take the row out of the file"))
            }
            ([point], [], []) => Ok((*point).into()),
            (points, [], []) => Ok(MultiPoint(points.to_vec()).into()),
            ([], [line], []) => Ok(line.clone().into()),
            ([], lines, []) => Ok(MultiLineString(lines.to_vec()).into()),
            ([], [], [polygon]) => Ok(polygon.clone().into()),
            ([], [], polygons) => Ok(MultiPolygon(polygons.to_vec()).into()),
            _ => Err(row(
                "it mixes points, lines and polygons",
                "split it into rows of one of them each",
            )),
        }
    }
}
