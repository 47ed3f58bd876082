//! The report: which section follows which.

use crate::context::{Camera, ReportContext};
use crate::coverage::Coverage;
use crate::section::Section;
use crate::{
    Card, areas, draw, limits, methods, model_card, not_assessed, other_evidence, overview,
};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use rams_domain::Survey;

/// Everything comes with the file: nothing is fetched, and no script runs.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/// A document of its own: what is drawn with, and what it says.
pub(crate) fn page(title: &str, drawing: &Markup, main: &Markup) -> String {
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
                (drawing)
                main { (main) }
            }
        }
    }
    .into_string()
}

/// What a report is made of.
pub struct Report<'a> {
    /// What was found.
    pub survey: &'a Survey,
    /// Red, green and blue of a word of the vocabulary, the same as on the other maps.
    pub colour: fn(&str) -> [u8; 3],
    /// Cards of the models that ran.
    pub cards: &'a [Card],
    /// Whether these are printed in full, or each in a line.
    pub has_full_cards: bool,
    /// Why there are no pictures of some imagery; one line each.
    pub no_pictures: &'a [String],
}

impl Report<'_> {
    /// The report as one HTML document. `camera` is asked for pictures of the ground, map by map,
    /// and gives none where it has none.
    pub fn to_html(&self, camera: &mut Camera<'_>) -> String {
        let coverage = Coverage::of(self.survey);
        let mut context =
            ReportContext::new(self.survey, self.colour, self.cards, self.no_pictures, camera);
        let title = format!(
            "Suspected hazardous areas: {}",
            overview::imagery_names(self.survey).join(", ")
        );
        let sections = html! {
            (overview::title_page(self.survey))
            (overview::alarms(&context, &coverage))
            @for section in Section::ALL {
                (self.section(section, &mut context, &coverage))
            }
        };
        page(&title, &draw::hatchings(&coverage.reasons(), self.colour), &sections)
    }

    fn section(
        &self,
        section: Section,
        context: &mut ReportContext<'_, '_>,
        coverage: &Coverage<'_>,
    ) -> Markup {
        match section {
            Section::Overview => overview::section(context, coverage),
            Section::NotAssessed => not_assessed::section(context, coverage),
            Section::Areas => areas::table(context),
            Section::Details => areas::details(context),
            Section::OtherEvidence => other_evidence::section(self.survey),
            Section::Methods => methods::section(self.survey, self.has_full_cards),
            Section::Limits => limits::section(),
            Section::Models => model_card::section(self.cards, self.has_full_cards),
        }
    }
}
