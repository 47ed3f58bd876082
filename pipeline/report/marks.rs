//! Finds on a map.

use crate::context::ReportContext;
use crate::draw;
use crate::frame::Frame;
use geo::Geometry;
use maud::{Markup, html};
use rams_domain::{Feature, FeatureId};
use std::collections::BTreeSet;

/// Side of the squares of a map that hold one mark of a category, drawing units.
const SQUARE: f64 = 8.0;

/// Marks of finds; of those that would lie on each other one.
pub(crate) fn marks<'a>(
    context: &ReportContext<'_, '_>,
    frame: &Frame,
    features: impl Iterator<Item = &'a Feature>,
) -> Markup {
    let mut taken = BTreeSet::new();
    let [width, height] = frame.size();
    let mut has_room = |feature: &Feature, geometry: &Geometry| {
        let Geometry::Point(at) = geometry else { return true };
        let [x, y] = frame.at(at.0);
        let inside = (0.0..=width).contains(&x) && (0.0..=height).contains(&y);
        let square = [x, y].map(|along| (along / SQUARE) as i64);
        inside && taken.insert((feature.eo_category, square))
    };
    html! {
        @for feature in features {
            @let geometry = context.survey.ground.to_metres(&feature.geometry);
            @if has_room(feature, &geometry) {
                (draw::feature(frame, feature, &geometry, &context.colour_of_feature(feature)))
            }
        }
    }
}

/// Marks of the finds with these numbers.
pub(crate) fn marks_of(
    context: &ReportContext<'_, '_>,
    frame: &Frame,
    features: &[FeatureId],
) -> Markup {
    marks(context, frame, features.iter().filter_map(|id| context.feature(*id)))
}
