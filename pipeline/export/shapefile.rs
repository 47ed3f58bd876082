//! The survey as shapefiles: one for each layer and geometry type.

use crate::Halt;
use crate::copy::{self, Copy};
use crate::job::Job;
use crate::parts::{PARTS, Part, shortened};
use crate::readme;
use crate::record;
use gdal::DriverManager;
use gdal::vector::{Layer, LayerAccess, LayerOptions};
use rams_store::wgs84;
use std::collections::BTreeSet;

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
    PARTS.iter().map(|part| (part.layer, format!("{}_{}", job.stem, part.name)))
}

pub(crate) fn make(job: &Job<'_>) -> Result<Vec<String>, Halt> {
    let driver = DriverManager::get_driver_by_name("ESRI Shapefile")?;
    let mut names = Vec::new();
    let mut renamed_fields = BTreeSet::new();
    for part in PARTS {
        let Part { name, layer, geometry, .. } = part;
        let stem = format!("{}_{name}", job.stem);
        let path = job.draft.path(&format!("{stem}.shp"));
        let from = job.source.layer(layer)?;
        let columns = renamed(&from);
        renamed_fields.extend(columns.iter().filter(|(long, short)| long != short).cloned());
        let copy = Copy { columns: &columns, mark: None, is_dbase: true };
        let mut dataset = driver.create_vector_only(&path)?;
        let to = dataset.create_layer(LayerOptions {
            name: &stem,
            srs: Some(&wgs84()?),
            ty: geometry,
            options: Some(&["ENCODING=UTF-8"]),
        })?;
        let fields = copy.define(&from, &to)?;
        let mut rows = 0;
        record::each_record(&job.source, layer, |record| {
            let Some(record) = part.row(record) else { return Ok(()) };
            rows += 1;
            copy.row(&record, &fields, &to)
        })?;
        dataset.close()?;
        copy::check(&path, rows)?;
        names.extend(EXTENSIONS.map(|extension| format!("{stem}.{extension}")));
    }
    names.push(readme::write(job, &about(&renamed_fields))?);
    Ok(names)
}

/// The columns of a layer with names that dBASE holds. A column that someone added to the survey
/// and that is in no list keeps its first letters, with a number where that name is taken.
fn renamed(layer: &Layer<'_>) -> Vec<(String, String)> {
    let mut columns: Vec<(String, String)> = Vec::new();
    for name in layer.defn().fields().map(|field| field.name()) {
        let listed = NAMES.iter().find(|(long, _)| *long == name);
        let short = listed.map_or(name.as_str(), |(_, short)| short);
        let short = shortened(short, LONGEST_NAME, |short| {
            columns.iter().any(|(_, other)| short.eq_ignore_ascii_case(other))
        });
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
