//! A geometry as elements of KML.

use geo::orient::{Direction, Orient};
use geo::{Geometry, LineString, Polygon};
use std::io::{Result, Write};

/// Points, lines or polygons, several of them in a `MultiGeometry`.
pub(super) fn write(kml: &mut impl Write, geometry: &Geometry) -> Result<()> {
    match geometry {
        Geometry::Point(at) => {
            write!(kml, "<Point><coordinates>{},{}</coordinates></Point>", at.x(), at.y())
        }
        Geometry::LineString(line) => {
            kml.write_all(b"<LineString><tessellate>1</tessellate>")?;
            coordinates(kml, line)?;
            kml.write_all(b"</LineString>")
        }
        Geometry::Polygon(polygon) => outline(kml, polygon),
        Geometry::MultiPoint(parts) => several(kml, parts.iter().map(|part| (*part).into())),
        Geometry::MultiLineString(parts) => {
            several(kml, parts.iter().map(|part| part.clone().into()))
        }
        Geometry::MultiPolygon(parts) => several(kml, parts.iter().map(|part| part.clone().into())),
        Geometry::GeometryCollection(parts) => several(kml, parts.iter().cloned()),
        Geometry::Line(line) => write(kml, &LineString::from(line).into()),
        Geometry::Rect(rect) => outline(kml, &rect.to_polygon()),
        Geometry::Triangle(triangle) => outline(kml, &triangle.to_polygon()),
    }
}

fn several(kml: &mut impl Write, parts: impl Iterator<Item = Geometry>) -> Result<()> {
    kml.write_all(b"<MultiGeometry>")?;
    for part in parts {
        write(kml, &part)?;
    }
    kml.write_all(b"</MultiGeometry>")
}

fn outline(kml: &mut impl Write, polygon: &Polygon) -> Result<()> {
    // Anticlockwise outside, as Google Earth wants it for the faces to look up.
    let polygon = polygon.orient(Direction::Default);
    kml.write_all(b"<Polygon><tessellate>1</tessellate>")?;
    let inner = polygon.interiors().iter().map(|ring| ("innerBoundaryIs", ring));
    for (role, ring) in [("outerBoundaryIs", polygon.exterior())].into_iter().chain(inner) {
        write!(kml, "<{role}><LinearRing>")?;
        coordinates(kml, ring)?;
        write!(kml, "</LinearRing></{role}>")?;
    }
    kml.write_all(b"</Polygon>")
}

fn coordinates(kml: &mut impl Write, line: &LineString) -> Result<()> {
    kml.write_all(b"<coordinates>")?;
    for (index, at) in line.coords().enumerate() {
        write!(kml, "{}{},{}", if index > 0 { " " } else { "" }, at.x, at.y)?;
    }
    kml.write_all(b"</coordinates>")
}
