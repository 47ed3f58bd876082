//! Words of the survey as coded-value domains: a list of codes, each with its text for people.

use gdal::vector::OGRFieldType::{self, OFTInteger, OFTString};
use rams_domain::{
    AreaKind, EoCategory, EvidenceKind, ExternalEvidenceKind, GapReason, Indicator, LandClass,
    Reached, ReviewStage, Threat, Tier,
};
use rams_store::palette::kind_of_external_evidence;
use std::fmt::Display;

/// A domain.
pub(super) struct Domain {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) kind: OGRFieldType::Type,
    /// Codes and their texts.
    pub(super) words: Vec<(String, String)>,
}

/// The domain of a column.
pub(super) fn name_of(layer: &str, column: &str) -> Option<&'static str> {
    Some(match (layer, column) {
        ("hazard_areas", "kind") => "rams_area_kind",
        ("external_evidence", "kind") => "rams_external_evidence_kind",
        ("gaps", "reason") => "rams_gap_reason",
        (_, "land_class") => "rams_land_class",
        (_, "eo_category") => "rams_eo_category",
        (_, "threat") => "rams_threat",
        (_, "tier") => "rams_tier",
        (_, "evidence") => "rams_evidence",
        (_, "status") => "rams_status",
        (_, "review_stage") => "rams_review_stage",
        (_, "observation") => "rams_observation",
        (_, "indicator") => "rams_indicator",
        (_, "front_unknown") => "rams_yes_no",
        _ => return None,
    })
}

/// All of them, the same in each geodatabase: services would not take the next one otherwise.
pub(super) fn all() -> [Domain; 13] {
    let land_class = |class: &LandClass| match class {
        LandClass::Sha => "Suspected hazardous area (candidate)".into(),
        LandClass::Indication => "Indication: where to look, no hazardous area".into(),
    };
    let area_kind = |kind: &AreaKind| match kind {
        AreaKind::Perimeter => "Perimeter: the edge of the ground".into(),
        AreaKind::Indicative => "Indicative: an envelope of evidence points, no perimeter".into(),
    };
    let other = |kind: &ExternalEvidenceKind| sentence(&kind_of_external_evidence(&word(kind)));
    let indicators = [&Indicator::OF_PRESENCE[..], &Indicator::OF_ABSENCE].concat();
    let yes_no = ["No", "Yes"].map(str::to_owned).into_iter().enumerate();
    let observations = ["visual observation", "visual observation on the ground"];
    [
        of("rams_land_class", "Land class", &LandClass::ALL, land_class),
        of("rams_area_kind", "What an outline means", &AreaKind::ALL, area_kind),
        of("rams_eo_category", "Category of explosive ordnance", &EoCategory::ALL, |category| {
            category.label().into()
        }),
        of("rams_threat", "Threat", &Threat::ALL, in_words),
        of("rams_tier", "Tier of confidence", &Tier::ALL, in_words),
        of("rams_evidence", "Evidence", &EvidenceKind::ALL, in_words),
        of("rams_indicator", "Indicator", &indicators, |one| sentence(&one.label())),
        of("rams_external_evidence_kind", "External evidence", &ExternalEvidenceKind::ALL, other),
        of("rams_gap_reason", "Why ground was not assessed", &GapReason::ALL, in_words),
        of("rams_status", "Status", &statuses(), in_words),
        of("rams_review_stage", "Stage of the review", &stages().collect::<Vec<_>>(), in_words),
        of("rams_observation", "Observation", &observations, in_words),
        Domain {
            name: "rams_yes_no",
            title: "Yes or no",
            kind: OFTInteger,
            words: yes_no.map(|(code, text)| (code.to_string(), text)).collect(),
        },
    ]
}

fn of<T: Display>(
    name: &'static str,
    title: &'static str,
    all: &[T],
    text: impl Fn(&T) -> String,
) -> Domain {
    let words = all.iter().map(|one| (word(one), text(one))).collect();
    Domain { name, title, kind: OFTString, words }
}

/// What people decide, and how far it is, as a reviewed survey states it.
fn statuses() -> Vec<String> {
    let accepted = ["", " with another outline", " with another category"];
    let accepted = accepted.into_iter().chain([" with another outline and category"]);
    let decided = accepted.flat_map(|how| stages().map(move |at| format!("accepted{how}, {at}")));
    ["candidate".to_owned()].into_iter().chain(decided).collect()
}

fn stages() -> impl Iterator<Item = Reached> {
    ReviewStage::ALL.into_iter().map(Reached::Stage).chain([Reached::Verified])
}

fn word(one: &impl Display) -> String {
    one.to_string()
}

/// `WEAK_SIGN` is "Weak sign".
fn in_words(one: &impl Display) -> String {
    sentence(&word(one).to_lowercase().replace('_', " "))
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}
