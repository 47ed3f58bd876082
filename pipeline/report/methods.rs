//! How the report came about, step by step, and the record of the run.

use crate::section::Section;
use crate::words;
use maud::{Markup, html};
use rams_domain::Survey;
use std::collections::{BTreeMap, BTreeSet};

/// The part of the record that has pages of each model: thresholds and training data.
const MODELS: &str = "model";

/// What was done, and the record of the run; of models in full only where their cards are.
pub(crate) fn section(survey: &Survey, has_full_cards: bool) -> Markup {
    html! {
        section #methods {
            (Section::Methods.heading("How this was made"))
            (steps(survey))
            h3 { "Record of the run" }
            @if !has_full_cards {
                p.quiet {
                    "Thresholds, training data and more of the models are in the layer “run” of \
                     survey.gpkg."
                }
            }
            div.records {
                @for (name, rows) in record(survey, has_full_cards) {
                    table.record {
                        thead { tr { th colspan="2" { (name) } } }
                        tbody {
                            @for (name, value) in &rows {
                                tr { th scope="row" { (name) } td { (value) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn steps(survey: &Survey) -> Markup {
    html! {
        ol.steps {
            li {
                b { "Pictures." }
                " Aerial photographs were joined to an image in which each pixel has its place \
                 on the ground (an orthomosaic)."
            }
            li {
                b { "Detection." }
                " Computer models looked at every part of it, each at the size of pixels that it \
                 needs, and marked what resembles the things they know. What they could not look \
                 at became the ground of " (Section::NotAssessed) "."
            }
            li {
                b { "Finds." }
                " Marks of one object became one find, placed on the ground, with a confidence \
                 that was calibrated on ground where the truth is known."
            }
            li {
                b { "Areas." }
                " Finds of one category that lie near each other became an area. How far an area \
                 reaches around them is set by a doctrine profile, a file that the national \
                 authority can change"
                (doctrines(survey))
                ". So are the rules for the threat levels."
            }
            li {
                b { "Review." }
                " Nobody has reviewed this report. The areas are candidates: people decide, on \
                 the ground and with other sources, what they are. Only the national authority \
                 cancels or releases land."
            }
        }
    }
}

/// Names and versions of the profiles by which areas were drawn, after a colon.
fn doctrines(survey: &Survey) -> Markup {
    let doctrines: BTreeSet<_> = survey
        .hazard_areas
        .iter()
        .filter(|area| !words::is_by_hand(area))
        .map(|area| (&area.doctrine.name, &area.doctrine.version))
        .collect();
    html! {
        @for (index, (name, version)) in doctrines.iter().enumerate() {
            @if index == 0 { ": " } @else { ", " }
            b { "“" (name) " " (version) "”" }
        }
    }
}

/// The record of the run, part by part in its own order.
fn record(survey: &Survey, has_models: bool) -> Vec<(&str, Vec<(String, String)>)> {
    let mut parts: Vec<(&str, Vec<(String, String)>)> = vec![];
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let rows = survey.record.rows().into_iter();
    for (part, name, value) in rows.filter(|(part, ..)| has_models || *part != MODELS) {
        let place = *places.entry(part).or_insert_with(|| {
            parts.push((part, vec![]));
            parts.len() - 1
        });
        parts[place].1.push((name, value));
    }
    parts
}
