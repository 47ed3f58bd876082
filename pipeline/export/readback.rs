//! An export, read back as whoever receives it would.

use crate::Halt;
use crate::agreement::{Origin, Shows};
use crate::check::{ExportedRow, RowKind};
use crate::export::Job;
use crate::{Format, csv, flatgeobuf, geojson, imsma, kml, sheet, xlsx};
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform};
use gdal::vector::{Feature, Layer, LayerAccess};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use geo::{Geometry, LineString, MultiPolygon, Point, Polygon};
use rams_store::{geometry, text, wgs84};
use std::collections::HashMap;
use std::path::Path;

/// All rows of an export whose files still lie in the draft.
pub(crate) fn pieces(job: &Job<'_>) -> Result<Vec<ExportedRow>, Halt> {
    use Shows::{Centre, Shape};
    let mut pieces = Vec::new();
    let mut add = |more: Vec<ExportedRow>| pieces.extend(more);
    let (stem, path) = (&job.stem, |name: &str| job.draft.path(name));
    match job.format {
        Format::GeoJson => {
            let layer = |row: &Feature<'_>| {
                geojson::LAYERS.into_iter().find(|name| text(row, "layer") == *name)
            };
            add(rows(&path(&job.name), |row| layer(row).map(Shape), "id")?);
        }
        Format::Kml => add(placemarks(&path(&job.name))?),
        Format::Shp => {
            for (layer, name) in crate::shapefile::names(job) {
                add(rows(&path(&format!("{name}.shp")), |_| Some(Shape(layer)), "id")?);
            }
        }
        Format::Fgb => {
            for layer in flatgeobuf::LAYERS {
                add(rows(&path(&format!("{stem}_{layer}.fgb")), |_| Some(Shape(layer)), "id")?);
            }
        }
        Format::Imsma => {
            let shapes = [
                ("hazard_areas", Shape("hazard_areas")),
                ("evidence_points", Centre),
                ("indicative_envelopes", Shape("hazard_areas")),
                ("not_assessed", Shape("gaps")),
            ];
            for (name, shows) in shapes {
                let mut found = rows(
                    &path(&imsma::name_of(job, name, "geojson")),
                    |_| Some(shows),
                    "imsma_id",
                )?;
                if name == "indicative_envelopes" {
                    found.iter_mut().for_each(|envelope| envelope.kind = RowKind::Other);
                }
                add(found);
            }
            let points = sheet::read_csv(&path(&imsma::name_of(job, "turning_points", "csv")))?;
            let mut turning = perimeters(&points, within_survey)?;
            turning.iter_mut().for_each(|part| part.kind = RowKind::Other);
            add(turning);
        }
        Format::Csv => {
            let [points, _, evidence] = csv::names_of(job);
            let evidence = sheet::read_csv(&path(&evidence))?;
            add(perimeters(&sheet::read_csv(&path(&points))?, |id| id)?);
            add(positions(&evidence)?);
            add(shapes(&evidence)?);
        }
        Format::Xlsx => {
            add(perimeters(&xlsx::read_sheet(&path(&job.name), "turning_points")?, |id| id)?);
            add(positions(&xlsx::read_sheet(&path(&job.name), "evidence_points")?)?);
        }
    }
    pieces.sort_by_key(|piece| piece.kind);
    Ok(pieces)
}

/// What an import takes a row for.
fn kind(shows: Shows) -> RowKind {
    match shows {
        Shows::Shape("hazard_areas") | Shows::Perimeter => RowKind::Area,
        Shows::Shape("features") | Shows::Centre => RowKind::Evidence,
        Shows::Shape(_) => RowKind::Other,
    }
}

fn open(path: &Path) -> Result<Dataset, Halt> {
    let options =
        DatasetOptions { open_flags: GdalOpenFlags::GDAL_OF_VECTOR, ..DatasetOptions::default() };
    Ok(Dataset::open_ex(path, options)?)
}

/// The rows of a file of one layer that show something of the map.
fn rows(
    path: &Path,
    shows: impl Fn(&Feature<'_>) -> Option<Shows>,
    field: &str,
) -> Result<Vec<ExportedRow>, Halt> {
    let dataset = open(path)?;
    let mut layer = dataset.layer(0)?;
    let to_lonlat = to_lonlat(&layer)?;
    let category = ["eo_category", "eo_cat", "device_category"];
    let mut pieces = Vec::new();
    for row in layer.features() {
        let Some(shows) = shows(&row) else { continue };
        let eo_category =
            category.iter().map(|field| text(&row, field)).find(|text| !text.is_empty());
        let (id, kind) = (text(&row, field), kind(shows));
        pieces.push(ExportedRow {
            origin: Origin::new(shows, if field == "imsma_id" { within_survey(&id) } else { &id }),
            id: if id.is_empty() && kind == RowKind::Other { shows.to_string() } else { id },
            kind,
            eo_category: eo_category.unwrap_or_default(),
            geometry: shape(&row, to_lonlat.as_ref())?,
        });
    }
    Ok(pieces)
}

/// The placemarks of all folders: their names begin with the id.
fn placemarks(path: &Path) -> Result<Vec<ExportedRow>, Halt> {
    let dataset = open(path)?;
    let mut pieces = Vec::new();
    for mut layer in dataset.layers() {
        let Some((name, _)) = kml::titles().find(|(_, title)| *title == layer.name()) else {
            continue;
        };
        let shows = Shows::Shape(name);
        for row in layer.features() {
            let name = text(&row, "Name");
            let (id, eo_category) = name.split_once(' ').unwrap_or((&name, ""));
            let geometry = shape(&row, None)?;
            let origin = Origin::new(shows, "");
            pieces.push(ExportedRow {
                origin,
                id: id.into(),
                kind: kind(shows),
                eo_category: eo_category.into(),
                geometry,
            });
        }
    }
    Ok(pieces)
}

fn to_lonlat(layer: &Layer<'_>) -> Result<Option<CoordTransform>, Halt> {
    let Some(mut srs) = layer.spatial_ref() else { return Ok(None) };
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(Some(CoordTransform::new(&srs, &wgs84()?)?))
}

fn shape(row: &Feature<'_>, to_lonlat: Option<&CoordTransform>) -> Result<Geometry, Halt> {
    let Some(geometry) = geometry(row) else { return Ok(MultiPolygon::<f64>::new(vec![]).into()) };
    let geometry = match to_lonlat {
        Some(to_lonlat) => geometry.transform(to_lonlat)?.to_geo()?,
        None => geometry.to_geo()?,
    };
    Ok(geometry)
}

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
fn perimeters(
    rows: &[Vec<String>],
    within_survey: fn(&str) -> &str,
) -> Result<Vec<ExportedRow>, Halt> {
    let table = Table::new(rows);
    let mut pieces: Vec<ExportedRow> = Vec::new();
    let follows = |a: &Vec<String>, b: &Vec<String>| {
        table.get(a, "PolyID") == table.get(b, "PolyID") && table.get(b, "PointNo") != "1"
    };
    for ring in table.rows.chunk_by(follows) {
        let points = ring.iter().map(|row| table.at(row)).collect::<Result<Vec<_>, _>>()?;
        let points: LineString = points.into_iter().collect();
        let (id, is_hole) = (table.get(&ring[0], "PolyID"), table.get(&ring[0], "Ring") == "hole");
        match pieces.last_mut().map(|piece| &mut piece.geometry) {
            Some(Geometry::Polygon(part)) if is_hole => part.interiors_push(points),
            _ => pieces.push(ExportedRow {
                origin: Origin::new(Shows::Perimeter, within_survey(table.get(&ring[0], "AreaID"))),
                id: id.into(),
                kind: RowKind::Area,
                eo_category: table.get(&ring[0], "EoCategory").into(),
                geometry: Polygon::new(points, vec![]).into(),
            }),
        }
    }
    Ok(pieces)
}

/// `A0001` of `rams-0123456789ab-A0001`.
fn within_survey(id: &str) -> &str {
    id.strip_prefix(imsma::PREFIX).and_then(|id| id.split_once('-')).map_or(id, |(_, id)| id)
}

fn positions(rows: &[Vec<String>]) -> Result<Vec<ExportedRow>, Halt> {
    evidence(rows, Shows::Centre, |table, row| Ok(table.at(row)?.into()))
}

/// The whole shapes beside the positions.
fn shapes(rows: &[Vec<String>]) -> Result<Vec<ExportedRow>, Halt> {
    let wkt = |table: &Table<'_>, row: &[String]| {
        Ok(gdal::vector::Geometry::from_wkt(table.get(row, "WKT"))?.to_geo()?)
    };
    let mut shapes = evidence(rows, Shows::Shape("features"), wkt)?;
    shapes.iter_mut().for_each(|shape| shape.kind = RowKind::Other);
    Ok(shapes)
}

fn evidence(
    rows: &[Vec<String>],
    shows: Shows,
    geometry: impl Fn(&Table<'_>, &[String]) -> Result<Geometry, Halt>,
) -> Result<Vec<ExportedRow>, Halt> {
    let table = Table::new(rows);
    let piece = |row: &Vec<String>| {
        let [id, eo_category] =
            ["ID", "EoCategory"].map(|column| table.get(row, column).to_owned());
        let (origin, kind) = (Origin::new(shows, &id), kind(shows));
        Ok(ExportedRow { origin, id, kind, eo_category, geometry: geometry(&table, row)? })
    };
    table.rows.iter().map(piece).collect()
}
