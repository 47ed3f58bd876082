//! One pass of a model over an orthomosaic: reading overlapped with inference.

use crate::progress::Progress;
use anyhow::Context;
use rams_detect::{Detector, Manifest, Runtime, Sighting};
use rams_domain::{Detection, Gap, GapReason, Grid, Orthomosaic, PxBox, Tile, TileId, TilePlan};
use rams_tile::Reader;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::{JoinSet, spawn_blocking},
};

/// One reader keeps this many detectors busy: GDAL decodes some 60 megapixels in the second in
/// which a detector sees 4.
const DETECTORS_PER_READER: usize = 8;

/// What to look at, and with what.
pub(crate) struct Pass {
    pub(crate) orthomosaic: Arc<Orthomosaic>,
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) plan: TilePlan,
}

/// What was seen, in the order of the plan, whatever order the tiles were done in.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) detections: Vec<Detection>,
    /// Cells with image, seen by the model, mosaic pixels.
    pub(crate) assessed: Vec<PxBox>,
    pub(crate) gaps: Vec<Gap>,
    /// Tiles that went through the model.
    pub(crate) inferred: u32,
}

/// A tile that is done: what it gave, or the gap it leaves.
type Done = (TileId, Result<Look, Gap>);

struct Look {
    detections: Vec<Detection>,
    assessed: Vec<PxBox>,
    gaps: Vec<Gap>,
}

/// Looks at every tile of the plan, or, after a request to stop, at those already in work. A worker
/// that fails leaves its tiles to the others; it is an error only if the model saw no tile at all.
pub(crate) async fn look(
    pass: Arc<Pass>,
    runtime: Arc<Runtime>,
    workers: usize,
    progress: Progress,
) -> anyhow::Result<Seen> {
    let (to_detect, tiles) = mpsc::channel::<Tile>(2 * workers);
    let (report, mut reports) = mpsc::channel::<Done>(64);
    let (tiles, next) = (Arc::new(Mutex::new(tiles)), Arc::new(AtomicU32::new(0)));
    progress.begin(format!("{} on {}", pass.manifest.model.name, pass.orthomosaic.name), pass.plan.len());

    let mut threads = JoinSet::new();
    for _ in 0..workers.div_ceil(DETECTORS_PER_READER) {
        let (pass, next, to_detect, report) = (pass.clone(), next.clone(), to_detect.clone(), report.clone());
        let stop = progress.clone();
        threads.spawn(async { spawn_blocking(move || read(&pass, &next, to_detect, report, &stop)).await? });
    }
    for _ in 0..workers {
        let (pass, runtime, tiles, report) = (pass.clone(), runtime.clone(), tiles.clone(), report.clone());
        threads.spawn(async { spawn_blocking(move || detect(&pass, &runtime, &tiles, report)).await? });
    }
    drop((to_detect, report, tiles));

    let mut done: Vec<Option<Result<Look, Gap>>> = (0..pass.plan.len()).map(|_| None).collect();
    let (mut finds, mut megapixels) = (0, 0.0);
    while let Some((tile, outcome)) = reports.recv().await {
        if let Ok(look) = &outcome {
            finds += look.detections.len();
            let core = pass.plan.tile(tile).core;
            megapixels += core.width() as f64 * core.height() as f64 / 1e6;
        }
        progress.tile(megapixels, finds);
        done[tile.0 as usize] = Some(outcome);
    }
    progress.end();
    let mut failure = None;
    while let Some(thread) = threads.join_next().await {
        failure = failure.or(thread.context("a worker ended before its work").flatten().err());
    }
    match failure {
        Some(error) if !done.iter().any(|outcome| matches!(outcome, Some(Ok(_)))) => Err(error),
        failure => Ok(gather(&pass.plan, done, failure)),
    }
}

/// Reads tiles until none is left; gaps go straight to the report.
fn read(
    pass: &Pass,
    next: &AtomicU32,
    tiles: Sender<Tile>,
    report: Sender<Done>,
    stop: &Progress,
) -> anyhow::Result<()> {
    let mut reader = Reader::open(&pass.orthomosaic, *pass.plan.grid())?;
    while !stop.is_stopping() {
        let id = TileId(next.fetch_add(1, Ordering::Relaxed));
        if id.0 >= pass.plan.len() {
            break;
        }
        // A closed channel means that the other side failed; its own error is the one to report.
        let sent = match reader.read(pass.plan.tile(id)) {
            Ok(tile) => tiles.blocking_send(tile).is_ok(),
            Err(gap) => report.blocking_send((id, Err(gap))).is_ok(),
        };
        if !sent {
            break;
        }
    }
    Ok(())
}

/// Runs the model on tiles until the readers are through.
fn detect(pass: &Pass, runtime: &Runtime, tiles: &Mutex<Receiver<Tile>>, report: Sender<Done>) -> anyhow::Result<()> {
    let mut detector = Detector::new(&pass.manifest, runtime)?;
    let grid = pass.plan.grid();
    loop {
        let next = tiles.lock().map_err(|_| anyhow::anyhow!("another worker failed"))?.blocking_recv();
        let Some(tile) = next else { return Ok(()) };
        let tile = [tile];
        let outcome = match detector.detect(&tile, grid) {
            Ok(sightings) => Ok(look_of(sightings, &tile[0], grid)),
            Err(error) => Err(model_failed(error.to_string(), vec![grid.rect_to_mosaic(&tile[0].planned.core)])),
        };
        if report.blocking_send((tile[0].planned.id, outcome)).is_err() {
            return Ok(());
        }
    }
}

/// A tile whose list of finds is full keeps them, but does not count as assessed.
fn look_of(sightings: Vec<Sighting>, tile: &Tile, grid: &Grid) -> Look {
    let full_at = sightings.iter().find_map(|sighting| sighting.full_at);
    let detections = sightings.into_iter().flat_map(|sighting| sighting.detections).collect();
    let (mut assessed, missing) = tile.cells(grid);
    let mut gaps = vec![];
    if let Some(room) = full_at {
        let detail = format!("the model has room for {room} finds in a tile, and all are taken: there may be more");
        gaps.push(model_failed(detail, std::mem::take(&mut assessed)));
    }
    gaps.push(Gap { reason: GapReason::Nodata, detail: String::new(), region: missing });
    gaps.retain(|gap| !gap.region.is_empty());
    Look { detections, assessed, gaps }
}

fn model_failed(detail: String, region: Vec<PxBox>) -> Gap {
    Gap { reason: GapReason::ModelFailed, detail, region }
}

/// Puts the tiles' results in the order of the plan; a tile without one was not reached, for a
/// failure of its worker or for a request to stop.
fn gather(plan: &TilePlan, done: Vec<Option<Result<Look, Gap>>>, failure: Option<anyhow::Error>) -> Seen {
    let missed = |region| match &failure {
        Some(error) => model_failed(format!("{error:#}"), region),
        None => Gap { reason: GapReason::Interrupted, detail: String::new(), region },
    };
    let mut seen = Seen::default();
    for (tile, outcome) in plan.tiles().zip(done) {
        match outcome {
            Some(Ok(look)) => {
                seen.inferred += 1;
                seen.detections.extend(look.detections);
                seen.assessed.extend(look.assessed);
                seen.gaps.extend(look.gaps);
            }
            Some(Err(gap)) => seen.gaps.push(gap),
            None => seen.gaps.push(missed(vec![plan.grid().rect_to_mosaic(&tile.core)])),
        }
    }
    seen
}
