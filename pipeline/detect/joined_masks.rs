//! Segments of a mask -> the things they are parts of.

use rams_domain::{Detection, DisjointSets, Model, PxBox, Shape};

/// Finds of a tile with those masks as one that touch and are of one family: where a line is cut
/// into pieces by kind is a matter of rounding. It has the class of its largest part and the mean
/// score of its area. Boxes stay as they are.
pub(crate) fn joined_masks(finds: &[Detection], model: &Model) -> Vec<Detection> {
    let masks: Vec<_> = finds.iter().map(mask).collect();
    let mut sets = DisjointSets::new(finds.len());
    for (one, boxes) in masks.iter().enumerate() {
        for (other, others) in masks[..one].iter().enumerate() {
            let is_family = model.family(finds[one].class) == model.family(finds[other].class);
            if is_family && touch(boxes, others) {
                sets.join(one, other);
            }
        }
    }
    sets.sets().into_iter().map(|group| join(group.iter().map(|at| &finds[*at]))).collect()
}

/// The boxes of a mask; none of a box.
fn mask(find: &Detection) -> &[PxBox] {
    match &find.shape {
        Shape::Box(_) => &[],
        Shape::Mask(boxes) => boxes,
    }
}

fn touch(some: &[PxBox], others: &[PxBox]) -> bool {
    let touch = |a: &PxBox, b: &PxBox| a.x0 <= b.x1 && b.x0 <= a.x1 && a.y0 <= b.y1 && b.y0 <= a.y1;
    let (Some(whole), Some(other)) = (hull(some), hull(others)) else { return false };
    touch(&whole, &other)
        && some.iter().filter(|a| touch(a, &other)).any(|a| others.iter().any(|b| touch(a, b)))
}

fn hull(boxes: &[PxBox]) -> Option<PxBox> {
    boxes.iter().copied().reduce(|a, b| PxBox {
        x0: a.x0.min(b.x0),
        y0: a.y0.min(b.y0),
        x1: a.x1.max(b.x1),
        y1: a.y1.max(b.y1),
    })
}

/// One find of its parts, one or more.
fn join<'a>(parts: impl Iterator<Item = &'a Detection> + Clone) -> Detection {
    let area = |find: &Detection| mask(find).iter().map(PxBox::area).sum::<f64>();
    let largest = parts.clone().max_by(|a, b| area(a).total_cmp(&area(b)));
    let mut joined = largest.expect("a group has a find").clone();
    if parts.clone().nth(1).is_some() {
        let all: f64 = parts.clone().map(area).sum();
        let sum: f64 = parts.clone().map(|find| f64::from(find.score) * area(find)).sum();
        joined.score = (sum / all) as f32;
        joined.shape = Shape::Mask(parts.flat_map(mask).copied().collect());
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use rams_domain::{DetectionId, TileId};
    use rams_model::Manifest;
    use std::path::Path;

    #[test]
    fn a_line_cut_in_pieces_is_one_and_what_lies_apart_is_not() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/models/red-boxes");
        let model = Manifest::read(&folder, None).expect("a toy").model;
        let strip = |score: f32, x0: f64, x1: f64| {
            let shape = Shape::Mask(vec![PxBox { x0, y0: 0.0, x1, y1: 10.0 }]);
            let id = DetectionId { tile: TileId(0), index: 0 };
            Detection { id, class: 0, score, shape, embedding: None }
        };
        let finds = [strip(0.9, 0.0, 30.0), strip(0.5, 50.0, 60.0), strip(0.5, 30.0, 40.0)];
        let joined = joined_masks(&finds, &model);
        let told: Vec<_> =
            joined.iter().map(|find| ((find.score * 1e3).round(), mask(find).len())).collect();
        // (0.9 * 300 + 0.5 * 100) / 400
        assert_eq!(told, [(800.0, 2), (500.0, 1)]);
    }
}
