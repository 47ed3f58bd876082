//! What others know of the ground.

use crate::section::Section;
use crate::words;
use maud::{Markup, html};
use rams_domain::{EoCategory, EvidenceFileRecord, ExternalEvidence, Survey, plural};

/// Rows of other evidence that are printed.
const ROWS: usize = 200;

/// Evidence from elsewhere, as it was given.
pub(crate) fn section(survey: &Survey) -> Markup {
    let evidence = &survey.external_evidence;
    html! {
        section #other-evidence {
            (Section::OtherEvidence.heading("What others know of this ground"))
            (unused(survey))
            @if evidence.is_empty() && given(survey).next().is_none() {
                p {
                    "No other evidence was given to this survey: no accidents, records, reports \
                     of witnesses, or released land."
                }
            } @else if !evidence.is_empty() {
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

/// What was given and is not used, file by file, and why; nothing where all of it is.
fn unused(survey: &Survey) -> Markup {
    let has_none = survey.external_evidence.is_empty();
    html! {
        @for (name, file) in given(survey).filter(|(_, file)| has_none || file.kept_out > 0) {
            p.notice {
                b {
                    @if file.kept_out > 0 { (rows(file)) " of " (name) " kept out." }
                    @else { "Nothing in " (name) " is used." }
                }
                " What it reports is in no area of this survey. "
                span.quiet { (file.outcome.as_deref().unwrap_or_default()) }
            }
        }
    }
}

/// Rows that were kept out, in a line for the first page; nothing where there are none.
pub(crate) fn kept_out_in_short(survey: &Survey) -> Markup {
    let files: Vec<_> = given(survey)
        .filter(|(_, file)| file.kept_out > 0)
        .map(|(name, file)| format!("{} of {name}", rows(file)))
        .collect();
    html! {
        @if !files.is_empty() {
            p.notice.kept-out {
                b { "Evidence of others kept out: " (files.join(", ")) }
                ", as too far from this survey (" (Section::OtherEvidence) ")."
            }
        }
    }
}

/// Files of evidence with their names; those of a mapping and of the limit are none.
fn given(survey: &Survey) -> impl Iterator<Item = (String, &EvidenceFileRecord)> {
    let files = survey.record.evidence.iter();
    files
        .filter(|file| {
            !file.is_limit && file.outcome.as_deref() != Some(EvidenceFileRecord::MAPPING)
        })
        .filter_map(|file| {
            file.outcome.as_ref()?;
            let name = file.path.file_name().unwrap_or(file.path.as_os_str());
            Some((name.to_string_lossy().into_owned(), file))
        })
}

fn rows(file: &EvidenceFileRecord) -> String {
    format!("{} {}", file.kept_out, plural(file.kept_out, "row"))
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
