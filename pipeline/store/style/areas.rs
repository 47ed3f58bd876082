//! Styles of areas: SHAs, indications and their belts.

use super::{line, rgba};
use crate::palette::{INDICATION, Look, OTHER, THREATS};
use crate::qml::{ELSE, Layer, Qml, Symbol, SymbolKind};
use rams_domain::{AreaKind, LandClass, Survey, Tier};
use std::collections::BTreeSet;

/// Tiers, surest first, and how wide their outlines are, mm; last what people drew.
const TIERS: [(Option<Tier>, &str); 5] = [
    (Some(Tier::Reported), "1.1"),
    (Some(Tier::Likely), "0.9"),
    (Some(Tier::Possible), "0.6"),
    (Some(Tier::WeakSign), "0.35"),
    (None, "0.7"),
];

/// What the column of an area's tier holds.
fn tier_of(tier: Option<Tier>) -> String {
    tier.map_or_else(String::new, |tier| tier.to_string())
}

/// SHAs by threat, the outline the wider the surer they are; indications all alike, thin and
/// dotted, so that nobody takes one for an SHA.
pub(super) fn hazard_areas(survey: &Survey) -> Qml {
    let is_envelope = |kind: AreaKind| kind == AreaKind::Indicative;
    let present: BTreeSet<_> = survey
        .hazard_areas
        .iter()
        .filter(|area| area.land_class == LandClass::Sha)
        .map(|area| (area.threat.to_string(), tier_of(area.tier), is_envelope(area.kind)))
        .collect();
    let mut qml = Qml::default();
    for look in &THREATS {
        for (tier, width_mm) in TIERS {
            for (kind, pen, note) in [
                (AreaKind::Perimeter, "solid", ""),
                (AreaKind::Indicative, "dash", ", indicative envelope"),
            ] {
                if !present.contains(&(look.name.into(), tier_of(tier), is_envelope(kind))) {
                    continue;
                }
                let word = tier_of(tier);
                let filter = format!(
                    r#""land_class" = '{}' AND "threat" = '{}' AND coalesce("tier", '') = '{word}' AND "kind" = '{kind}'"#,
                    LandClass::Sha,
                    look.name
                );
                let word =
                    if word.is_empty() { "drawn by hand".into() } else { word.replace('_', " ") };
                let label = format!("SHA, {}, {word}{note}", look.name);
                qml.rule(filter, label, area_symbol(look, pen, width_mm));
            }
        }
    }
    let filter = format!(r#""land_class" = '{}'"#, LandClass::Indication);
    qml.rule(filter, "indication: where to look", area_symbol(&INDICATION, "dot", "0.5"));
    qml.rule(ELSE, "other", area_symbol(&OTHER, "solid", "0.7"));
    qml.label(r#""id" || '\n' || "eo_category""#);
    qml
}

/// Translucent, that the ground below stays readable; the outline in white and colour, that it
/// stands out from bright and dark ground.
fn area_symbol(look: &Look, pen: &str, width_mm: &str) -> Symbol {
    let fill = vec![
        ("color", rgba(look, 28)),
        ("style", "solid".into()),
        ("outline_color", "255,255,255,200".into()),
        ("outline_style", "solid".into()),
        ("outline_width", "1.3".into()),
    ];
    Symbol {
        kind: SymbolKind::Fill,
        layers: vec![
            Layer::new("SimpleFill", fill),
            Layer::new("SimpleLine", line(look, width_mm, pen)),
        ],
    }
}

/// Bands without an outline, that fade with their weight.
pub(super) fn indication_belts() -> Qml {
    let mut qml = Qml::default();
    for (least, alpha) in [(0.75, 70), (0.5, 50), (0.25, 32), (0.0, 18)] {
        let fill = vec![
            ("color", rgba(&INDICATION, alpha)),
            ("style", "solid".into()),
            ("outline_color", "0,0,0,0".into()),
            ("outline_style", "no".into()),
            ("outline_width", "0".into()),
        ];
        let symbol =
            Symbol { kind: SymbolKind::Fill, layers: vec![Layer::new("SimpleFill", fill)] };
        // The first rule that holds would not be the only one: each names its share.
        let most = least + 0.25;
        let filter = format!(r#""weight" > {least} AND "weight" <= {most}"#);
        let label = format!("belt of an indication: weight up to {most}");
        qml.rule(filter, label, symbol);
    }
    qml
}
