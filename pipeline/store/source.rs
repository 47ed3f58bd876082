//! `survey.gpkg`, open and in order, without the survey's types.

use crate::crs::{between, wgs84};
use crate::drawn;
use crate::error::StoreError;
use crate::held;
use crate::mend;
use crate::names::{LAYERS, RUN_RECORD_TABLE, SURVEY_FILE, SURVEY_METADATA_TABLE};
use crate::row::text;
use gdal::Dataset;
use gdal::errors::GdalError;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gdal::vector::{Layer, LayerAccess};
use rams_domain::{LeftOut, RunRecord, SurveyMetadata};
use std::path::Path;

/// An open survey, in order.
pub struct Source {
    dataset: Dataset,
    /// What a person should know of how it was put in order.
    pub notices: Vec<String>,
    /// The record of the run. What people did to the survey since is not in it.
    pub record: RunRecord,
    /// Who surveyed, when and where, as people left it.
    pub metadata: SurveyMetadata,
    /// What a review states, name and value, of a survey as people decided it; empty for others.
    pub review: Vec<(String, String)>,
    /// Areas that were left out as too doubtful when it was opened.
    pub left_out: LeftOut,
}

impl Source {
    /// Opens the survey of a folder.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        Self::open_from_confidence(dir, 0.0)
    }

    /// The same without the areas of less confidence, their belts, and what features say of them;
    /// what others reported and what people drew stays.
    pub fn open_from_confidence(dir: &Path, min_confidence: f32) -> Result<Self, StoreError> {
        let path = dir.join(SURVEY_FILE);
        if !path.is_file() {
            return Err(StoreError::NoSurvey { path });
        }
        let dataset = held::open_survey(&path)?;
        for layer in LAYERS {
            let missing = || StoreError::NotASurvey {
                path: path.clone(),
                cause: format!("layer {layer} is missing"),
            };
            let layer = dataset.layer_by_name(layer).map_err(|_| missing())?;
            let not_placed = |cause: String| StoreError::NotASurvey { path: path.clone(), cause };
            let mut srs = layer
                .spatial_ref()
                .ok_or_else(|| not_placed(format!("layer {} has no CRS", layer.name())))?;
            srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
            wgs84().and_then(|wgs84| between(&srs, &wgs84)).map_err(|_| {
                let crs = srs.name().unwrap_or_else(|| "unnamed".into());
                not_placed(format!(
                    "how the CRS of layer {}, {crs}, lies to WGS 84 is not known",
                    layer.name()
                ))
            })?;
        }
        // Before anything is put in order.
        let as_drawn = drawn::as_drawn(&dataset);
        let mended = mend::mend(&dataset, &path, min_confidence)?;
        let mend::Mended { dataset, mut notices, left_out } = mended;
        let left_out = LeftOut { min_confidence, areas: left_out };
        let not_a_survey = |cause: String| StoreError::NotASurvey { path: path.clone(), cause };
        let mut record = record(&dataset).map_err(not_a_survey)?.unwrap_or_else(|| {
            notices.push(format!(
                "{} has no {RUN_RECORD_TABLE}: what was run on what is not known",
                path.display()
            ));
            RunRecord::default()
        });
        // That of a survey as people decided it says how its areas were drawn at first.
        if record.areas_sha256.is_empty() {
            record.areas_sha256 = as_drawn;
        }
        let metadata = metadata(&dataset, &path)?;
        let review = review(&dataset).map_err(|error| not_a_survey(error.to_string()))?;
        Ok(Self { dataset, notices, record, metadata, review, left_out })
    }

    /// A layer by its name.
    pub fn layer(&self, name: &str) -> Result<Layer<'_>, GdalError> {
        self.dataset.layer_by_name(name)
    }

    /// Names of a layer's fields.
    pub fn columns(&self, name: &str) -> Result<Vec<String>, GdalError> {
        Ok(self.layer(name)?.defn().fields().map(|field| field.name()).collect())
    }

    /// The survey's CRS, x before y.
    pub fn srs(&self) -> Result<SpatialRef, GdalError> {
        let missing =
            || GdalError::NullPointer { method_name: "OGR_L_GetSpatialRef", msg: String::new() };
        let mut srs = self.layer(LAYERS[0])?.spatial_ref().ok_or_else(missing)?;
        srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        Ok(srs)
    }

    /// From the survey's CRS to WGS 84 longitude and latitude.
    pub fn to_lonlat(&self) -> Result<CoordTransform, GdalError> {
        between(&self.srs()?, &wgs84()?)
    }
}

/// The record of the run; `None` where a survey has none.
fn record(dataset: &Dataset) -> Result<Option<RunRecord>, String> {
    let unreadable =
        |error: &dyn std::fmt::Display| format!("layer {RUN_RECORD_TABLE} cannot be read: {error}");
    let mut layer = dataset.layer_by_name(RUN_RECORD_TABLE).map_err(|error| unreadable(&error))?;
    let json = layer.features().next().map(|row| text(&row, "json"));
    json.map(|json| serde_json::from_str(&json).map_err(|error| unreadable(&error))).transpose()
}

/// The section `review` of the record for people.
fn review(dataset: &Dataset) -> Result<Vec<(String, String)>, GdalError> {
    let mut layer = dataset.layer_by_name("run")?;
    let of_review = layer.features().filter(|row| text(row, "section") == "review");
    Ok(of_review.map(|row| (text(&row, "name"), text(&row, "value"))).collect())
}

/// Who surveyed, when and where; what a person wrote there that cannot be used is an error that
/// names the row.
fn metadata(dataset: &Dataset, path: &Path) -> Result<SurveyMetadata, StoreError> {
    let (mut metadata, mut faults) = (SurveyMetadata::default(), vec![]);
    let not_a_survey = |error: GdalError| StoreError::NotASurvey {
        path: path.to_owned(),
        cause: error.to_string(),
    };
    let mut layer = dataset.layer_by_name(SURVEY_METADATA_TABLE).map_err(not_a_survey)?;
    for row in layer.features() {
        let [field, value, source] = ["field", "value", "source"].map(|name| text(&row, name));
        let stated = match field.parse() {
            Ok(field) => metadata.state(field, &value, &source).map_err(|error| error.to_string()),
            Err(unknown) => Err(format!("field: {unknown}")),
        };
        let row = row.fid().unwrap_or(0);
        faults.extend(
            stated.err().map(|cause| format!("layer {SURVEY_METADATA_TABLE}, row {row}: {cause}")),
        );
    }
    if faults.is_empty() {
        Ok(metadata)
    } else {
        Err(StoreError::Rows { path: path.to_owned(), faults })
    }
}
