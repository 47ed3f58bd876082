//! What the signs of the map mean.

use crate::context::ReportContext;
use crate::draw;
use crate::words;
use geo::Geometry;
use maud::{Markup, html};
use rams_domain::{AreaKind, EoCategory, Feature, LandClass, Threat};
use std::collections::BTreeSet;

/// An outline as large as a swatch.
const BOX: &str = "M4 4h42v22h-42Z";

/// A line as large as a swatch.
const LINE: &str = "M4 24L20 8L32 20L46 6";

/// Only what the map shows: threats, dashed outlines, categories of ordnance, earthworks.
pub(super) fn legend(context: &ReportContext<'_, '_>) -> Markup {
    let areas = &context.survey.hazard_areas;
    let (shas, indications): (Vec<_>, Vec<_>) =
        areas.iter().partition(|area| area.land_class == LandClass::Sha);
    let threats: BTreeSet<Threat> = shas.iter().map(|area| area.threat).collect();
    let has_dashed = shas.iter().any(|area| area.kind == AreaKind::Indicative);
    let of_indications = context.colour_of(LandClass::Indication);
    let is_point = |feature: &&Feature| matches!(feature.geometry, Geometry::Point(_));
    let (points, earthworks): (Vec<_>, Vec<_>) = context.survey.features.iter().partition(is_point);
    let categories: BTreeSet<EoCategory> =
        points.iter().map(|feature| feature.eo_category).collect();
    let earthworks: BTreeSet<(String, String)> = earthworks
        .iter()
        .map(|feature| (feature.indicator.label(), context.colour_of_feature(feature)))
        .collect();
    html! {
        ul.legend {
            @for threat in threats.iter().rev() {
                @let outline =
                    draw::outline(BOX, &context.colour_of(threat), None, 0.12);
                @let meaning = words::threat(*threat).to_lowercase();
                (entry(outline, &format!("suspected hazardous area, threat {meaning}")))
            }
            @if has_dashed {
                @let dashes = draw::dashes(LandClass::Sha, AreaKind::Indicative);
                @let dashed = draw::outline(BOX, "#444444", dashes, 0.0);
                (entry(dashed, "dashed: around evidence points, no perimeter"))
            }
            @if !indications.is_empty() {
                @let dots = draw::dashes(LandClass::Indication, AreaKind::Perimeter);
                (entry(draw::outline(BOX, &of_indications, dots, 0.0), "dotted: an indication"))
            }
            @if !context.survey.indication_belts.is_empty() {
                (entry(draw::band(BOX, &of_indications, 1.0), "its belt: mines may lie there"))
            }
            @for category in &categories {
                @let mark = draw::mark([25.0, 15.0], *category, &context.colour_of(category));
                (entry(mark, category.label()))
            }
            @for (indicator, colour) in &earthworks {
                @let line = html! { path d=(LINE) fill="none" stroke=(colour) stroke-width="6" {} };
                (entry(line, indicator))
            }
        }
    }
}

fn entry(sign: Markup, meaning: &str) -> Markup {
    html! { li { (draw::swatch(sign)) (meaning) } }
}
