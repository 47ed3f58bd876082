//! Execution providers tried on tiles of the survey itself: which is the fastest of those that
//! answer alike.

use crate::agreement::{Agreement, FAINT, agreement, is_enough};
use crate::tile_detections::TileDetections;
use crate::{DetectError, Detector, Device, ExecutionProvider, Runtime};
use cpu_time::ProcessTime;
use rams_domain::{Grid, Tile};
use rams_model::Manifest;
use std::{
    fmt,
    time::{Duration, Instant},
};

/// Tiles that are enough, if there are finds enough on them.
const LEAST_TILES: usize = 4;

/// A provider must be faster than plain ONNX Runtime by this factor to be worth another rounding.
const WORTH_IT: f64 = 1.1;

/// What executes a model, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct ProviderChoice {
    /// The provider.
    pub provider: ExecutionProvider,
    /// Why it and no other, in one sentence.
    pub reason: String,
    /// Whether other tiles of other orthomosaics would lead to the same choice: not where too few
    /// finds were there to compare.
    pub is_lasting: bool,
}

/// What a provider answered, and how fast.
struct ProviderRun {
    provider: ExecutionProvider,
    /// Time of one tile on one thread.
    tile_time: Duration,
    answers: Vec<TileDetections>,
}

/// Tries the execution providers of a device on some tiles of a grid, one after the other on one
/// thread, and chooses the fastest whose finds agree with those of plain ONNX Runtime. Of the tiles
/// it takes as many as it needs: four, if there is enough on them to compare.
///
/// OpenVINO's two precisions are one kind: if the faster one agrees, the other is not tried.
///
/// Finds agree where each of the best 25 of each tile from half of its threshold on has a
/// counterpart of the same family in the same place, and the odds of the two scores differ by a
/// factor of 1.25 at the most. In the same place are boxes with an intersection over union of 0.5,
/// masks with one of 0.8; masks of one family that touch are one find. Of fewer than 12 in all,
/// nine in ten of the fainter ones must agree likewise; with fewer than 48 of both nothing is told.
/// Of [`Device::Auto`] another provider must be faster than plain ONNX Runtime by a tenth.
///
/// # Errors
/// A provider that was asked for by name and cannot be had, or does not agree in the same
/// precision, is an error; with [`Device::Auto`] it is passed over.
///
/// ```
/// # mod example { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/example.rs")); }
/// # example::find_runtime();
/// use rams_detect::{Device, ExecutionProvider, Runtime, select_provider};
/// use rams_domain::{Grid, RasterSize};
/// use rams_model::Manifest;
///
/// let toy = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/models/red-boxes");
/// let manifest = Manifest::read(toy.as_ref(), None)?;
/// let grid = Grid::new(RasterSize { width: 128, height: 128 }, [0.01, 0.01], 0.01);
///
/// // Nothing to compare: the one provider that the device allows is taken.
/// let choice = select_provider(&Runtime::load()?, &manifest, Device::Cpu, [], &grid)?;
/// assert_eq!(choice.provider, ExecutionProvider::Cpu);
/// assert_eq!((choice.reason.as_str(), choice.is_lasting), ("asked for", true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn select_provider(
    runtime: &Runtime,
    manifest: &Manifest,
    device: Device,
    tiles: impl IntoIterator<Item = Tile>,
    grid: &Grid,
) -> Result<ProviderChoice, DetectError> {
    let offers = runtime.offers(device);
    let Some(&first) = offers.first() else { return Err(DetectError::NotOffered { device }) };
    if device != Device::Openvino && offers.len() == 1 {
        // A session that cannot be had is an error of the model or of the one provider asked for.
        Detector::new(manifest, first, runtime)?;
        let reason = match device {
            Device::Auto => "the ONNX Runtime library offers nothing else",
            _ => "asked for",
        };
        return Ok(ProviderChoice { provider: first, reason: reason.into(), is_lasting: true });
    }
    let untried = |reason: String| {
        let provider = if device == Device::Auto { ExecutionProvider::Cpu } else { first };
        let reason = format!("{reason}, so no other was tried");
        Detector::new(manifest, provider, runtime).map(|_| ProviderChoice {
            provider,
            reason,
            is_lasting: false,
        })
    };
    let mut comparison = Comparison { runtime, manifest, grid, tiles: vec![] };
    match comparison.run_plain(tiles) {
        // A tile that the model fails on becomes a gap, and no reason to stop.
        Err(DetectError::Run { cause, .. }) => untried(format!("a tile failed: {cause}")),
        Err(error) => Err(error),
        Ok(_) if comparison.tiles.is_empty() => untried("no tile with an image was found".into()),
        Ok(plain) => comparison.fastest_alike(plain, offers, device),
    }
}

/// What providers are compared on: a model and some tiles.
struct Comparison<'a> {
    runtime: &'a Runtime,
    manifest: &'a Manifest,
    grid: &'a Grid,
    tiles: Vec<Tile>,
}

impl Comparison<'_> {
    /// The fastest of some providers that answers as plain ONNX Runtime did.
    fn fastest_alike(
        &self,
        plain: ProviderRun,
        offers: Vec<ExecutionProvider>,
        device: Device,
    ) -> Result<ProviderChoice, DetectError> {
        let (mut best, mut notes, mut is_lasting) = (None, vec![plain.to_string()], true);
        let mut openvino_agrees = false;
        if device == Device::Auto {
            best = Some((ExecutionProvider::Cpu, plain.tile_time.div_f64(WORTH_IT)));
        }
        for provider in offers.into_iter().rev().filter(|of| *of != ExecutionProvider::Cpu) {
            if provider == ExecutionProvider::Openvino && openvino_agrees {
                continue;
            }
            let tried = match self.run(provider) {
                Err(error) if device == Device::Auto => {
                    notes.push(format!("{provider} cannot run: {error}"));
                    continue;
                }
                tried => tried?,
            };
            match agreement(&plain.answers, &tried.answers, &self.manifest.model) {
                Agreement::Yes { finds, odds } => {
                    openvino_agrees |= provider == ExecutionProvider::OpenvinoBf16;
                    notes.push(format!(
                        "{tried}, the odds of {finds} finds agree within a factor of {odds:.2}"
                    ));
                    best = best
                        .filter(|(_, time)| *time <= tried.tile_time)
                        .or(Some((provider, tried.tile_time)));
                }
                Agreement::No(cause)
                    if device == Device::Openvino && provider == ExecutionProvider::Openvino =>
                {
                    let cause = format!("it does not answer like plain ONNX Runtime: {cause}");
                    return Err(DetectError::Provider {
                        path: self.manifest.path.clone(),
                        provider,
                        cause,
                    });
                }
                Agreement::No(cause) => notes.push(format!("{tried}, but {cause}")),
                Agreement::Unknown(finds) => {
                    is_lasting = false;
                    let tiles = self.tiles.len();
                    notes.push(format!(
                        "{tried}, but {finds} find(s) on {tiles} tile(s) are too few to compare"
                    ));
                }
            }
        }
        // Asked for by name, a provider of the same precision needs no proof.
        let provider = best.map_or(ExecutionProvider::Openvino, |(provider, _)| provider);
        Ok(ProviderChoice { provider, reason: notes.join("; "), is_lasting })
    }

    /// Runs plain ONNX Runtime on one tile after the other, and keeps them for the others, until
    /// there is enough to compare.
    fn run_plain(
        &mut self,
        tiles: impl IntoIterator<Item = Tile>,
    ) -> Result<ProviderRun, DetectError> {
        let mut detector = self.detector(ExecutionProvider::Cpu)?;
        let mut plain = ProviderRun::new(ExecutionProvider::Cpu);
        for tile in tiles {
            plain.see(&mut detector, &tile, self.grid)?;
            self.tiles.push(tile);
            let is_enough = is_enough(&plain.answers, &self.manifest.model);
            if self.tiles.len() >= LEAST_TILES && is_enough {
                break;
            }
        }
        Ok(plain)
    }

    /// Runs a provider on the same tiles.
    fn run(&self, provider: ExecutionProvider) -> Result<ProviderRun, DetectError> {
        let (mut detector, mut run) = (self.detector(provider)?, ProviderRun::new(provider));
        self.tiles.iter().try_for_each(|tile| run.see(&mut detector, tile, self.grid))?;
        Ok(run)
    }

    /// Loads the model with thresholds so low that finds just below them count too.
    fn detector(&self, provider: ExecutionProvider) -> Result<Detector, DetectError> {
        let mut lowered = self.manifest.clone();
        lowered.model.classes.iter_mut().for_each(|class| class.threshold.sensitive *= FAINT);
        Detector::new(&lowered, provider, self.runtime)
    }
}

impl ProviderRun {
    fn new(provider: ExecutionProvider) -> Self {
        Self { provider, tile_time: Duration::MAX, answers: vec![] }
    }

    /// Runs the model on a tile.
    fn see(
        &mut self,
        detector: &mut Detector,
        tile: &Tile,
        grid: &Grid,
    ) -> Result<(), DetectError> {
        let (started, worked) = (Instant::now(), ProcessTime::now());
        self.answers.extend(detector.detect(std::slice::from_ref(tile), grid)?);
        // What else the machine does must not decide: on the processor its own time counts, and of
        // all tiles the quickest.
        let on_gpu = self.provider == ExecutionProvider::Cuda;
        let took = if on_gpu { started.elapsed() } else { worked.elapsed() };
        self.tile_time = self.tile_time.min(took);
        Ok(())
    }
}

impl fmt::Display for ProviderRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.0} ms a tile", self.provider, self.tile_time.as_secs_f64() * 1e3)
    }
}
