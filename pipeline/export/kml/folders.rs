//! The folders of the file, and what their placemarks are called, say and look like.

use crate::record::Record;
use rams_domain::RunRecord;
use rams_store::palette::{
    EXTERNAL_EVIDENCE_KINDS, GAP_REASONS, INDICATION, Look, THREATS, kind_of_external_evidence,
    look_of, of_feature,
};

/// One folder: a layer, and what its placemarks are called, say and look like.
pub(super) struct Folder {
    pub(super) layer: &'static str,
    pub(super) title: &'static str,
    pub(super) name: fn(&Record, &RunRecord) -> String,
    pub(super) style: fn(&Record) -> String,
    /// Lines of the balloon, as (words, field); a line whose field is empty is left out.
    pub(super) balloon: &'static [(&'static str, &'static str)],
}

/// In drawing order: what comes first lies below.
pub(super) const FOLDERS: [Folder; 5] = [
    Folder {
        layer: "gaps",
        title: "Gaps: ground not assessed",
        name: |record, _| format!("not assessed: {}", record.value("reason").replace('_', " ")),
        style: |record| style_id("gap", &GAP_REASONS, &record.value("reason")),
        balloon: &[
            ("Reason", "reason"),
            ("Detail", "detail"),
            ("Classes", "classes"),
            ("Model", "model"),
            ("Orthomosaic", "orthomosaic"),
            ("Area, m²", "area_m2"),
        ],
    },
    Folder {
        layer: "indication_belts",
        title: "Belts of indications",
        name: |record, _| format!("belt of {}", record.value("area")),
        style: |_| style_id("belt", &[INDICATION], INDICATION.name),
        balloon: &[
            ("Belt of", "area"),
            ("From, m", "from_m"),
            ("To, m", "to_m"),
            ("Weight", "weight"),
            ("Front not known, on both sides", "front_unknown"),
        ],
    },
    Folder {
        layer: "hazard_areas",
        title: "Suspected hazardous areas (candidates) and indications",
        name: |record, _| format!("{} {}", record.value("id"), record.value("eo_category")),
        style: |record| match (record.value("land_class").as_str(), record.value("kind").as_str()) {
            ("INDICATION", _) => style_id("indication", &[INDICATION], INDICATION.name),
            (_, "indicative") => style_id("indicative", &THREATS, &record.value("threat")),
            _ => style_id("area", &THREATS, &record.value("threat")),
        },
        balloon: &[
            ("Land class", "land_class"),
            ("EO category", "eo_category"),
            ("Threat", "threat"),
            ("Confidence", "confidence"),
            ("Tier", "tier"),
            ("Kind", "kind"),
            ("Status", "status"),
            ("Evidence", "evidence"),
            ("Why", "rationale"),
            ("District", "district"),
            ("Area, m²", "area_m2"),
            ("of which beyond the imagery, m²", "beyond_imagery_m2"),
            ("Share of it that was assessed", "assessed_share"),
            ("Released by others and cut out, m²", "released_m2"),
            ("Mine rows", "rows"),
            ("Front faces, degrees from north", "front_deg"),
            ("Search around each point, m", "fade_out_m"),
            ("Features", "features"),
            ("External evidence", "external_evidence"),
            ("Buffer, m", "buffer_m"),
            ("Doctrine", "doctrine"),
            ("Doctrine version", "doctrine_version"),
        ],
    },
    Folder {
        layer: "external_evidence",
        title: "External evidence",
        name: |record, _| {
            let kind = kind_of_external_evidence(&record.value("kind"));
            format!("{} {kind} {}", record.value("id"), record.value("name"))
        },
        style: |record| {
            style_id("external_evidence", &EXTERNAL_EVIDENCE_KINDS, &record.value("kind"))
        },
        balloon: &[
            ("Kind", "kind"),
            ("EO category", "eo_category"),
            ("Reliability (source, information)", "reliability"),
            ("Name", "name"),
            ("Date", "date"),
            ("Front faces, degrees from north", "bearing_deg"),
            ("File", "file"),
        ],
    },
    Folder {
        layer: "features",
        title: "Features (evidence)",
        name: |record, run| format!("{} {}", record.value("id"), for_people(record, "class", run)),
        style: |record| {
            format!(
                "feature-{}",
                of_feature(&record.value("eo_category"), &record.value("indicator")).name
            )
        },
        balloon: &[
            ("Class", "class"),
            ("Indicator", "indicator"),
            ("EO category", "eo_category"),
            ("Confidence", "confidence"),
            ("Length, m", "length_m"),
            ("Width, m", "width_m"),
            ("Hazard areas", "hazard_areas"),
            ("Orthomosaic", "orthomosaic"),
            ("Model", "model"),
        ],
    },
];

/// Name of the style of what is called `name`.
fn style_id(prefix: &str, looks: &[Look], name: &str) -> String {
    style_of(prefix, look_of(looks, name))
}

/// Name of the style with a look. Nothing here is called released or cancelled, by which a reader
/// would take it for a statement of the survey.
pub(super) fn style_of(prefix: &str, look: &Look) -> String {
    let name = match look.name {
        "released" => "by_operator",
        "cancelled" => "by_authority",
        name => name,
    };
    format!("{prefix}-{name}")
}

/// A value for people: classes by their names, and of released land who says so.
pub(super) fn for_people(record: &Record, field: &str, run: &RunRecord) -> String {
    let value = record.value(field);
    match field {
        "class" | "classes" => {}
        "kind" => return kind_of_external_evidence(&value),
        _ => return value,
    }
    let model = record.value("model");
    value
        .split(',')
        .map(|class| run.class_label(&model, class.trim()))
        .collect::<Vec<_>>()
        .join(", ")
}
