//! The columns of each layer.

use crate::names::{RUN_RECORD_TABLE, SURVEY_METADATA_TABLE};
use crate::table::Column::{self, Bytes, Real, Text, Whole};

pub(crate) const PX: [(&str, Column); 4] =
    [("px_x0", Real), ("px_y0", Real), ("px_x1", Real), ("px_y1", Real)];

pub(crate) const HAZARD_AREAS: [(&str, Column); 28] = [
    ("id", Text),
    ("land_class", Text),
    ("kind", Text),
    ("eo_category", Text),
    ("threat", Text),
    ("confidence", Real),
    ("tier", Text),
    ("area_m2", Real),
    ("rationale", Text),
    ("buffer_m", Real),
    ("link_m", Real),
    ("front_unknown", Whole),
    ("front_deg", Real),
    ("rows", Whole),
    ("fade_out_m", Real),
    ("position_accuracy_m", Real),
    ("assessed_share", Real),
    ("beyond_imagery_m2", Real),
    ("released_m2", Real),
    ("district", Text),
    ("doctrine", Text),
    ("doctrine_version", Text),
    ("doctrine_digest", Text),
    ("features", Text),
    ("feature_count", Whole),
    ("external_evidence", Text),
    ("evidence", Text),
    ("status", Text),
];

pub(crate) const INDICATION_BELTS: [(&str, Column); 5] =
    [("area", Text), ("from_m", Real), ("to_m", Real), ("weight", Real), ("front_unknown", Whole)];

pub(crate) const FEATURES: [(&str, Column); 17] = [
    ("id", Text),
    ("class", Text),
    ("indicator", Text),
    ("eo_category", Text),
    ("confidence", Real),
    ("score", Real),
    ("length_m", Real),
    ("width_m", Real),
    ("area_m2", Real),
    ("orthomosaic", Text),
    ("model", Text),
    PX[0],
    PX[1],
    PX[2],
    PX[3],
    ("detections", Text),
    ("hazard_areas", Text),
];

pub(crate) const FEATURE_PARTS: [(&str, Column); 5] = [
    ("feature_id", Text),
    ("class", Text),
    ("length_m", Real),
    ("width_m", Real),
    ("confidence", Real),
];

pub(crate) const EXTERNAL_EVIDENCE: [(&str, Column); 8] = [
    ("id", Text),
    ("kind", Text),
    ("eo_category", Text),
    ("reliability", Text),
    ("name", Text),
    ("date", Text),
    ("bearing_deg", Real),
    ("file", Text),
];

pub(crate) const GAPS: [(&str, Column); 6] = [
    ("reason", Text),
    ("classes", Text),
    ("model", Text),
    ("orthomosaic", Text),
    ("detail", Text),
    ("area_m2", Real),
];

pub(crate) const ASSESSED: [(&str, Column); 4] =
    [("orthomosaic", Text), ("model", Text), ("classes", Text), ("area_m2", Real)];

/// The last only where a model gives embeddings.
pub(crate) const DETECTIONS: [(&str, Column); 13] = [
    ("id", Text),
    ("orthomosaic", Text),
    ("tile", Whole),
    ("model", Text),
    ("class", Text),
    ("score", Real),
    ("out_of_reach", Whole),
    ("features", Text),
    PX[0],
    PX[1],
    PX[2],
    PX[3],
    ("embedding", Bytes),
];

pub(crate) const CHIPS: [(&str, Column); 2] = [("feature", Text), ("jpeg", Bytes)];

pub(crate) const RUN: [(&str, Column); 3] = [("section", Text), ("name", Text), ("value", Text)];
pub(crate) const RUN_RECORD: [(&str, Column); 2] = [("json", Text), ("areas_sha256", Text)];

pub(crate) const SURVEY_METADATA: [(&str, Column); 3] =
    [("field", Text), ("value", Text), ("source", Text)];

/// The columns of a layer that is read again.
pub(crate) fn columns(layer: &str) -> &'static [(&'static str, Column)] {
    match layer {
        "hazard_areas" => &HAZARD_AREAS,
        "indication_belts" => &INDICATION_BELTS,
        "features" => &FEATURES,
        "feature_parts" => &FEATURE_PARTS,
        "external_evidence" => &EXTERNAL_EVIDENCE,
        "gaps" => &GAPS,
        "assessed" => &ASSESSED,
        "detections" => &DETECTIONS,
        "run" => &RUN,
        RUN_RECORD_TABLE => &RUN_RECORD,
        SURVEY_METADATA_TABLE => &SURVEY_METADATA,
        _ => &[],
    }
}
