//! What others know of the ground.

use crate::section::Section;
use crate::words;
use maud::{Markup, html};
use rams_domain::{EoCategory, ExternalEvidence, Survey};

/// Rows of other evidence that are printed.
const ROWS: usize = 200;

/// Evidence from elsewhere, as it was given.
pub(crate) fn section(survey: &Survey) -> Markup {
    let evidence = &survey.external_evidence;
    html! {
        section #other-evidence {
            (Section::OtherEvidence.heading("What others know of this ground"))
            @if evidence.is_empty() {
                p {
                    "No other evidence was given to this survey: no accidents, records, reports \
                     of witnesses, or released land."
                }
            } @else {
                p {
                    "Given to the survey as it is, and not checked by it. Reliability: of the \
                     source A (completely reliable) to F (cannot be judged), of the information 1 \
                     (confirmed by others) to 6 (cannot be judged); “?” is not known."
                }
                table {
                    thead { (head()) }
                    tbody { @for item in evidence.iter().take(ROWS) { (row(survey, item)) } }
                }
                @if evidence.len() > ROWS {
                    p {
                        "The first " (ROWS) " of " (evidence.len()) "; all are in the layer \
                        “external_evidence” of survey.gpkg."
                    }
                }
            }
        }
    }
}

fn head() -> Markup {
    html! {
        tr {
            th { "No." }
            th { "Kind" }
            th { "Name" }
            th { "EO category" }
            th { "Reliability" }
            th { "Date" }
            th { "Areas" }
            th { "Source" }
        }
    }
}

fn row(survey: &Survey, item: &ExternalEvidence) -> Markup {
    let areas = survey.hazard_areas.iter();
    let changed: Vec<_> = areas
        .filter(|area| area.external_evidence.contains(&item.id))
        .map(|area| area.id.to_string())
        .collect();
    html! {
        tr {
            th scope="row" { (item.id) }
            td {
                (words::evidence_kind(&item.kind.to_string()))
                @if let Some(degrees) = item.bearing_deg { " " (format!("{degrees:.0}°")) }
            }
            td { (item.name) }
            td {
                @if item.eo_category == EoCategory::Unknown { "–" }
                @else { (item.eo_category.label()) }
            }
            td { (item.reliability) }
            td.date { (item.date) }
            td { (changed.join(", ")) }
            td.quiet { (item.file) }
        }
    }
}
