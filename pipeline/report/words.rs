//! The survey's terms in plain words, and numbers as people write them.

use geo::Coord;
use maud::{Markup, html};
use rams_domain::{
    EoCategory, EvidenceKind, Feature, HazardArea, LandClass, RunRecord, Threat, Tier,
    wrapped_longitude,
};
use std::collections::BTreeMap;

/// A threat level.
pub(crate) fn threat(threat: Threat) -> &'static str {
    match threat {
        Threat::High => "High",
        Threat::Medium => "Medium",
        Threat::Low => "Low",
        Threat::Unassessed => "Unassessed",
    }
}

/// A land class.
pub(crate) fn land_class(class: LandClass) -> &'static str {
    match class {
        LandClass::Sha => "suspected hazardous area (candidate)",
        LandClass::Indication => "indication",
    }
}

/// How far an area is to be believed.
pub(crate) fn tier(tier: Tier) -> &'static str {
    match tier {
        Tier::Reported => "reported by others",
        Tier::Likely => "likely",
        Tier::Possible => "possible",
        Tier::WeakSign => "a weak sign",
    }
}

/// What a piece of external evidence is; a kind that has no words here is named by its own.
pub(crate) fn evidence_kind(kind: &str) -> String {
    match kind {
        "accident" => "Accident".into(),
        "incident" => "Incident".into(),
        "minefield_record" => "Minefield record".into(),
        "witness" => "Witness report".into(),
        "released" => "Released by an operator".into(),
        "cancelled" => "Released by the authority".into(),
        "land_use" => "Land use".into(),
        "district" => "District".into(),
        "front" => "Front".into(),
        "survey_limit" => "Survey limit".into(),
        other => other.replace('_', " "),
    }
}

/// The reason of a gap; a reason that has no words here is named by its own.
pub(crate) fn reason(reason: &str) -> String {
    match reason {
        "nodata" => "no image there".into(),
        "no_imagery" => "ordered, but no image there".into(),
        "beyond_limit" => "beyond the limit of the survey then".into(),
        "unreadable" => "the file could not be read there".into(),
        "model_failed" => "the model failed there".into(),
        "gsd_too_coarse" => "pixels too large for it".into(),
        "no_model" => "no model looks for it".into(),
        "interrupted" => "the run was stopped before".into(),
        "vegetation" => "hidden by vegetation".into(),
        "shadow" => "in deep shadow".into(),
        "blur" => "image blurred".into(),
        "saturation" => "image over- or underexposed".into(),
        other => other.replace('_', " "),
    }
}

/// Whether a person drew an area: no doctrine did.
pub(crate) fn is_by_hand(area: &HazardArea) -> bool {
    area.doctrine.name.is_empty()
}

/// What an area stands on; of imagery only where there are finds, as its sentence says it.
pub(crate) fn evidence(area: &HazardArea) -> &'static str {
    match area.evidence {
        EvidenceKind::Direct => "direct, from others, not confirmed here",
        EvidenceKind::Indirect if is_by_hand(area) => "indirect, not confirmed",
        EvidenceKind::Indirect if area.features.is_empty() => "indirect: reported, not confirmed",
        EvidenceKind::Indirect => "indirect: imagery, not confirmed",
    }
}

/// The confidence of an area, where it has one: a person need not state any.
pub(crate) fn confidence_of(area: &HazardArea) -> Option<f32> {
    Some(area.confidence).filter(|probability| *probability > 0.0 || !is_by_hand(area))
}

/// The confidence of a find in words.
pub(crate) fn confidence(probability: f32) -> &'static str {
    match probability {
        p if p >= 0.9 => "very likely",
        p if p >= 0.7 => "likely",
        p if p >= 0.5 => "more likely than not",
        p if p >= 0.3 => "possible",
        _ => "doubtful",
    }
}

/// Where the front lies.
pub(crate) fn front(area: &HazardArea) -> String {
    match area.front_deg {
        Some(degrees) => format!("defences face {degrees:.0}° ({})", compass(degrees)),
        None if area.front_unknown => "not known: its belt lies on both sides".into(),
        None => "of no matter for this evidence".into(),
    }
}

fn compass(degrees: f64) -> &'static str {
    const NAMES: [&str; 8] =
        ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];
    NAMES[((degrees.rem_euclid(360.0) / 45.0).round() as usize) % 8]
}

/// Longitude and latitude, six decimals: a tenth of a metre.
pub(crate) fn position(lonlat: Coord) -> String {
    let side = |degrees: f64, plus: char, minus: char| {
        format!("{:.6}° {}", degrees.abs(), if degrees < 0.0 { minus } else { plus })
    };
    format!("{}, {}", side(lonlat.y, 'N', 'S'), side(wrapped_longitude(lonlat.x), 'E', 'W'))
}

/// Size of a find: millimetres are more than a picture knows.
pub(crate) fn size(feature: &Feature) -> String {
    match feature.size_m {
        [length, width] if length < 1.0 => {
            format!("{:.0} × {:.0} cm", length * 100.0, width * 100.0)
        }
        [length, width] => format!("{length:.1} × {width:.1} m"),
    }
}

/// A number with thin spaces between its thousands.
pub(crate) fn grouped(number: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", number.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::from(if number < 0.0 { "−" } else { "" });
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped + rest
}

/// Square metres as people read them; the exact number is in `value`, for programs.
pub(crate) fn area_m2(area_m2: f64) -> Markup {
    // The sum of nothing is -0.
    let area_m2 = area_m2 + 0.0;
    let decimals = usize::from(area_m2 > 0.0 && area_m2 < 100.0);
    html! { data value=(format!("{area_m2:.3}")) { (grouped(area_m2, decimals)) } }
}

/// A count.
pub(crate) fn count(count: usize) -> Markup {
    html! { data value=(count) { (grouped(count as f64, 0)) } }
}

/// A share in per cent. What is nearly all or nearly nothing is not rounded to all or nothing.
pub(crate) fn percent(share: f64) -> String {
    match share * 100.0 + 0.0 {
        p if p > 0.0 && p < 0.5 => "under 1 %".into(),
        p if p < 100.0 && p > 99.5 => "over 99 %".into(),
        p => format!("{p:.0} %"),
    }
}

/// The categories of ordnance of models and their classes.
pub(crate) type Categories = BTreeMap<(String, String), EoCategory>;

/// Classes of a model for people: by category of ordnance where it is known, earthworks and the
/// rest by their names alone.
pub(crate) fn classes(
    model: &str,
    classes: &[String],
    categories: &Categories,
    record: &RunRecord,
) -> String {
    let mut by_category: BTreeMap<Option<EoCategory>, Vec<String>> = BTreeMap::new();
    for class in classes {
        let category = categories
            .get(&(model.to_owned(), class.clone()))
            .copied()
            .filter(|category| *category != EoCategory::Unknown);
        by_category.entry(category).or_default().push(class.clone());
    }
    let line = |(of, classes): (&Option<EoCategory>, &Vec<String>)| match of {
        Some(of) => format!("{}: {}", of.label(), names(model, classes, record)),
        None => names(model, classes, record),
    };
    by_category.iter().map(line).collect::<Vec<_>>().join("; ")
}

/// Classes of a model by their names for people.
pub(crate) fn names(model: &str, classes: &[String], record: &RunRecord) -> String {
    classes.iter().map(|class| record.class_label(model, class)).collect::<Vec<_>>().join(", ")
}
