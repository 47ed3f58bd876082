//! One pass of a model over an orthomosaic: reading overlapped with inference.

use crate::{
    Progress, SurveyError,
    checkpoint::{Checkpoint, Results},
    pass::Pass,
    pass_result::{Fault, PassResult, in_order},
    tile_result::{Done, Outcome, model_failed, tile_result},
};
use crossbeam_channel::{Receiver, Sender, bounded};
use rams_detect::{Detector, ExecutionProvider, Runtime};
use rams_domain::{GapReason, Tile, TileId};
use rams_tile::Reader;
use std::{
    any::Any,
    sync::{Mutex, PoisonError},
    thread,
};

/// One reader keeps this many detectors busy: GDAL decodes some 60 megapixels in the second in
/// which a detector sees 4.
const DETECTORS_PER_READER: usize = 8;

/// Detectors that keep a GPU busy, while one gets its batch ready and another one takes apart what
/// came of its own.
const DETECTORS_PER_GPU: usize = 2;

/// Tiles that wait for each detector, at most; a GPU takes more at once.
const WAITING_TILES: usize = 2;
const WAITING_TILES_GPU: usize = 32;

/// Results of tiles that wait for the checkpoint, at most.
const WAITING_RESULTS: usize = 64;

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
    let team = Team::of(pass.provider, threads.min(to_do.len()));
    let (name, orthomosaic) = (&pass.manifest.model.name, &pass.orthomosaic.name);
    progress.begin_pass(&format!("{name} on {orthomosaic}"), pass.tiles(), outcomes.len());

    let (to_detect, tiles) = bounded::<Tile>((team.waiting_tiles * team.detectors).max(1));
    let (report, reports) = bounded::<Done>(WAITING_RESULTS);
    let next = Mutex::new(to_do.into_iter());
    let next = &next;
    let (kept, fault) = thread::scope(|scope| {
        let mut workers = vec![];
        for _ in 0..team.readers {
            let (to_detect, report) = (to_detect.clone(), report.clone());
            workers.push(scope.spawn(move || read_tiles(pass, next, to_detect, report, progress)));
        }
        for _ in 0..team.detectors {
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

/// Who works on a pass.
struct Team {
    readers: usize,
    detectors: usize,
    /// Tiles that wait for each detector, at most.
    waiting_tiles: usize,
}

impl Team {
    /// Detectors on as many threads, but on a GPU few, and a reader on each thread.
    fn of(provider: ExecutionProvider, threads: usize) -> Self {
        match provider {
            ExecutionProvider::Cuda => Self {
                readers: threads,
                detectors: threads.min(DETECTORS_PER_GPU),
                waiting_tiles: WAITING_TILES_GPU,
            },
            _ => Self {
                readers: threads.div_ceil(DETECTORS_PER_READER),
                detectors: threads,
                waiting_tiles: WAITING_TILES,
            },
        }
    }
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
    while let Ok(first) = tiles.recv() {
        let more = tiles.iter().take(detector.batch() - 1);
        let batch: Vec<Tile> = std::iter::once(first).chain(more).collect();
        for (tile, outcome) in batch.iter().zip(outcomes(pass, &mut detector, &batch)) {
            if report.send(Done::of(tile.planned.id, &outcome)).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What each tile of a batch gave. Where the model fails on a batch, each tile is tried alone: one
/// that it cannot take costs the others nothing.
fn outcomes(pass: &Pass<'_>, detector: &mut Detector, batch: &[Tile]) -> Vec<Outcome> {
    let grid = pass.plan.grid();
    match (detector.detect(batch, grid), batch) {
        (Ok(seen), _) => {
            let gsd_m = pass.manifest.model.gsd_m;
            let results = batch.iter().zip(seen);
            results.map(|(tile, seen)| Ok(tile_result(seen, tile, grid, gsd_m))).collect()
        }
        (Err(error), [tile]) => {
            let core = grid.rect_to_mosaic(&tile.planned.core);
            vec![Err(model_failed(error.to_string(), vec![core]))]
        }
        (Err(_), _) => batch.chunks(1).flat_map(|tile| outcomes(pass, detector, tile)).collect(),
    }
}
