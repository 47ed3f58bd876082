//! The daily progress report of a review.

use crate::report::page;
use crate::words::{self, area_m2, count};
use maud::{Markup, html};
use rams_domain::{
    Decision, Found, GroupProgress, LotVerdict, ObservedOfDay, Progress, SamplePurpose,
    SampleResult, Survey,
};
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
        @if !progress.observed.is_empty() {
            section {
                h2 { "Found on the ground" }
                p {
                    "What teams wrote and an import of the day took in. It decides nothing: what "
                    "was not seen may lie there all the same. A mistake is withdrawn by the number "
                    "of its event."
                }
                (observed(&progress.observed))
            }
        }
        @if !progress.samples.is_empty() {
            section {
                h2 { "Decisions that were looked at again" }
                p {
                    "Samples of decided items, all that were drawn by the end of the day. They say "
                    "how good the decisions are, and nothing of the ground. A share that may not "
                    "conform is that of a random sample, with 95 % confidence."
                }
                (samples(&progress.samples))
            }
        }
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
    // The sum of nothing is -0.
    let seconds = seconds + 0.0;
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
                        @let oldest = of.oldest.as_deref().and_then(|at| at.get(..10));
                        td.number { (oldest.unwrap_or("")) }
                        td.number { @if let Some(days) = of.oldest_days { (days) } }
                    }
                }
            }
        }
    }
}

fn groups(progress: &Progress) -> Markup {
    let decided = |group: &GroupProgress| {
        let of = |(decision, word)| Some((*group.decisions.get(&decision)?, word));
        let decided = DECISIONS.into_iter().filter_map(of);
        html! {
            @for (at, (times, word)) in decided.enumerate() {
                @if at > 0 { ", " } (count(times)) " " (word)
            }
        }
    };
    // What is not there leaves no row of zeros to read.
    let some = |is_some: bool, figure: Markup| html! { @if is_some { (figure) } };
    html! {
        table #groups {
            thead {
                tr {
                    th { "District" } th { "Category" } th { "Threat" }
                    th { "Decisions of the day" } th.number { "Waiting" }
                    th.number { "Accepted m²" }
                    th.number { "Points" } th.number { "Modified from m²" } th.number { "to m²" }
                }
            }
            tbody {
                @for group in &progress.groups {
                    tr {
                        @let district = group.district.as_str();
                        td { (if district.is_empty() { "not known" } else { district }) }
                        td { (group.eo_category.label()) }
                        td { (words::threat(group.threat)) }
                        td { (decided(group)) }
                        td.number { (count(group.waiting)) }
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

fn observed(observed: &[ObservedOfDay]) -> Markup {
    let of = |found: Found| observed.iter().filter(move |it| it.found == found);
    let word = |found| match found {
        Found::Seen => "seen",
        Found::NotSeen => "not seen",
        Found::Other => "something else",
    };
    let one = |it: &ObservedOfDay| {
        let of = it.items.iter().chain(&it.feature).map(String::as_str);
        format!("{} (event {}, {})", of.collect::<Vec<_>>().join(" "), it.seq, it.observer)
    };
    html! {
        table #observed {
            thead { tr { th { "Found" } th.number { "Times" } th { "Area and find" } } }
            tbody {
                @for found in Found::ALL.into_iter().filter(|found| of(*found).count() > 0) {
                    tr {
                        td { (word(found)) } td.number { (count(of(found).count())) }
                        td { (of(found).map(one).collect::<Vec<_>>().join("; ")) }
                    }
                }
            }
        }
    }
}

fn samples(samples: &[SampleResult]) -> Markup {
    html! {
        table #samples {
            thead {
                tr {
                    th { "Sample" } th { "What for" } th { "Drawn" } th { "Looked at" }
                    th { "Do not conform" } th { "Of the lot" } th { "Agreement" }
                }
            }
            tbody {
                @for sample in samples {
                    tr {
                        td { (sample.id) }
                        td { (purpose(sample.plan.purpose)) }
                        td { (drawn(sample)) }
                        td { (count(sample.looked_at)) }
                        td { (nonconforming(sample)) }
                        td { (of_the_lot(sample)) }
                        td { (agreement(sample)) }
                    }
                }
            }
        }
    }
}

fn purpose(purpose: SamplePurpose) -> &'static str {
    match purpose {
        SamplePurpose::QualityControl => "quality control",
        SamplePurpose::SecondLook => "blind second look",
    }
}

fn drawn(sample: &SampleResult) -> Markup {
    let SampleResult { drawn, lot, plan, .. } = sample;
    html! {
        (count(drawn.items)) " of " (count(lot.items)) ", "
        (area_m2(drawn.area_m2)) " of " (area_m2(lot.area_m2)) " m², seed " (plan.seed)
    }
}

fn nonconforming(sample: &SampleResult) -> String {
    let found = sample.nonconforming.iter().map(|(severity, times)| format!("{times} {severity}"));
    let found: Vec<String> = found.collect();
    match (sample.plan.purpose, found.is_empty()) {
        (SamplePurpose::SecondLook, _) => String::new(),
        (_, true) => "none found".into(),
        _ => format!("{}; corrective action for {}", found.join(", "), sample.corrected),
    }
}

/// What the sample can show, and what it does.
fn of_the_lot(sample: &SampleResult) -> String {
    let percent = |share: f64| {
        let digits = usize::from(share < 0.1);
        format!("{:.digits$} %", share * 100.0)
    };
    let verdict = sample.plan.acceptance.zip(sample.verdict).map(|(numbers, verdict)| {
        let word = match verdict {
            LotVerdict::Acceptable => "acceptable",
            LotVerdict::NotAcceptable => "not acceptable",
            LotVerdict::Undecided => "undecided",
        };
        format!("{word} (Ac {}, Re {})", numbers.ac, numbers.re)
    });
    let bound = match (sample.at_most, sample.can_show) {
        (Some(share), _) => Some(format!("at most {} may not conform", percent(share))),
        (None, Some(share)) => Some(format!("at most {} if nothing is found", percent(share))),
        _ => None,
    };
    bound.into_iter().chain(verdict).collect::<Vec<_>>().join("; ")
}

fn agreement(sample: &SampleResult) -> String {
    let Some(found) = &sample.agreement else { return String::new() };
    let said = |value: Option<f64>| value.map_or("–".into(), |value| format!("{value:.2}"));
    format!(
        "kappa {}, on accepted {}, on rejected {}",
        said(found.kappa),
        said(found.positive),
        said(found.negative)
    )
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
