//! What the sections of a report work with.

use crate::draw::rgb;
use crate::frame::Frame;
use crate::words::Categories;
use crate::{Card, Picture, Shot};
use geo::{BoundingRect, Coord, Rect, coord};
use rams_domain::{EoCategory, Feature, FeatureId, HazardArea, LandClass, Survey};
use std::collections::HashMap;

/// Gives pictures of a window of the ground; none where the imagery is elsewhere or not at hand.
pub(crate) type Camera<'c> = dyn FnMut(&Shot<'_>) -> Vec<Picture> + 'c;

/// The survey of a report, and what is looked up of it again and again.
pub(crate) struct ReportContext<'a, 'c> {
    pub(crate) survey: &'a Survey,
    /// Red, green and blue of a word of the vocabulary.
    pub(crate) colour: fn(&str) -> [u8; 3],
    /// Category of ordnance of a class of a model.
    pub(crate) categories: Categories,
    camera: &'a mut Camera<'c>,
    by_id: HashMap<FeatureId, &'a Feature>,
    no_pictures: &'a [String],
}

impl<'a, 'c> ReportContext<'a, 'c> {
    /// `no_pictures` says why there are none of some imagery, one line each.
    pub(crate) fn new(
        survey: &'a Survey,
        colour: fn(&str) -> [u8; 3],
        cards: &[Card],
        no_pictures: &'a [String],
        camera: &'a mut Camera<'c>,
    ) -> Self {
        let by_id = survey.features.iter().map(|feature| (feature.id, feature)).collect();
        let categories = cards.iter().flat_map(Card::categories).collect();
        Self { survey, colour, categories, camera, by_id, no_pictures }
    }

    /// Pictures of the ground in a frame, of all orthomosaics or of one.
    pub(crate) fn pictures(
        &mut self,
        frame: &Frame,
        longest_px: u32,
        orthomosaic: Option<&str>,
    ) -> Vec<Picture> {
        (self.camera)(&Shot { rect: frame.rect, longest_px, orthomosaic })
    }

    pub(crate) fn why_no_picture(&self) -> String {
        if self.no_pictures.is_empty() {
            "none was at hand".into()
        } else {
            self.no_pictures.join("; ")
        }
    }

    /// The ground in the frame of the imagery, local metres.
    pub(crate) fn imagery(&self) -> Rect {
        let ground = &self.survey.ground;
        let extent = ground.to_metres(&ground.extent().to_polygon());
        extent
            .bounding_rect()
            .unwrap_or_else(|| Rect::new(Coord::zero(), coord! { x: 1.0, y: 1.0 }))
    }

    pub(crate) fn feature(&self, id: FeatureId) -> Option<&'a Feature> {
        self.by_id.get(&id).copied()
    }

    /// Colour of a word of the vocabulary, for SVG and CSS.
    pub(crate) fn colour_of(&self, word: impl ToString) -> String {
        rgb((self.colour)(&word.to_string()))
    }

    /// Of the threat of an SHA; indications are all alike, whatever theirs.
    pub(crate) fn colour_of_area(&self, area: &HazardArea) -> String {
        match area.land_class {
            LandClass::Sha => self.colour_of(area.threat),
            LandClass::Indication => self.colour_of(LandClass::Indication),
        }
    }

    /// Of its category, or of what it is where that is not known: all earthworks would look the
    /// same.
    pub(crate) fn colour_of_feature(&self, feature: &Feature) -> String {
        match feature.eo_category {
            EoCategory::Unknown => self.colour_of(feature.indicator),
            category => self.colour_of(category),
        }
    }
}
