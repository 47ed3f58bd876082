//! The survey as shapefiles: one for each layer and geometry type.

use crate::Halt;
use crate::copy::{self, Copy};
use crate::job::Job;
use crate::readme;
use crate::record;
use gdal::DriverManager;
use gdal::vector::OGRwkbGeometryType::{self, wkbLineString, wkbPoint, wkbPolygon};
use gdal::vector::{Layer, LayerAccess, LayerOptions};
use geo::Geometry;
use rams_store::wgs84;
use std::collections::BTreeSet;

/// One shapefile: suffix of its name, layer, geometry type, what goes in.
type Part = (&'static str, &'static str, OGRwkbGeometryType::Type, fn(&Geometry) -> bool);

const PARTS: [Part; 10] = [
    ("hazard_areas", "hazard_areas", wkbPolygon, is_polygon),
    ("features_points", "features", wkbPoint, is_point),
    ("features_lines", "features", wkbLineString, is_line),
    ("features_polygons", "features", wkbPolygon, is_polygon),
    ("external_evidence_points", "external_evidence", wkbPoint, is_point),
    ("external_evidence_lines", "external_evidence", wkbLineString, is_line),
    ("external_evidence_polygons", "external_evidence", wkbPolygon, is_polygon),
    ("indication_belts", "indication_belts", wkbPolygon, is_polygon),
    ("gaps", "gaps", wkbPolygon, is_polygon),
    ("assessed", "assessed", wkbPolygon, is_polygon),
];

/// A shapefile is five files; the spatial index is left to whoever wants one.
const EXTENSIONS: [&str; 5] = ["shp", "shx", "dbf", "prj", "cpg"];

/// Fields whose names are too long, and what they become. All others stay.
const NAMES: [(&str, &str); 14] = [
    ("eo_category", "eo_cat"),
    ("front_unknown", "front_unkn"),
    ("doctrine_version", "doctr_ver"),
    ("doctrine_digest", "doctr_hash"),
    ("feature_count", "feat_count"),
    ("external_evidence", "ext_evid"),
    ("orthomosaic", "ortho"),
    ("hazard_areas", "area_ids"),
    ("assessed_share", "assess_shr"),
    ("beyond_imagery_m2", "beyond_m2"),
    ("released_m2", "relsd_m2"),
    ("position_accuracy_m", "pos_acc_m"),
    ("reliability", "reliab"),
    ("bearing_deg", "bear_deg"),
];

/// A dBASE name holds no more, bytes.
const LONGEST_NAME: usize = 10;

/// Layers, and the names of their files without the extension.
pub(crate) fn names(job: &Job<'_>) -> impl Iterator<Item = (&'static str, String)> {
    PARTS.into_iter().map(|(suffix, layer, ..)| (layer, format!("{}_{suffix}", job.stem)))
}

pub(crate) fn make(job: &Job<'_>) -> Result<Vec<String>, Halt> {
    let driver = DriverManager::get_driver_by_name("ESRI Shapefile")?;
    let mut names = Vec::new();
    let mut shortened = BTreeSet::new();
    for (suffix, layer, ty, takes) in PARTS {
        let stem = format!("{}_{suffix}", job.stem);
        let path = job.draft.path(&format!("{stem}.shp"));
        let from = job.source.layer(layer)?;
        let columns = renamed(&from);
        shortened.extend(columns.iter().filter(|(long, short)| long != short).cloned());
        let copy = Copy { columns: &columns, mark: None, is_dbase: true };
        let mut dataset = driver.create_vector_only(&path)?;
        let to = dataset.create_layer(LayerOptions {
            name: &stem,
            srs: Some(&wgs84()?),
            ty,
            options: Some(&["ENCODING=UTF-8"]),
        })?;
        let fields = copy.define(&from, &to)?;
        let mut rows = 0;
        record::each_record(&job.source, layer, |record| {
            if !takes(&record.geometry) {
                return Ok(());
            }
            rows += 1;
            copy.row(&record, &fields, &to)
        })?;
        dataset.close()?;
        copy::check(&path, rows)?;
        names.extend(EXTENSIONS.map(|extension| format!("{stem}.{extension}")));
    }
    names.push(readme::write(job, &about(&shortened))?);
    Ok(names)
}

/// The columns of a layer with names that dBASE holds. A column that someone added to the survey
/// and that is in no list keeps its first letters, with a number where that name is taken.
fn renamed(layer: &Layer<'_>) -> Vec<(String, String)> {
    let mut columns: Vec<(String, String)> = Vec::new();
    for name in layer.defn().fields().map(|field| field.name()) {
        let listed = NAMES.iter().find(|(long, _)| *long == name);
        let mut short = listed.map_or(name.clone(), |(_, short)| (*short).to_owned());
        let mut taken = 0;
        while short.len() > LONGEST_NAME
            || columns.iter().any(|(_, other)| short.eq_ignore_ascii_case(other))
        {
            let end = if taken == 0 { String::new() } else { taken.to_string() };
            let room = LONGEST_NAME - end.len();
            let cut = (0..=room.min(name.len()))
                .rev()
                .find(|cut| name.is_char_boundary(*cut))
                .unwrap_or(0);
            short = format!("{}{end}", &name[..cut]);
            taken += 1;
        }
        columns.push((name, short));
    }
    columns
}

fn about(shortened: &BTreeSet<(String, String)>) -> String {
    let mut about = String::from(
        "Shapefiles of the survey, one for each layer and geometry type, in \
         WGS 84 (.prj), text in\n\
         UTF-8 (.cpg). Field names hold ten characters at most:\n\n",
    );
    for (long, short) in shortened {
        about += &format!("  {short:<10}  {long}\n");
    }
    about
        + "\nAll other names are those of survey.gpkg. Texts of more than 254 bytes end in \
           \"...\"; survey.gpkg\n\
           holds all of them, the detections and the record of the run.\n"
}

fn is_point(geometry: &Geometry) -> bool {
    matches!(geometry, Geometry::Point(_) | Geometry::MultiPoint(_))
}

fn is_line(geometry: &Geometry) -> bool {
    matches!(geometry, Geometry::LineString(_) | Geometry::MultiLineString(_))
}

fn is_polygon(geometry: &Geometry) -> bool {
    matches!(geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_))
}
