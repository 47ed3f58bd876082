//! The first pages: what this is, what matters most, and the map.

mod legend;
mod map;

use crate::context::ReportContext;
use crate::coverage::Coverage;
use crate::section::Section;
use crate::words::{area_m2, count};
use crate::{districts, not_assessed, other_evidence, tables};
use maud::{Markup, html};
use rams_domain::{
    AreaKind, EvidenceKind, LandClass, MetadataField, Statement, Survey, SurveyMetadata, Threat,
    plural,
};
use std::collections::BTreeMap;

/// A share of the perimeters that is no overlap but rounding.
const OVERLAP: f64 = 0.001;

/// What this is, of which imagery, by which program.
pub(crate) fn title_page(survey: &Survey) -> Markup {
    let names = imagery_names(survey);
    let imagery = if names.is_empty() { "not recorded".into() } else { names.join(", ") };
    let started = survey.record.started();
    let started = started.map(|time| time.replace('T', " ").replace('Z', " UTC"));
    html! {
        header.cover {
            p.kicker { "Remote aerial survey" }
            h1 { "Suspected hazardous areas" }
            p.subtitle { "Candidates for review, from imagery" }
            dl.meta {
                dt.wide { "Imagery" } dd.wide { (imagery) }
                @for (label, statement) in stated(&survey.metadata) {
                    dt { (label) } dd { (statement) }
                }
                @if let Some(started) = started { dt { "Analysed" } dd { (started) } }
                @if let [_, .., last] = &survey.record.drawings[..] {
                    dt.wide { "Areas drawn again" } dd.wide { (last.to_string()) }
                }
                dt { "Coordinates" } dd { (survey.ground.crs().to_string()) }
                @if !survey.record.software.rams.is_empty() {
                    dt { "Software" } dd { "rams " (survey.record.software.rams) }
                }
                @for (source, labels) in sources(&survey.metadata) {
                    dt.wide { "Stated by" } dd.wide { (source) ": " (labels.join(", ")) }
                }
                @if let Some(missing) = survey.metadata.told_missing() {
                    dt.wide { "Not stated" } dd.wide { b { (missing) } }
                }
            }
        }
    }
}

/// What was stated of who, when and where, with labels for people.
fn stated(metadata: &SurveyMetadata) -> impl Iterator<Item = (String, &Statement)> {
    MetadataField::ALL.into_iter().filter_map(|field| {
        let label = field.label();
        Some((label[..1].to_uppercase() + &label[1..], metadata.get(field)?))
    })
}

/// Where that was found, and what was found there.
fn sources(metadata: &SurveyMetadata) -> BTreeMap<&str, Vec<String>> {
    let mut sources: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for field in MetadataField::ALL {
        if let Some(statement) = metadata.get(field) {
            sources.entry(statement.source()).or_default().push(field.label());
        }
    }
    sources
}

/// Names of the orthomosaics, as the record has them.
pub(crate) fn imagery_names(survey: &Survey) -> Vec<String> {
    survey.record.orthomosaics.iter().map(|orthomosaic| orthomosaic.name.clone()).collect()
}

/// What must be read before anything else; empty where nothing must.
pub(crate) fn alarms(context: &ReportContext<'_, '_>, coverage: &Coverage<'_>) -> Markup {
    html! { (not_assessed::alarm(context, coverage)) (crowds(context.survey)) }
}

/// Where a model found more than can lie there; nothing where none did.
fn crowds(survey: &Survey) -> Markup {
    let crowds = &survey.record.crowds;
    html! {
        @if !crowds.is_empty() {
            div.alarm #beside-itself {
                p.shout { "A model found more than can lie there" }
                @for crowd in crowds { p { (crowd) "." } }
            }
        }
    }
}

/// The totals and the map. With an alarm the map does not go on the first page: the tables do.
pub(crate) fn section(context: &mut ReportContext<'_, '_>, coverage: &Coverage<'_>) -> Markup {
    let survey = context.survey;
    let has_alarm = !alarms(context, coverage).0.is_empty();
    let united_m2 = tables::united_m2(survey);
    html! {
        section #overview {
            (Section::Overview.heading("Overview"))
            (totals(survey, united_m2))
            (other_evidence::kept_out_in_short(survey))
            @if survey.hazard_areas.is_empty() {
                p.lead {
                    "Nothing was drawn. "
                    b { "This does not mean that there is nothing." }
                }
            }
            p.notice {
                b { "No find is not “no hazard”." }
                " A picture shows the surface: what is buried or covered is not in this report. \
                 Ground that was not assessed is in " (Section::NotAssessed) ". "
                (candidates(survey)) "; people decide what they are."
            }
            @if !has_alarm { (map::figure(context)) }
            h3 { "By district" }
            (districts::by_district(survey))
            h3 { "By category of explosive ordnance and threat" }
            (tables::by_category(survey))
            p.quiet {
                "Square metres are rounded; sums are of the numbers before rounding. "
                @if let Some(united_m2) = united_m2 {
                    "Areas of different categories may lie on the same ground: the perimeters \
                     together cover " (area_m2(united_m2)) " m². "
                }
                "Finds and the ground of perimeters are counted in the district where they lie, \
                 an area in that of most of its ground; ground around evidence points and of \
                 indications is not in it."
            }
            @if has_alarm { (map::figure(context)) }
        }
    }
}

/// What all areas are, by the evidence that they stand on.
fn candidates(survey: &Survey) -> String {
    let areas = &survey.hazard_areas;
    let direct = areas.iter().filter(|area| area.evidence == EvidenceKind::Direct).count();
    match areas.len() - direct {
        _ if direct == 0 => "All areas are candidates on indirect evidence".into(),
        0 => "All areas are candidates, on direct evidence from others".into(),
        indirect => format!(
            "All areas are candidates: {direct} on direct evidence from others, {indirect} on \
             indirect evidence"
        ),
    }
}

/// The numbers that most readers look for. Ground on which perimeters overlap counts once.
fn totals(survey: &Survey, united_m2: Option<f64>) -> Markup {
    let (shas, indications): (Vec<_>, Vec<_>) =
        survey.hazard_areas.iter().partition(|area| area.land_class == LandClass::Sha);
    let of_kind = |kind| shas.iter().filter(move |area| area.kind == kind);
    let sum_m2: f64 = of_kind(AreaKind::Perimeter).map(|area| area.area_m2).sum();
    let sha_m2 = united_m2.unwrap_or(sum_m2);
    let [perimeters, envelopes] =
        [AreaKind::Perimeter, AreaKind::Indicative].map(|kind| of_kind(kind).count());
    let high = shas.iter().filter(|area| area.threat == Threat::High).count();
    html! {
        ul.figures {
            li {
                b { (count(perimeters)) }
                (plural(perimeters, "suspected hazardous area")) ", " (area_m2(sha_m2)) " m²"
                @if sum_m2 - sha_m2 > OVERLAP * sum_m2 {
                    " (areas overlap: one by one " (area_m2(sum_m2)) " m²)"
                }
            }
            li {
                b { (count(envelopes)) }
                (plural(envelopes, "group")) " of evidence points (CMR, UXO)"
            }
            li { b { (count(high)) } "of these areas and groups of high threat" }
            li {
                b { (count(indications.len())) }
                @if indications.len() == 1 { "indication, which says where" } @else {
                    "indications, which say where"
                }
                " to look, in none of these sums"
            }
            li { b { (count(survey.features.len())) }
                (plural(survey.features.len(), "find")) ", none confirmed" }
        }
    }
}
