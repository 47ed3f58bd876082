//! The verb of this crate.

use crate::lines::lines;
use crate::masks::outlines;
use crate::merge::merge;
use crate::place::{Candidate, DrawnFrom, Placed, place};
use rams_domain::{
    Detection, Feature, FeatureId, GeometryKind, Grid, Model, Orthomosaic, PxBox, Shape,
};
use rayon::prelude::*;

/// A mask whose longer side, or the length of whose centrelines, is below this share of the least
/// plausible size of its class is speckle of the model and not a feature: of a trench of at least
/// 4 m, anything under 1 m. Lenient on purpose, since vegetation and shadow break true earthworks
/// into pieces. Boxes of a detector are never dropped.
pub(crate) const SPECKLE_SHARE: f64 = 0.25;

/// What the detections of one model on one orthomosaic show on the ground, by family of classes,
/// then from the top of the image.
///
/// * A find is called by its class where the orthomosaic's pixels are fine enough to name it, else
///   by the family ([`Model::named_at`]).
/// * A find of a class that the pixels are too coarse for is no feature ([`Model::is_in_reach`]):
///   the model saw there what it was never seen to find.
/// * Boxes of a family that are one object become one feature with the box and the score of the
///   best and the ids of all. Where they name different kinds it is called by the family. A
///   duplicate is better than a miss: in doubt they stay apart.
/// * Masks of a family that share an edge, in one tile or across a seam, become one feature, called
///   by the kind that holds two thirds of its area, else by the family. Its score is the mean of
///   theirs, weighted by area; below the threshold of its class it is no feature.
/// * Masks of a linear earthwork become a network of centrelines, of whose stretches each has its
///   own class, width and confidence. Networks that face each other across a small gap are one.
/// * Two families on one object stay two features. Which of them is right is for a person to say;
///   suppressing one here would also move its area to another category of ordnance unseen.
///
/// `grid` is the one the model counted in: masks are simplified by one of its pixels. The order of
/// `detections` does not matter. Their class must be one of the model's. Features are numbered by
/// `ids`.
pub fn trace(
    detections: &[Detection],
    model: &Model,
    orthomosaic: &Orthomosaic,
    grid: &Grid,
    ids: &mut impl Iterator<Item = FeatureId>,
) -> Vec<Feature> {
    let gsd_m = orthomosaic.coarsest_gsd_m();
    let in_reach: Vec<bool> =
        (0..model.classes.len()).map(|class| model.is_in_reach(class, gsd_m)).collect();
    let mut ordered: Vec<&Detection> =
        detections.iter().filter(|detection| in_reach[detection.class]).collect();
    ordered.sort_by_key(|detection| detection.id);
    let mut by_family: Vec<Vec<&Detection>> = vec![vec![]; model.classes.len()];
    for detection in ordered {
        by_family[model.family(detection.class)].push(detection);
    }
    let [scale_x, scale_y] = grid.scale();
    let grid_px = scale_x.max(scale_y);
    let things = by_family.into_par_iter().enumerate().flat_map(|(family, detections)| {
        let mut things = objects(&detections, model, gsd_m, family);
        things.extend(match model.classes[family].geometry {
            GeometryKind::Line => lines(family, &detections, model, orthomosaic, grid_px),
            GeometryKind::Point | GeometryKind::Polygon => {
                outlines(family, &detections, model, orthomosaic, grid_px)
            }
        });
        things.sort_by(|a, b| position(&a.px, &b.px).then_with(|| a.detections.cmp(&b.detections)));
        things
    });
    let placed: Vec<Placed> = things.filter_map(|thing| place(thing, model, orthomosaic)).collect();
    placed.into_iter().zip(ids).map(|(placed, id)| placed.feature(id, model, orthomosaic)).collect()
}

/// Boxes of one family, merged.
fn objects(detections: &[&Detection], model: &Model, gsd_m: f64, family: usize) -> Vec<Candidate> {
    let mut boxes = vec![];
    let mut ids = vec![];
    for detection in detections {
        if let Shape::Box(px) = detection.shape {
            let kind =
                (!model.is_family(&model.classes[detection.class])).then_some(detection.class);
            boxes.push((px, detection.score, kind));
            ids.push(detection.id);
        }
    }
    let thing = |group: Vec<usize>| {
        let (px, score, kind) = boxes[group[0]];
        let contradicts =
            |member: &usize| boxes[*member].2.is_some_and(|other| Some(other) != kind);
        let kind = kind.filter(|_| !group.iter().any(contradicts));
        let class = kind.map_or(family, |kind| model.named_at(kind, gsd_m));
        let mut detections: Vec<_> = group.into_iter().map(|i| ids[i]).collect();
        detections.sort_unstable();
        Candidate { class, score, px, drawn: DrawnFrom::Box, detections }
    };
    merge(&boxes).into_iter().map(thing).collect()
}

fn position(a: &PxBox, b: &PxBox) -> std::cmp::Ordering {
    let corners = |px: &PxBox| [px.y0, px.x0, px.y1, px.x1];
    let pairs = corners(a).into_iter().zip(corners(b));
    pairs.fold(std::cmp::Ordering::Equal, |so_far, (a, b)| so_far.then(a.total_cmp(&b)))
}
