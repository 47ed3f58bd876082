//! An export, read back as whoever receives it would.

use crate::check::{Kind, Piece};
use crate::error::Halt;
use crate::export::Job;
use crate::source::{self, text, wgs84};
use crate::{Format, csv, imsma, kml, sheet, xlsx};
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform};
use gdal::vector::{Feature, Layer, LayerAccess};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use geo::{Geometry, LineString, MultiPolygon, Point, Polygon};
use std::collections::HashMap;
use std::path::Path;

/// The areas and the evidence of an export whose files still lie in the draft.
pub(crate) fn pieces(job: &Job<'_>) -> Result<Vec<Piece>, Halt> {
    let mut pieces = Vec::new();
    let mut add = |more: Vec<Piece>| pieces.extend(more);
    let stem = &job.stem;
    match job.format {
        Format::GeoJson => {
            for (name, kind) in [("hazard_areas", Kind::Area), ("features", Kind::Evidence)] {
                add(layer(job, &job.name, Some(("layer", name)), kind, "id")?);
            }
        }
        Format::Kml => {
            for (title, kind) in [(kml::AREAS, Kind::Area), (kml::FEATURES, Kind::Evidence)] {
                add(kml_folder(job, title, kind)?);
            }
        }
        Format::Shp => {
            add(layer(job, &format!("{stem}_hazard_areas.shp"), None, Kind::Area, "id")?);
            for part in ["points", "lines", "polygons"] {
                add(layer(job, &format!("{stem}_features_{part}.shp"), None, Kind::Evidence, "id")?);
            }
        }
        Format::Fgb => {
            add(layer(job, &format!("{stem}_hazard_areas.fgb"), None, Kind::Area, "id")?);
            add(layer(job, &format!("{stem}_features.fgb"), None, Kind::Evidence, "id")?);
        }
        Format::Imsma => {
            for (name, kind) in [("hazard_areas", Kind::Area), ("evidence_points", Kind::Evidence)] {
                add(layer(job, &imsma::name_of(job, name, "geojson"), None, kind, "imsma_id")?);
            }
        }
        Format::Csv => {
            let [points, _, evidence] = csv::names_of(job);
            add(perimeters(&sheet::read_csv(&job.draft.path(&points))?)?);
            add(positions(&sheet::read_csv(&job.draft.path(&evidence))?)?);
        }
        Format::Xlsx => {
            let path = job.draft.path(&job.name);
            add(perimeters(&xlsx::read_sheet(&path, "turning_points")?)?);
            add(positions(&xlsx::read_sheet(&path, "evidence_points")?)?);
        }
    }
    Ok(pieces)
}

fn open(path: &Path) -> Result<Dataset, Halt> {
    let options = DatasetOptions { open_flags: GdalOpenFlags::GDAL_OF_VECTOR, ..DatasetOptions::default() };
    Ok(Dataset::open_ex(path, options)?)
}

/// The rows of a file of one layer, or those of them that have a value in a field.
fn layer(job: &Job<'_>, name: &str, only: Option<(&str, &str)>, kind: Kind, id: &str) -> Result<Vec<Piece>, Halt> {
    let dataset = open(&job.draft.path(name))?;
    let mut layer = dataset.layer(0)?;
    let to_lonlat = to_lonlat(&layer)?;
    let category = ["eo_category", "eo_cat", "device_category"];
    let mut pieces = Vec::new();
    for row in layer.features() {
        if only.is_none_or(|(field, value)| text(&row, field) == value) {
            let eo_category = category.iter().map(|field| text(&row, field)).find(|text| !text.is_empty());
            let eo_category = eo_category.unwrap_or_default();
            pieces.push(Piece { id: text(&row, id), kind, eo_category, geometry: shape(&row, to_lonlat.as_ref())? });
        }
    }
    Ok(pieces)
}

/// The placemarks of a folder: their names begin with the id.
fn kml_folder(job: &Job<'_>, title: &str, kind: Kind) -> Result<Vec<Piece>, Halt> {
    let dataset = open(&job.draft.path(&job.name))?;
    let mut pieces = Vec::new();
    for mut layer in dataset.layers().filter(|layer| layer.name() == title) {
        for row in layer.features() {
            let name = text(&row, "Name");
            let (id, eo_category) = name.split_once(' ').unwrap_or((&name, ""));
            let geometry = shape(&row, None)?;
            pieces.push(Piece { id: id.into(), kind, eo_category: eo_category.into(), geometry });
        }
    }
    let layer = if kind == Kind::Area { "hazard_areas" } else { "features" };
    let expected = job.source.records(layer)?.len();
    let found = pieces.len();
    if found == expected { Ok(pieces) } else { Err(Halt::Torn(format!("it reads back {found} {layer} of {expected}"))) }
}

fn to_lonlat(layer: &Layer<'_>) -> Result<Option<CoordTransform>, Halt> {
    let Some(mut srs) = layer.spatial_ref() else { return Ok(None) };
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(Some(CoordTransform::new(&srs, &wgs84()?)?))
}

fn shape(row: &Feature<'_>, to_lonlat: Option<&CoordTransform>) -> Result<Geometry, Halt> {
    let Some(geometry) = source::geometry(row) else { return Ok(MultiPolygon::<f64>::new(vec![]).into()) };
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
        let columns = rows.first().into_iter().flatten().enumerate().map(|(index, name)| (name.as_str(), index));
        Self { rows: rows.get(1..).unwrap_or_default(), columns: columns.collect() }
    }

    fn get<'r>(&self, row: &'r [String], column: &str) -> &'r str {
        self.columns.get(column).and_then(|index| row.get(*index)).map_or("", String::as_str)
    }

    fn at(&self, row: &[String]) -> Result<Point, Halt> {
        let degrees = |column: &str| {
            let value = self.get(row, column);
            value.parse::<f64>().map_err(|_| Halt::Torn(format!("{column} `{value}` does not read back")))
        };
        Ok(Point::new(degrees("Longitude")?, degrees("Latitude")?))
    }
}

/// The parts that turning points make, holes in the part before them.
fn perimeters(rows: &[Vec<String>]) -> Result<Vec<Piece>, Halt> {
    let table = Table::new(rows);
    let mut pieces: Vec<Piece> = Vec::new();
    let follows = |a: &Vec<String>, b: &Vec<String>| {
        table.get(a, "PolyID") == table.get(b, "PolyID") && table.get(b, "PointNo") != "1"
    };
    for ring in table.rows.chunk_by(follows) {
        let points = ring.iter().map(|row| table.at(row)).collect::<Result<Vec<_>, _>>()?;
        let points: LineString = points.into_iter().collect();
        let (id, is_hole) = (table.get(&ring[0], "PolyID"), table.get(&ring[0], "Ring") == "hole");
        match pieces.last_mut().map(|piece| &mut piece.geometry) {
            Some(Geometry::Polygon(part)) if is_hole => part.interiors_push(points),
            _ => pieces.push(Piece {
                id: id.into(),
                kind: Kind::Area,
                eo_category: table.get(&ring[0], "EoCategory").into(),
                geometry: Polygon::new(points, vec![]).into(),
            }),
        }
    }
    Ok(pieces)
}

fn positions(rows: &[Vec<String>]) -> Result<Vec<Piece>, Halt> {
    let table = Table::new(rows);
    let piece = |row: &Vec<String>| {
        let [id, eo_category] = ["ID", "EoCategory"].map(|column| table.get(row, column).to_owned());
        Ok(Piece { id, kind: Kind::Evidence, eo_category, geometry: table.at(row)?.into() })
    };
    table.rows.iter().map(piece).collect()
}
