//! Whether two execution providers answer alike.

use crate::{joined_masks::joined_masks, tile_detections::TileDetections};
use rams_domain::{Detection, Model, PxBox, Shape};

/// A provider answers like ONNX Runtime's own kernels where each of the best finds of each tile has
/// a counterpart of the same family, half of whose area or more is the same, and the odds of the
/// two scores differ by no more than this factor: 0.30 may become 0.26 or 0.35.
const TOLERANCE: f32 = 1.25;

/// Finds are compared from this share of their class's sensitive threshold on. Far below a
/// threshold, which of many faint peaks a model lists is chance: of 2300 finds of surface-ordnance
/// below it, bf16 changed the odds of one by a factor of 59; of 115 above it, none by more than
/// 1.14.
pub(crate) const FLOOR: f32 = 0.5;

/// Fewer finds than this on all tiles together tell nothing of a provider that rounds otherwise.
pub(crate) const LEAST_FINDS: usize = 12;

/// Finds of a tile that are compared at most.
const COMPARED: usize = 25;

/// Whether a provider answers like another.
#[derive(Debug, PartialEq)]
pub(crate) enum Agreement {
    /// So many finds have a counterpart, and the odds of none differ by more than this factor.
    Yes { finds: usize, odds: f32 },
    /// What differs.
    No(String),
    /// So few finds that they tell nothing.
    Unknown(usize),
}

/// How many finds of some tiles are compared at most, as far as one provider's answers tell.
pub(crate) fn comparable(answers: &[TileDetections], model: &Model) -> usize {
    answers.iter().map(|answer| best(&joined_masks(&answer.detections, model), model).len()).sum()
}

/// Compares the answers of two providers for the same tiles.
pub(crate) fn agreement(
    plain: &[TileDetections],
    other: &[TileDetections],
    model: &Model,
) -> Agreement {
    let (mut finds, mut furthest) = (0, 1.0_f32);
    let family = |find: &Detection| model.family(find.class);
    for (plain, other) in plain.iter().zip(other) {
        let [plain, other] = [plain, other].map(|of| joined_masks(&of.detections, model));
        for (from, to, which) in [(&plain, &other, "it misses"), (&other, &plain, "it alone has")] {
            for find in best(from, model) {
                let twins = to.iter().filter(|twin| family(twin) == family(find));
                let alike = twins.filter(|twin| is_same(&find.shape, &twin.shape));
                let apart = alike.map(|twin| odds_apart(find.score, twin.score)).reduce(f32::min);
                let what =
                    format!("a find of {} of {:.4}", model.classes[find.class].name, find.score);
                match apart {
                    Some(factor) if factor <= TOLERANCE => {
                        (finds, furthest) = (finds + 1, furthest.max(factor))
                    }
                    Some(factor) => {
                        return Agreement::No(format!(
                            "the odds of {what} differ by a factor of {factor:.2}"
                        ));
                    }
                    None => return Agreement::No(format!("{which} {what}")),
                }
            }
        }
    }
    // Each find counts from both sides.
    let finds = finds / 2;
    if finds < LEAST_FINDS {
        Agreement::Unknown(finds)
    } else {
        Agreement::Yes { finds, odds: furthest }
    }
}

/// The finds furthest above their thresholds first, as many as are compared.
fn best<'a>(of: &'a [Detection], model: &Model) -> Vec<&'a Detection> {
    let height = |find: &Detection| find.score / model.classes[find.class].threshold.sensitive;
    // A counterpart may lie a little below the floor.
    let least = TOLERANCE * FLOOR;
    let mut finds: Vec<_> = of.iter().filter(|find| height(find) >= least).collect();
    finds.sort_by(|a, b| height(b).total_cmp(&height(a)));
    finds.truncate(COMPARED);
    finds
}

/// The factor between the odds of two scores, 1 or more.
fn odds_apart(a: f32, b: f32) -> f32 {
    let odds = |score: f32| score.clamp(1e-6, 1.0 - 1e-6) / (1.0 - score.clamp(1e-6, 1.0 - 1e-6));
    (odds(a) / odds(b)).max(odds(b) / odds(a))
}

/// Whether half of the area of two shapes or more is the same: intersection over union.
fn is_same(a: &Shape, b: &Shape) -> bool {
    let boxes = |shape: &Shape| match shape {
        Shape::Box(bounds) => vec![*bounds],
        Shape::Mask(boxes) => boxes.clone(),
    };
    let (a, b) = (boxes(a), boxes(b));
    let shared: f64 = a.iter().flat_map(|a| b.iter().map(move |b| a.overlap(b))).sum();
    let area = |boxes: &[PxBox]| boxes.iter().map(PxBox::area).sum::<f64>();
    shared > 0.0 && shared >= 0.5 * (area(&a) + area(&b) - shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rams_domain::{DetectionId, TileId};
    use rams_model::Manifest;
    use std::path::Path;

    fn model() -> Model {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/models/red-boxes");
        Manifest::read(&folder, None).expect("a toy").model
    }

    /// Finds of a tile, side by side, 40 px apart and `shift_px` to the right.
    fn tile(scores: &[f32], shift_px: f64) -> TileDetections {
        let find = |(index, score): (usize, &f32)| {
            let x0 = 40.0 * index as f64 + shift_px;
            let shape = Shape::Box(PxBox { x0, y0: 0.0, x1: x0 + 20.0, y1: 20.0 });
            let id = DetectionId { tile: TileId(0), index: index as u32 };
            Detection { id, class: 0, score: *score, shape, embedding: None }
        };
        TileDetections { detections: scores.iter().enumerate().map(find).collect(), full_at: None }
    }

    fn compare(plain: TileDetections, other: TileDetections) -> Agreement {
        agreement(&[plain], &[other], &model())
    }

    #[test]
    fn a_provider_that_rounds_otherwise_agrees() {
        let Agreement::Yes { finds, odds } = compare(tile(&[0.5; 12], 0.0), tile(&[0.53; 12], 5.0))
        else {
            panic!("odds of 1 and 1.13, boxes that share 60 %")
        };
        assert!(finds == 12 && (1.12..1.14).contains(&odds), "{finds}, {odds}");
    }

    #[test]
    fn one_find_missed_or_added_moved_or_doubted_is_one_too_many() {
        let (whole, mut doubted) = ([0.6; 13], [0.6; 13]);
        doubted[7] = 0.5;
        let said = |other: TileDetections| format!("{:?}", compare(tile(&whole, 0.0), other));
        assert!(said(tile(&whole[..12], 0.0)).contains("it misses a find of red-square"));
        assert!(said(tile(&[0.6; 14], 0.0)).contains("it alone has a find of red-square"));
        assert!(said(tile(&whole, 8.0)).contains("it misses"));
        assert!(said(tile(&doubted, 0.0)).contains("differ by a factor of 1.50"));
    }

    #[test]
    fn too_few_finds_tell_nothing_and_doubts_below_the_floor_do_not_count() {
        assert_eq!(compare(tile(&[0.6; 11], 0.0), tile(&[0.6; 11], 0.0)), Agreement::Unknown(11));
        // The toy's threshold is 0.5, and half of it the floor.
        assert_eq!(compare(tile(&[0.26; 13], 0.0), tile(&[], 0.0)), Agreement::Unknown(0));
    }

    #[test]
    fn masks_are_compared_by_the_area_they_share() {
        let runs = |lengths: &[f64]| {
            let run = |(y, length): (usize, &f64)| PxBox {
                x0: 0.0,
                y0: y as f64,
                x1: *length,
                y1: y as f64 + 1.0,
            };
            Shape::Mask(lengths.iter().enumerate().map(run).collect())
        };
        assert!(is_same(&runs(&[10.0, 10.0]), &runs(&[10.0, 6.0])));
        assert!(!is_same(&runs(&[10.0, 10.0]), &runs(&[6.0, 3.0])));
    }
}
