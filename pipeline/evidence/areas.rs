//! Areas as people drew them elsewhere -> their rows, in the survey's CRS.

use crate::layer::Reader;
use crate::place::{Mended, Placed};
use crate::problem::Problem;
use crate::read::{NOT_EVIDENCE, open, unreadable};
use crate::words::{self, Attribute};
use crate::{EvidenceError, Mapping};
use gdal::Dataset;
use gdal::vector::OGRwkbGeometryType::{wkbMultiPolygon, wkbPolygon};
use gdal::vector::{Feature, Layer, LayerAccess, geometry_type_flatten};
use geo::{Geometry, MultiPolygon};
use rams_domain::{AreaRow, Ground};
use std::path::Path;

/// The layer of areas in a survey, and how exports in a file for each layer end.
const AREAS: &str = "hazard_areas";

/// Whether a file is one of areas that people drew: a survey, an export of one, or polygons alone;
/// and not a field team's table.
pub fn holds_areas(path: &Path) -> Result<bool, EvidenceError> {
    let dataset = open(path)?;
    let is_of_team = |layer: &Layer<'_>| layer.defn().field_index("found").is_ok();
    let has_areas = areas(&dataset).is_some_and(|name| {
        dataset.layer_by_name(&name).is_ok_and(|layer| {
            let kind = geometry_type_flatten(layer.defn().geometry_type());
            let is_mixed = layer.defn().field_index(Attribute::Layer.name()).is_ok();
            is_mixed || [wkbPolygon, wkbMultiPolygon].contains(&kind)
        })
    });
    Ok(has_areas && !dataset.layers().any(|layer| is_of_team(&layer)))
}

/// The name of the layer of areas: by its name, or the only one.
fn areas(dataset: &Dataset) -> Option<String> {
    let names = dataset.layers().map(|layer| layer.name());
    let names: Vec<String> = names.filter(|name| !NOT_EVIDENCE.contains(&name.as_str())).collect();
    let own = names.iter().find(|name| name.ends_with(AREAS));
    own.or(names.first().filter(|_| names.len() == 1)).cloned()
}

/// Reads areas that people drew, by the columns of a survey and of what leaves a review: formats
/// and CRS as for [`crate::read_evidence`]. All of a file is read, or nothing of it:
/// [`EvidenceError::Unusable`] names what has to be mended. An outline that crosses itself is not
/// mended here: whoever drew it says what it goes around.
pub fn read_areas(
    path: &Path,
    mapping: &Mapping,
    onto: &Ground,
) -> Result<Vec<AreaRow>, EvidenceError> {
    let dataset = open(path)?;
    let remedy = "give a survey.gpkg, an export of it, or a file of polygons alone";
    let name = areas(&dataset)
        .ok_or_else(|| unreadable(path, format!("it has no layer {AREAS}"), remedy))?;
    let mut layer = dataset
        .layer_by_name(&name)
        .map_err(|error| unreadable(path, error.to_string(), remedy))?;
    let reader = Reader::of(path, &layer, false, mapping, onto, &Attribute::AREA)?
        .ok_or_else(|| unreadable(path, format!("the mapping leaves {name} out"), remedy))?;
    let rows = reader.read_each(&mut layer, |row| area_row(&reader, row))?;
    let number = |(number, row): (u32, Option<AreaRow>)| {
        Some(AreaRow { row: format!("row {number}"), ..row? })
    };
    Ok((1..).zip(rows).filter_map(number).collect())
}

/// `None` of a row of another layer in the same file.
fn area_row(reader: &Reader<'_>, row: &Feature<'_>) -> Result<Option<AreaRow>, Vec<Problem>> {
    let (words, mut problems) = reader.words(row, &Attribute::AREA);
    if !matches!(words.get(Attribute::Layer), "" | AREAS) {
        return Ok(None);
    }
    let version = words.get(Attribute::ReviewVersion);
    let known = words::number(version).filter(|it| it.fract() == 0.0 && *it >= 1.0);
    if known.is_none() && !version.is_empty() {
        let cause = format!("its review_version is {version:?}");
        problems.push(Problem::Row { cause, remedy: "leave what the export wrote there" });
    }
    let category = words.get(Attribute::EoCategory);
    let eo_category = words::eo_category(category);
    if eo_category.is_none() && !category.is_empty() {
        problems.push(Problem::Word(Attribute::EoCategory, category.to_owned()));
    }
    let boundary = outline(reader, row, &words).unwrap_or_else(|problem| {
        problems.push(problem);
        MultiPolygon(vec![])
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    let item = match words.get(Attribute::ReviewItem) {
        "" => words.get(Attribute::Id),
        item => item,
    };
    Ok(Some(AreaRow {
        row: String::new(),
        item: item.to_owned(),
        guid: words.get(Attribute::Guid).to_owned(),
        version: known.map(|version| version as u64),
        eo_category,
        boundary,
    }))
}

fn outline(
    reader: &Reader<'_>,
    row: &Feature<'_>,
    words: &crate::row_words::RowWords,
) -> Result<MultiPolygon, Problem> {
    let problem = |cause: String, remedy| Err(Problem::Row { cause, remedy });
    match reader.placed(row, words, false)? {
        Placed::Here { mended: Some(Mended::Outline), .. } => problem(
            "its outline crosses or touches itself".into(),
            "draw it anew, or mend it with `Fix geometries` of QGIS",
        ),
        Placed::Here { geometry: Geometry::Polygon(polygon), .. } => Ok(polygon.into()),
        Placed::Here { geometry: Geometry::MultiPolygon(polygons), .. } => Ok(polygons),
        Placed::Here { .. } => {
            problem("its geometry is no polygon".into(), "draw the outline of the area")
        }
        Placed::Beyond { km } => problem(
            format!("it lies {km:.0} km from the survey's middle"),
            "check the CRS, or take the row out",
        ),
    }
}
