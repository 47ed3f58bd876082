//! What a pass saw, of what its tiles gave.

use crate::{
    SurveyError,
    checkpoint::{Checkpoint, Results},
    pass::Pass,
    tile_result::{Done, Outcome},
};
use rams_domain::{Detection, Gap, GapReason, HeightStatus, PxBox, QualityFlags, TileId};
use std::path::Path;

/// What ended a worker before its work: what it makes of the tiles that no one did.
pub(crate) type Fault = (GapReason, String);

/// What a pass saw, in the order of the plan, whatever order the tiles were done in.
#[derive(Default)]
pub(crate) struct PassResult {
    pub(crate) detections: Vec<Detection>,
    /// Cells with image, seen by the model, mosaic pixels; and how their ground shows.
    pub(crate) shown: Vec<(PxBox, QualityFlags)>,
    pub(crate) gaps: Vec<Gap>,
    /// What is known of the heights of each tile that went through the model.
    pub(crate) heights: Vec<HeightStatus>,
    /// Tiles that were not reached, or that failed and may do better another time.
    pub(crate) unsettled: u32,
}

/// The outcome of a tile that was not reached.
pub(crate) fn not_reached(pass: &Pass<'_>, tile: TileId, detail: String) -> Box<[u8]> {
    let region = vec![pass.plan.grid().rect_to_mosaic(&pass.plan.tile(tile).core)];
    let gap = Gap { reason: GapReason::Interrupted, detail, region };
    Done::of(tile, &Err(gap)).outcome
}

/// Puts the tiles' outcomes in the order of the plan; a tile without one was not reached, for a
/// fault of its worker or for a request to stop.
pub(crate) fn in_order(
    pass: &Pass<'_>,
    mut outcomes: Results,
    failed: u32,
    fault: Option<Fault>,
    journal: &Path,
) -> Result<PassResult, SurveyError> {
    let (reason, detail) = fault.unwrap_or((GapReason::Interrupted, String::new()));
    let missed = |region| Gap { reason, detail: detail.clone(), region };
    let plan = &pass.plan;
    let mut result = PassResult { unsettled: failed, ..PassResult::default() };
    for tile in plan.tiles().filter(|tile| pass.looks_at(tile.id)) {
        match outcomes.remove(&tile.id) {
            Some(outcome) => result.add(pass, &outcome, journal)?,
            None => {
                result.unsettled += 1;
                result.gaps.push(missed(vec![plan.grid().rect_to_mosaic(&tile.core)]));
            }
        }
    }
    Ok(result)
}

impl PassResult {
    /// Adds the outcome of the next tile of the plan, as it is kept in a file.
    pub(crate) fn add(
        &mut self,
        pass: &Pass<'_>,
        outcome: &[u8],
        kept: &Path,
    ) -> Result<(), SurveyError> {
        match postcard::from_bytes::<Outcome>(outcome)
            .map_err(|error| Checkpoint::unreadable(kept, &error))?
        {
            Ok(seen) => {
                self.detections.extend(seen.detections);
                let grid = pass.plan.grid();
                let place = |(cell, sight)| (grid.rect_to_mosaic(&cell), sight);
                self.shown.extend(seen.shown.into_iter().map(place));
                self.gaps.extend(seen.gaps);
                self.heights.push(seen.heights);
            }
            Err(gap) => self.gaps.push(gap),
        }
        Ok(())
    }
}
