//! Survey -> its layers.

use crate::chips;
use crate::columns::{
    ASSESSED, DETECTIONS, EXTERNAL_EVIDENCE, FEATURE_PARTS, FEATURES, GAPS, HAZARD_AREAS,
    INDICATION_BELTS, RUN, RUN_RECORD, SURVEY_METADATA,
};
use crate::lookup::Lookup;
use crate::names::{RUN_RECORD_TABLE, SURVEY_METADATA_TABLE};
use crate::table::{Table, TableRow, Value, describe, list, measure, share, text, whole};
use gdal::vector::OGRwkbGeometryType::{
    wkbLineString, wkbMultiPolygon, wkbNone, wkbPolygon, wkbUnknown,
};
use gdal::vector::ToGdal;
use geo::{Euclidean, Length};
use rams_domain::{
    DetectionId, FeatureId, HazardArea, LIMITS, MetadataField, NamedDetection, PxBox, Survey,
};
use std::collections::BTreeMap;

/// The layers of a survey, in the order of the file. QGIS stacks them in that order, first on top:
/// evidence over areas, areas over what was not assessed, and that over what was.
pub(crate) fn of(survey: &Survey) -> Vec<Table<'_>> {
    vec![
        features(survey),
        feature_parts(survey),
        hazard_areas(survey),
        external_evidence(survey),
        indication_belts(survey),
        gaps(survey),
        assessed(survey),
        detections(survey),
        chips::table(survey),
        run(survey),
        run_record(survey),
        survey_metadata(survey),
    ]
}

fn px(bounds: Option<PxBox>) -> [Option<Value>; 4] {
    let side = |side: fn(&PxBox) -> f64| bounds.as_ref().map(side).and_then(measure);
    [side(|b| b.x0), side(|b| b.y0), side(|b| b.x1), side(|b| b.y1)]
}

fn hazard_areas(survey: &Survey) -> Table<'_> {
    let row = |area: &HazardArea| {
        Ok(TableRow {
            geometry: Some(area.boundary.to_gdal()?),
            values: vec![
                text(area.id),
                text(area.land_class),
                text(area.kind),
                text(area.eo_category),
                text(area.threat),
                share(area.confidence),
                area.tier.and_then(text),
                measure(area.area_m2),
                text(&area.rationale),
                measure(area.buffer_m),
                measure(area.link_m),
                whole(area.front_unknown),
                area.front_deg.and_then(measure),
                whole(area.rows),
                area.fade_out_m.and_then(measure),
                measure(area.position_accuracy_m),
                share(area.assessed_share),
                measure(area.beyond_imagery_m2),
                measure(area.released_m2),
                text(&area.district),
                text(&area.doctrine.name),
                text(&area.doctrine.version),
                text(&area.doctrine.digest),
                list(&area.features),
                whole(area.features.len() as u32),
                list(&area.external_evidence),
                text(area.evidence),
                // This software may never decide otherwise.
                text("candidate"),
            ],
        })
    };
    Table {
        name: "hazard_areas",
        title: "Suspected hazardous areas (candidates) and indications",
        description: describe(
            "Candidate suspected hazardous areas (land class SHA) and indications, which say where \
             to look and are never summed with them; kind `indicative` is an envelope of evidence \
             points.",
        ),
        geometry: wkbMultiPolygon,
        columns: &HAZARD_AREAS,
        rows: Box::new(survey.hazard_areas.iter().map(row)),
    }
}

fn indication_belts(survey: &Survey) -> Table<'_> {
    let row = |belt: &rams_domain::IndicationBelt| {
        Ok(TableRow {
            geometry: Some(belt.boundary.to_gdal()?),
            values: vec![
                text(belt.area),
                measure(belt.from_m),
                measure(belt.to_m),
                share(belt.weight),
                whole(belt.front_unknown),
            ],
        })
    };
    Table {
        name: "indication_belts",
        title: "Belts of indications",
        description: describe(
            "Ground beside earthworks on which mines may lie, in bands whose weight fades: where \
             to look, never an area.",
        ),
        geometry: wkbMultiPolygon,
        columns: &INDICATION_BELTS,
        rows: Box::new(survey.indication_belts.iter().map(row)),
    }
}

fn features(survey: &Survey) -> Table<'_> {
    let of_area = |area: &HazardArea| {
        let id = area.id;
        area.features.clone().into_iter().map(move |feature| (feature, id))
    };
    let standing = Lookup::new(survey.hazard_areas.iter().flat_map(of_area).collect());
    let row = move |feature: &rams_domain::Feature| {
        let [px_x0, px_y0, px_x1, px_y1] = px(Some(feature.px));
        let ids = feature.detections.iter().map(ToString::to_string);
        // Those in other orthomosaics with the name of theirs.
        let others = feature.also.iter().map(|(orthomosaic, id)| format!("{orthomosaic}:{id}"));
        Ok(TableRow {
            geometry: Some(feature.geometry.to_gdal()?),
            values: vec![
                text(feature.id),
                text(&feature.class),
                text(feature.indicator),
                text(feature.eo_category),
                share(feature.confidence),
                share(feature.score),
                measure(feature.size_m[0]),
                measure(feature.size_m[1]),
                measure(feature.area_m2),
                text(&feature.orthomosaic),
                text(&feature.model),
                px_x0,
                px_y0,
                px_x1,
                px_y1,
                list(ids.chain(others)),
                list(standing.of(feature.id)),
            ],
        })
    };
    Table {
        name: "features",
        title: "Features (evidence)",
        description: describe("Indicators on the ground: points, lines and polygons."),
        geometry: wkbUnknown,
        columns: &FEATURES,
        rows: Box::new(survey.features.iter().map(row)),
    }
}

fn feature_parts(survey: &Survey) -> Table<'_> {
    let parts = survey
        .features
        .iter()
        .flat_map(|feature| feature.parts.iter().map(move |part| (feature, part)));
    let row = |(feature, part): (&rams_domain::Feature, &rams_domain::FeaturePart)| {
        Ok(TableRow {
            geometry: Some(part.line.to_gdal()?),
            values: vec![
                text(feature.id),
                text(&part.class),
                measure(Euclidean.length(&survey.ground.to_metres(&part.line))),
                measure(part.width_m),
                share(part.confidence),
            ],
        })
    };
    Table {
        name: "feature_parts",
        title: "Stretches of traced lines",
        description: describe(
            "Stretches of the lines of `features`, of 50 m at the most, each with its own class.",
        ),
        geometry: wkbLineString,
        columns: &FEATURE_PARTS,
        rows: Box::new(parts.map(row)),
    }
}

fn external_evidence(survey: &Survey) -> Table<'_> {
    let row = |external: &rams_domain::ExternalEvidence| {
        Ok(TableRow {
            geometry: Some(external.geometry.to_gdal()?),
            values: vec![
                text(external.id),
                text(external.kind),
                text(external.eo_category),
                text(external.reliability),
                text(&external.name),
                text(&external.date),
                external.bearing_deg.and_then(measure),
                text(&external.file),
            ],
        })
    };
    Table {
        name: "external_evidence",
        title: "External evidence",
        description: describe(
            "Evidence from elsewhere, as it was given: accidents, records, \
             released land, districts.",
        ),
        geometry: wkbUnknown,
        columns: &EXTERNAL_EVIDENCE,
        rows: Box::new(survey.external_evidence.iter().map(row)),
    }
}

fn gaps(survey: &Survey) -> Table<'_> {
    let row = |gap: &rams_domain::GapArea| {
        Ok(TableRow {
            geometry: Some(gap.boundary.to_gdal()?),
            values: vec![
                text(gap.reason),
                list(&gap.classes),
                text(&gap.model),
                text(&gap.orthomosaic),
                text(&gap.detail),
                measure(gap.area_m2),
            ],
        })
    };
    Table {
        name: "gaps",
        title: "Gaps: ground not assessed",
        description: describe("Ground that was not assessed, for which classes, and why."),
        geometry: wkbMultiPolygon,
        columns: &GAPS,
        rows: Box::new(survey.gaps.iter().map(row)),
    }
}

fn assessed(survey: &Survey) -> Table<'_> {
    let row = |area: &rams_domain::AssessedArea| {
        Ok(TableRow {
            geometry: Some(area.boundary.to_gdal()?),
            values: vec![
                text(&area.orthomosaic),
                text(&area.model),
                list(&area.classes),
                measure(area.area_m2),
            ],
        })
    };
    Table {
        name: "assessed",
        title: "Ground that was assessed",
        description: describe(
            "Ground that a model has seen at a usable scale. It says nothing about hazard.",
        ),
        geometry: wkbMultiPolygon,
        columns: &ASSESSED,
        rows: Box::new(survey.assessed.iter().map(row)),
    }
}

/// The features of the detections of each orthomosaic and model: one of no feature is no find.
fn features_of_detections(survey: &Survey) -> FeaturesOfDetections<'_> {
    let mut features: BTreeMap<(&str, &str), Vec<(DetectionId, FeatureId)>> = BTreeMap::new();
    for feature in &survey.features {
        let own = feature.detections.iter().map(|id| (&*feature.orthomosaic, *id));
        let others = feature.also.iter().map(|(orthomosaic, id)| (&**orthomosaic, *id));
        for (orthomosaic, id) in own.chain(others) {
            features.entry((orthomosaic, &feature.model)).or_default().push((id, feature.id));
        }
    }
    features.into_iter().map(|(of, pairs)| (of, Lookup::new(pairs))).collect()
}

type FeaturesOfDetections<'a> = BTreeMap<(&'a str, &'a str), Lookup<DetectionId, FeatureId>>;

fn detections(survey: &Survey) -> Table<'_> {
    let features = features_of_detections(survey);
    let row = move |NamedDetection { of, detection }: &NamedDetection| {
        let bounds = detection.shape.bounds();
        let georef = survey.georefs.get(&of.orthomosaic);
        let footprint = bounds.and_then(|bounds| Some(georef?.place_box(&bounds)));
        let [px_x0, px_y0, px_x1, px_y1] = px(bounds);
        Ok(TableRow {
            geometry: footprint.map(|footprint| footprint.to_gdal()).transpose()?,
            values: vec![
                text(detection.id),
                text(&of.orthomosaic),
                whole(detection.id.tile.0),
                text(&of.model),
                text(&of.class),
                share(detection.score),
                whole(of.is_out_of_reach),
                list(
                    features
                        .get(&(&*of.orthomosaic, &*of.model))
                        .into_iter()
                        .flat_map(|features| features.of(detection.id)),
                ),
                px_x0,
                px_y0,
                px_x1,
                px_y1,
                detection.embedding.as_ref().map(|of| Value::Bytes(of.bytes().into())),
            ],
        })
    };
    // Surveys without embeddings are as they were.
    let has_embeddings = survey.detections.iter().any(|named| named.detection.embedding.is_some());
    let columns = DETECTIONS.len() - usize::from(!has_embeddings);
    Table {
        name: "detections",
        title: "Detections (before merging)",
        description: describe(
            "What the models saw, tile by tile, each as its box; an id is unique within an \
             orthomosaic and a model. \
             Those without `features` are no finds: they score too little at the operating point \
             of the survey, are too small, or are out of reach, in pixels too coarse for their \
             class.",
        ),
        geometry: wkbPolygon,
        columns: &DETECTIONS[..columns],
        rows: Box::new(survey.detections.iter().map(row)),
    }
}

fn run(survey: &Survey) -> Table<'_> {
    let row = |section: &str, name: &str, value: &str| {
        Ok(TableRow { geometry: None, values: vec![text(section), text(name), text(value)] })
    };
    let record = survey
        .record
        .rows()
        .into_iter()
        .map(move |(section, name, value)| row(section, &name, &value));
    Table {
        name: "run",
        title: "Record of the run",
        description: describe("What was run on what, so that anyone can run it again."),
        geometry: wkbNone,
        columns: &RUN,
        rows: Box::new(std::iter::once(row("limits", "text", LIMITS)).chain(record)),
    }
}

fn run_record(survey: &Survey) -> Table<'_> {
    let json = serde_json::to_string(&survey.record).expect("a record is plain data");
    Table {
        name: RUN_RECORD_TABLE,
        title: "Record of the run, for programs",
        description: describe(
            "The same as `run` as JSON, which programs read, and a digest of the rows of \
             `hazard_areas` as they were drawn.",
        ),
        geometry: wkbNone,
        columns: &RUN_RECORD,
        // The digest is known when the areas are written.
        rows: Box::new(std::iter::once(Ok(TableRow {
            geometry: None,
            values: vec![text(&json), None],
        }))),
    }
}

/// A row a field, those that nobody stated with no value: people fill them in here.
fn survey_metadata(survey: &Survey) -> Table<'_> {
    let row = |field: MetadataField| {
        let stated = survey.metadata.get(field);
        Ok(TableRow {
            geometry: None,
            values: vec![
                text(field),
                stated.and_then(text),
                stated.and_then(|statement| text(statement.source())),
            ],
        })
    };
    Table {
        name: SURVEY_METADATA_TABLE,
        title: "Who surveyed, when and where",
        description: describe("What people state of the survey; reports and exports read it."),
        geometry: wkbNone,
        columns: &SURVEY_METADATA,
        rows: Box::new(MetadataField::ALL.into_iter().map(row)),
    }
}
