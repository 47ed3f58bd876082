//! `survey.gpkg` -> [`Survey`]: the nouns again, for a stage that tells people what was found.

use crate::error::StoreError;
use crate::ground::ground;
use crate::names::{LAYERS, SURVEY_FILE};
use crate::row::{self, Cause, named, number, px, text_of};
use crate::source::Source;
use gdal::vector::{Feature as Row, LayerAccess};
use geo::{Geometry, LineString, MultiPolygon};
use rams_domain::{
    AssessedArea, DoctrineRef, ExternalEvidence, ExternalEvidenceId, Feature, FeatureId,
    FeaturePart, GapArea, HazardArea, HazardAreaId, IndicationBelt, LeftOut, PxBox, Reliability,
    Survey,
};
use serde::de::DeserializeOwned;
use serde::de::value::{Error as WordError, StrDeserializer};
use std::collections::BTreeMap;
use std::path::Path;

/// Reads the survey of a folder, but for its detections and chips, which nobody reads one by one.
/// Its ground is the ground that its imagery covers.
///
/// A row that a person drew or edited is read like any other; one that cannot be used is
/// [`StoreError::Rows`] with layer, row and field: a report that passes over a row would be a
/// silent gap. What an area by hand does not say is 0 or empty. With the survey go words on what
/// was put in order.
pub fn read(dir: &Path) -> Result<(Survey, Vec<String>), StoreError> {
    read_from_confidence(dir, 0.0)
}

/// The same without the areas of less confidence, but for those that others reported or people
/// drew. The record counts what is left out.
pub fn read_from_confidence(
    dir: &Path,
    min_confidence: f32,
) -> Result<(Survey, Vec<String>), StoreError> {
    let source = Source::open_from_confidence(dir, min_confidence)?;
    let not_a_survey = |cause: Cause| StoreError::NotASurvey {
        path: dir.join(SURVEY_FILE),
        cause: cause.to_string(),
    };
    let mut survey = survey(&source).map_err(not_a_survey)?;
    let left_out = &mut survey.record.left_out;
    *left_out = LeftOut {
        min_confidence: left_out.min_confidence.max(min_confidence),
        areas: left_out.areas + source.left_out.areas,
    };
    Ok((survey, source.notices))
}

fn survey(source: &Source) -> Result<Survey, Cause> {
    let [features, areas, gaps, assessed_layer] = LAYERS;
    let mut parts = BTreeMap::<FeatureId, Vec<FeaturePart>>::new();
    for (feature, part) in rows(source, "feature_parts", part)? {
        parts.entry(feature).or_default().push(part);
    }
    let with_parts = |feature: Feature| Feature {
        parts: parts.remove(&feature.id).unwrap_or_default(),
        ..feature
    };
    let found = rows(source, features, feature)?.into_iter().map(with_parts).collect();
    let (areas, external) =
        (rows(source, areas, hazard_area)?, rows(source, "external_evidence", external_evidence)?);
    let (gap_areas, assessed) =
        (rows(source, gaps, gap)?, rows(source, assessed_layer, assessed_area)?);
    Ok(Survey {
        // Last, when each row has been read: what is wrong with one of them is better said there.
        ground: ground(source, &[gaps, assessed_layer, features])?,
        hazard_areas: areas,
        indication_belts: rows(source, "indication_belts", indication_belt)?,
        features: found,
        external_evidence: external,
        detections: vec![],
        georefs: BTreeMap::new(),
        assessed,
        gaps: gap_areas,
        chips: vec![],
        record: source.record.clone(),
        metadata: source.metadata.clone(),
    })
}

/// All rows of a layer; what is wrong with one names the layer and the row.
fn rows<T>(
    source: &Source,
    layer: &str,
    read: impl Fn(&Row<'_>) -> Result<T, Cause>,
) -> Result<Vec<T>, Cause> {
    let mut rows = source.layer(layer).map_err(|_| format!("layer {layer} is missing"))?;
    let read = |row: Row<'_>| {
        read(&row).map_err(|cause| {
            format!("layer {layer}, row {}: {cause}", row.fid().unwrap_or(0)).into()
        })
    };
    rows.features().map(read).collect()
}

fn hazard_area(row: &Row<'_>) -> Result<HazardArea, Cause> {
    Ok(HazardArea {
        id: HazardAreaId(id(&named(row, "id")?, 'A')?),
        land_class: word(row, "land_class")?,
        kind: word(row, "kind")?,
        eo_category: word(row, "eo_category")?,
        boundary: polygons(row)?,
        area_m2: number(row, "area_m2")?,
        confidence: or_zero(row, "confidence")? as f32,
        tier: match text_of(row, "tier")?.as_str() {
            "" => None,
            _ => Some(word(row, "tier")?),
        },
        threat: word(row, "threat")?,
        rationale: text_of(row, "rationale")?,
        buffer_m: or_zero(row, "buffer_m")?,
        link_m: or_zero(row, "link_m")?,
        front_unknown: or_zero(row, "front_unknown")? != 0.0,
        front_deg: optional(row, "front_deg")?,
        rows: or_zero(row, "rows")? as u32,
        fade_out_m: optional(row, "fade_out_m")?,
        position_accuracy_m: or_zero(row, "position_accuracy_m")?,
        evidence: word(row, "evidence")?,
        assessed_share: or_zero(row, "assessed_share")? as f32,
        beyond_imagery_m2: or_zero(row, "beyond_imagery_m2")?,
        released_m2: or_zero(row, "released_m2")?,
        district: text_of(row, "district")?,
        doctrine: DoctrineRef {
            name: text_of(row, "doctrine")?,
            version: text_of(row, "doctrine_version")?,
            digest: text_of(row, "doctrine_digest")?,
        },
        features: ids(&text_of(row, "features")?, 'F')?.into_iter().map(FeatureId).collect(),
        external_evidence: ids(&text_of(row, "external_evidence")?, 'K')?
            .into_iter()
            .map(ExternalEvidenceId)
            .collect(),
    })
}

fn indication_belt(row: &Row<'_>) -> Result<IndicationBelt, Cause> {
    Ok(IndicationBelt {
        area: HazardAreaId(id(&named(row, "area")?, 'A')?),
        from_m: number(row, "from_m")?,
        to_m: number(row, "to_m")?,
        weight: number(row, "weight")? as f32,
        front_unknown: or_zero(row, "front_unknown")? != 0.0,
        boundary: polygons(row)?,
    })
}

fn feature(row: &Row<'_>) -> Result<Feature, Cause> {
    Ok(Feature {
        id: FeatureId(id(&named(row, "id")?, 'F')?),
        class: named(row, "class")?,
        indicator: word(row, "indicator")?,
        eo_category: word(row, "eo_category")?,
        geometry: geometry(row)?,
        score: or_zero(row, "score")? as f32,
        confidence: number(row, "confidence")? as f32,
        size_m: [or_zero(row, "length_m")?, or_zero(row, "width_m")?],
        area_m2: number(row, "area_m2")?,
        parts: vec![],
        orthomosaic: text_of(row, "orthomosaic")?,
        model: text_of(row, "model")?,
        px: optional(row, "px_x0")?
            .map_or(Ok(PxBox { x0: 0.0, y0: 0.0, x1: 0.0, y1: 0.0 }), |_| px(row))?,
        detections: vec![],
        also: vec![],
    })
}

fn part(row: &Row<'_>) -> Result<(FeatureId, FeaturePart), Cause> {
    let line: LineString = geometry(row)?.try_into().map_err(|_| "it is no line")?;
    let (class, width_m) = (named(row, "class")?, number(row, "width_m")?);
    let part = FeaturePart { line, class, width_m, confidence: number(row, "confidence")? as f32 };
    Ok((FeatureId(id(&named(row, "feature_id")?, 'F')?), part))
}

fn external_evidence(row: &Row<'_>) -> Result<ExternalEvidence, Cause> {
    let reliability = text_of(row, "reliability")?;
    let mut letters = reliability.chars();
    let source = letters.next().filter(|letter| *letter != '?');
    let information = letters.next().and_then(|digit| digit.to_digit(10)).map(|digit| digit as u8);
    Ok(ExternalEvidence {
        id: ExternalEvidenceId(id(&named(row, "id")?, 'K')?),
        kind: word(row, "kind")?,
        geometry: geometry(row)?,
        eo_category: word(row, "eo_category")?,
        reliability: Reliability { source, information },
        name: text_of(row, "name")?,
        date: text_of(row, "date")?,
        bearing_deg: optional(row, "bearing_deg")?,
        file: text_of(row, "file")?,
    })
}

fn gap(row: &Row<'_>) -> Result<GapArea, Cause> {
    Ok(GapArea {
        boundary: polygons(row)?,
        area_m2: number(row, "area_m2")?,
        orthomosaic: text_of(row, "orthomosaic")?,
        model: text_of(row, "model")?,
        classes: list(&text_of(row, "classes")?),
        reason: word(row, "reason")?,
        detail: text_of(row, "detail")?,
    })
}

fn assessed_area(row: &Row<'_>) -> Result<AssessedArea, Cause> {
    Ok(AssessedArea {
        boundary: polygons(row)?,
        area_m2: number(row, "area_m2")?,
        orthomosaic: text_of(row, "orthomosaic")?,
        model: text_of(row, "model")?,
        classes: list(&text_of(row, "classes")?),
    })
}

/// A word of the vocabulary; the error lists the words that there are.
fn word<T: DeserializeOwned>(row: &Row<'_>, name: &str) -> Result<T, Cause> {
    let value = text_of(row, name)?;
    T::deserialize(StrDeserializer::<WordError>::new(&value))
        .map_err(|error| format!("{name}: {error}").into())
}

fn optional(row: &Row<'_>, name: &str) -> Result<Option<f64>, Cause> {
    Ok(row.field_as_double(row.field_index(name)?)?)
}

/// What nobody gave is nothing.
fn or_zero(row: &Row<'_>, name: &str) -> Result<f64, Cause> {
    Ok(optional(row, name)?.unwrap_or(0.0))
}

pub(crate) fn id(id: &str, letter: char) -> Result<u32, Cause> {
    let number = id.strip_prefix(letter).and_then(|digits| digits.parse().ok());
    number.ok_or_else(|| format!("id {id} is no {letter} with a number").into())
}

fn ids(ids: &str, letter: char) -> Result<Vec<u32>, Cause> {
    list(ids).iter().map(|one| id(one, letter)).collect()
}

fn list(values: &str) -> Vec<String> {
    values.split(',').filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

fn geometry(row: &Row<'_>) -> Result<Geometry, Cause> {
    let geometry = row::geometry(row).and_then(|geometry| geometry.to_geo().ok());
    Ok(geometry.ok_or("it has no geometry that can be read")?)
}

fn polygons(row: &Row<'_>) -> Result<MultiPolygon, Cause> {
    match geometry(row)? {
        Geometry::Polygon(polygon) => Ok(polygon.into()),
        Geometry::MultiPolygon(polygons) => Ok(polygons),
        _ => Err("it is no polygon".into()),
    }
}
