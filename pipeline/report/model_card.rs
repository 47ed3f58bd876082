//! What a model says of itself: its card, as people read it.

use crate::section::Section;
use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html::push_html};
use rams_domain::EoCategory;

/// The card of a model of the survey.
pub struct Card {
    /// Name of the model.
    pub model: String,
    /// Its version, as it ran.
    pub version: String,
    /// SHA-256, hex, of the model that ran.
    pub sha256: String,
    /// Where the card is, for people; empty where none was at hand.
    pub place: String,
    /// Its card, Markdown.
    pub text: String,
    /// The category of ordnance of each of its classes, where its description is at hand.
    pub categories: Vec<(String, EoCategory)>,
    /// Why it may not be the card of the model that ran; empty where it is.
    pub doubt: String,
}

impl Card {
    /// Category of ordnance of a model and a class of it.
    pub(crate) fn categories(&self) -> impl Iterator<Item = ((String, String), EoCategory)> {
        self.categories
            .iter()
            .map(|(class, category)| ((self.model.clone(), class.clone()), *category))
    }

    /// Which model, and where its card is.
    fn to_line(&self) -> Markup {
        html! {
            p.model {
                b { (self.model) " " (self.version) } " "
                span.quiet { "sha256 " (self.sha256) }
                @if !self.place.is_empty() { br; "Card: " (self.place) }
            }
            @if !self.doubt.is_empty() { p.doubt { (self.doubt) } }
        }
    }

    /// The card as HTML. Pictures and HTML of its own are left out: the report fetches nothing.
    fn to_html(&self) -> Markup {
        let events =
            Parser::new_ext(&self.text, Options::ENABLE_TABLES).filter_map(|event| match event {
                Event::Start(Tag::Image { .. }) => {
                    Some(Event::Text("(picture in the folder of the model: ".into()))
                }
                Event::End(TagEnd::Image) => Some(Event::Text(")".into())),
                Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
                Event::Start(Tag::Link { .. }) | Event::End(TagEnd::Link) => None,
                Event::Start(Tag::Heading { level, id, classes, attrs }) => {
                    Some(Event::Start(Tag::Heading { level: lower(level), id, classes, attrs }))
                }
                Event::End(TagEnd::Heading(level)) => {
                    Some(Event::End(TagEnd::Heading(lower(level))))
                }
                other => Some(other),
            });
        let mut card = String::new();
        push_html(&mut card, events);
        html! {
            div.card {
                @if !self.doubt.is_empty() { p.doubt { (self.doubt) } }
                (PreEscaped(card))
            }
        }
    }
}

/// The models that ran, each in a line or with its card in full.
pub(crate) fn section(cards: &[Card], has_full_cards: bool) -> Markup {
    html! {
        section #models .full[has_full_cards] {
            (Section::Models.heading("The models"))
            p {
                "What each model was tested on, what it finds and misses, and how to validate it \
                 on site, "
                @if has_full_cards { "in the words of its makers." }
                @else { "is in its card: read it before relying on this report." }
            }
            @for card in cards {
                @if has_full_cards { (card.to_html()) } @else { (card.to_line()) }
            }
            @if cards.is_empty() {
                p {
                    b { "No card of a model was at hand." }
                    " Without it nobody can say how much the model misses: ask for it before \
                     relying on this report."
                }
            }
        }
    }
}

/// The card's own title becomes a heading within the report's section.
fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        _ => HeadingLevel::H4,
    }
}
