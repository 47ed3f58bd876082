//! The map of everything on the imagery.

use crate::areas;
use crate::draw::{self, drawing, rgb};
use crate::frame::Frame;
use crate::report::ReportContext;
use crate::words;
use geo::{
    Area, BooleanOps, BoundingRect, Contains, Coord, CoordsIter, Geometry, MultiPolygon, Rect,
    coord,
};
use maud::{Markup, html};
use rams_domain::{AreaKind, EoCategory, Feature, FeatureId, HazardArea, Survey, Threat};
use std::collections::BTreeSet;

/// Areas that carry their number on the map, the gravest first: more would hide the ground.
const LABELLED: usize = 40;

/// The ground in the frame of the imagery, local metres.
pub(crate) fn imagery(survey: &Survey) -> Rect {
    let extent = survey.ground.to_metres(&survey.ground.extent().to_polygon());
    extent.bounding_rect().unwrap_or_else(|| Rect::new(Coord::zero(), coord! { x: 1.0, y: 1.0 }))
}

/// The map, what its signs mean, and where its corners are.
pub(crate) fn figure(context: &mut ReportContext<'_, '_>) -> Markup {
    let survey = context.survey;
    let frame = Frame::around(imagery(survey), 0.04, 0.5, [178.0, 112.0]);
    let pictures = context.pictures(&frame, 1600, None);
    let (labels, covering) = labels(context, &frame);
    let drawn = html! {
        (draw::pictures(&frame, &pictures))
        (outlines(context, &frame))
        (marks(context, &frame, survey.features.iter()))
        (labels)
        (draw::scale_bar(&frame))
        (draw::north(&frame))
    };
    html! {
        figure.overview {
            (drawing(&frame, "Map of all areas and finds on the imagery", drawn))
            figcaption {
                @if pictures.is_empty() { b { "Without the imagery: " (context.why_no_picture()) ". " } }
                @if !covering.is_empty() {
                    p { b { "This map lies wholly, or all but its edges, within " (covering.join(", ")) "." } }
                }
                (legend(context))
                p.corners { (corners(survey, &frame)) }
            }
        }
        (whole(context, &frame))
    }
}

/// A small map that shows areas whole, where they reach beyond the imagery.
fn whole(context: &mut ReportContext<'_, '_>, main: &Frame) -> Markup {
    let survey = context.survey;
    let metres = |area: &HazardArea| survey.ground.to_metres(&area.boundary);
    let bounds = survey.hazard_areas.iter().filter_map(|area| metres(area).bounding_rect());
    let all = bounds.fold(main.rect, |all, one| {
        let (least, most) = (all.min(), all.max());
        Rect::new(
            coord! { x: least.x.min(one.min().x), y: least.y.min(one.min().y) },
            coord! { x: most.x.max(one.max().x), y: most.y.max(one.max().y) },
        )
    });
    let outside = survey.hazard_areas.iter().filter(|area| {
        metres(area).bounding_rect().is_some_and(|bounds| !main.rect.contains(&bounds))
    });
    let outside: Vec<_> = outside.map(|area| area.id.to_string()).collect();
    if outside.is_empty() {
        return html! {};
    }
    let frame = Frame::around(all, 0.04, 1.0, [86.0, 70.0]);
    let pictures = context.pictures(&frame, 500, None);
    let drawn = html! {
        rect width=(format!("{:.1}", frame.size()[0])) height=(format!("{:.1}", frame.size()[1])) fill="#f4f4f1" {}
        (draw::pictures(&frame, &pictures))
        (outlines(context, &frame))
        path d=(frame.outline(&corners_of(imagery(survey)))) fill="none" stroke="#111" stroke-width="4" {}
        (labels(context, &frame).0)
        (draw::scale_bar(&frame))
        (draw::north(&frame))
    };
    html! {
        figure.beside {
            (drawing(&frame, "Map of the areas that reach beyond the imagery", drawn))
            figcaption {
                p { b { "Areas that reach beyond the map above." } " The black frame is the \
                    imagery; outside it no ground was seen." }
                p.quiet { @for (index, id) in outside.iter().take(LABELLED).enumerate() { @if index > 0 { ", " } (id) }
                    @if outside.len() > LABELLED { " and " (outside.len() - LABELLED) " more" } }
            }
        }
    }
}

fn corners_of(rect: Rect) -> [Coord; 4] {
    let (least, most) = (rect.min(), rect.max());
    [least, coord! { x: least.x, y: most.y }, most, coord! { x: most.x, y: least.y }]
}

/// Outlines of all areas, the gravest on top.
fn outlines(context: &ReportContext<'_, '_>, frame: &Frame) -> Markup {
    html! {
        @for area in areas::by_gravity(context.survey).into_iter().rev() {
            @let path = frame.polygons(&context.survey.ground.to_metres(&area.boundary));
            @if !path.is_empty() { (draw::outline(&path, &rgb((context.colour)(&area.threat.to_string())), area.kind, 0.0)) }
        }
    }
}

/// Marks of finds; of those that would lie on each other one.
fn marks<'a>(
    context: &ReportContext<'_, '_>,
    frame: &Frame,
    features: impl Iterator<Item = &'a Feature>,
) -> Markup {
    let mut taken = BTreeSet::new();
    let [width, height] = frame.size();
    let mut place = |feature: &Feature, geometry: &Geometry| {
        let Geometry::Point(at) = geometry else { return true };
        let [x, y] = frame.at(at.0);
        let inside = (0.0..=width).contains(&x) && (0.0..=height).contains(&y);
        inside && taken.insert((feature.eo_category, (x / 8.0) as i64, (y / 8.0) as i64))
    };
    html! {
        @for feature in features {
            @let geometry = context.survey.ground.to_metres(&feature.geometry);
            @if place(feature, &geometry) { (draw::feature(frame, feature, &geometry, &rgb(context.colour_of(feature)))) }
        }
    }
}

/// Marks of some finds.
pub(crate) fn finds_of(
    context: &ReportContext<'_, '_>,
    frame: &Frame,
    features: &[FeatureId],
) -> Markup {
    marks(context, frame, features.iter().filter_map(|id| context.feature(*id)))
}

/// Numbers of areas, each where it is seen; and the areas in which the whole map lies, whose number
/// would say nothing there.
fn labels(context: &ReportContext<'_, '_>, frame: &Frame) -> (Markup, Vec<String>) {
    let window = MultiPolygon(vec![frame.rect.to_polygon()]);
    let mut taken: Vec<[f64; 2]> = vec![];
    let (mut placed, mut covering) = (vec![], vec![]);
    for area in areas::by_gravity(context.survey).into_iter().take(LABELLED) {
        let seen = context.survey.ground.to_metres(&area.boundary).intersection(&window);
        if seen.unsigned_area() > 0.995 * frame.rect.unsigned_area() {
            covering.push(area.id.to_string());
            continue;
        }
        // At the northern end: areas that lie in each other have their middles in one place.
        let corners = seen.exterior_coords_iter();
        let Some(top) = corners.max_by(|a, b| a.y.total_cmp(&b.y)).map(|at| frame.at(at)) else {
            continue;
        };
        let [width, height] = frame.size();
        let at = [top[0].clamp(40.0, width - 40.0), (top[1] - 6.0).clamp(20.0, height - 20.0)];
        // The first free place going down from there.
        let free = |y: f64| {
            taken.iter().all(|[tx, ty]| (tx - at[0]).abs() > 90.0 || (ty - y).abs() > 34.0)
        };
        let Some(y) = (0..6).map(|step| at[1] + 36.0 * f64::from(step)).find(|y| free(*y)) else {
            continue;
        };
        taken.push([at[0], y]);
        placed.push(draw::label([at[0], y], &area.id.to_string()));
    }
    (html! { @for label in placed { (label) } }, covering)
}

fn legend(context: &ReportContext<'_, '_>) -> Markup {
    let areas = &context.survey.hazard_areas;
    let of_kind = |kind| areas.iter().filter(move |area| area.kind == kind);
    let threats: BTreeSet<Threat> = areas.iter().map(|area| area.threat).collect();
    let is_point = |feature: &&Feature| matches!(feature.geometry, Geometry::Point(_));
    let (points, works): (Vec<_>, Vec<_>) = context.survey.features.iter().partition(is_point);
    let categories: BTreeSet<EoCategory> =
        points.iter().map(|feature| feature.eo_category).collect();
    let works: BTreeSet<(String, [u8; 3])> = works
        .iter()
        .map(|feature| (feature.indicator.to_string(), context.colour_of(feature)))
        .collect();
    let hollow = "M4 4h42v22h-42Z";
    html! {
        ul.legend {
            @for threat in threats.iter().rev() {
                li {
                    svg.swatch viewBox="0 0 50 30" aria-hidden="true" { (draw::outline(hollow, &rgb((context.colour)(&threat.to_string())), AreaKind::Sha, 0.12)) }
                    "threat " (words::threat(*threat).to_lowercase())
                }
            }
            @if of_kind(AreaKind::Indicative).next().is_some() {
                li {
                    svg.swatch viewBox="0 0 50 30" aria-hidden="true" { (draw::outline(hollow, "#444444", AreaKind::Indicative, 0.0)) }
                    "dashed: around evidence points, no perimeter"
                }
            }
            @for category in &categories {
                li {
                    svg.swatch viewBox="0 0 50 30" aria-hidden="true" { (draw::mark([25.0, 15.0], *category, &rgb((context.colour)(&category.to_string())))) }
                    (words::category(*category))
                }
            }
            @for (indicator, colour) in &works {
                li {
                    svg.swatch viewBox="0 0 50 30" aria-hidden="true" {
                        path d="M4 24L20 8L32 20L46 6" fill="none" stroke=(rgb(*colour)) stroke-width="6" {}
                    }
                    (indicator.replace('_', " "))
                }
            }
        }
    }
}

fn corners(survey: &Survey, frame: &Frame) -> String {
    let [sw, nw, ne, se] = corners_of(frame.rect).map(|corner| {
        let place = survey.ground.from_metres(&geo::Point::from(corner));
        words::position(survey.ground.lonlat(place.0))
    });
    format!("Corners of the map (WGS 84): NW {nw} · NE {ne} · SW {sw} · SE {se}")
}
