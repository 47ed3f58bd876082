//! An export, read back as whoever receives it would.

mod tables;

use crate::Halt;
use crate::exported_row::{ExportedRow, Origin, RowKind, Shows};
use crate::job::Job;
use crate::layers::{GEOJSON_LAYERS, LAYERS};
use crate::parts::PARTS;
use crate::{Format, csv, geodatabase, imsma, kml, shapefile, sheet, xlsx};
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform};
use gdal::vector::{Feature, Layer, LayerAccess};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use geo::{Geometry, MultiPoint, MultiPolygon};
use rams_store::{geometry, text, wgs84};
use std::path::Path;
use tables::{perimeters, positions, shapes};

/// All rows of an export whose files still lie in the draft, areas first, then evidence.
pub(crate) fn rows(job: &Job<'_>) -> Result<Vec<ExportedRow>, Halt> {
    let mut rows = match job.format {
        Format::GeoJson => geojson(job)?,
        Format::Kml => placemarks(&job.draft.path(&job.name))?,
        Format::Shp => {
            let name = |(layer, name): (_, String)| (layer, format!("{name}.shp"));
            layers(job, shapefile::names(job).map(name))?
        }
        Format::Fgb => {
            let name = |layer: &'static str| (layer, format!("{}_{layer}.fgb", job.stem));
            layers(job, LAYERS.into_iter().map(name))?
        }
        Format::Gdb => classes(job)?,
        Format::Imsma => imsma_set(job)?,
        Format::Csv => {
            let [points, _, evidence, external] =
                csv::names_of(job).map(|name| job.draft.path(&name));
            let [evidence, external] = [sheet::read_csv(&evidence)?, sheet::read_csv(&external)?];
            let areas = perimeters(&sheet::read_csv(&points)?, |id| id)?;
            let shapes = [shapes(&evidence, "features")?, shapes(&external, "external_evidence")?];
            [areas, positions(&evidence)?, others(positions(&external)?), shapes.concat()].concat()
        }
        Format::Xlsx => {
            let sheet = |name: &str| xlsx::read_sheet(&job.draft.path(&job.name), name);
            let areas = perimeters(&sheet("turning_points")?, |id| id)?;
            let external = others(positions(&sheet("external_evidence")?)?);
            [areas, positions(&sheet("evidence_points")?)?, external].concat()
        }
    };
    rows.sort_by_key(|row| row.kind);
    Ok(rows)
}

/// One file of all layers, told apart by a property.
fn geojson(job: &Job<'_>) -> Result<Vec<ExportedRow>, Halt> {
    let layer =
        |row: &Feature<'_>| GEOJSON_LAYERS.into_iter().find(|name| text(row, "layer") == *name);
    rows_of_file(&job.draft.path(&job.name), |row| layer(row).map(Shows::Shape), "id")
}

/// Files of one layer each.
fn layers(
    job: &Job<'_>,
    names: impl Iterator<Item = (&'static str, String)>,
) -> Result<Vec<ExportedRow>, Halt> {
    let mut rows = Vec::new();
    for (layer, name) in names {
        rows.extend(rows_of_file(&job.draft.path(&name), |_| Some(Shows::Shape(layer)), "id")?);
    }
    Ok(rows)
}

/// The feature classes of a geodatabase, whose GlobalIDs have to be those that were given, and
/// whose texts have to be whole.
fn classes(job: &Job<'_>) -> Result<Vec<ExportedRow>, Halt> {
    let dataset = open(&job.draft.path(&geodatabase::name_of(job)))?;
    geodatabase::check_whole(&job.source, &dataset)?;
    let mut rows = Vec::new();
    for part in &PARTS {
        let mut layer = dataset.layer_by_name(part.name)?;
        if let Some(row) = layer.features().find(|row| text(row, "GlobalID") != text(row, "guid")) {
            let [found, given] = ["GlobalID", "guid"].map(|field| text(&row, field));
            return Err(Halt::Torn(format!(
                "{}: GlobalID {found} reads back of {given}",
                part.name
            )));
        }
        rows.extend(rows_of(&mut layer, |_| Some(Shows::Shape(part.layer)), "id")?);
    }
    Ok(rows)
}

/// The GeoJSON of the set, and its turning points, which show the areas once more.
fn imsma_set(job: &Job<'_>) -> Result<Vec<ExportedRow>, Halt> {
    let files = [
        ("hazard_areas", Shows::Shape("hazard_areas")),
        ("evidence_points", Shows::Centre),
        ("indications", Shows::Shape("hazard_areas")),
        ("indicative_envelopes", Shows::Shape("hazard_areas")),
        ("not_assessed", Shows::Shape("gaps")),
    ];
    let mut rows = Vec::new();
    for (name, shows) in files {
        let path = job.draft.path(&imsma::name_of(job, name, "geojson"));
        let mut found = rows_of_file(&path, |_| Some(shows), "imsma_id")?;
        if name.starts_with("indicat") {
            found = others(found);
        }
        rows.extend(found);
    }
    let points = job.draft.path(&imsma::name_of(job, "turning_points", "csv"));
    rows.extend(others(perimeters(&sheet::read_csv(&points)?, within_survey)?));
    Ok(rows)
}

/// Rows that no import takes for areas or evidence points.
fn others(mut rows: Vec<ExportedRow>) -> Vec<ExportedRow> {
    rows.iter_mut().for_each(|row| row.kind = RowKind::Other);
    rows
}

/// `A0001` of `rams-0123456789ab-A0001`.
fn within_survey(id: &str) -> &str {
    id.strip_prefix(imsma::PREFIX).and_then(|id| id.split_once('-')).map_or(id, |(_, id)| id)
}

fn open(path: &Path) -> Result<Dataset, Halt> {
    let options =
        DatasetOptions { open_flags: GdalOpenFlags::GDAL_OF_VECTOR, ..DatasetOptions::default() };
    Ok(Dataset::open_ex(path, options)?)
}

/// The rows of a file of one layer that show something of the map; `field` holds their ids.
fn rows_of_file(
    path: &Path,
    shows: impl Fn(&Feature<'_>) -> Option<Shows>,
    field: &str,
) -> Result<Vec<ExportedRow>, Halt> {
    rows_of(&mut open(path)?.layer(0)?, shows, field)
}

fn rows_of(
    layer: &mut Layer<'_>,
    shows: impl Fn(&Feature<'_>) -> Option<Shows>,
    field: &str,
) -> Result<Vec<ExportedRow>, Halt> {
    let to_lonlat = to_lonlat(layer)?;
    let category = ["eo_category", "eo_cat", "device_category"];
    let mut exported = Vec::new();
    for row in layer.features() {
        let Some(shows) = shows(&row) else { continue };
        let eo_category =
            category.iter().map(|field| text(&row, field)).find(|text| !text.is_empty());
        let (id, kind) = (text(&row, field), shows.row_kind());
        exported.push(ExportedRow {
            origin: Origin::new(shows, if field == "imsma_id" { within_survey(&id) } else { &id }),
            id: if id.is_empty() && kind == RowKind::Other { shows.to_string() } else { id },
            kind,
            eo_category: eo_category.unwrap_or_default(),
            geometry: shape(&row, to_lonlat.as_ref())?,
        });
    }
    Ok(exported)
}

/// The placemarks of all folders: their names begin with the id.
fn placemarks(path: &Path) -> Result<Vec<ExportedRow>, Halt> {
    let dataset = open(path)?;
    let mut exported = Vec::new();
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
            exported.push(ExportedRow {
                origin,
                id: id.into(),
                kind: shows.row_kind(),
                eo_category: eo_category.into(),
                geometry,
            });
        }
    }
    Ok(exported)
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
    // A layer of multi-points shows one place so.
    Ok(match geometry {
        Geometry::MultiPoint(MultiPoint(places)) if places.len() == 1 => places[0].into(),
        other => other,
    })
}
