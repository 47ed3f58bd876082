//! One area: what it is suspected of, why, and what that looks like.

use crate::chip;
use crate::context::ReportContext;
use crate::draw::{self, drawing, rgb};
use crate::frame::Frame;
use crate::marks::marks_of;
use crate::section::Section;
use crate::words::{self, area_m2, percent};
use geo::BoundingRect;
use maud::{Markup, html};
use rams_domain::{AreaKind, Feature, HazardArea, LandClass, Survey, Threat};

/// Finds of an area of which pictures are shown.
const CHIPS: usize = 6;

/// Centre of an area, within it.
pub(crate) fn centre(survey: &Survey, area: &HazardArea) -> String {
    draw::middle(&area.boundary)
        .map_or_else(|| "–".into(), |at| words::position(survey.ground.lonlat(at)))
}

/// A threat level that is told apart without colours, too.
pub(crate) fn threat_chip(context: &ReportContext<'_, '_>, threat: Threat) -> Markup {
    let ground = (context.colour)(&threat.to_string());
    let [red, green, blue] = ground.map(f64::from);
    let ink = if 0.3 * red + 0.59 * green + 0.11 * blue > 128.0 { "#161616" } else { "#fff" };
    let style = format!("background:{};color:{ink}", rgb(ground));
    html! { span.threat style=(style) { (words::threat(threat)) } }
}

/// The sheet of an area.
pub(crate) fn sheet(context: &mut ReportContext<'_, '_>, area: &HazardArea) -> Markup {
    let id = area.id.to_string();
    let map = map(context, area);
    let mut finds: Vec<&Feature> =
        area.features.iter().filter_map(|id| context.feature(*id)).collect();
    finds.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.id.cmp(&b.id)));
    let chips: Vec<_> =
        finds.iter().take(CHIPS).map(|feature| chip::chip(context, feature)).collect();
    html! {
        article.area #(id) data-area=(id) {
            h3 {
                (id) " "
                span { (area.eo_category.label()) }
                (threat_chip(context, area.threat))
            }
            @match (area.land_class, area.kind) {
                (LandClass::Indication, _) => p.indicative {
                    b { "An indication, not a suspected hazardous area." }
                    " It says where to look: its ground is in no sum of hazardous areas and must \
                     not be recorded as one."
                },
                (LandClass::Sha, AreaKind::Indicative) => (no_perimeter(area)),
                (LandClass::Sha, AreaKind::Perimeter) => {},
            }
            p.why {
                @if area.rationale.is_empty() { "Drawn by hand; no reason is given." }
                @else { (area.rationale) }
            }
            div.sides {
                figure { (map) }
                (facts(context.survey, area))
            }
            @if !chips.is_empty() {
                h4 {
                    @if finds.len() > CHIPS {
                        "The " (CHIPS) " strongest of its " (finds.len()) " finds"
                    }
                    @else if finds.len() == 1 { "Its find" }
                    @else { "Its " (finds.len()) " finds" }
                }
                div.chips { @for chip in &chips { (chip) } }
            }
        }
    }
}

/// What the line around evidence points is, and what it is not.
fn no_perimeter(area: &HazardArea) -> Markup {
    let within = match area.fade_out_m {
        Some(fade_out_m) => format!("{fade_out_m:.0} m (the fade-out distance) of the finds"),
        None if words::is_by_hand(area) => "a line drawn by hand".into(),
        None => format!("{:.0} m of the finds", area.buffer_m),
    };
    html! {
        p.indicative {
            b { "Evidence points, not a perimeter." }
            " The dashed line only shows the ground within " (within) ", which is to be searched. \
            It must not be recorded as the boundary of a hazardous area."
        }
    }
}

fn facts(survey: &Survey, area: &HazardArea) -> Markup {
    let by_hand = words::is_by_hand(area);
    let size = match area.kind {
        AreaKind::Perimeter => "Area",
        AreaKind::Indicative => "Ground to search",
    };
    html! {
        table.facts {
            tbody {
                (fact("Land class", html! { (words::land_class(area.land_class)) }))
                (fact("Confidence", confidence(area)))
                (fact(size, html! { (area_m2(area.area_m2)) " m²" }))
                (fact("Assessed", assessed(area)))
                @if area.beyond_imagery_m2 > 0.0 {
                    (fact("Beyond the imagery", html! {
                        (area_m2(area.beyond_imagery_m2)) " m², where no ground was seen"
                    }))
                }
                @if area.released_m2 > 0.0 {
                    (fact("Cut out", html! {
                        (area_m2(area.released_m2)) " m² reported as released by others"
                    }))
                }
                (fact("Mine rows", html! {
                    @if area.rows == 0 { "none recognised" } @else { (area.rows) " recognised" }
                }))
                (fact("Front", html! { (words::front(area)) }))
                @if by_hand { (fact("Drawn", html! { "by hand" })) }
                @else {
                    (fact("Drawn around finds", html! {
                        (area.buffer_m) " m, joined up to " (area.link_m) " m"
                    }))
                }
                (fact("Evidence", evidence(area)))
                (fact("District", html! {
                    @if area.district.is_empty() { "not known" } @else { (area.district) }
                }))
                (fact("Centre (WGS 84)", html! { (centre(survey, area)) }))
                @if !by_hand {
                    (fact("Doctrine", html! { (area.doctrine.name) " " (area.doctrine.version) }))
                }
            }
        }
    }
}

fn fact(name: &str, value: Markup) -> Markup {
    html! { tr { th scope="row" { (name) } td { (value) } } }
}

fn confidence(area: &HazardArea) -> Markup {
    html! {
        @if let Some(probability) = words::confidence_of(area) {
            b { (format!("{probability:.2}")) }
            @if let Some(tier) = area.tier { " · " (words::tier(tier)) }
        } @else { "not stated" }
    }
}

fn assessed(area: &HazardArea) -> Markup {
    html! {
        @if area.assessed_share <= 0.0 {
            b { "none of it" } ": nothing was seen of what it is suspected of"
        } @else {
            (percent(area.assessed_share.into())) " of it"
            @if area.assessed_share < 0.995 { "; the rest was not seen" }
        }
    }
}

fn evidence(area: &HazardArea) -> Markup {
    let others: Vec<String> = area.external_evidence.iter().map(ToString::to_string).collect();
    html! {
        (words::evidence(area))
        @if !others.is_empty() { "; " (others.join(", ")) " (" (Section::OtherEvidence) ")" }
    }
}

/// The area and its surroundings.
fn map(context: &mut ReportContext<'_, '_>, area: &HazardArea) -> Markup {
    let boundary = context.survey.ground.to_metres(&area.boundary);
    let bounds = boundary.bounding_rect().unwrap_or_else(|| context.imagery());
    let frame = Frame::around(bounds, 0.08, 2.0, [92.0, 60.0]);
    let pictures = context.pictures(&frame, 800, None);
    let path = frame.polygons(&boundary);
    let dashes = draw::dashes(area.land_class, area.kind);
    let layers = html! {
        (draw::background(&frame, "#f4f4f1"))
        (draw::pictures(&frame, &pictures))
        (draw::outline(&path, &context.colour_of_area(area), dashes, 0.12))
        (marks_of(context, &frame, &area.features))
        (draw::scale_bar(&frame))
        (draw::north(&frame))
    };
    drawing(&frame, &format!("Map of area {}", area.id), layers)
}
