//! Geometry on the screen's coordinates as GeoJSON, and back.

use geo::{Coord, Geometry, LineString, MultiPolygon, Polygon, Rect};
use serde_json::{Value, json};

fn position(at: &Coord) -> Value {
    json!([at.x, at.y])
}

fn positions(line: &LineString) -> Value {
    line.coords().map(position).collect()
}

fn rings(polygon: &Polygon) -> Value {
    [polygon.exterior()].into_iter().chain(polygon.interiors()).map(positions).collect()
}

/// Polygons as a MultiPolygon, to the last bit.
pub(crate) fn of_polygons(polygons: &MultiPolygon) -> Value {
    let coordinates: Value = polygons.iter().map(rings).collect();
    json!({ "type": "MultiPolygon", "coordinates": coordinates })
}

/// A geometry; of kinds that no survey has, nothing.
pub(crate) fn of(geometry: &Geometry) -> Value {
    let (kind, coordinates) = match geometry {
        Geometry::Point(point) => ("Point", position(&point.0)),
        Geometry::MultiPoint(points) => {
            ("MultiPoint", points.iter().map(|point| position(&point.0)).collect())
        }
        Geometry::LineString(line) => ("LineString", positions(line)),
        Geometry::MultiLineString(lines) => {
            ("MultiLineString", lines.iter().map(positions).collect())
        }
        Geometry::Polygon(polygon) => ("Polygon", rings(polygon)),
        Geometry::MultiPolygon(polygons) => return of_polygons(polygons),
        _ => return Value::Null,
    };
    json!({ "type": kind, "coordinates": coordinates })
}

/// A box as `[x0, y0, x1, y1]`.
pub(crate) fn of_rect(rect: Rect) -> Value {
    json!([rect.min().x, rect.min().y, rect.max().x, rect.max().y])
}

#[derive(serde::Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Given {
    LineString(Vec<[f64; 2]>),
    Polygon(Vec<Vec<[f64; 2]>>),
    MultiPolygon(Vec<Vec<Vec<[f64; 2]>>>),
}

/// A line or polygons that a person drew. The error is a person's to read.
pub(crate) fn read(value: &Value) -> Result<Geometry, String> {
    let bare = json!({ "type": value.get("type"), "coordinates": value.get("coordinates") });
    let given = serde_json::from_value(bare).map_err(|error| {
        format!(
            "the geometry is no LineString, Polygon or MultiPolygon of GeoJSON with two numbers a \
             position: {error}"
        )
    })?;
    let line = |ring: Vec<[f64; 2]>| -> LineString { ring.into_iter().collect() };
    let polygon = |rings: Vec<Vec<[f64; 2]>>| {
        let mut rings = rings.into_iter().map(line);
        let exterior = rings.next().unwrap_or_else(|| LineString(vec![]));
        Polygon::new(exterior, rings.collect())
    };
    Ok(match given {
        Given::LineString(places) => line(places).into(),
        Given::Polygon(rings) => polygon(rings).into(),
        Given::MultiPolygon(polygons) => {
            MultiPolygon(polygons.into_iter().map(polygon).collect()).into()
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may panic

    use super::*;

    #[test]
    fn what_is_written_reads_back_to_the_last_bit() {
        let ring = [[0.1, 0.2], [1.0 / 3.0, 1e-9], [7.0, 8.0], [0.1, 0.2]];
        let given = json!({ "type": "MultiPolygon", "coordinates": [[ring]] });
        let Ok(Geometry::MultiPolygon(polygons)) = read(&given) else { panic!("{given}") };
        let text = of_polygons(&polygons).to_string();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), given);
        let refused = read(&json!({ "type": "Point", "coordinates": [0, 0] })).unwrap_err();
        assert!(refused.starts_with("the geometry is no LineString"), "{refused}");
    }
}
