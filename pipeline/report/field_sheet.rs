//! One area on a sheet of paper that a team takes to the ground, front and back.

mod corner;
mod grid;
mod turning_points;

use crate::area::threat_chip;
use crate::context::{Camera, ReportContext};
use crate::draw::{self, drawing};
use crate::frame::Frame;
use crate::marks::marks_of;
use crate::report::page;
use crate::words::{self, area_m2, percent};
use crate::{Report, chip};
use geo::{BoundingRect, Centroid, Coord, Intersects};
use grid::MgrsGrid;
use maud::{Markup, html};
use rams_domain::{AreaKind, Feature, GapReason, HazardArea, LandClass, MetadataField};
use std::collections::BTreeSet;
use turning_points::TurningPoints;

/// Room for the map, millimetres: the breadth of the page.
const MAP_MM: [f64; 2] = [178.0, 108.0];

/// Finds of which pictures are on the back.
const CHIPS: usize = 6;

/// Finds of which places are: with the pictures and the empty lines, what a page of A4 holds.
const LISTED: usize = 10;

/// Lines for what a team finds beside these.
const EMPTY_LINES: usize = 4;

impl Report<'_> {
    /// The sheet of an area as one HTML document, to be printed on both sides of A4 at its own
    /// size. `None` if the survey has no such area. `camera` is as in
    /// [`to_html`](Report::to_html()).
    pub fn field_sheet(&self, id: &str, camera: &mut Camera<'_>) -> Option<String> {
        let mut areas = self.survey.hazard_areas.iter();
        let area = areas.find(|area| area.id.to_string() == id)?;
        let mut context =
            ReportContext::new(self.survey, self.colour, self.cards, self.no_pictures, camera);
        let sheet = html! {
            (front(&mut context, area))
            (back(&mut context, area))
        };
        Some(page(&format!("Field sheet {id}"), &html! {}, &sheet))
    }
}

fn front(context: &mut ReportContext<'_, '_>, area: &HazardArea) -> Markup {
    let metadata = &context.survey.metadata;
    let stated: Vec<_> = [
        MetadataField::Task,
        MetadataField::Province,
        MetadataField::District,
        MetadataField::NearestPlace,
        MetadataField::FlightDates,
    ]
    .into_iter()
    .map(|field| (field.label(), metadata.text(field)))
    .filter(|(_, text)| !text.is_empty())
    .collect();
    let points = TurningPoints::of(context.survey, area);
    let map = map(context, area, &points);
    html! {
        section.sheet {
            h1 { (area.id) " " span { (area.eo_category.label()) } }
            p.quiet {
                (words::land_class(area.land_class))
                @for (label, text) in &stated { " · " (label) " " (text) }
            }
            p.why { (threat_chip(context, area.threat)) " " (area.rationale) }
            (not_assessed(context, area))
            (map)
            @if points.is_empty() {
                p.indicative {
                    b { "No turning points." }
                    @if area.land_class == LandClass::Indication {
                        " This is an indication: it says where to look, and has no boundary."
                    } @else {
                        " The dashed line is no perimeter: the places of the finds are on the back."
                    }
                }
            } @else { (points.table()) }
        }
    }
}

/// What nobody has seen of the area, before what was seen.
fn not_assessed(context: &ReportContext<'_, '_>, area: &HazardArea) -> Markup {
    let gaps = context.survey.gaps.iter().filter(|gap| gap.boundary.intersects(&area.boundary));
    // What no model looks for says nothing of why the rest was not seen.
    let (unknown, gaps): (Vec<_>, Vec<_>) = gaps.partition(|gap| gap.reason == GapReason::NoModel);
    let reasons: BTreeSet<String> =
        gaps.iter().map(|gap| words::reason(&gap.reason.to_string())).collect();
    let unseen = 1.0 - f64::from(area.assessed_share);
    html! {
        @if unseen > 0.005 || !reasons.is_empty() || !unknown.is_empty() {
            div.alarm {
                p.shout {
                    "Not assessed"
                    @if unseen > 0.005 { ": " (percent(unseen)) " of it" }
                }
                p {
                    @if area.beyond_imagery_m2 > 0.0 {
                        (area_m2(area.beyond_imagery_m2)) " of its " (area_m2(area.area_m2))
                        " m² lie beyond the imagery. "
                    }
                    @if !reasons.is_empty() {
                        "For some of what was looked for: "
                        (reasons.into_iter().collect::<Vec<_>>().join("; ")) ". "
                    }
                    @if !unknown.is_empty() {
                        "No model of this survey looks for some of what may lie there. "
                    }
                    "Buried mines are in no picture. Where nothing is drawn, nothing is known."
                }
            }
        }
    }
}

fn map(context: &mut ReportContext<'_, '_>, area: &HazardArea, points: &TurningPoints) -> Markup {
    let boundary = context.survey.ground.to_metres(&area.boundary);
    let bounds = boundary.bounding_rect().unwrap_or_else(|| context.imagery());
    let (frame, scale) = Frame::at_scale(points.with(bounds), MAP_MM);
    let pictures = context.pictures(&frame, 1800, None);
    let path = frame.polygons(&boundary);
    let dashes = draw::dashes(area.land_class, area.kind);
    let grid = MgrsGrid::of(&context.survey.ground, &frame);
    let layers = html! {
        (draw::background(&frame, "#f4f4f1"))
        (draw::pictures(&frame, &pictures))
        @if let Some(grid) = &grid { (grid.lines(&frame)) }
        (draw::outline(&path, &context.colour_of_area(area), dashes, 0.08))
        (marks_of(context, &frame, &area.features))
        (points.marks(&frame))
        (draw::scale_bar(&frame))
        (draw::north(&frame))
    };
    html! {
        figure {
            (drawing(&frame, &format!("Map of area {}", area.id), layers))
            figcaption.quiet {
                "1:" (words::grouped(scale, 0)) " on A4, printed at 100 %. North is up. "
                @match &grid {
                    Some(grid) => { (grid.told()) }
                    None => { "No grid: two zones of it meet on this map." }
                }
                @if pictures.is_empty() { " Without the imagery: " (context.why_no_picture()) "." }
            }
        }
    }
}

fn back(context: &mut ReportContext<'_, '_>, area: &HazardArea) -> Markup {
    let mut finds: Vec<&Feature> =
        area.features.iter().filter_map(|id| context.feature(*id)).collect();
    finds.sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(a.id.cmp(&b.id)));
    let all = finds.len();
    finds.truncate(LISTED);
    let chips: Vec<_> =
        finds.iter().take(CHIPS).map(|feature| chip::chip(context, feature)).collect();
    let survey = context.survey;
    html! {
        section.sheet.back {
            h2 { (area.id) ": finds" }
            @if all > CHIPS { p.quiet { "The " (CHIPS) " strongest of " (all) "." } }
            div.chips { @for chip in &chips { (chip) } }
            h3 { "What was there" }
            @if all > LISTED {
                p.quiet {
                    "The " (LISTED) " strongest of " (all) "; the rest is not on this sheet but in \
                     the exports."
                }
            }
            table.found {
                thead {
                    tr {
                        th { "Find" } th { "MGRS" } th { "Seen, not seen, other" } th { "Who" }
                        th { "Date" } th { "± m" } th { "Photo, note" }
                    }
                }
                tbody {
                    @for feature in &finds {
                        tr {
                            th scope="row" { (feature.id) }
                            td {
                                @if let Some(place) = feature.geometry.centroid() {
                                    (mgrs_of(survey.ground.lonlat(place.0)))
                                }
                            }
                            td {} td {} td {} td {} td {}
                        }
                    }
                    @for _ in 0..EMPTY_LINES {
                        tr { th scope="row" { " " } td {} td {} td {} td {} td {} td {} }
                    }
                }
            }
            p.quiet {
                @if area.kind == AreaKind::Perimeter {
                    (area_m2(area.area_m2)) " m². "
                }
                "Centre " (crate::area::centre(survey, area)) ". "
                "Evidence: " (words::evidence(area)) ". People decide what it is, and the \
                 national authority what becomes of the ground."
            }
        }
    }
}

/// A place in the Military Grid Reference System, to a metre; empty where there is none.
fn mgrs_of(lonlat: Coord) -> String {
    let longitude = rams_domain::wrapped_longitude(lonlat.x);
    let at = geoconvert::LatLon::create(lonlat.y, longitude);
    at.map_or_else(|_| String::new(), |at| spaced(&at.to_mgrs(5).to_string()))
}

/// `33N WA 00000 00100` is easier to read to somebody else than `33NWA0000000100`.
fn spaced(mgrs: &str) -> String {
    let [zone, square] = [10, 12].map(|from_end| mgrs.len().saturating_sub(from_end));
    let (east, north) = (mgrs.get(zone..zone + 5), mgrs.get(zone + 5..));
    match (mgrs.get(..square), mgrs.get(square..zone), east, north) {
        (Some(band), Some(square), Some(east), Some(north)) => {
            format!("{band} {square} {east} {north}")
        }
        _ => mgrs.to_owned(),
    }
}
