//! The daily progress report of a review.

use crate::report::page;
use crate::words::{self, area_m2, count};
use maud::{Markup, html};
use rams_domain::{Decision, GroupProgress, Progress, Survey};
use std::collections::BTreeMap;

/// What is decided, in the order of the report, and its words.
const DECISIONS: [(Decision, &str); 10] = [
    (Decision::Accept, "accepted"),
    (Decision::Modify, "modified"),
    (Decision::Reject, "rejected"),
    (Decision::Defer, "deferred"),
    (Decision::Return, "returned"),
    (Decision::Pass, "passed"),
    (Decision::Merge, "merged"),
    (Decision::Split, "split"),
    (Decision::Add, "added"),
    (Decision::Reopen, "reopened"),
];

/// What a day of review came to, as one HTML document. Its words promise nothing of the ground.
pub fn day_to_html(progress: &Progress, survey: &Survey) -> String {
    let day = &progress.day;
    let main = html! {
        header.cover {
            p.kicker { "Remote aerial survey" }
            h1 { "Review on " (day) }
            p.subtitle { "Decisions of people on candidate areas, days in UTC" }
            dl.meta {
                dt { "Log" }
                dd { (count(progress.head.seq as usize)) " events at the end of the day" }
                dt.wide { "Head of the log" } dd.wide { code #head { (progress.head.hash) } }
                dt { "Time with items open" }
                dd { (time_open(progress.seconds_open)) }
                dt { "Second looks" } dd { (second_looks(progress)) }
            }
        }
        section { h2 { "What waits at the end of the day" } (stages(progress)) }
        section {
            h2 { "By district, category and threat" }
            p {
                "A rejection says that it is not what the survey says, and nothing of the ground. "
                "Perimeters count in m², what is recorded spot by spot (CMR, UXO) in points. "
                "Area worked on is not area done: what waits is listed beside it."
            }
            (groups(progress))
        }
        section { h2 { "Why" } (reasons(progress)) }
        section {
            h2 { "Ground that was not assessed" }
            p { "Nobody decides on it: no model and no person looked there." }
            (not_assessed(survey))
        }
    };
    page(&format!("Review on {day}"), &html! {}, &main)
}

/// Hours, minutes below one hour.
fn time_open(seconds: f64) -> String {
    if seconds < 3600.0 {
        format!("{:.0} min", seconds / 60.0)
    } else {
        format!("{:.1} h", seconds / 3600.0)
    }
}

/// They are not blind, and so say less than they seem to.
fn second_looks(progress: &Progress) -> String {
    let Progress { second_looks, agreed, .. } = progress;
    match second_looks {
        0 => "none".into(),
        looks => format!("{agreed} of {looks} agreed, each knowing what the first person said"),
    }
}

fn stages(progress: &Progress) -> Markup {
    html! {
        table #stages {
            thead {
                tr {
                    th { "Stage" } th.number { "Waiting" } th.number { "Deferred" }
                    th.number { "Oldest since" } th.number { "Days" }
                }
            }
            tbody {
                @for of in &progress.stages {
                    tr {
                        td { (of.stage.label()) }
                        td.number { (count(of.waiting)) }
                        td.number { (count(of.deferred)) }
                        td.number { (of.oldest.as_deref().and_then(|at| at.get(..10)).unwrap_or("")) }
                        td.number { @if let Some(days) = of.oldest_days { (days) } }
                    }
                }
            }
        }
    }
}

fn groups(progress: &Progress) -> Markup {
    let decided = |group: &GroupProgress| {
        let word = |(decision, word): &(Decision, &str)| {
            let times = group.decisions.get(decision)?;
            Some(format!("{} {word}", count(*times)))
        };
        DECISIONS.iter().filter_map(word).collect::<Vec<_>>().join(", ")
    };
    // What is not there leaves no row of zeros to read.
    let some = |is_some: bool, text: String| if is_some { text } else { String::new() };
    html! {
        table #groups {
            thead {
                tr {
                    th { "District" } th { "Category" } th { "Threat" } th.number { "Waiting" }
                    th { "Decisions of the day" } th.number { "Accepted m²" }
                    th.number { "Points" } th.number { "Modified from m²" } th.number { "to m²" }
                }
            }
            tbody {
                @for group in &progress.groups {
                    tr {
                        @let district = group.district.as_str();
                        td { (if district.is_empty() { "not known" } else { district }) }
                        td { (words::category(group.eo_category)) }
                        td { (words::threat(group.threat)) }
                        td.number { (count(group.waiting)) }
                        td { (decided(group)) }
                        td.number { (some(group.accepted_m2 > 0.0, area_m2(group.accepted_m2))) }
                        td.number {
                            (some(group.accepted_points > 0, count(group.accepted_points)))
                        }
                        @let is_modified = group.modified_from_m2 > 0.0;
                        td.number { (some(is_modified, area_m2(group.modified_from_m2))) }
                        td.number { (some(is_modified, area_m2(group.modified_to_m2))) }
                    }
                }
            }
        }
    }
}

fn reasons(progress: &Progress) -> Markup {
    let word = |decision: &Decision| {
        let found = DECISIONS.iter().find(|(other, _)| other == decision);
        found.map_or_else(|| decision.to_string(), |(_, word)| (*word).to_owned())
    };
    html! {
        @if progress.reasons.is_empty() {
            p { "Nothing was rejected, deferred or returned." }
        } @else {
            table #reasons {
                thead { tr { th { "Decision" } th { "Reason" } th.number { "Times" } } }
                tbody {
                    @for (decision, reasons) in &progress.reasons {
                        @for (reason, times) in reasons {
                            tr {
                                td { (word(decision)) } td { (reason.label()) }
                                td.number { (count(*times)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// By reason and model: what two models missed is in both rows.
fn not_assessed(survey: &Survey) -> Markup {
    let mut missed: BTreeMap<(String, &str), f64> = BTreeMap::new();
    for gap in &survey.gaps {
        *missed.entry((gap.reason.to_string(), &gap.model)).or_default() += gap.area_m2;
    }
    html! {
        table #not-assessed {
            thead { tr { th { "Why" } th { "Model" } th.number { "m²" } } }
            tbody {
                @for ((reason, model), missed_m2) in &missed {
                    tr {
                        td { (words::reason(reason)) } td { (model) }
                        td.number { (area_m2(*missed_m2)) }
                    }
                }
            }
        }
    }
}
