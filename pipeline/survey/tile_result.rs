//! What a model gave of one tile, as it is kept.

use rams_detect::TileDetections;
use rams_domain::{
    Detection, Gap, GapReason, Grid, GridRect, HeightStatus, PxBox, QualityFlags, Tile, TileId,
};
use serde::{Deserialize, Serialize};

/// What a tile gave, or the gap it leaves.
pub(crate) type Outcome = Result<TileResult, Gap>;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TileResult {
    pub(crate) detections: Vec<Detection>,
    /// In pixels of the grid: half the bytes of mosaic pixels.
    pub(crate) shown: Vec<(GridRect, QualityFlags)>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) heights: HeightStatus,
}

/// A tile that is done. Its outcome is in the form in which the journal keeps it, here and on its
/// way through memory: small, and the same whether it was made now or in an earlier run.
pub(crate) struct Done {
    pub(crate) tile: TileId,
    pub(crate) outcome: Box<[u8]>,
    pub(crate) is_settled: bool,
    pub(crate) finds: usize,
}

impl Done {
    pub(crate) fn of(tile: TileId, outcome: &Outcome) -> Self {
        // What a faulty disk or a full memory spoilt is worth another try; no image remains none.
        let (is_settled, finds) = match outcome {
            Ok(seen) => {
                (!matches!(seen.heights, HeightStatus::Unreadable(_)), seen.detections.len())
            }
            Err(gap) => (gap.reason == GapReason::Nodata, 0),
        };
        let outcome = postcard::to_stdvec(outcome).expect("memory takes any outcome").into();
        Self { tile, outcome, is_settled, finds }
    }
}

/// A tile whose list of finds is full keeps them, but does not count as assessed.
pub(crate) fn tile_result(
    seen: TileDetections,
    tile: &Tile,
    grid: &Grid,
    gsd_m: f64,
) -> TileResult {
    let TileDetections { detections, full_at } = seen;
    let (mut shown, mut missing, mut gaps) = (vec![], vec![], vec![]);
    for (cell, sight) in tile.cells(gsd_m) {
        match sight {
            Some(sight) => shown.push((cell, sight)),
            None => missing.push(grid.rect_to_mosaic(&cell)),
        }
    }
    if let Some(room) = full_at {
        let detail = format!(
            "the model has room for {room} finds in a tile, and all are taken: there may be more"
        );
        gaps.push(model_failed(
            detail,
            shown.drain(..).map(|(cell, _)| grid.rect_to_mosaic(&cell)).collect(),
        ));
    }
    gaps.push(Gap { reason: GapReason::Nodata, detail: String::new(), region: missing });
    gaps.retain(|gap| !gap.region.is_empty());
    TileResult { detections, shown, gaps, heights: tile.height_status() }
}

pub(crate) fn model_failed(detail: String, region: Vec<PxBox>) -> Gap {
    Gap { reason: GapReason::ModelFailed, detail, region }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rams_domain::{DetectionId, Embedding, Shape};

    fn outcome(heights: HeightStatus) -> Outcome {
        let odd = PxBox { x0: -0.0, y0: 0.1 + 0.2, x1: f64::MIN_POSITIVE / 4.0, y1: 1e300 };
        let seen = |index, score, shape| Detection {
            id: DetectionId { tile: TileId(7), index },
            class: 1,
            score,
            shape,
            embedding: Embedding::of(&[0.1, -0.2]).filter(|_| index == 0),
        };
        let detections = vec![
            seen(0, 0.1 + 0.2, Shape::Box(odd)),
            seen(1, f32::MIN_POSITIVE / 2.0, Shape::Mask(vec![odd, odd])),
            seen(2, -0.0, Shape::Mask(vec![])),
        ];
        let (cell, sight) = (
            GridRect { x0: 0, y0: 16, x1: 60_000, y1: 32 },
            QualityFlags { vegetation: true, blur: 3, ..QualityFlags::default() },
        );
        Ok(TileResult {
            detections,
            shown: vec![(cell, sight)],
            gaps: vec![model_failed("full".into(), vec![odd])],
            heights,
        })
    }

    #[test]
    fn an_outcome_comes_back_to_the_last_bit() {
        let outcome = outcome(HeightStatus::Known);
        let done = Done::of(TileId(7), &outcome);
        let read: Outcome = postcard::from_bytes(&done.outcome).expect("it reads back");
        // Debug tells -0 from 0 and prints as many digits as a number needs.
        assert_eq!(format!("{read:?}"), format!("{outcome:?}"));
        assert_eq!((done.finds, done.is_settled), (3, true));
    }

    #[test]
    fn what_may_do_better_another_time_is_not_settled() {
        let settled = |outcome| Done::of(TileId(0), &outcome).is_settled;
        let gap = |reason| Err(Gap { reason, detail: String::new(), region: vec![] });
        assert!(settled(outcome(HeightStatus::NotAsked)) && settled(gap(GapReason::Nodata)));
        assert!(!settled(outcome(HeightStatus::Unreadable("cannot read".into()))));
        assert!(!settled(gap(GapReason::Unreadable)) && !settled(gap(GapReason::ModelFailed)));
    }
}
