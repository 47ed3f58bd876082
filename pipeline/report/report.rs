//! The report: which section follows which.

use crate::frame::Frame;
use crate::not_assessed::Coverage;
use crate::words::{Categories, area_m2, count};
use crate::{Card, Picture, Shot, areas, draw, methods, overview, tables};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use rams_domain::{AreaKind, EoCategory, Feature, FeatureId, Survey, Threat};
use std::collections::HashMap;

/// Everything comes with the file: nothing is fetched, and no script runs.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/// What a report is made of.
pub struct Report<'a> {
    /// What was found.
    pub survey: &'a Survey,
    /// Red, green and blue of a word of the vocabulary, the same as on the other maps.
    pub colour: fn(&str) -> [u8; 3],
    /// Cards of the models that ran.
    pub cards: &'a [Card],
    /// Why there are no pictures of some imagery; one line each.
    pub no_pictures: &'a [String],
}

/// Gives pictures of a window of the ground; none where the imagery is elsewhere or not at hand.
type Camera<'c> = dyn FnMut(&Shot<'_>) -> Vec<Picture> + 'c;

impl Report<'_> {
    /// The report as one HTML document.
    pub fn to_html(&self, camera: &mut Camera<'_>) -> String {
        let survey = self.survey;
        let coverage = Coverage::of(survey);
        let by_id = survey.features.iter().map(|feature| (feature.id, feature)).collect();
        let of_card = |card: &'_ Card| {
            let of_class =
                |(class, category): &(String, _)| ((card.model.clone(), class.clone()), *category);
            card.categories.iter().map(of_class).collect::<Vec<_>>()
        };
        let categories = self.cards.iter().flat_map(of_card).collect();
        let mut context = ReportContext {
            survey,
            colour: self.colour,
            camera,
            by_id,
            categories,
            no_pictures: self.no_pictures,
        };
        let title = format!("Suspected hazardous areas: {}", orthomosaics(survey).join(", "));
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(POLICY);
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    title { (title) }
                    style { (PreEscaped(include_str!("report.css"))) }
                }
                body {
                    (draw::hatchings(&coverage.reasons(), self.colour))
                    main {
                        (cover(&mut context, &coverage))
                        (coverage.section(&mut context))
                        (areas::table(&context))
                        (areas::details(&mut context))
                        (methods::other_evidence(survey))
                        (methods::section(survey))
                        (methods::limits())
                        (self.models())
                    }
                }
            }
        }
        .into_string()
    }

    fn models(&self) -> Markup {
        html! {
            section #models {
                h2 { "8" span { "The models" } }
                p { "What each model was tested on, what it finds and misses, and how to validate \
                     it on site, in the words of its makers." }
                @for card in self.cards { (card.to_html()) }
                @if self.cards.is_empty() {
                    p { b { "No card of a model was at hand." } " Without it nobody can say how \
                        much the model misses: ask for it before relying on this report." }
                }
            }
        }
    }
}

/// What the sections work with.
pub(crate) struct ReportContext<'a, 'c> {
    pub(crate) survey: &'a Survey,
    pub(crate) colour: fn(&str) -> [u8; 3],
    camera: &'a mut Camera<'c>,
    by_id: HashMap<FeatureId, &'a Feature>,
    /// Category of ordnance of a class of a model.
    pub(crate) categories: Categories,
    no_pictures: &'a [String],
}

impl<'a> ReportContext<'a, '_> {
    pub(crate) fn pictures(
        &mut self,
        frame: &Frame,
        longest_px: u32,
        orthomosaic: Option<&str>,
    ) -> Vec<Picture> {
        (self.camera)(&Shot { rect: frame.rect, longest_px, orthomosaic })
    }

    pub(crate) fn feature(&self, id: FeatureId) -> Option<&'a Feature> {
        self.by_id.get(&id).copied()
    }

    /// Of its category, or of what it is where that is not known: all earthworks would look the
    /// same.
    pub(crate) fn colour_of(&self, feature: &Feature) -> [u8; 3] {
        match feature.eo_category {
            EoCategory::Unknown => (self.colour)(&feature.indicator.to_string()),
            category => (self.colour)(&category.to_string()),
        }
    }

    pub(crate) fn why_no_picture(&self) -> String {
        if self.no_pictures.is_empty() {
            "none was at hand".into()
        } else {
            self.no_pictures.join("; ")
        }
    }
}

/// Names of the orthomosaics, as the record has them.
fn orthomosaics(survey: &Survey) -> Vec<String> {
    survey.record.orthomosaics.iter().map(|orthomosaic| orthomosaic.name.clone()).collect()
}

/// Where a model found more than can lie there; nothing where none did.
fn beside_itself(survey: &Survey) -> Markup {
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

/// The first pages: what this is, what matters most, and the map, which does not go on the first
/// page with an alarm: tables do.
fn cover(context: &mut ReportContext<'_, '_>, coverage: &Coverage<'_>) -> Markup {
    let survey = context.survey;
    let names = orthomosaics(survey);
    let of_kind = |kind| survey.hazard_areas.iter().filter(move |area| area.kind == kind);
    let high = survey.hazard_areas.iter().filter(|area| area.threat == Threat::High).count();
    let alarm = html! { (coverage.alarm(context)) (beside_itself(survey)) };
    let united_m2 = tables::united_m2(survey);
    html! {
        header.cover {
            p.kicker { "Remote aerial survey" }
            h1 { "Suspected hazardous areas" }
            p.subtitle { "Candidates for review, from imagery" }
            dl.meta {
                dt { "Imagery" } dd { (if names.is_empty() { "not recorded".into() } else { names.join(", ") }) }
                @if let Some(started) = survey.record.started() { dt { "Surveyed" } dd { (started.replace('T', " ").replace('Z', " \
                    UTC")) } }
                dt { "Coordinates" } dd { (survey.ground.crs().to_string()) }
                @if !survey.record.software.rams.is_empty() { dt { "Software" } dd { "rams " (survey.record.software.rams) } }
            }
        }
        (alarm)
        section #overview {
            h2 { "1" span { "Overview" } }
            ul.figures {
                li { b { (count(of_kind(AreaKind::Sha).count())) } "suspected hazardous areas, "
                    (area_m2(of_kind(AreaKind::Sha).map(|area| area.area_m2).sum())) " m²" }
                li { b { (count(of_kind(AreaKind::Indicative).count())) } "groups of evidence \
                    points (CMR, UXO)" }
                li { b { (count(high)) } "of these areas and groups of high threat" }
                li { b { (count(survey.features.len())) } "finds, none confirmed" }
            }
            @if survey.hazard_areas.is_empty() { p.lead { "Nothing was drawn. " b { "This does not \
                mean that there is nothing." } } }
            p.notice {
                b { "No find is not “no hazard”." } " A picture shows the surface: what is buried \
                                                     or covered is not in this report. "
                "Ground that was not assessed is in section 2. All areas are candidates on \
                 indirect evidence; people decide what they are."
            }
            @if alarm.0.is_empty() { (overview::figure(context)) }
            h3 { "By district" }
            (tables::by_district(survey))
            h3 { "By category of explosive ordnance and threat" }
            (tables::by_category(survey))
            p.quiet {
                "Square metres are rounded; sums are of the numbers before rounding. "
                @if let Some(united_m2) = united_m2 {
                    "Areas of different categories may lie on the same ground: the perimeters \
                     together cover " (area_m2(united_m2)) " m². "
                }
                "The area of a district is that of its perimeters; ground around evidence points \
                 is not in it."
            }
            @if !alarm.0.is_empty() { (overview::figure(context)) }
        }
    }
}
