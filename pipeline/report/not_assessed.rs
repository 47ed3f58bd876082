//! What was not assessed, before anything that was found: in words, in shares, on maps.

use crate::draw::{self, drawing, hatching, rgb};
use crate::frame::Frame;
use crate::overview;
use crate::report::ReportContext;
use crate::words::{self, area_m2, percent};
use maud::{Markup, html};
use rams_domain::{GapArea, GapReason, Survey};
use std::collections::{BTreeMap, BTreeSet};

/// Below this share of the ground that the imagery shows, the report begins with it in large
/// letters.
const MOST: f64 = 0.5;

/// Maps of this many groups of classes are drawn.
const MAPS: usize = 6;

/// Different details of gaps that are printed.
const DETAILS: usize = 12;

/// Classes for which the very same ground was assessed, and what became of the rest.
pub(crate) struct Group<'a> {
    /// Model that looked for them; empty where none did.
    model: &'a str,
    classes: Vec<String>,
    assessed_m2: f64,
    gaps: Vec<&'a GapArea>,
}

/// The rows of the layers that speak of a class of a model: classes with the same rows are one
/// group.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct Rows {
    seen: Vec<usize>,
    gaps: Vec<usize>,
}

/// How much of the ground was assessed, for which classes.
pub(crate) struct Coverage<'a> {
    groups: Vec<Group<'a>>,
    /// Ground in the frame of the imagery or of the survey's limit, square metres.
    whole_m2: f64,
    /// The part of it that has an image.
    imaged_m2: f64,
}

impl<'a> Coverage<'a> {
    pub(crate) fn of(survey: &'a Survey) -> Self {
        let mut rows: BTreeMap<(&str, &str), Rows> = BTreeMap::new();
        for (index, seen) in survey.assessed.iter().enumerate() {
            seen.classes
                .iter()
                .for_each(|class| rows.entry((&seen.model, class)).or_default().seen.push(index));
        }
        for (index, gap) in survey.gaps.iter().enumerate() {
            gap.classes
                .iter()
                .for_each(|class| rows.entry((&gap.model, class)).or_default().gaps.push(index));
        }
        let mut alike: BTreeMap<(&str, Rows), Vec<String>> = BTreeMap::new();
        for ((model, class), rows) in rows {
            alike.entry((model, rows)).or_default().push(class.to_owned());
        }
        let group = |((model, rows), classes): ((&'a str, Rows), Vec<String>)| Group {
            model,
            classes,
            assessed_m2: rows.seen.iter().map(|index| survey.assessed[*index].area_m2).sum(),
            gaps: rows.gaps.iter().map(|index| &survey.gaps[*index]).collect(),
        };
        let mut groups: Vec<_> = alike.into_iter().map(group).collect();
        // What nobody looked for comes last, what was assessed least comes first.
        groups.sort_by(|a, b| {
            (a.model.is_empty(), a.assessed_m2)
                .partial_cmp(&(b.model.is_empty(), b.assessed_m2))
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        let whole_m2 =
            groups.iter().map(|group| group.assessed_m2 + group.gaps_m2()).fold(0.0, f64::max);
        Self { whole_m2, imaged_m2: whole_m2 - nodata_m2(survey), groups }
    }

    /// Groups that a model of the survey looks for.
    fn looked_for(&self) -> impl Iterator<Item = &Group<'a>> {
        self.groups.iter().filter(|group| !group.model.is_empty())
    }

    /// Whether another model looks for a class of the same name.
    fn is_shared(&self, group: &Group<'_>) -> bool {
        let others = self.looked_for().filter(|other| other.model != group.model);
        others.flat_map(|other| &other.classes).any(|class| group.classes.contains(class))
    }

    /// Share of the ground with an image that was assessed for a group; 0 where there is no image.
    fn share(&self, group: &Group<'_>) -> f64 {
        if self.imaged_m2 > 0.0 { (group.assessed_m2 / self.imaged_m2).min(1.0) } else { 0.0 }
    }

    /// Reasons of gaps, in the order of the vocabulary.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let reasons: BTreeSet<GapReason> =
            self.groups.iter().flat_map(|group| group.gaps.iter().map(|gap| gap.reason)).collect();
        reasons.iter().map(ToString::to_string).collect()
    }

    /// In large letters, where most of the ground was not assessed for something; otherwise
    /// nothing.
    pub(crate) fn alarm(&self, context: &ReportContext<'_, '_>) -> Markup {
        let poor: Vec<_> = self.looked_for().filter(|group| self.share(group) < MOST).collect();
        html! {
            @if !poor.is_empty() || self.looked_for().next().is_none() {
                div.alarm {
                    p.shout {
                        "Most of this ground was not assessed"
                        @if poor.len() < self.looked_for().count() { " for part of what was looked \
                            for" }
                    }
                    @if self.looked_for().next().is_none() {
                        p { "No model looked at any of it." }
                    }
                    @for group in poor {
                        p {
                            b { "NOT ASSESSED: " (percent(1.0 - self.share(group))) " of the \
                                ground" }
                            ", for " (words::classes(group.model, &group.classes, &context.categories, &context.survey.record))
                            @if self.is_shared(group) { " by " (group.model) }
                            @if let Some((reason, _)) = group.by_reason().into_iter().find(|(reason, _)| reason != "nodata") {
                                " (" (words::reason(&reason)) ")"
                            } ". Where none of them is drawn, nothing is known of them."
                        }
                    }
                }
            }
        }
    }

    pub(crate) fn section(&self, context: &mut ReportContext<'_, '_>) -> Markup {
        let reasons = self.reasons();
        let nobody: Vec<_> = self.groups.iter().filter(|group| group.model.is_empty()).collect();
        let maps: Vec<_> =
            self.looked_for().take(MAPS).map(|group| map(context, group)).enumerate().collect();
        html! {
            section #not-assessed {
                h2 { "2" span { "What was not assessed" } }
                p.lead {
                    "On ground that was not assessed, nothing is known from this survey. That \
                     nothing is drawn there says "
                    "nothing about what lies there. The same holds for everything that no model \
                     looks for, and for all "
                    "that is buried or covered: it cannot be seen in a picture."
                }
                p {
                    "The frame of the imagery covers " (area_m2(self.whole_m2)) " m², of which "
                    (area_m2(self.imaged_m2)) " m² have an image. Shares are of the ground with an \
                                               image. A model counts ground in small cells: one \
                                               with "
                    "any of its pixels missing counts as without image."
                }
                table.shares {
                    thead { tr {
                        th.key { "" } th { "What was looked for" } th.number { "Assessed" } th.number { "Assessed \
                            m²" } th { "Not \
                            assessed, m², and why" }
                    } }
                    tbody {
                        @for (index, group) in self.looked_for().enumerate() { (self.row(context, index, group)) }
                    }
                }
                @if !nobody.is_empty() {
                    h3 { "What nobody looked for" }
                    p { "No model of this survey knows the following. For these " b { "none of the \
                        ground was assessed" } ":" }
                    @for group in nobody {
                        p.nobody { (words::names(group.model, &group.classes, &context.survey.record)) ". " span.quiet { (area_m2(group.gaps_m2())) " \
                            m²" } }
                    }
                }
                @if !maps.is_empty() {
                    h3 { "Where" }
                    div.maps { @for (index, map) in &maps { figure { (map) figcaption { b { (letter(*index)) } " \
                        hatched: not assessed" } } } }
                    ul.legend {
                        @for reason in reasons.iter().filter(|reason| *reason != "no_model") {
                            li {
                                svg.swatch viewBox="0 0 50 30" aria-hidden="true" {
                                    rect x="1" y="1" width="48" height="28" fill={ "url(#" (hatching(reason)) ")" } stroke=(rgb((context.colour)(reason))) stroke-width="2" {}
                                }
                                "not assessed: " (words::reason(reason))
                            }
                        }
                    }
                    @if self.looked_for().count() > MAPS {
                        p { "Maps of the first " (MAPS) " rows; all others are in the layer “gaps” \
                                                         of survey.gpkg." }
                    }
                }
                (self.details())
            }
        }
    }

    fn row(&self, context: &ReportContext<'_, '_>, index: usize, group: &Group<'_>) -> Markup {
        let share = self.share(group);
        html! {
            tr.poor[share < MOST] {
                td.key { (letter(index)) }
                td { (words::classes(group.model, &group.classes, &context.categories, &context.survey.record)) " " span.quiet { "by " (group.model) } }
                td.number {
                    b { (percent(share)) }
                    svg.bar viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                        rect width="100" height="8" fill="#ddd" {}
                        rect width=(format!("{:.1}", share * 100.0)) height="8" fill="#444" {}
                    }
                }
                td.number { (area_m2(group.assessed_m2)) }
                td {
                    @for (reason, gap_m2) in group.by_reason() { div { (area_m2(gap_m2)) " " (words::reason(&reason)) } }
                    @if group.gaps.is_empty() { "–" }
                }
            }
        }
    }

    /// What each kind of gap says of itself.
    fn details(&self) -> Markup {
        let said: BTreeSet<(String, &str)> = self
            .groups
            .iter()
            .flat_map(|group| &group.gaps)
            .filter(|gap| !gap.detail.is_empty() && !gap.model.is_empty())
            .map(|gap| (gap.reason.to_string(), gap.detail.as_str()))
            .collect();
        html! {
            @if !said.is_empty() {
                h3 { "Details" }
                ul.plain {
                    @for (reason, detail) in said.iter().take(DETAILS) {
                        li { (words::reason(reason)) ": " span.quiet { (detail) } }
                    }
                    @if said.len() > DETAILS {
                        li { "and " (said.len() - DETAILS) " more: layer “gaps” of survey.gpkg" }
                    }
                }
            }
        }
    }
}

impl Group<'_> {
    fn gaps_m2(&self) -> f64 {
        self.gaps.iter().map(|gap| gap.area_m2).sum()
    }

    /// Reasons and square metres, the largest first.
    fn by_reason(&self) -> Vec<(String, f64)> {
        let mut sums: BTreeMap<String, f64> = BTreeMap::new();
        self.gaps
            .iter()
            .for_each(|gap| *sums.entry(gap.reason.to_string()).or_default() += gap.area_m2);
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by(|a, b| b.1.total_cmp(&a.1));
        sums
    }
}

/// Ground without image. A model that sees little counts in coarser cells, so the least that any
/// model says is the nearest to the truth.
fn nodata_m2(survey: &Survey) -> f64 {
    let mut seen: BTreeMap<(&str, &str), BTreeMap<&str, f64>> = BTreeMap::new();
    for row in &survey.assessed {
        seen.entry((&row.orthomosaic, &row.model)).or_default();
    }
    for gap in survey
        .gaps
        .iter()
        .filter(|gap| matches!(gap.reason, GapReason::Nodata | GapReason::NoImagery))
    {
        let classes = seen.entry((&gap.orthomosaic, &gap.model)).or_default();
        gap.classes.iter().for_each(|class| *classes.entry(class).or_default() += gap.area_m2);
    }
    let mut least: BTreeMap<&str, f64> = BTreeMap::new();
    for ((orthomosaic, _), classes) in seen {
        let nodata_m2 = classes.into_values().fold(0.0, f64::max);
        least
            .entry(orthomosaic)
            .and_modify(|least| *least = least.min(nodata_m2))
            .or_insert(nodata_m2);
    }
    least.into_values().sum()
}

fn map(context: &mut ReportContext<'_, '_>, group: &Group<'_>) -> Markup {
    let frame = Frame::around(overview::imagery(context.survey), 0.03, 0.5, [86.0, 80.0]);
    let pictures = context.pictures(&frame, 700, None);
    let drawn = html! {
        (draw::pictures(&frame, &pictures))
        rect.veil width=(format!("{:.1}", frame.size()[0])) height=(format!("{:.1}", frame.size()[1])) {}
        @for gap in &group.gaps {
            @let path = frame.polygons(&context.survey.ground.to_metres(&gap.boundary));
            @let reason = gap.reason.to_string();
            path d=(path) fill={ "url(#" (hatching(&reason)) ")" } fill-rule="evenodd" stroke=(rgb((context.colour)(&reason))) stroke-width="2" {}
        }
        (draw::scale_bar(&frame))
        (draw::north(&frame))
    };
    let label = format!(
        "Map of the ground that was not assessed for {}",
        words::names(group.model, &group.classes, &context.survey.record)
    );
    drawing(&frame, &label, drawn)
}

/// A, B, C...
fn letter(index: usize) -> char {
    char::from(b'A' + (index % 26) as u8)
}
