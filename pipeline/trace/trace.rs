//! Detections of one model on one orthomosaic -> features.

use crate::candidate::{Candidate, CandidateShape};
use crate::lines::lines;
use crate::masks::outlines;
use crate::merge::merge;
use crate::place::{PlacedCandidate, place};
use rams_domain::{
    Detection, Feature, FeatureId, GeometryKind, Grid, Model, OperatingPoint, Orthomosaic, PxBox,
    Shape,
};
use rayon::prelude::*;

/// Candidates that are placed at a time: what that takes of memory is given back before the next.
const AT_A_TIME: usize = 32_768;

/// Makes features of the detections of one model on one orthomosaic, by family of classes, then
/// from the top of the image. A family is a class with the classes that name it as their parent,
/// its kinds ([`Model::family`]).
///
/// * A detection is called by its class where the orthomosaic's pixels are fine enough to name it,
///   else by the family ([`Model::named_at`]).
/// * A box that scores less than its class's threshold at the operating point takes no part.
/// * A detection of a class that the pixels are too coarse for is no feature
///   ([`Model::is_in_reach`]): in such pixels nobody tested whether the model is right.
/// * Boxes of a family that are one object become one feature with the box and the score of the
///   best and the ids of all: from an intersection over union of 0.3 on, or, where both name one
///   kind, with 0.6 of the smaller box in the other. Where they name different kinds it is called
///   by the family. A duplicate is better than a miss: in doubt they stay apart.
/// * Masks of a family that share an edge, in one tile or across a seam, become one feature, called
///   by the kind that holds two thirds of its area, else by the family. Its score is the mean of
///   theirs, weighted by area; below the threshold of its class at the operating point it is no
///   feature. Nor is it where its longer side is below a quarter of the least size of its class:
///   that is speckle.
/// * Masks of a linear earthwork become a network of centrelines, of whose stretches, of 50 m at
///   most, each has its own class, width and confidence. What juts out less far than the mask is
///   wide there is its ragged rim, and no sap. Networks that face each other across a small gap are
///   one. Its score is the highest mean along a centreline over the least size of the class, no
///   less than that of the whole: a long faint tail takes nothing from what is sure.
/// * Two families on one object stay two features. Which of them is right is for a person to say;
///   suppressing one here would also move its area to another category of ordnance unnoticed.
///
/// `grid` is the one the model counted in: masks are simplified by one of its pixels. The order of
/// `detections` does not matter. Features are numbered by `ids`, and their geometry is in the CRS
/// of the survey.
///
/// # Panics
/// Where the class of a detection is none of the model's.
///
/// # Examples
/// A mine that two neighbouring tiles found, and a mask of 30 x 20 px that a seam at `x` = 70 cuts
/// in two:
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/example.rs")); }
/// # use example::*;
/// use rams_domain::{FeatureId, OperatingPoint};
/// use rams_trace::trace;
///
/// let (model, orthomosaic) = (model(), orthomosaic("flight")); // 200 x 200 px of 0.1 m
/// let grid = grid(&orthomosaic);
/// let (mine, crater) = (0, 1); // indices of the model's classes
/// let detections = [
///     detection(0, 0, mine, 0.6, Shape::Box(px(96.0, 40.0, 99.0, 43.0))),
///     detection(1, 0, mine, 0.9, Shape::Box(px(96.0, 40.0, 100.0, 43.0))),
///     detection(0, 1, crater, 0.7, Shape::Mask(vec![px(60.0, 90.0, 70.0, 110.0)])),
///     detection(1, 1, crater, 0.8, Shape::Mask(vec![px(70.0, 90.0, 90.0, 110.0)])),
/// ];
///
/// let point = OperatingPoint::Balanced;
/// let features = trace(&detections, &model, &orthomosaic, &grid, point, &mut FeatureId::all());
///
/// let [mine, crater] = &features[..] else { panic!("one of each") };
/// assert_eq!((mine.class.as_str(), mine.score, mine.detections.len()), ("mine", 0.9, 2));
/// // The centre of the better box, 98.0 px to the right and 41.5 px down from (0, 20).
/// let geo::Geometry::Point(at) = mine.geometry else { panic!("a mine is a point") };
/// assert!((at.x() - 9.8).abs() < 1e-9 && (at.y() - 15.85).abs() < 1e-9);
///
/// // Weighted by area: a third of it scored 0.7, the rest 0.8.
/// assert!((crater.score - 0.7667).abs() < 1e-3);
/// assert!((crater.area_m2 - 3.0 * 2.0).abs() < 0.01);
/// ```
pub fn trace(
    detections: &[Detection],
    model: &Model,
    orthomosaic: &Orthomosaic,
    grid: &Grid,
    point: OperatingPoint,
    ids: &mut impl Iterator<Item = FeatureId>,
) -> Vec<Feature> {
    let gsd_m = orthomosaic.coarsest_gsd_m();
    let in_reach: Vec<bool> =
        (0..model.classes.len()).map(|class| model.is_in_reach(class, gsd_m)).collect();
    let takes_part =
        |detection: &&Detection| in_reach[detection.class] && !model.is_below(detection, point);
    let mut ordered: Vec<&Detection> = detections.iter().filter(takes_part).collect();
    ordered.sort_by_key(|detection| detection.id);
    let mut by_family: Vec<Vec<&Detection>> = vec![vec![]; model.classes.len()];
    for detection in ordered {
        by_family[model.family(detection.class)].push(detection);
    }
    let [scale_x, scale_y] = grid.scale();
    let grid_px = scale_x.max(scale_y);
    let candidates = by_family.into_par_iter().enumerate().flat_map(|(family, detections)| {
        let mut of_family = objects(&detections, model, gsd_m, family);
        of_family.extend(match model.classes[family].geometry {
            GeometryKind::Line => lines(family, &detections, model, orthomosaic, grid_px),
            GeometryKind::Point | GeometryKind::Polygon => {
                outlines(family, &detections, model, orthomosaic, grid_px)
            }
        });
        of_family
            .sort_by(|a, b| position(&a.px, &b.px).then_with(|| a.detections.cmp(&b.detections)));
        of_family
    });
    let mut candidates = candidates.collect::<Vec<Candidate>>().into_iter();
    let mut features = Vec::with_capacity(candidates.len());
    loop {
        let some: Vec<Candidate> = candidates.by_ref().take(AT_A_TIME).collect();
        if some.is_empty() {
            return features;
        }
        let some = some.into_par_iter();
        let placed: Vec<PlacedCandidate> =
            some.filter_map(|candidate| place(candidate, model, orthomosaic, point)).collect();
        let numbered = placed.into_iter().zip(&mut *ids);
        features.extend(numbered.map(|(placed, id)| placed.feature(id, model, orthomosaic)));
    }
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
    let candidate = |group: Vec<usize>| {
        let (px, score, kind) = boxes[group[0]];
        let contradicts =
            |member: &usize| boxes[*member].2.is_some_and(|other| Some(other) != kind);
        let kind = kind.filter(|_| !group.iter().any(contradicts));
        let class = kind.map_or(family, |kind| model.named_at(kind, gsd_m));
        let mut detections: Vec<_> = group.into_iter().map(|i| ids[i]).collect();
        detections.sort_unstable();
        Candidate { class, score, px, shape: CandidateShape::Box, detections }
    };
    merge(&boxes).into_iter().map(candidate).collect()
}

fn position(a: &PxBox, b: &PxBox) -> std::cmp::Ordering {
    let corners = |px: &PxBox| [px.y0, px.x0, px.y1, px.x1];
    let pairs = corners(a).into_iter().zip(corners(b));
    pairs.fold(std::cmp::Ordering::Equal, |so_far, (a, b)| so_far.then(a.total_cmp(&b)))
}
