//! One find, as the imagery shows it.

use crate::context::ReportContext;
use crate::draw::{self, drawing};
use crate::frame::Frame;
use crate::words;
use geo::{BoundingRect, Geometry, Rect, coord};
use maud::{Markup, html};
use rams_domain::Feature;

/// Width and height of a chip on paper, millimetres: three in a row.
const SIDES_MM: [f64; 2] = [56.0, 42.0];

/// Ground that a chip shows at least from top to bottom, metres: a mine of 12 cm with the ground it
/// lies on.
const LEAST_M: f64 = 1.2;

/// The find with its surroundings, its outline, and what it was taken for.
pub(crate) fn chip(context: &mut ReportContext<'_, '_>, feature: &Feature) -> Markup {
    let geometry = context.survey.ground.to_metres(&feature.geometry);
    let Some(bounds) = geometry.bounding_rect() else { return html! {} };
    let frame = Frame::around(surroundings(bounds, feature), 0.0, 0.0, SIDES_MM);
    // A find that a person added was seen in no orthomosaic, and has no box.
    let orthomosaic = Some(feature.orthomosaic.as_str()).filter(|name| !name.is_empty());
    let pictures = context.pictures(&frame, 560, orthomosaic);
    let colour = context.colour_of_feature(feature);
    let picture = pictures.first().filter(|_| feature.px.area() > 0.0);
    let box_path = picture.map(|picture| frame.outline(&picture.outline(&feature.px)));
    let layers = html! {
        (draw::background(&frame, "#e9e9e5"))
        (draw::pictures(&frame, &pictures))
        @if let (Geometry::Point(_), Some(path)) = (&geometry, box_path) {
            path d=(path) fill="none" stroke="#fff" stroke-width="9" {}
            path d=(path) fill="none" stroke=(colour) stroke-width="5" {}
        } @else {
            (draw::feature(&frame, feature, &geometry, &colour))
        }
        (draw::scale_bar(&frame))
    };
    let class = context.survey.record.class_label(&feature.model, &feature.class);
    html! {
        figure.chip {
            (drawing(&frame, &format!("Picture of find {}", feature.id), layers))
            figcaption {
                b { (class) } " " (format!("{:.2}", feature.confidence))
                " · " (words::confidence(feature.confidence))
                br;
                span.quiet { (feature.id) " · " (words::size(feature)) }
                @if pictures.is_empty() { br; span.quiet { "no picture" } }
            }
        }
    }
}

/// The find in its middle, and some ground around it.
fn surroundings(bounds: Rect, feature: &Feature) -> Rect {
    let longest_m = bounds.width().max(bounds.height()).max(feature.size_m[0] * 1.6);
    let half = (longest_m * 0.6).max(LEAST_M / 2.0);
    let by = coord! { x: half * SIDES_MM[0] / SIDES_MM[1], y: half };
    Rect::new(bounds.center() - by, bounds.center() + by)
}
