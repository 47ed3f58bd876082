//! Masks of one family of classes -> candidates, joined across seams.

use crate::candidate::{Candidate, CandidateShape};
use crate::outline::{Component, components};
use crate::simplify::simplify;
use crate::vote::Vote;
use rams_domain::{Detection, DetectionId, Model, Orthomosaic, PxBox, Shape};
use rayon::prelude::*;
use rstar::{RTree, primitives::GeomWithData, primitives::Rectangle};

/// Boxes of masks in mosaic pixels, with the detection that each belongs to.
pub(crate) type Owners<'a> = RTree<GeomWithData<Rectangle<[f64; 2]>, &'a Detection>>;

/// The masks of one family as the boxes they are made of.
pub(crate) struct Masks<'a> {
    boxes: Vec<PxBox>,
    /// The detection that each box belongs to.
    owners: Vec<&'a Detection>,
}

impl<'a> Masks<'a> {
    pub(crate) fn new(detections: &[&'a Detection]) -> Self {
        let (mut boxes, mut owners) = (vec![], vec![]);
        for detection in detections {
            if let Shape::Mask(parts) = &detection.shape {
                boxes.extend_from_slice(parts);
                owners.resize(boxes.len(), *detection);
            }
        }
        Self { boxes, owners }
    }

    /// The pieces of ground they cover, whichever of them does.
    pub(crate) fn components(&self) -> Vec<Component> {
        components(&self.boxes)
    }

    /// The boxes of a component, each with its detection.
    pub(crate) fn of(
        &self,
        component: &Component,
    ) -> impl Iterator<Item = (&PxBox, &'a Detection)> {
        component.members.iter().map(|&i| (&self.boxes[i], self.owners[i]))
    }

    /// Which mask covers a place.
    pub(crate) fn tree(&self) -> Owners<'a> {
        let entry = |(px, owner): (&PxBox, &&'a Detection)| {
            GeomWithData::new(Rectangle::from_corners([px.x0, px.y0], [px.x1, px.y1]), *owner)
        };
        RTree::bulk_load(self.boxes.iter().zip(&self.owners).map(entry).collect())
    }

    /// The box around a component.
    pub(crate) fn bounds(&self, component: &Component) -> Option<PxBox> {
        self.of(component).map(|(px, _)| *px).reduce(|a, b| a.around(&b))
    }

    /// What the masks of a component say of it, by their area.
    pub(crate) fn vote(&self, component: &Component) -> Vote {
        let mut vote = Vote::default();
        for (px, owner) in self.of(component) {
            vote.add(owner.class, px.area(), owner.score, px.area());
        }
        vote
    }

    /// The detections of a component, in order.
    pub(crate) fn detections(&self, component: &Component) -> Vec<DetectionId> {
        let mut ids: Vec<_> = self.of(component).map(|(_, owner)| owner.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// The masks of a family that is drawn as points or polygons: a candidate for each piece of ground
/// that they cover. Their outlines lose the staircase of the masks' cells. `family` is the index of
/// its class, `grid_px` one pixel of the model's grid.
pub(crate) fn outlines(
    family: usize,
    detections: &[&Detection],
    model: &Model,
    orthomosaic: &Orthomosaic,
    grid_px: f64,
) -> Vec<Candidate> {
    let masks = Masks::new(detections);
    let gsd_m = orthomosaic.coarsest_gsd_m();
    let candidate = |component: Component| {
        let vote = masks.vote(&component);
        let (px, score) = (masks.bounds(&component)?, vote.score()?);
        let detections = masks.detections(&component);
        let simple = simplify(&component.outline, orthomosaic.size, grid_px);
        let class = vote.class(model, gsd_m, family);
        Some(Candidate {
            class,
            score,
            px,
            shape: CandidateShape::Outline { exact: component.outline, simple },
            detections,
        })
    };
    masks.components().into_par_iter().filter_map(candidate).collect()
}
