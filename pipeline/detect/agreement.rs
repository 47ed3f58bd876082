//! Whether two execution providers answer alike.

use crate::{joined_masks::joined_masks, tile_detections::TileDetections};
use rams_domain::{Detection, Model, PxBox, Shape};

/// A provider answers like ONNX Runtime's own kernels where each of the best finds of each tile has
/// a counterpart of the same family in the same place, and the odds of the two scores differ by no
/// more than this factor: 0.30 may become 0.26 or 0.35.
const TOLERANCE: f32 = 1.25;

/// What a box, and what a mask must share of their union with a counterpart. A mask may be a whole
/// network of trenches, half of which is much.
const SAME_BOX: f64 = 0.5;
const SAME_MASK: f64 = 0.8;

/// Each find counts from this share of its class's sensitive threshold on. Far below a threshold,
/// which of many faint peaks a model lists is chance: of 2300 finds of surface-ordnance below it,
/// bf16 changed the odds of one by a factor of 59; of 115 above it, none by more than 1.14.
const FLOOR: f32 = 0.5;

/// Where there are few of those, finds from this share of the threshold on are compared too. A
/// model that rounds otherwise shows in many of them, chance in few.
pub(crate) const FAINT: f32 = 0.1;
const ALIKE_OF_FAINT: f64 = 0.9;

/// Fewer finds than this on all tiles together, or of the faint ones, tell nothing of a provider
/// that rounds otherwise.
const LEAST_FINDS: usize = 12;
const LEAST_FAINT: usize = 48;

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

/// Whether one provider's answers for some tiles are enough to compare another's with, twice over.
pub(crate) fn is_enough(answers: &[TileDetections], model: &Model) -> bool {
    let (mut strong, mut faint) = (0, 0);
    for answer in answers {
        let finds = joined_masks(&answer.detections, model);
        let (of_tile, below) = compared(&finds, model);
        (strong, faint) = (strong + of_tile.len(), faint + below.len());
    }
    strong >= 2 * LEAST_FINDS || strong + faint >= 2 * LEAST_FAINT
}

/// Compares the answers of two providers for the same tiles.
pub(crate) fn agreement(
    plain: &[TileDetections],
    other: &[TileDetections],
    model: &Model,
) -> Agreement {
    let (mut finds, mut furthest) = (0, 1.0_f32);
    let (mut faint, mut alike) = (0, 0);
    for (plain, other) in plain.iter().zip(other) {
        let [plain, other] = [plain, other].map(|of| joined_masks(&of.detections, model));
        for (from, to, which) in [(&plain, &other, "it misses"), (&other, &plain, "it alone has")] {
            let (strong, below) = compared(from, model);
            for find in strong {
                let what =
                    format!("a find of {} of {:.4}", model.classes[find.class].name, find.score);
                match odds_apart_from_twin(find, to, model) {
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
            let is_alike = |find: &&&Detection| {
                odds_apart_from_twin(find, to, model).is_some_and(|factor| factor <= TOLERANCE)
            };
            (faint, alike) = (faint + below.len(), alike + below.iter().filter(is_alike).count());
        }
    }
    // Each find counts from both sides.
    let (finds, faint, alike) = (finds / 2, faint / 2, alike / 2);
    if finds >= LEAST_FINDS {
        Agreement::Yes { finds, odds: furthest }
    } else if finds + faint < LEAST_FAINT {
        Agreement::Unknown(finds)
    } else if (alike as f64) < ALIKE_OF_FAINT * faint as f64 {
        Agreement::No(format!("of {faint} faint finds only {alike} are alike"))
    } else {
        Agreement::Yes { finds: finds + alike, odds: furthest }
    }
}

/// By how much the odds of a find differ from those of its counterpart, if it has one.
fn odds_apart_from_twin(find: &Detection, to: &[Detection], model: &Model) -> Option<f32> {
    let family = |find: &Detection| model.family(find.class);
    let twins = to.iter().filter(|twin| family(twin) == family(find));
    let alike = twins.filter(|twin| is_same(&find.shape, &twin.shape));
    alike.map(|twin| odds_apart(find.score, twin.score)).reduce(f32::min)
}

/// The finds furthest above their thresholds first, as many as are compared: those that count each,
/// and fainter ones.
fn compared<'a>(of: &'a [Detection], model: &Model) -> (Vec<&'a Detection>, Vec<&'a Detection>) {
    let height = |find: &Detection| find.score / model.classes[find.class].threshold.sensitive;
    // A counterpart may lie a little below.
    let mut finds: Vec<_> = of.iter().filter(|find| height(find) >= TOLERANCE * FAINT).collect();
    finds.sort_by(|a, b| height(b).total_cmp(&height(a)));
    finds.truncate(COMPARED);
    finds.into_iter().partition(|find| height(find) >= TOLERANCE * FLOOR)
}

/// The factor between the odds of two scores, 1 or more.
fn odds_apart(a: f32, b: f32) -> f32 {
    let odds = |score: f32| score.clamp(1e-6, 1.0 - 1e-6) / (1.0 - score.clamp(1e-6, 1.0 - 1e-6));
    (odds(a) / odds(b)).max(odds(b) / odds(a))
}

/// Whether two shapes are in the same place: intersection over union.
fn is_same(a: &Shape, b: &Shape) -> bool {
    let least = if let Shape::Box(_) = a { SAME_BOX } else { SAME_MASK };
    let boxes = |shape: &Shape| match shape {
        Shape::Box(bounds) => vec![*bounds],
        Shape::Mask(boxes) => boxes.clone(),
    };
    let (a, b) = (boxes(a), boxes(b));
    let shared: f64 = a.iter().flat_map(|a| b.iter().map(move |b| a.overlap(b))).sum();
    let area = |boxes: &[PxBox]| boxes.iter().map(PxBox::area).sum::<f64>();
    shared > 0.0 && shared >= least * (area(&a) + area(&b) - shared)
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
    fn where_there_are_few_finds_faint_ones_decide_if_nine_in_ten_are_alike() {
        let tiles = |scores: [f32; 24]| [tile(&scores, 0.0), tile(&scores, 0.0)];
        let (whole, mut some_off, mut many_off) = ([0.1; 24], [0.1; 24], [0.1; 24]);
        some_off[..2].fill(0.2);
        many_off[..3].fill(0.2);
        let compare = |other| agreement(&tiles(whole), &tiles(other), &model());
        assert_eq!(compare(whole), Agreement::Yes { finds: 48, odds: 1.0 });
        assert_eq!(compare(some_off), Agreement::Yes { finds: 44, odds: 1.0 });
        let Agreement::No(cause) = compare(many_off) else { panic!("6 of 48 are not alike") };
        assert_eq!(cause, "of 48 faint finds only 42 are alike");
        // One that counts by itself and is not there is one too many.
        let mut found = whole;
        found[0] = 0.6;
        assert!(matches!(compare(found), Agreement::No(_)));
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
        assert!(is_same(&runs(&[10.0, 10.0]), &runs(&[10.0, 6.5])));
        assert!(!is_same(&runs(&[10.0, 10.0]), &runs(&[10.0, 5.5])));
    }
}
