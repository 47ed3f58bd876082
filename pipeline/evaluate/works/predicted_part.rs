//! A predicted earthwork as parts of one name each.

use super::{FoundEarthwork, FoundPart, FoundShape};
use geo::{
    Buffer, LineString, MultiPolygon,
    buffer::{BufferStyle, LineCap},
};
use std::borrow::Cow;

/// A predicted earthwork or a part of one: ground of one name.
pub(super) struct PredictedPart<'a> {
    /// Index of the feature that it is a part of.
    pub(super) feature: usize,
    pub(super) class: usize,
    /// Of the part, not of the feature.
    pub(super) confidence: f64,
    pub(super) line: Option<&'a LineString>,
    pub(super) ground: Cow<'a, MultiPolygon>,
}

impl<'a> PredictedPart<'a> {
    /// All parts of some predicted earthworks, in their order.
    pub(super) fn all(features: &[&'a FoundEarthwork]) -> Vec<Self> {
        features.iter().enumerate().flat_map(|(at, found)| Self::of(at, found)).collect()
    }

    fn of(feature: usize, found: &'a FoundEarthwork) -> Vec<Self> {
        match &found.shape {
            FoundShape::Area(ground) => {
                let (class, confidence) = (found.class, found.confidence);
                vec![Self { feature, class, confidence, line: None, ground: Cow::Borrowed(ground) }]
            }
            FoundShape::Lines(parts) => {
                parts.iter().map(|part| Self::along(feature, part)).collect()
            }
        }
    }

    /// The ground of a stretch of a centreline is the line with half its width on either side.
    fn along(feature: usize, part: &'a FoundPart) -> Self {
        let FoundPart { class, confidence, ref line, width_m } = *part;
        let style = BufferStyle::new(width_m / 2.0).line_cap(LineCap::Butt);
        let ground = Cow::Owned(line.buffer_with_style(style));
        Self { feature, class, confidence, line: Some(line), ground }
    }
}
