//! What was not assessed, before anything that was found: in words, in shares, on maps.

use crate::context::ReportContext;
use crate::coverage::{Coverage, Group, MOST};
use crate::draw::{self, drawing, hatching};
use crate::frame::Frame;
use crate::section::Section;
use crate::words::{self, area_m2, percent};
use maud::{Markup, html};

/// Maps of this many groups of classes are drawn.
const MAPS: usize = 6;

/// Different details of gaps that are printed.
const DETAILS: usize = 12;

/// In large letters, where most of the ground was not assessed for something; otherwise nothing.
pub(crate) fn alarm(context: &ReportContext<'_, '_>, coverage: &Coverage<'_>) -> Markup {
    let poor: Vec<_> = coverage.looked_for().filter(|group| coverage.share(group) < MOST).collect();
    let models_ran = coverage.looked_for().next().is_some();
    html! {
        @if !poor.is_empty() || !models_ran {
            div.alarm {
                p.shout {
                    "Most of this ground was not assessed"
                    @if poor.len() < coverage.looked_for().count() {
                        " for part of what was looked for"
                    }
                }
                @if !models_ran { p { "No model looked at any of it." } }
                @for group in poor { (alarm_of(context, coverage, group)) }
            }
        }
    }
}

fn alarm_of(context: &ReportContext<'_, '_>, coverage: &Coverage<'_>, group: &Group<'_>) -> Markup {
    let mut reasons = group.by_reason().into_iter();
    let reason = reasons.find(|(reason, _)| coverage.is_limited || reason != "nodata");
    html! {
        p {
            b { "NOT ASSESSED: " (percent(1.0 - coverage.share(group))) " of " (coverage.ground()) }
            ", for " (classes(context, group))
            @if coverage.is_shared(group) { " by " (group.model) }
            @if let Some((reason, _)) = reason { " (" (words::reason(&reason)) ")" }
            ". Where none of them is drawn, nothing is known of them."
        }
    }
}

/// The section.
pub(crate) fn section(context: &mut ReportContext<'_, '_>, coverage: &Coverage<'_>) -> Markup {
    html! {
        section #not-assessed {
            (Section::NotAssessed.heading("What was not assessed"))
            p.lead {
                "On ground that was not assessed, nothing is known from this survey. That nothing \
                 is drawn there says nothing about what lies there. The same holds for everything \
                 that no model looks for, and for all that is buried or covered: it cannot be \
                 seen in a picture."
            }
            p {
                @if coverage.is_limited { "The limit of the survey" }
                @else { "The frame of the imagery" }
                " covers " (area_m2(coverage.whole_m2)) " m², of which "
                (area_m2(coverage.imaged_m2)) " m² have an image. Shares are of "
                @if coverage.is_limited { (coverage.ground()) }
                @else { "the ground with an image" }
                ". A model counts ground in small cells: one with any of its pixels \
                missing counts as without image."
            }
            (shares(context, coverage))
            (nobody_looked(context, coverage))
            (maps(context, coverage))
            (details(coverage))
        }
    }
}

fn shares(context: &ReportContext<'_, '_>, coverage: &Coverage<'_>) -> Markup {
    html! {
        table.shares {
            thead {
                tr {
                    th.key { "" }
                    th { "What was looked for" }
                    th.number { "Assessed" }
                    th.number { "Assessed m²" }
                    th { "Not assessed, m², and why" }
                }
            }
            tbody {
                @for (index, group) in coverage.looked_for().enumerate() {
                    (shares_row(context, index, group, coverage.share(group)))
                }
            }
        }
    }
}

fn shares_row(
    context: &ReportContext<'_, '_>,
    index: usize,
    group: &Group<'_>,
    share: f64,
) -> Markup {
    let width = format!("{:.1}", share * 100.0);
    html! {
        tr.poor[share < MOST] {
            td.key { (letter(index)) }
            td { (classes(context, group)) " " span.quiet { "by " (group.model) } }
            td.number {
                b { (percent(share)) }
                svg.bar viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                    rect width="100" height="8" fill="#ddd" {}
                    rect width=(width) height="8" fill="#444" {}
                }
            }
            td.number { (area_m2(group.assessed_m2)) }
            td {
                @for (reason, gap_m2) in group.by_reason() {
                    div { (area_m2(gap_m2)) " " (words::reason(&reason)) }
                }
                @if group.gaps.is_empty() { "–" }
            }
        }
    }
}

fn classes(context: &ReportContext<'_, '_>, group: &Group<'_>) -> String {
    let record = &context.survey.record;
    words::classes(group.model, &group.classes, &context.categories, record)
}

fn nobody_looked(context: &ReportContext<'_, '_>, coverage: &Coverage<'_>) -> Markup {
    let record = &context.survey.record;
    let groups: Vec<_> = coverage.groups.iter().filter(|group| group.model.is_empty()).collect();
    html! {
        @if !groups.is_empty() {
            h3 { "What nobody looked for" }
            p {
                "No model of this survey knows the following. For these "
                b { "none of the ground was assessed" } ":"
            }
            @for group in groups {
                p.nobody {
                    (words::names(group.model, &group.classes, record)) ". "
                    span.quiet { (area_m2(group.gaps_m2())) " m²" }
                }
            }
        }
    }
}

fn maps(context: &mut ReportContext<'_, '_>, coverage: &Coverage<'_>) -> Markup {
    let maps: Vec<_> =
        coverage.looked_for().take(MAPS).map(|group| map(context, group)).enumerate().collect();
    html! {
        @if !maps.is_empty() {
            h3 { "Where" }
            div.maps {
                @for (index, map) in &maps {
                    figure {
                        (map)
                        figcaption { b { (letter(*index)) } " hatched: not assessed" }
                    }
                }
            }
            ul.legend {
                @for reason in coverage.reasons().iter().filter(|reason| *reason != "no_model") {
                    li {
                        (hatched_swatch(context, reason)) "not assessed: " (words::reason(reason))
                    }
                }
            }
            @if coverage.looked_for().count() > MAPS {
                p {
                    "Maps of the first " (MAPS) " rows; all others are in the layer “gaps” \
                    of survey.gpkg."
                }
            }
        }
    }
}

fn map(context: &mut ReportContext<'_, '_>, group: &Group<'_>) -> Markup {
    let survey = context.survey;
    let frame = Frame::around(context.imagery(), 0.03, 0.5, [86.0, 80.0]);
    let pictures = context.pictures(&frame, 700, None);
    let [width, height] = frame.size().map(|side| format!("{side:.1}"));
    let layers = html! {
        (draw::pictures(&frame, &pictures))
        rect.veil width=(width) height=(height) {}
        @for gap in &group.gaps {
            @let path = frame.polygons(&survey.ground.to_metres(&gap.boundary));
            @let reason = gap.reason.to_string();
            path d=(path) fill={ "url(#" (hatching(&reason)) ")" } fill-rule="evenodd"
                stroke=(context.colour_of(&reason)) stroke-width="2" {}
        }
        (draw::scale_bar(&frame))
        (draw::north(&frame))
    };
    let classes = words::names(group.model, &group.classes, &survey.record);
    drawing(&frame, &format!("Map of the ground that was not assessed for {classes}"), layers)
}

fn hatched_swatch(context: &ReportContext<'_, '_>, reason: &str) -> Markup {
    draw::swatch(html! {
        rect x="1" y="1" width="48" height="28" fill={ "url(#" (hatching(reason)) ")" }
            stroke=(context.colour_of(reason)) stroke-width="2" {}
    })
}

/// What the gaps say of themselves.
fn details(coverage: &Coverage<'_>) -> Markup {
    let details = coverage.details();
    html! {
        @if !details.is_empty() {
            h3 { "Details" }
            ul.plain {
                @for (reason, detail) in details.iter().take(DETAILS) {
                    li { (words::reason(reason)) ": " span.quiet { (detail) } }
                }
                @if details.len() > DETAILS {
                    li {
                        "and " (details.len() - DETAILS) " more: layer “gaps” of survey.gpkg"
                    }
                }
            }
        }
    }
}

/// A, B, C...
fn letter(index: usize) -> char {
    char::from(b'A' + (index % 26) as u8)
}
