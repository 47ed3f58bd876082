//! Boxes as an evaluation compares them: those of a survey, and those of a truth GeoPackage.

use crate::error::StoreError;
use crate::held::{self, Unopened};
use crate::source::{self, LAYERS, Source};
use crate::write::SURVEY_FILE;
use gdal::Dataset;
use gdal::vector::OGRwkbGeometryType::{
    wkbLineString, wkbMultiLineString, wkbMultiPolygon, wkbPolygon,
};
use gdal::vector::{Feature, Layer, LayerAccess, geometry_type_flatten};
use rams_domain::{GeometryKind, PxBox, RunRecord};
use std::collections::BTreeMap;
use std::path::Path;

/// The layers in which a truth may lie: as `rams scene` writes it, and as labels of real flights.
const TRUTHS: [&str; 2] = ["truth", "labels"];

/// Fields, where there are any, that say that to find an object is neither right nor wrong.
const IGNORED: [&str; 2] = ["ignored", "truncated"];

/// Why a row cannot be read: GDAL's reason or ours.
pub(crate) type Cause = Box<dyn std::error::Error>;

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

/// The folder of a survey that is named by its folder or its file.
pub(crate) fn survey_folder(survey: &Path) -> &Path {
    match survey.parent() {
        Some(parent) if survey.ends_with(SURVEY_FILE) => parent,
        _ => survey,
    }
}

/// Opens a file in which a truth may be.
pub(crate) fn open_truth(path: &Path) -> Result<Dataset, StoreError> {
    held::open_vector(path, None).map_err(|unopened| match unopened {
        Unopened::Gdal(error) => {
            StoreError::NotATruth { path: path.into(), cause: held::cause(error) }
        }
        Unopened::Unsettled(error) => error,
    })
}

/// The one layer that holds a truth, or why there is none.
pub(crate) fn truth_layer(dataset: &Dataset) -> Result<Layer<'_>, String> {
    let mut layers: Vec<_> =
        TRUTHS.iter().filter_map(|name| dataset.layer_by_name(name).ok()).collect();
    let layer = layers.pop().ok_or_else(|| format!("it has no layer {}", TRUTHS.join(" or ")))?;
    if !layers.is_empty() {
        return Err(format!("it has both layers, {}: remove one", TRUTHS.join(" and ")));
    }
    Ok(layer)
}

/// Whether a row of a truth is neither to be found nor to be missed.
pub(crate) fn is_ignored(row: &Feature<'_>) -> bool {
    let value = |name: &str| {
        row.field_index(name).and_then(|index| row.field_as_integer(index)).ok().flatten()
    };
    IGNORED.iter().any(|name| value(name) == Some(1))
}

fn read(source: &Source) -> Result<SurveyBoxes, Cause> {
    let [features, _, gaps, assessed] = LAYERS;
    let mut found = vec![];
    // What a person added is no answer of a model.
    for row in
        source.layer(features)?.features().filter(|row| !source::text(row, "model").is_empty())
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
            let by = (text(&row, "orthomosaic")?, text(&row, "model")?);
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
    let geometry = source::geometry(row).ok_or_else(|| source::without_geometry(layer, row))?;
    Ok(match geometry_type_flatten(geometry.geometry_type()) {
        kind if [wkbLineString, wkbMultiLineString].contains(&kind) => GeometryKind::Line,
        kind if [wkbPolygon, wkbMultiPolygon].contains(&kind) => GeometryKind::Polygon,
        _ => GeometryKind::Point,
    })
}

/// A box in mosaic pixels that must be there.
pub(crate) fn px(row: &Feature<'_>) -> Result<PxBox, Cause> {
    let [x0, y0, x1, y1] = ["px_x0", "px_y0", "px_x1", "px_y1"].map(|name| number(row, name));
    let px = PxBox { x0: x0?, y0: y0?, x1: x1?, y1: y1? };
    let is_box = px.x0 < px.x1 && px.y0 < px.y1 && px.area().is_finite();
    is_box
        .then_some(px)
        .ok_or_else(|| bad(row, "the box", &format!("{px:?}; give x0 < x1 and y0 < y1")))
}

/// A text; empty where it is NULL.
pub(crate) fn text(row: &Feature<'_>, name: &str) -> Result<String, Cause> {
    Ok(row.field_as_string(row.field_index(name)?)?.unwrap_or_default())
}

/// A number that must be there: a box with a side missing would be a silent miss.
pub(crate) fn number(row: &Feature<'_>, name: &str) -> Result<f64, Cause> {
    row.field_as_double(row.field_index(name)?)?.ok_or_else(|| bad(row, "no", name))
}

/// A name that must be there, for the same reason.
pub(crate) fn named(row: &Feature<'_>, name: &str) -> Result<String, Cause> {
    Some(text(row, name)?).filter(|text| !text.is_empty()).ok_or_else(|| bad(row, "no", name))
}

fn bad(row: &Feature<'_>, what: &str, value: &str) -> Cause {
    Cause::from(format!("row {} has {what} {value}", row.fid().unwrap_or(0)))
}
