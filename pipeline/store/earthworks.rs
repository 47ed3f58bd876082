//! Works as an evaluation compares them, ground and centrelines in metres: those of a survey, and
//! those of a truth GeoPackage.

use crate::crs::between;
use crate::error::StoreError;
use crate::ground::ground;
use crate::names::{LAYERS, SURVEY_FILE, survey_folder};
use crate::row::{self, Cause, named, number};
use crate::source::Source;
use crate::truth::{is_ignored, open_truth, truth_layer};
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gdal::vector::{Feature, LayerAccess};
use geo::{BooleanOps, Geometry, LineString, MultiPolygon, Orient, orient::Direction};
use rams_domain::Ground;
use std::collections::BTreeMap;
use std::path::Path;

/// The layer of the stretches of lines.
const PARTS: &str = "feature_parts";

/// The layer of the centrelines of a truth.
const CENTRELINES: &str = "centreline";

/// What a survey found that is a line or an area, and where it looked.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyEarthworks {
    /// The ground of the survey: what makes metres of its coordinates.
    pub ground: Ground,
    /// All features that are no points.
    pub found: Vec<SurveyEarthwork>,
    /// Ground assessed by (orthomosaic, model), metres.
    pub assessed: BTreeMap<(String, String), MultiPolygon>,
}

/// One feature of a survey.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyEarthwork {
    /// The survey's own, such as F000012.
    pub id: String,
    /// Name of the orthomosaic.
    pub orthomosaic: String,
    /// Name of the model.
    pub model: String,
    /// Name of the class.
    pub class: String,
    /// The model's score, 0 to 1.
    pub score: f64,
    /// Calibrated probability, 0 to 1.
    pub confidence: f64,
    /// The stretches of a line.
    pub parts: Vec<SurveyPart>,
    /// The ground of an area, metres; empty of a line.
    pub ground: MultiPolygon,
}

/// A stretch of a line.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyPart {
    /// Name of the class, which may be another kind than the feature's.
    pub class: String,
    /// Calibrated probability, 0 to 1.
    pub confidence: f64,
    /// Centreline, metres.
    pub line: LineString,
    /// Mean width, metres.
    pub width_m: f64,
}

/// The works of a truth, metres.
#[derive(Debug, Clone, PartialEq)]
pub struct TruthEarthworks {
    /// Class, outline, and whether to find it is neither right nor wrong.
    pub outlines: Vec<(String, MultiPolygon, bool)>,
    /// Class and centreline; `None` where the file has no such layer.
    pub lines: Option<Vec<(String, LineString)>>,
}

/// Reads the lines and areas of a survey: its folder, or its file.
pub fn survey_earthworks(survey: &Path) -> Result<SurveyEarthworks, StoreError> {
    let folder = survey_folder(survey);
    let source = Source::open(folder)?;
    read(&source).map_err(|cause| StoreError::NotASurvey {
        path: folder.join(SURVEY_FILE),
        cause: cause.to_string(),
    })
}

/// Reads the layers `truth` (or `labels`) and `centreline` of a GeoPackage, in metres of the ground
/// of a survey, whatever the CRS of the file.
pub fn truth_earthworks(path: &Path, onto: &Ground) -> Result<TruthEarthworks, StoreError> {
    let not_a_truth =
        |cause: Cause| StoreError::NotATruth { path: path.into(), cause: cause.to_string() };
    let dataset = open_truth(path)?;
    let mut layer = truth_layer(&dataset).map_err(|cause| not_a_truth(cause.into()))?;
    let (truth, to_crs) = (layer.name(), transform(&layer, onto).map_err(not_a_truth)?);
    let outline = |row: Feature<'_>| {
        Ok((
            named(&row, "class")?,
            area(placed(&row, &truth, Some(&to_crs), onto)?, &row)?,
            is_ignored(&row),
        ))
    };
    let outlines =
        layer.features().map(outline).collect::<Result<_, Cause>>().map_err(not_a_truth)?;
    let Ok(mut layer) = dataset.layer_by_name(CENTRELINES) else {
        return Ok(TruthEarthworks { outlines, lines: None });
    };
    let to_crs = transform(&layer, onto).map_err(not_a_truth)?;
    let mut lines = vec![];
    for row in layer.features().filter(|row| !is_ignored(row)) {
        let read = || {
            Ok((
                named(&row, "class")?,
                strings(placed(&row, CENTRELINES, Some(&to_crs), onto)?, &row)?,
            ))
        };
        let (class, strings) = read().map_err(not_a_truth)?;
        lines.extend(strings.into_iter().map(|line| (class.clone(), line)));
    }
    Ok(TruthEarthworks { outlines, lines: Some(lines) })
}

fn read(source: &Source) -> Result<SurveyEarthworks, Cause> {
    let [features, _, gaps, assessed] = LAYERS;
    let ground = ground(source, &[features, gaps, assessed])?;
    let mut parts = parts(source, &ground)?;
    let mut found = vec![];
    for row in source.layer(features)?.features().filter(|row| !row::text(row, "model").is_empty())
    {
        let id = named(&row, "id")?;
        let (class, confidence) = (named(&row, "class")?, number(&row, "confidence")?);
        let mut stretches = parts.remove(&id).unwrap_or_default();
        let mut outline = MultiPolygon(vec![]);
        match placed(&row, features, None, &ground)? {
            Geometry::Point(_) | Geometry::MultiPoint(_) => continue,
            geometry @ (Geometry::Polygon(_) | Geometry::MultiPolygon(_)) => {
                outline = area(geometry, &row)?
            }
            // The axis of a box is one stretch.
            geometry if stretches.is_empty() => {
                let width_m = number(&row, "width_m")?;
                let part = |line| SurveyPart { class: class.clone(), confidence, line, width_m };
                stretches = strings(geometry, &row)?.into_iter().map(part).collect();
            }
            _ => {}
        }
        found.push(SurveyEarthwork {
            id,
            orthomosaic: named(&row, "orthomosaic")?,
            model: named(&row, "model")?,
            class,
            score: number(&row, "score")?,
            confidence,
            parts: stretches,
            ground: outline,
        });
    }
    // Rows of one model are of different classes, and of the same ground.
    let mut assessed_ground: BTreeMap<(String, String), MultiPolygon> = BTreeMap::new();
    for row in source.layer(assessed)?.features() {
        let by = (named(&row, "orthomosaic")?, named(&row, "model")?);
        let ground_of_row = area(placed(&row, assessed, None, &ground)?, &row)?;
        let all = assessed_ground.entry(by).or_insert_with(|| MultiPolygon(vec![]));
        *all = if all.0.is_empty() { ground_of_row } else { all.union(&ground_of_row) };
    }
    Ok(SurveyEarthworks { ground, found, assessed: assessed_ground })
}

/// Stretches by the id of their feature; none in a survey without lines from masks.
fn parts(source: &Source, ground: &Ground) -> Result<BTreeMap<String, Vec<SurveyPart>>, Cause> {
    let mut parts: BTreeMap<String, Vec<SurveyPart>> = BTreeMap::new();
    let Ok(mut layer) = source.layer(PARTS) else { return Ok(parts) };
    for row in layer.features() {
        for line in strings(placed(&row, PARTS, None, ground)?, &row)? {
            let (class, confidence) = (named(&row, "class")?, number(&row, "confidence")?);
            let part = SurveyPart { class, confidence, line, width_m: number(&row, "width_m")? };
            parts.entry(named(&row, "feature_id")?).or_default().push(part);
        }
    }
    Ok(parts)
}

/// From the CRS of a layer to that of a ground.
pub(crate) fn transform(layer: &impl LayerAccess, onto: &Ground) -> Result<CoordTransform, Cause> {
    let mut from = layer.spatial_ref().ok_or("its rows have no CRS")?;
    let mut to = SpatialRef::from_wkt(&onto.crs().wkt)?;
    from.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    to.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(between(&from, &to)?)
}

/// The geometry of a row in metres.
pub(crate) fn placed(
    row: &Feature<'_>,
    layer: &str,
    to_crs: Option<&CoordTransform>,
    ground: &Ground,
) -> Result<Geometry, Cause> {
    let geometry = row::geometry(row).ok_or_else(|| row::without_geometry(layer, row))?;
    let geometry = match to_crs {
        Some(to_crs) => geometry.transform(to_crs)?.to_geo()?,
        None => geometry.to_geo()?,
    };
    Ok(ground.to_metres(&geometry))
}

fn area(geometry: Geometry, row: &Feature<'_>) -> Result<MultiPolygon, Cause> {
    match geometry {
        Geometry::Polygon(polygon) => Ok(polygon.orient(Direction::Default).into()),
        Geometry::MultiPolygon(polygons) => Ok(polygons.orient(Direction::Default)),
        _ => Err(format!("row {} is no polygon", row.fid().unwrap_or(0)).into()),
    }
}

fn strings(geometry: Geometry, row: &Feature<'_>) -> Result<Vec<LineString>, Cause> {
    match geometry {
        Geometry::LineString(line) => Ok(vec![line]),
        Geometry::MultiLineString(lines) => Ok(lines.0),
        _ => Err(format!("row {} is no line", row.fid().unwrap_or(0)).into()),
    }
}
