//! The map of everything on the imagery.

use super::legend::legend;
use crate::context::ReportContext;
use crate::draw::{self, drawing};
use crate::frame::Frame;
use crate::gravity::by_gravity;
use crate::marks::marks;
use crate::words;
use geo::{Area, BooleanOps, BoundingRect, Contains, Coord, CoordsIter, MultiPolygon, Rect, coord};
use maud::{Markup, html};
use rams_domain::{HazardArea, HazardAreaId, LandClass, Survey};

/// Areas that carry their number on the map, the gravest first: more would hide the ground.
const LABELLED: usize = 40;

/// Places that are tried for a number, going down from the northern end of its area.
const LABEL_TRIES: u32 = 6;

/// The map, what its signs mean, and where its corners are.
pub(super) fn figure(context: &mut ReportContext<'_, '_>) -> Markup {
    let survey = context.survey;
    let frame = Frame::around(context.imagery(), 0.04, 0.5, [178.0, 88.0]);
    let pictures = context.pictures(&frame, 1600, None);
    let (labels, covering) = labels(survey, &frame);
    let layers = html! {
        (draw::pictures(&frame, &pictures))
        (bands(context, &frame))
        (outlines(context, &frame))
        (marks(context, &frame, survey.features.iter()))
        (labels)
        (draw::scale_bar(&frame))
        (draw::north(&frame))
    };
    html! {
        figure.overview {
            (drawing(&frame, "Map of all areas and finds on the imagery", layers))
            figcaption {
                @if pictures.is_empty() {
                    b { "Without the imagery: " (context.why_no_picture()) ". " }
                }
                @if !covering.is_empty() {
                    p {
                        b {
                            "This map lies wholly, or all but its edges, within "
                            (joined(&covering)) "."
                        }
                    }
                }
                (legend(context))
                p.corners { (corners_text(survey, &frame)) }
            }
        }
        (whole_areas(context, &frame))
    }
}

/// A small map that shows areas whole, where they reach beyond the imagery.
fn whole_areas(context: &mut ReportContext<'_, '_>, main: &Frame) -> Markup {
    let survey = context.survey;
    let bounds_of = |area: &HazardArea| survey.ground.to_metres(&area.boundary).bounding_rect();
    let all = survey.hazard_areas.iter().filter_map(bounds_of).fold(main.rect, joint_bounds);
    let outside: Vec<_> = survey
        .hazard_areas
        .iter()
        .filter(|area| bounds_of(area).is_some_and(|bounds| !main.rect.contains(&bounds)))
        .map(|area| area.id)
        .collect();
    if outside.is_empty() {
        return html! {};
    }
    let frame = Frame::around(all, 0.04, 1.0, [86.0, 70.0]);
    let pictures = context.pictures(&frame, 500, None);
    let imagery = frame.outline(&corners(context.imagery()));
    let layers = html! {
        (draw::background(&frame, "#f4f4f1"))
        (draw::pictures(&frame, &pictures))
        (bands(context, &frame))
        (outlines(context, &frame))
        path d=(imagery) fill="none" stroke="#111" stroke-width="4" {}
        (labels(survey, &frame).0)
        (draw::scale_bar(&frame))
        (draw::north(&frame))
    };
    html! {
        figure.beside {
            (drawing(&frame, "Map of the areas that reach beyond the imagery", layers))
            figcaption {
                p {
                    b { "Areas that reach beyond the map above." }
                    " The black frame is the imagery; outside it no ground was seen."
                }
                p.quiet {
                    (joined(&outside[..outside.len().min(LABELLED)]))
                    @if outside.len() > LABELLED {
                        " and " (outside.len() - LABELLED) " more"
                    }
                }
            }
        }
    }
}

fn joined(ids: &[HazardAreaId]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A rectangle around two.
fn joint_bounds(one: Rect, other: Rect) -> Rect {
    let (low, high) = (one.min(), one.max());
    Rect::new(
        coord! { x: low.x.min(other.min().x), y: low.y.min(other.min().y) },
        coord! { x: high.x.max(other.max().x), y: high.y.max(other.max().y) },
    )
}

/// South-west, north-west, north-east, south-east.
fn corners(rect: Rect) -> [Coord; 4] {
    let (low, high) = (rect.min(), rect.max());
    [low, coord! { x: low.x, y: high.y }, high, coord! { x: high.x, y: low.y }]
}

/// The belts of indications.
fn bands(context: &ReportContext<'_, '_>, frame: &Frame) -> Markup {
    let colour = context.colour_of(LandClass::Indication);
    html! {
        @for belt in &context.survey.indication_belts {
            @let path = frame.polygons(&context.survey.ground.to_metres(&belt.boundary));
            @if !path.is_empty() { (draw::band(&path, &colour, belt.weight)) }
        }
    }
}

/// Outlines of all areas, the gravest on top.
fn outlines(context: &ReportContext<'_, '_>, frame: &Frame) -> Markup {
    html! {
        @for area in by_gravity(context.survey).into_iter().rev() {
            @let path = frame.polygons(&context.survey.ground.to_metres(&area.boundary));
            @if !path.is_empty() {
                @let dashes = draw::dashes(area.land_class, area.kind);
                (draw::outline(&path, &context.colour_of_area(area), dashes, 0.0))
            }
        }
    }
}

/// Numbers of areas, each where its ground shows; and the areas in which the whole map lies, whose
/// number would say nothing there.
fn labels(survey: &Survey, frame: &Frame) -> (Markup, Vec<HazardAreaId>) {
    let window = MultiPolygon(vec![frame.rect.to_polygon()]);
    let mut taken: Vec<[f64; 2]> = vec![];
    let (mut placed, mut covering) = (vec![], vec![]);
    for area in by_gravity(survey).into_iter().take(LABELLED) {
        let in_frame = survey.ground.to_metres(&area.boundary).intersection(&window);
        if in_frame.unsigned_area() > 0.995 * frame.rect.unsigned_area() {
            covering.push(area.id);
        } else if let Some(at) = free_place(&in_frame, frame, &taken) {
            taken.push(at);
            placed.push(draw::label(at, &area.id.to_string()));
        }
    }
    (html! { @for label in placed { (label) } }, covering)
}

/// A place for a number that no other takes, drawing units; none where there is no room.
fn free_place(area: &MultiPolygon, frame: &Frame, taken: &[[f64; 2]]) -> Option<[f64; 2]> {
    // At the northern end: areas that lie in each other have their middles in one place.
    let top = area.exterior_coords_iter().max_by(|a, b| a.y.total_cmp(&b.y))?;
    let [x, y] = frame.at(top);
    let [width, height] = frame.size();
    let [x, y] = [x.clamp(40.0, width - 40.0), (y - 6.0).clamp(20.0, height - 20.0)];
    let is_free =
        |y: f64| taken.iter().all(|[tx, ty]| (tx - x).abs() > 90.0 || (ty - y).abs() > 34.0);
    let downwards = (0..LABEL_TRIES).map(|step| y + 36.0 * f64::from(step));
    downwards.into_iter().find(|y| is_free(*y)).map(|y| [x, y])
}

fn corners_text(survey: &Survey, frame: &Frame) -> String {
    let [sw, nw, ne, se] = corners(frame.rect).map(|corner| {
        let place = survey.ground.from_metres(&geo::Point::from(corner));
        words::position(survey.ground.lonlat(place.0))
    });
    format!("Corners of the map (WGS 84): NW {nw} · NE {ne} · SW {sw} · SE {se}")
}
