//! One pass of a model over an orthomosaic: reading overlapped with inference.

use crate::{
    progress::Progress,
    sitting::{Results, Sitting},
};
use anyhow::Context;
use rams_detect::{Detector, Manifest, Runtime, Sighting};
use rams_domain::{
    Detection, Gap, GapReason, Grid, GridRect, Orthomosaic, PxBox, Sight, SurfaceModel, Tile, TileId, TilePlan,
};
use rams_tile::Reader;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::{JoinSet, spawn_blocking},
};

/// One reader keeps this many detectors busy: GDAL decodes some 60 megapixels in the second in
/// which a detector sees 4.
const DETECTORS_PER_READER: usize = 8;

/// What to look at, and with what.
pub(crate) struct Pass {
    /// Its place among the passes of the survey.
    pub(crate) number: u32,
    pub(crate) orthomosaic: Arc<Orthomosaic>,
    /// Read beside the colours.
    pub(crate) surface: Option<SurfaceModel>,
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) plan: TilePlan,
    /// Which tiles of the plan to look at, all without it: the others lie beyond the survey's limit.
    pub(crate) within: Option<Vec<bool>>,
}

impl Pass {
    fn looks_at(&self, id: TileId) -> bool {
        self.within.as_ref().is_none_or(|within| within[id.0 as usize])
    }

    fn tiles(&self) -> u32 {
        self.within.as_ref().map_or(self.plan.len(), |within| within.iter().filter(|within| **within).count() as u32)
    }
}

/// What was seen, in the order of the plan, whatever order the tiles were done in.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) detections: Vec<Detection>,
    /// Cells with image, seen by the model, mosaic pixels; and how their ground shows.
    pub(crate) shown: Vec<(PxBox, Sight)>,
    pub(crate) gaps: Vec<Gap>,
    /// Tiles that went through the model.
    pub(crate) inferred: u32,
    /// Of each of these: whether its core has a height, or why heights could not be read.
    pub(crate) heights: Vec<Option<Result<bool, String>>>,
    /// Tiles that were not reached, or that failed and may do better another time.
    pub(crate) unsettled: u32,
}

/// What a tile gave, or the gap it leaves.
type Outcome = Result<Look, Gap>;

#[derive(Debug, Serialize, Deserialize)]
struct Look {
    detections: Vec<Detection>,
    /// In pixels of the grid: half the bytes of mosaic pixels.
    shown: Vec<(GridRect, Sight)>,
    gaps: Vec<Gap>,
    heights: Option<Result<bool, String>>,
}

/// A tile that was looked at. Its outcome is in the form in which the journal keeps it, here and on
/// its way through memory: small, and the same whether it was made now or in an earlier sitting.
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
            Ok(look) => (!matches!(look.heights, Some(Err(_))), look.detections.len()),
            Err(gap) => (gap.reason == GapReason::Nodata, 0),
        };
        let outcome = postcard::to_stdvec(outcome).expect("memory takes any outcome").into();
        Self { tile, outcome, is_settled, finds }
    }
}

/// What ended a worker before its work: what it makes of the tiles that no one did.
type Fault = (GapReason, String);

/// Looks at every tile of the plan that no earlier sitting has settled, or, after a request to stop,
/// at those already in work. A worker that fails leaves its tiles to the others; what no one did is a
/// gap. The error is that of a sitting that could not be kept: without it nothing more is done.
pub(crate) async fn look(
    pass: Arc<Pass>,
    runtime: Arc<Runtime>,
    workers: usize,
    progress: Progress,
    sitting: &mut Sitting,
) -> anyhow::Result<Seen> {
    let mut outcomes = sitting.earlier(pass.number);
    let is_to_do = |tile: &TileId| pass.looks_at(*tile) && !outcomes.contains_key(tile);
    let to_do: Vec<TileId> = (0..pass.plan.len()).map(TileId).filter(is_to_do).collect();
    let workers = workers.min(to_do.len());
    let (to_detect, tiles) = mpsc::channel::<Tile>((2 * workers).max(1));
    let (report, mut reports) = mpsc::channel::<Done>(64);
    let (tiles, next) = (Arc::new(Mutex::new(tiles)), Arc::new(Mutex::new(to_do.into_iter())));
    progress.begin(format!("{} on {}", pass.manifest.model.name, pass.orthomosaic.name), pass.tiles(), outcomes.len());

    let mut threads = JoinSet::new();
    for _ in 0..workers.div_ceil(DETECTORS_PER_READER) {
        let (pass, next, to_detect, report) = (pass.clone(), next.clone(), to_detect.clone(), report.clone());
        let stop = progress.clone();
        threads.spawn(spawn_blocking(move || read(&pass, &next, to_detect, report, &stop)));
    }
    for _ in 0..workers {
        let (pass, runtime, tiles, report) = (pass.clone(), runtime.clone(), tiles.clone(), report.clone());
        threads.spawn(spawn_blocking(move || detect(&pass, &runtime, &tiles, report)));
    }
    drop((to_detect, report, tiles));

    let (mut finds, mut megapixels, mut failed, mut kept) = (0, 0.0, 0, Ok(()));
    while let Some(done) = reports.recv().await {
        if done.is_settled {
            kept = sitting.keep(pass.number, done.tile, &done.outcome);
            if kept.is_err() {
                progress.stop();
                break;
            }
        }
        failed += u32::from(!done.is_settled);
        finds += done.finds;
        let core = pass.plan.tile(done.tile).core;
        megapixels += core.width() as f64 * core.height() as f64 / 1e6;
        progress.tile(megapixels, finds);
        outcomes.insert(done.tile, done.outcome);
    }
    drop(reports);
    progress.end();
    let mut fault = None;
    while let Some(thread) = threads.join_next().await {
        let panicked = |error| Err((GapReason::ModelFailed, format!("a worker ended before its work: {error}")));
        fault = fault.or(thread.flatten().unwrap_or_else(panicked).err());
    }
    kept?;
    gather(&pass, outcomes, failed, fault)
}

/// Reads tiles until none is left; gaps go straight to the report.
fn read(
    pass: &Pass,
    next: &Mutex<impl Iterator<Item = TileId>>,
    tiles: Sender<Tile>,
    report: Sender<Done>,
    stop: &Progress,
) -> Result<(), Fault> {
    let unreadable = |error: rams_tile::TileError| (GapReason::Unreadable, error.to_string());
    let mut reader = Reader::open(&pass.orthomosaic, *pass.plan.grid()).map_err(unreadable)?;
    if let Some(surface) = &pass.surface {
        reader = reader.with_heights(surface, &pass.orthomosaic);
    }
    while !stop.is_stopping() {
        let next = next.lock().unwrap_or_else(PoisonError::into_inner).next();
        let Some(id) = next else { break };
        // A closed channel means that the other side failed; its own error is the one to report.
        let sent = match reader.read(pass.plan.tile(id)) {
            Ok(tile) => tiles.blocking_send(tile).is_ok(),
            Err(gap) => report.blocking_send(Done::of(id, &Err(gap))).is_ok(),
        };
        if !sent {
            break;
        }
    }
    Ok(())
}

/// Runs the model on tiles until the readers are through.
fn detect(pass: &Pass, runtime: &Runtime, tiles: &Mutex<Receiver<Tile>>, report: Sender<Done>) -> Result<(), Fault> {
    let failed = |error: rams_detect::DetectError| (GapReason::ModelFailed, error.to_string());
    let mut detector = Detector::new(&pass.manifest, runtime).map_err(failed)?;
    let grid = pass.plan.grid();
    loop {
        // A worker that panicked with the lock in hand left the channel as it was.
        let next = tiles.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(tile) = next else { return Ok(()) };
        let tile = [tile];
        let outcome = match detector.detect(&tile, grid) {
            Ok(sightings) => Ok(look_of(sightings, &tile[0], grid, pass.manifest.model.gsd_m)),
            Err(error) => Err(model_failed(error.to_string(), vec![grid.rect_to_mosaic(&tile[0].planned.core)])),
        };
        if report.blocking_send(Done::of(tile[0].planned.id, &outcome)).is_err() {
            return Ok(());
        }
    }
}

/// A tile whose list of finds is full keeps them, but does not count as assessed.
fn look_of(sightings: Vec<Sighting>, tile: &Tile, grid: &Grid, gsd_m: f64) -> Look {
    let full_at = sightings.iter().find_map(|sighting| sighting.full_at);
    let detections = sightings.into_iter().flat_map(|sighting| sighting.detections).collect();
    let (mut shown, mut missing, mut gaps) = (vec![], vec![], vec![]);
    for (cell, sight) in tile.cells(gsd_m) {
        match sight {
            Some(sight) => shown.push((cell, sight)),
            None => missing.push(grid.rect_to_mosaic(&cell)),
        }
    }
    if let Some(room) = full_at {
        let detail = format!("the model has room for {room} finds in a tile, and all are taken: there may be more");
        gaps.push(model_failed(detail, shown.drain(..).map(|(cell, _)| grid.rect_to_mosaic(&cell)).collect()));
    }
    gaps.push(Gap { reason: GapReason::Nodata, detail: String::new(), region: missing });
    gaps.retain(|gap| !gap.region.is_empty());
    Look { detections, shown, gaps, heights: tile.has_heights() }
}

fn model_failed(detail: String, region: Vec<PxBox>) -> Gap {
    Gap { reason: GapReason::ModelFailed, detail, region }
}

/// Puts the tiles' outcomes in the order of the plan; a tile without one was not reached, for a
/// fault of its worker or for a request to stop.
fn gather(pass: &Pass, mut outcomes: Results, failed: u32, fault: Option<Fault>) -> anyhow::Result<Seen> {
    let (reason, detail) = fault.unwrap_or((GapReason::Interrupted, String::new()));
    let missed = |region| Gap { reason, detail: detail.clone(), region };
    let plan = &pass.plan;
    let mut seen = Seen { unsettled: failed, ..Seen::default() };
    for tile in plan.tiles().filter(|tile| pass.looks_at(tile.id)) {
        let Some(outcome) = outcomes.remove(&tile.id) else {
            seen.unsettled += 1;
            seen.gaps.push(missed(vec![plan.grid().rect_to_mosaic(&tile.core)]));
            continue;
        };
        match postcard::from_bytes::<Outcome>(&outcome).context("cannot read a result in the survey's journal")? {
            Ok(look) => {
                seen.inferred += 1;
                seen.detections.extend(look.detections);
                let place = |(cell, sight)| (plan.grid().rect_to_mosaic(&cell), sight);
                seen.shown.extend(look.shown.into_iter().map(place));
                seen.gaps.extend(look.gaps);
                seen.heights.push(look.heights);
            }
            Err(gap) => seen.gaps.push(gap),
        }
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rams_domain::{DetectionId, Shape};

    fn look(heights: Option<Result<bool, String>>) -> Outcome {
        let odd = PxBox { x0: -0.0, y0: 0.1 + 0.2, x1: f64::MIN_POSITIVE / 4.0, y1: 1e300 };
        let seen =
            |index, score, shape| Detection { id: DetectionId { tile: TileId(7), index }, class: 1, score, shape };
        let detections = vec![
            seen(0, 0.1 + 0.2, Shape::Box(odd)),
            seen(1, f32::MIN_POSITIVE / 2.0, Shape::Mask(vec![odd, odd])),
            seen(2, -0.0, Shape::Mask(vec![])),
        ];
        let (cell, sight) =
            (GridRect { x0: 0, y0: 16, x1: 60_000, y1: 32 }, Sight { vegetation: true, blur: 3, ..Sight::default() });
        Ok(Look { detections, shown: vec![(cell, sight)], gaps: vec![model_failed("full".into(), vec![odd])], heights })
    }

    #[test]
    fn an_outcome_comes_back_to_the_last_bit() {
        let outcome = look(Some(Ok(true)));
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
        assert!(settled(look(None)) && settled(gap(GapReason::Nodata)));
        assert!(!settled(look(Some(Err("cannot read".into())))));
        assert!(!settled(gap(GapReason::Unreadable)) && !settled(gap(GapReason::ModelFailed)));
    }
}
