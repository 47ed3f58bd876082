//! One pass of a model over an orthomosaic: reading overlapped with inference.

use crate::{
    Progress, SurveyError,
    checkpoint::{Checkpoint, Results},
};
use crossbeam_channel::{Receiver, Sender, bounded};
use rams_detect::{Detector, ExecutionProvider, Runtime, TileDetections};
use rams_domain::{
    Detection, Gap, GapReason, Grid, GridRect, HeightStatus, Orthomosaic, PxBox, QualityFlags,
    SurfaceModel, Tile, TileId, TilePlan,
};
use rams_model::Manifest;
use rams_tile::Reader;
use serde::{Deserialize, Serialize};
use std::{
    any::Any,
    path::Path,
    sync::{Mutex, PoisonError},
    thread,
};

/// One reader keeps this many detectors busy: GDAL decodes some 60 megapixels in the second in
/// which a detector sees 4.
const DETECTORS_PER_READER: usize = 8;

/// Results of tiles that wait for the checkpoint, at most.
const WAITING_RESULTS: usize = 64;

/// Which model looks at which orthomosaic, and where.
pub(crate) struct Pass<'a> {
    /// Its place among the passes of the survey.
    pub(crate) number: u32,
    pub(crate) orthomosaic: &'a Orthomosaic,
    /// Read beside the colours.
    pub(crate) surface: Option<SurfaceModel>,
    pub(crate) manifest: &'a Manifest,
    pub(crate) provider: ExecutionProvider,
    pub(crate) plan: TilePlan,
    /// Which tiles of the plan are looked at; all without it. The others lie beyond the survey's
    /// limit.
    pub(crate) within: Option<Vec<bool>>,
}

impl Pass<'_> {
    pub(crate) fn looks_at(&self, id: TileId) -> bool {
        self.within.as_ref().is_none_or(|within| within[id.0 as usize])
    }

    fn tiles(&self) -> u32 {
        self.within.as_ref().map_or(self.plan.len(), |within| {
            within.iter().filter(|within| **within).count() as u32
        })
    }
}

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

/// What a tile gave, or the gap it leaves.
type Outcome = Result<TileResult, Gap>;

#[derive(Debug, Serialize, Deserialize)]
struct TileResult {
    detections: Vec<Detection>,
    /// In pixels of the grid: half the bytes of mosaic pixels.
    shown: Vec<(GridRect, QualityFlags)>,
    gaps: Vec<Gap>,
    heights: HeightStatus,
}

/// A tile that is done. Its outcome is in the form in which the journal keeps it, here and on its
/// way through memory: small, and the same whether it was made now or in an earlier run.
struct Done {
    tile: TileId,
    outcome: Box<[u8]>,
    is_settled: bool,
    finds: usize,
}

impl Done {
    fn of(tile: TileId, outcome: &Outcome) -> Self {
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

/// What ended a worker before its work: what it makes of the tiles that no one did.
pub(crate) type Fault = (GapReason, String);

/// Runs the model on every tile of the plan that no earlier run has settled, or, after a request to
/// stop, on those already in work. A worker that fails leaves its tiles to the others; what no one
/// did is a gap. The error is that of a checkpoint that could not be kept: without it nothing more
/// is done.
pub(crate) fn run_pass(
    pass: &Pass<'_>,
    runtime: &Runtime,
    threads: usize,
    progress: &dyn Progress,
    checkpoint: &mut Checkpoint,
) -> Result<PassResult, SurveyError> {
    let mut outcomes = checkpoint.earlier(pass.number);
    let mut keep = |tile, outcome: &[u8]| checkpoint.keep(pass.number, tile, outcome);
    let Inferred { unsettled, fault } =
        infer(pass, runtime, threads, progress, &mut outcomes, &mut keep)?;
    in_order(pass, outcomes, unsettled, fault, checkpoint.path())
}

/// Keeps the outcome of a tile that is settled.
type Keep<'a> = dyn FnMut(TileId, &[u8]) -> Result<(), SurveyError> + 'a;

/// What is to be known of tiles that were run, beside their outcomes.
pub(crate) struct Inferred {
    /// Tiles that may do better another time.
    pub(crate) unsettled: u32,
    /// What ended a worker before its work.
    pub(crate) fault: Option<Fault>,
}

/// Runs the model on the tiles of a pass that have no outcome yet, and adds theirs.
pub(crate) fn infer(
    pass: &Pass<'_>,
    runtime: &Runtime,
    threads: usize,
    progress: &dyn Progress,
    outcomes: &mut Results,
    keep: &mut Keep<'_>,
) -> Result<Inferred, SurveyError> {
    let is_to_do = |tile: &TileId| pass.looks_at(*tile) && !outcomes.contains_key(tile);
    let to_do: Vec<TileId> = (0..pass.plan.len()).map(TileId).filter(is_to_do).collect();
    let detectors = threads.min(to_do.len());
    let (name, orthomosaic) = (&pass.manifest.model.name, &pass.orthomosaic.name);
    progress.begin_pass(&format!("{name} on {orthomosaic}"), pass.tiles(), outcomes.len());

    let (to_detect, tiles) = bounded::<Tile>((2 * detectors).max(1));
    let (report, reports) = bounded::<Done>(WAITING_RESULTS);
    let next = Mutex::new(to_do.into_iter());
    let next = &next;
    let (kept, fault) = thread::scope(|scope| {
        let mut workers = vec![];
        for _ in 0..detectors.div_ceil(DETECTORS_PER_READER) {
            let (to_detect, report) = (to_detect.clone(), report.clone());
            workers.push(scope.spawn(move || read_tiles(pass, next, to_detect, report, progress)));
        }
        for _ in 0..detectors {
            let (tiles, report) = (tiles.clone(), report.clone());
            workers.push(scope.spawn(move || detect_tiles(pass, runtime, tiles, report)));
        }
        drop((to_detect, tiles, report));
        let kept = keep_results(pass, reports, outcomes, progress, keep);
        let ends = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| Err(panicked(&*panic))));
        (kept, ends.filter_map(Result::err).next())
    });
    progress.end_pass();
    Ok(Inferred { unsettled: kept?, fault })
}

/// Takes the tiles' results as they come and keeps those that are settled. Returns how many are
/// not.
fn keep_results(
    pass: &Pass<'_>,
    reports: Receiver<Done>,
    outcomes: &mut Results,
    progress: &dyn Progress,
    keep: &mut Keep<'_>,
) -> Result<u32, SurveyError> {
    let (mut finds, mut megapixels, mut failed) = (0, 0.0, 0);
    for done in reports {
        if done.is_settled {
            keep(done.tile, &done.outcome).inspect_err(|_| progress.stop())?;
        }
        failed += u32::from(!done.is_settled);
        finds += done.finds;
        let core = pass.plan.tile(done.tile).core;
        megapixels += core.width() as f64 * core.height() as f64 / 1e6;
        progress.tile_done(megapixels, finds);
        outcomes.insert(done.tile, done.outcome);
    }
    Ok(failed)
}

fn panicked(panic: &(dyn Any + Send)) -> Fault {
    let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let said = said
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "it panicked".into());
    (GapReason::ModelFailed, format!("a worker ended before its work: {said}"))
}

/// Reads tiles until none is left; gaps go straight to the report.
fn read_tiles(
    pass: &Pass<'_>,
    next: &Mutex<impl Iterator<Item = TileId>>,
    tiles: Sender<Tile>,
    report: Sender<Done>,
    progress: &dyn Progress,
) -> Result<(), Fault> {
    let unreadable = |error: rams_tile::TileError| (GapReason::Unreadable, error.to_string());
    let mut reader = Reader::open(pass.orthomosaic, *pass.plan.grid()).map_err(unreadable)?;
    if let Some(surface) = &pass.surface {
        reader = reader.with_heights(surface, pass.orthomosaic);
    }
    while !progress.is_stopping() {
        // A worker that panicked with the lock in hand left the list as it was.
        let next = next.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some(id) = next else { break };
        // A closed channel means that the other side failed; its own error is the one to report.
        let sent = match reader.read(pass.plan.tile(id)) {
            Ok(tile) => tiles.send(tile).is_ok(),
            Err(gap) => report.send(Done::of(id, &Err(gap))).is_ok(),
        };
        if !sent {
            break;
        }
    }
    Ok(())
}

/// Runs the model on tiles until the readers are through.
fn detect_tiles(
    pass: &Pass<'_>,
    runtime: &Runtime,
    tiles: Receiver<Tile>,
    report: Sender<Done>,
) -> Result<(), Fault> {
    let failed = |error: rams_detect::DetectError| (GapReason::ModelFailed, error.to_string());
    let mut detector = Detector::new(pass.manifest, pass.provider, runtime).map_err(failed)?;
    let grid = pass.plan.grid();
    for tile in tiles {
        let tile = [tile];
        let outcome = match detector.detect(&tile, grid) {
            Ok(seen) => Ok(tile_result(seen, &tile[0], grid, pass.manifest.model.gsd_m)),
            Err(error) => Err(model_failed(
                error.to_string(),
                vec![grid.rect_to_mosaic(&tile[0].planned.core)],
            )),
        };
        if report.send(Done::of(tile[0].planned.id, &outcome)).is_err() {
            break;
        }
    }
    Ok(())
}

/// A tile whose list of finds is full keeps them, but does not count as assessed.
fn tile_result(seen: Vec<TileDetections>, tile: &Tile, grid: &Grid, gsd_m: f64) -> TileResult {
    let full_at = seen.iter().find_map(|seen| seen.full_at);
    let detections = seen.into_iter().flat_map(|seen| seen.detections).collect();
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

fn model_failed(detail: String, region: Vec<PxBox>) -> Gap {
    Gap { reason: GapReason::ModelFailed, detail, region }
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
