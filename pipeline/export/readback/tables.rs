//! Rows of a table of turning points or evidence points, as whoever receives it would take them.

use crate::Halt;
use crate::exported_row::{ExportedRow, Origin, RowKind, Shows};
use geo::{Geometry, LineString, Point, Polygon};
use std::collections::HashMap;

/// A table with a header.
struct Table<'a> {
    rows: &'a [Vec<String>],
    columns: HashMap<&'a str, usize>,
}

impl<'a> Table<'a> {
    fn new(rows: &'a [Vec<String>]) -> Self {
        let columns = rows
            .first()
            .into_iter()
            .flatten()
            .enumerate()
            .map(|(index, name)| (name.as_str(), index));
        Self { rows: rows.get(1..).unwrap_or_default(), columns: columns.collect() }
    }

    fn get<'r>(&self, row: &'r [String], column: &str) -> &'r str {
        self.columns.get(column).and_then(|index| row.get(*index)).map_or("", String::as_str)
    }

    fn at(&self, row: &[String]) -> Result<Point, Halt> {
        let degrees = |column: &str| {
            let value = self.get(row, column);
            value
                .parse::<f64>()
                .map_err(|_| Halt::Torn(format!("{column} `{value}` does not read back")))
        };
        Ok(Point::new(degrees("Longitude")?, degrees("Latitude")?))
    }
}

/// The parts that turning points make, holes in the part before them.
pub(super) fn perimeters(
    rows: &[Vec<String>],
    within_survey: fn(&str) -> &str,
) -> Result<Vec<ExportedRow>, Halt> {
    let table = Table::new(rows);
    let mut parts: Vec<ExportedRow> = Vec::new();
    let follows = |a: &Vec<String>, b: &Vec<String>| {
        table.get(a, "PolyID") == table.get(b, "PolyID") && table.get(b, "PointNo") != "1"
    };
    for ring in table.rows.chunk_by(follows) {
        let points = ring.iter().map(|row| table.at(row)).collect::<Result<Vec<_>, _>>()?;
        let points: LineString = points.into_iter().collect();
        let (id, is_hole) = (table.get(&ring[0], "PolyID"), table.get(&ring[0], "Ring") == "hole");
        match parts.last_mut().map(|part| &mut part.geometry) {
            Some(Geometry::Polygon(part)) if is_hole => part.interiors_push(points),
            _ => parts.push(ExportedRow {
                origin: Origin::new(Shows::Perimeter, within_survey(table.get(&ring[0], "AreaID"))),
                id: id.into(),
                kind: RowKind::Area,
                eo_category: table.get(&ring[0], "EoCategory").into(),
                geometry: Polygon::new(points, vec![]).into(),
            }),
        }
    }
    Ok(parts)
}

/// The positions of evidence points.
pub(super) fn positions(rows: &[Vec<String>]) -> Result<Vec<ExportedRow>, Halt> {
    evidence(rows, Shows::Centre, |table, row| Ok(table.at(row)?.into()))
}

/// The whole shapes of a layer beside the positions.
pub(super) fn shapes(rows: &[Vec<String>], layer: &'static str) -> Result<Vec<ExportedRow>, Halt> {
    let wkt = |table: &Table<'_>, row: &[String]| {
        Ok(gdal::vector::Geometry::from_wkt(table.get(row, "WKT"))?.to_geo()?)
    };
    let mut shapes = evidence(rows, Shows::Shape(layer), wkt)?;
    shapes.iter_mut().for_each(|shape| shape.kind = RowKind::Other);
    Ok(shapes)
}

fn evidence(
    rows: &[Vec<String>],
    shows: Shows,
    geometry: impl Fn(&Table<'_>, &[String]) -> Result<Geometry, Halt>,
) -> Result<Vec<ExportedRow>, Halt> {
    let table = Table::new(rows);
    let exported = |row: &Vec<String>| {
        let [id, eo_category] =
            ["ID", "EoCategory"].map(|column| table.get(row, column).to_owned());
        let (origin, kind) = (Origin::new(shows, &id), shows.row_kind());
        Ok(ExportedRow { origin, id, kind, eo_category, geometry: geometry(&table, row)? })
    };
    table.rows.iter().map(exported).collect()
}
