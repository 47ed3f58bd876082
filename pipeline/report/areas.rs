//! All areas in a table, and those that matter most in detail.

use crate::area;
use crate::context::ReportContext;
use crate::gravity::by_gravity;
use crate::section::Section;
use crate::words::{self, area_m2, percent};
use maud::{Markup, html};
use rams_domain::{AreaKind, HazardArea, LandClass, Survey};

/// Areas that are shown in detail: a report that nobody can carry is not read.
const DETAILED: usize = 20;

/// Every area in one line.
pub(crate) fn table(context: &ReportContext<'_, '_>) -> Markup {
    let areas = by_gravity(context.survey);
    html! {
        section #areas {
            (Section::Areas.heading("All areas"))
            @if areas.is_empty() {
                p.lead { "No area was drawn. " b { "This does not mean that there is nothing." } }
            } @else {
                p {
                    "Suspected hazardous areas first, then indications; of each the gravest first: \
                     by threat, then by confidence. An area of evidence points (dashed on the map) \
                     has the size of the ground to be searched around them, and is no perimeter. \
                     An indication (dotted) says where to look."
                    @if areas.len() > DETAILED {
                        " The first " (DETAILED) " are shown in detail in " (Section::Details)
                        "; of the others all that is known stands in the layer \
                         “hazard_areas” of survey.gpkg."
                    }
                }
                (left_out(context.survey))
                table.areas {
                    thead { (head()) }
                    tbody {
                        @for (index, area) in areas.into_iter().enumerate() {
                            (row(context, area, index < DETAILED))
                        }
                    }
                }
            }
        }
    }
}

/// What was too doubtful for this table; nothing where nothing was.
fn left_out(survey: &Survey) -> Markup {
    let left_out = survey.record.left_out.to_string();
    html! {
        @if !left_out.is_empty() {
            p.left-out {
                b { (left_out) "." }
                " None of them was reported by others. Their finds are in survey.gpkg."
            }
        }
    }
}

fn head() -> Markup {
    html! {
        tr {
            th { "Area" }
            th { "Land class" }
            th { "EO category" }
            th { "Threat" }
            th.number { "Confidence" }
            th.number { "m²" }
            th.number { "Finds" }
            th.number { "Assessed" }
            th { "District" }
            th { "Centre (WGS 84)" }
        }
    }
}

fn row(context: &ReportContext<'_, '_>, area: &HazardArea, detailed: bool) -> Markup {
    let id = area.id.to_string();
    html! {
        tr data-area=(id) {
            th scope="row" { @if detailed { a href={ "#" (id) } { (id) } } @else { (id) } }
            td {
                @match area.land_class {
                    LandClass::Sha => "SHA",
                    LandClass::Indication => span.quiet { "indication" },
                }
            }
            td {
                (area.eo_category.label())
                @if area.kind == AreaKind::Indicative { span.quiet { " · evidence points" } }
            }
            td { (area::threat_chip(context, area.threat)) }
            td.number {
                @if let Some(probability) = words::confidence_of(area) {
                    (format!("{probability:.2}"))
                } @else { "–" }
            }
            td.number { (area_m2(area.area_m2)) }
            td.number { (area.features.len()) }
            td.number { (percent(area.assessed_share.into())) }
            td {
                @if area.district.is_empty() { span.quiet { "not known" } }
                @else { (area.district) }
            }
            td.place { (area::centre(context.survey, area)) }
        }
    }
}

/// The gravest areas, each with a map and the finds that weigh most.
pub(crate) fn details(context: &mut ReportContext<'_, '_>) -> Markup {
    let areas = by_gravity(context.survey);
    let detailed = areas.len().min(DETAILED);
    let title = if detailed < areas.len() {
        format!("The {detailed} gravest areas")
    } else {
        "Area by area".into()
    };
    let sheets: Vec<_> =
        areas.iter().take(DETAILED).map(|area| area::sheet(context, area)).collect();
    html! {
        @if detailed > 0 {
            section #details {
                (Section::Details.heading(&title))
                p {
                    "Finds are what a model took for the thing named; nobody has confirmed them. \
                     A confidence of 0.8 means: of a hundred such statements about eighty are \
                     expected to be right, on ground like that on which the model was tested."
                    @if detailed < areas.len() {
                        " The other " (areas.len() - detailed) " areas are in the table of "
                        (Section::Areas) " and, with all that is known of them, in survey.gpkg."
                    }
                }
                @for sheet in &sheets { (sheet) }
            }
        }
    }
}
