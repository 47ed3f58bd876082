//! `survey.gpkg` as people left it -> the same survey in order.
//!
//! Everyone who reads a survey reads it through here. Outlines are valid, flat and run one way
//! round, figures are those of what is drawn, words are of their lists, numbers in their ranges,
//! ids unique, links lead somewhere. What a person made is never dropped: what cannot be used is an
//! error that names layer, row and field. The file itself is not changed.

use crate::crs::wgs84;
use crate::error::StoreError;
use crate::names::{REJECTED_AREAS_TABLE, RUN_RECORD_TABLE, SURVEY_METADATA_TABLE};
use crate::row::Cause;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform};
use gdal::vector::LayerAccess;
use gdal::{Dataset, DriverManager};
use layer::Layer;
use outline::Stands::{self, Assessed, Evidence, Suspected};
use rams_domain::LeftOut;
use std::path::Path;

mod coverage;
mod doubtful;
mod field;
mod figures;
mod ids;
mod layer;
mod outline;

/// Layers that are read, and what their geometry stands for; detections stay in the file.
const LAYERS: [(&str, Option<Stands>); 11] = [
    ("features", Some(Evidence)),
    ("feature_parts", Some(Evidence)),
    ("hazard_areas", Some(Suspected)),
    ("external_evidence", Some(Evidence)),
    ("indication_belts", Some(Suspected)),
    ("gaps", Some(Suspected)),
    ("assessed", Some(Assessed)),
    ("run", None),
    (RUN_RECORD_TABLE, None),
    (SURVEY_METADATA_TABLE, None),
    (REJECTED_AREAS_TABLE, None),
];

/// Those of them that surveys of older versions, or not of a review, do not have.
const LATER: [&str; 6] = [
    "feature_parts",
    "external_evidence",
    "indication_belts",
    RUN_RECORD_TABLE,
    SURVEY_METADATA_TABLE,
    REJECTED_AREAS_TABLE,
];

/// A survey in order.
pub(crate) struct Mended {
    pub(crate) dataset: Dataset,
    /// What a person should know of how it was put in order.
    pub(crate) notices: Vec<String>,
    /// Areas that were left out as too doubtful.
    pub(crate) left_out: usize,
}

/// Reads a survey into memory, but for areas of less than a confidence.
pub(crate) fn mend(from: &Dataset, path: &Path, min_confidence: f32) -> Result<Mended, StoreError> {
    let mut faults = Faults::default();
    let not_a_survey =
        |cause: Cause| StoreError::NotASurvey { path: path.into(), cause: cause.to_string() };
    let mut layers = read(from, &mut faults).map_err(not_a_survey)?;
    faults.check(path)?;
    ids::give(&mut layers, &mut faults);
    faults.check(path)?;
    figures::measure(&mut layers, &mut faults);
    let left_out = doubtful::leave_out(&mut layers, min_confidence);
    if left_out > 0 {
        faults.notice(LeftOut { min_confidence, areas: left_out }.to_string());
    }
    let dataset = write(layers).map_err(|cause| StoreError::Bug {
        doing: "hold a survey in memory",
        cause: cause.to_string(),
    })?;
    Ok(Mended { dataset, notices: faults.notices(), left_out })
}

fn read(from: &Dataset, faults: &mut Faults) -> Result<Layers, Cause> {
    let mut srs =
        from.layer_by_name("features")?.spatial_ref().ok_or("layer features has no CRS")?;
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let to_lonlat = CoordTransform::new(&srs, &wgs84()?)?;
    let mut layers = vec![];
    for (name, stands) in LAYERS {
        layers.push(match from.layer_by_name(layer::stored_name(from, name)) {
            Err(_) if LATER.contains(&name) => Layer::empty(name, &layers[0]),
            _ => Layer::read(from, name, stands, &to_lonlat, faults)?,
        });
    }
    Ok(Layers { layers, to_lonlat })
}

fn write(layers: Layers) -> Result<Dataset, Cause> {
    let mut dataset = DriverManager::get_driver_by_name("Memory")?.create_vector_only("")?;
    layers.layers.into_iter().try_for_each(|layer| layer.write(&mut dataset))?;
    Ok(dataset)
}

/// The layers of [`LAYERS`], in that order.
struct Layers {
    layers: Vec<Layer>,
    to_lonlat: CoordTransform,
}

impl Layers {
    /// One of [`LAYERS`].
    fn get(&self, name: &str) -> &Layer {
        &self.layers[Self::at(name)]
    }

    fn get_mut(&mut self, name: &str) -> &mut Layer {
        &mut self.layers[Self::at(name)]
    }

    fn at(name: &str) -> usize {
        LAYERS.iter().position(|(layer, _)| *layer == name).expect("a layer of the list")
    }
}

/// So many faults are told at once.
const TOLD: usize = 20;

/// What is wrong with a survey, and what was put in order.
#[derive(Default)]
pub(crate) struct Faults {
    faults: Vec<String>,
    notices: Vec<String>,
    /// Layers of rows that could not be read.
    unread: Vec<&'static str>,
    mended: Vec<(&'static str, String)>,
}

impl Faults {
    fn fault(&mut self, what: String) {
        self.faults.push(what);
    }

    /// A fault for which a row is left out.
    fn row(&mut self, layer: &'static str, what: String) {
        self.unread.push(layer);
        self.fault(what);
    }

    fn notice(&mut self, what: String) {
        self.notices.push(what);
    }

    fn mended(&mut self, layer: &'static str, fid: u64) {
        self.mended.push((layer, fid.to_string()));
    }

    fn rows_of(&self, layer: &str) -> usize {
        self.unread.iter().filter(|unread| **unread == layer).count()
    }

    fn check(&mut self, path: &Path) -> Result<(), StoreError> {
        if self.faults.is_empty() {
            return Ok(());
        }
        let mut faults = std::mem::take(&mut self.faults);
        let more = faults.len().saturating_sub(TOLD);
        faults.truncate(TOLD);
        faults.extend((more > 0).then(|| format!("and {more} more of the kind")));
        Err(StoreError::Rows { path: path.into(), faults })
    }

    fn notices(mut self) -> Vec<String> {
        for (name, _) in LAYERS {
            let rows =
                self.mended.iter().filter(|(layer, _)| *layer == name).map(|(_, row)| row.clone());
            let rows: Vec<String> = rows.collect();
            if !rows.is_empty() {
                let rows = listed(&rows);
                self.notices.push(format!(
                    "layer {name}, row {rows}: invalid outline mended, please check it"
                ));
            }
        }
        self.notices
    }
}

/// So many names are given in a message, then the rest is counted.
const NAMED: usize = 8;

/// `a, b, c and 5 more`.
pub(crate) fn listed(names: &[String]) -> String {
    match names.len().checked_sub(NAMED) {
        Some(more) if more > 0 => format!("{} and {more} more", names[..NAMED].join(", ")),
        _ => names.join(", "),
    }
}
