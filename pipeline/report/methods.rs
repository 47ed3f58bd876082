//! How the report came about, what others know, and what the words mean.

use crate::words;
use maud::{Markup, html};
use rams_domain::{EoCategory, LIMITS, Survey};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of other evidence that are printed.
const KNOWN: usize = 200;

/// Evidence from elsewhere.
pub(crate) fn other_evidence(survey: &Survey) -> Markup {
    html! {
        section #other-evidence {
            h2 { "5" span { "What others know of this ground" } }
            @if survey.external_evidence.is_empty() {
                p { "No other evidence was given to this survey: no accidents, records, reports of \
                     witnesses, or released land." }
            } @else {
                p {
                    "Given to the survey as it is, and not checked by it. Reliability: of the \
                     source A (completely reliable) to F "
                    "(cannot be judged), of the information 1 (confirmed by others) to 6 (cannot \
                     be judged); “?” is not known."
                }
                table {
                    thead { tr { th { "No." } th { "Kind" } th { "Name" } th { "EO category" } th { "Reliability" } th { "Date" } th { "Areas" } th { "Source" } } }
                    tbody {
                        @for known in survey.external_evidence.iter().take(KNOWN) {
                            @let changed: Vec<_> = survey.hazard_areas.iter().filter(|area| area.external_evidence.contains(&known.id)).map(|area| area.id.to_string()).collect();
                            tr {
                                th scope="row" { (known.id) }
                                td { (words::known(&known.kind.to_string())) @if let Some(degrees) = known.bearing_deg { " " (format!("{degrees:.0}°")) } }
                                td { (known.name) }
                                td { @if known.eo_category == EoCategory::Unknown { "–" } @else { (words::category(known.eo_category)) } }
                                td { (known.reliability) }
                                td.date { (known.date) }
                                td { (changed.join(", ")) }
                                td.quiet { (known.file) }
                            }
                        }
                    }
                }
                @if survey.external_evidence.len() > KNOWN {
                    p { "The first " (KNOWN) " of " (survey.external_evidence.len()) "; all are in \
                        the layer “external_evidence” of survey.gpkg." }
                }
            }
        }
    }
}

/// What was done, step by step, and the record of the run.
pub(crate) fn section(survey: &Survey) -> Markup {
    let doctrines: BTreeSet<_> = survey
        .hazard_areas
        .iter()
        .filter(|area| !words::is_by_hand(area))
        .map(|area| (&area.doctrine.name, &area.doctrine.version))
        .collect();
    let mut record: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    let mut order = vec![];
    for (section, name, value) in survey.record.rows() {
        if !record.contains_key(section) {
            order.push(section);
        }
        record.entry(section).or_default().push((name, value));
    }
    html! {
        section #methods {
            h2 { "6" span { "How this was made" } }
            ol.steps {
                li { b { "Pictures." } " Aerial photographs were joined to an image in which each \
                                        pixel has its place on the ground (an orthomosaic)." }
                li { b { "Detection." } " Computer models looked at every part of it, each at the \
                                         size of pixels that it needs, and marked what "
                    "resembles the things they know. What they could not look at became the ground \
                     of section 2." }
                li { b { "Finds." } " Marks of one object became one find, placed on the ground, \
                                     with a confidence that was calibrated on ground "
                    "where the truth is known." }
                li { b { "Areas." } " Finds of one category that lie near each other became an \
                                     area. How far an area reaches around them is set "
                    "by a doctrine profile, a file that the national authority can change"
                    @for (index, (name, version)) in doctrines.iter().enumerate() { @if index == 0 { ": " } @else { ", " } b { "“" (name) " " (version) "”" } }
                    ". So are the rules for the threat levels." }
                li { b { "Review." } " Nobody has reviewed this report. The areas are candidates: \
                                      people decide, on the ground and with other "
                    "sources, what they are. Only the national authority cancels or releases \
                     land." }
            }
            h3 { "Record of the run" }
            @for section in order {
                table.record {
                    thead { tr { th colspan="2" { (section) } } }
                    tbody { @for (name, value) in &record[section] { tr { th scope="row" { (name) } td { (value) } } } }
                }
            }
        }
    }
}

/// What this report cannot say, and what its words mean.
pub(crate) fn limits() -> Markup {
    html! {
        section #limits {
            h2 { "7" span { "Limits, and the words used here" } }
            p.lead { (LIMITS) }
            dl.words {
                (word("Suspected hazardous area (SHA)", "Ground for which there is reasonable \
                                                         suspicion of explosive ordnance on \
                                                         indirect evidence. All areas here are \
                                                         candidates for that; none is a confirmed \
                                                         hazardous area."))
                (word("Evidence points", "Cluster munition remnants and unexploded ordnance are \
                                          recorded as points with a fade-out distance around them, \
                                          not as areas with a perimeter."))
                (word("Confidence", "A probability from 0 to 1. Of an area: that at least one of \
                                     its finds is what it seems. 0.8 means that of a hundred such \
                                     statements about eighty are expected to be right; 0.9 and \
                                     more is called very likely, from 0.7 likely, from 0.5 more \
                                     likely than not, from 0.3 possible, below doubtful. On ground \
                                     unlike that of the models' tests it may be worse: see their \
                                     cards."))
                (word("Threat", "High, medium, low or unassessed by the rules of the doctrine \
                                 profile: how many finds of which confidence. It is not the \
                                 confidence: a single sure find can be a medium threat."))
                (word("Assessed", "Ground that a model has seen in pixels fine enough for the \
                                   thing looked for. It says nothing about hazard."))
                (word("Front", "The side to which defences face. Mines lie mostly before them; \
                                where the front is not known, areas reach to both sides."))
                (word("Doctrine profile", "The file of distances and rules by which areas are \
                                           drawn and graded."))
                (word("EO category", "Category of explosive ordnance: AP anti-personnel mine, AV \
                                      anti-vehicle mine, CMR cluster munition remnant, UXO other \
                                      unexploded ordnance. Categories are never mixed in one \
                                      area."))
            }
        }
    }
}

fn word(word: &str, meaning: &str) -> Markup {
    html! { dt { (word) } dd { (meaning) } }
}
