//! Boxes as an evaluation compares them: those of a survey, and those of a truth GeoPackage.

use crate::error::StoreError;
use crate::names::{LAYERS, SURVEY_FILE, survey_folder};
use crate::row::{self, Cause, named, number, px, text_of};
use crate::source::Source;
use crate::truth::{is_ignored, open_truth, truth_layer};
use gdal::vector::OGRwkbGeometryType::{
    wkbLineString, wkbMultiLineString, wkbMultiPolygon, wkbPolygon,
};
use gdal::vector::{Feature, LayerAccess, geometry_type_flatten};
use rams_domain::{GeometryKind, PxBox, RunRecord};
use std::collections::BTreeMap;
use std::path::Path;

/// What a survey found, where it looked, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyBoxes {
    /// All features that have a box.
    pub found: Vec<FoundBox>,
    /// Ground assessed by (orthomosaic, model), square metres; 0 where a model that was run left
    /// gaps alone.
    pub assessed_m2: BTreeMap<(String, String), f64>,
    /// What was put in order of what people did to the survey, for them to know.
    pub notices: Vec<String>,
    /// The record of the run.
    pub record: RunRecord,
}

/// One feature of a survey.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundBox {
    /// Name of the orthomosaic.
    pub orthomosaic: String,
    /// Name of the model.
    pub model: String,
    /// Name of the class.
    pub class: String,
    /// How it is drawn.
    pub drawn: GeometryKind,
    /// Box, mosaic pixels.
    pub px: PxBox,
    /// The model's score, 0 to 1.
    pub score: f64,
    /// Calibrated probability, 0 to 1.
    pub confidence: f64,
}

/// One object of a truth GeoPackage.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueBox {
    /// Name of the class.
    pub class: String,
    /// The indicator it is; empty where the file does not say.
    pub indicator: String,
    /// Box, mosaic pixels.
    pub px: PxBox,
    /// Whether to find it is neither right nor wrong: `ignored`, or `truncated` by missing ground.
    pub ignored: bool,
}

/// Reads the boxes of a survey: its folder, or its file.
pub fn survey_boxes(survey: &Path) -> Result<SurveyBoxes, StoreError> {
    let folder = survey_folder(survey);
    let source = Source::open(folder)?;
    let not_a_survey = |cause: Cause| StoreError::NotASurvey {
        path: folder.join(SURVEY_FILE),
        cause: cause.to_string(),
    };
    read(&source).map_err(not_a_survey)
}

/// Reads the layer `truth` or `labels` of a GeoPackage.
pub fn truth_boxes(path: &Path) -> Result<Vec<TrueBox>, StoreError> {
    let not_a_truth = |cause: String| StoreError::NotATruth { path: path.into(), cause };
    let dataset = open_truth(path)?;
    let mut layer = truth_layer(&dataset).map_err(not_a_truth)?;
    let read = |row: Feature<'_>| {
        let indicator = row
            .field_index("indicator")
            .and_then(|index| row.field_as_string(index))
            .ok()
            .flatten();
        let (class, ignored) = (named(&row, "class")?, is_ignored(&row));
        Ok(TrueBox { class, indicator: indicator.unwrap_or_default(), px: px(&row)?, ignored })
    };
    layer
        .features()
        .map(read)
        .collect::<Result<_, Cause>>()
        .map_err(|error| not_a_truth(error.to_string()))
}

fn read(source: &Source) -> Result<SurveyBoxes, Cause> {
    let [features, _, gaps, assessed] = LAYERS;
    let mut found = vec![];
    // What a person added is no answer of a model.
    for row in source.layer(features)?.features().filter(|row| !row::text(row, "model").is_empty())
    {
        found.push(FoundBox {
            orthomosaic: named(&row, "orthomosaic")?,
            model: named(&row, "model")?,
            class: named(&row, "class")?,
            drawn: drawn(&row, features)?,
            px: px(&row)?,
            score: number(&row, "score")?,
            confidence: number(&row, "confidence")?,
        });
    }
    let mut assessed_m2 = BTreeMap::new();
    for (layer, counts) in [(gaps, 0.0), (assessed, 1.0)] {
        for row in source.layer(layer)?.features() {
            let by = (text_of(&row, "orthomosaic")?, text_of(&row, "model")?);
            // A gap without a model is one that no model of the survey looked into.
            if !by.1.is_empty() {
                // Rows of one model are of different classes, and of the same ground: the widest
                // counts.
                let most = assessed_m2.entry(by).or_insert(0.0f64);
                *most = most.max(counts * number(&row, "area_m2")?);
            }
        }
    }
    Ok(SurveyBoxes {
        found,
        assessed_m2,
        notices: source.notices.clone(),
        record: source.record.clone(),
    })
}

fn drawn(row: &Feature<'_>, layer: &str) -> Result<GeometryKind, Cause> {
    let geometry = row::geometry(row).ok_or_else(|| row::without_geometry(layer, row))?;
    Ok(match geometry_type_flatten(geometry.geometry_type()) {
        kind if [wkbLineString, wkbMultiLineString].contains(&kind) => GeometryKind::Line,
        kind if [wkbPolygon, wkbMultiPolygon].contains(&kind) => GeometryKind::Polygon,
        _ => GeometryKind::Point,
    })
}
