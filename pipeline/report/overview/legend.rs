//! What the signs of the map mean.

use crate::context::ReportContext;
use crate::draw;
use crate::words;
use geo::Geometry;
use maud::{Markup, html};
use rams_domain::{AreaKind, EoCategory, Feature, Threat};
use std::collections::BTreeSet;

/// An outline as large as a swatch.
const BOX: &str = "M4 4h42v22h-42Z";

/// A line as large as a swatch.
const LINE: &str = "M4 24L20 8L32 20L46 6";

/// Only what the map shows: threats, dashed outlines, categories of ordnance, earthworks.
pub(super) fn legend(context: &ReportContext<'_, '_>) -> Markup {
    let areas = &context.survey.hazard_areas;
    let threats: BTreeSet<Threat> = areas.iter().map(|area| area.threat).collect();
    let has_dashed = areas.iter().any(|area| area.kind == AreaKind::Indicative);
    let is_point = |feature: &&Feature| matches!(feature.geometry, Geometry::Point(_));
    let (points, earthworks): (Vec<_>, Vec<_>) = context.survey.features.iter().partition(is_point);
    let categories: BTreeSet<EoCategory> =
        points.iter().map(|feature| feature.eo_category).collect();
    let earthworks: BTreeSet<(String, String)> = earthworks
        .iter()
        .map(|feature| (feature.indicator.to_string(), context.colour_of_feature(feature)))
        .collect();
    html! {
        ul.legend {
            @for threat in threats.iter().rev() {
                @let outline =
                    draw::outline(BOX, &context.colour_of(threat), AreaKind::Sha, 0.12);
                (entry(outline, &format!("threat {}", words::threat(*threat).to_lowercase())))
            }
            @if has_dashed {
                @let dashed = draw::outline(BOX, "#444444", AreaKind::Indicative, 0.0);
                (entry(dashed, "dashed: around evidence points, no perimeter"))
            }
            @for category in &categories {
                @let mark = draw::mark([25.0, 15.0], *category, &context.colour_of(category));
                (entry(mark, words::category(*category)))
            }
            @for (indicator, colour) in &earthworks {
                @let line = html! { path d=(LINE) fill="none" stroke=(colour) stroke-width="6" {} };
                (entry(line, &indicator.replace('_', " ")))
            }
        }
    }
}

fn entry(sign: Markup, meaning: &str) -> Markup {
    html! { li { (draw::swatch(sign)) (meaning) } }
}
