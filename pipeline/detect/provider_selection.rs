//! Execution providers tried on tiles of the survey itself: which is the fastest of those that
//! answer alike.

use crate::agreement::{Agreement, FLOOR, agreement};
use crate::tile_detections::TileDetections;
use crate::{DetectError, Detector, Device, ExecutionProvider, Runtime};
use cpu_time::ProcessTime;
use rams_domain::{Grid, Tile};
use rams_model::Manifest;
use std::{
    fmt,
    time::{Duration, Instant},
};

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
/// thread, and chooses the fastest whose finds agree with those of plain ONNX Runtime.
///
/// Finds agree where each of the best 25 of each tile has a counterpart of the same family with an
/// intersection over union of 0.5 or more, and the odds of the two scores differ by a factor of
/// 1.25 at the most; with fewer than 12 finds in all nothing is told. Of [`Device::Auto`] another
/// provider must be faster than plain ONNX Runtime by a tenth.
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
/// let choice = select_provider(&Runtime::load()?, &manifest, Device::Cpu, &[], &grid)?;
/// assert_eq!(choice.provider, ExecutionProvider::Cpu);
/// assert_eq!((choice.reason.as_str(), choice.is_lasting), ("asked for", true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn select_provider(
    runtime: &Runtime,
    manifest: &Manifest,
    device: Device,
    tiles: &[Tile],
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
    if tiles.is_empty() {
        return untried("no tile with an image was found".into());
    }
    let comparison = Comparison { runtime, manifest, tiles, grid };
    match comparison.run(ExecutionProvider::Cpu) {
        // A tile that the model fails on becomes a gap, and no reason to stop.
        Err(DetectError::Run { cause, .. }) => untried(format!("a tile failed: {cause}")),
        Err(error) => Err(error),
        Ok(plain) => comparison.fastest_alike(plain, offers, device),
    }
}

/// What providers are compared on: a model and some tiles.
struct Comparison<'a> {
    runtime: &'a Runtime,
    manifest: &'a Manifest,
    tiles: &'a [Tile],
    grid: &'a Grid,
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
        if device == Device::Auto {
            best = Some((ExecutionProvider::Cpu, plain.tile_time.div_f64(WORTH_IT)));
        }
        for provider in offers.into_iter().filter(|provider| *provider != ExecutionProvider::Cpu) {
            let tried = match self.run(provider) {
                Err(error) if device == Device::Auto => {
                    notes.push(format!("{provider} cannot run: {error}"));
                    continue;
                }
                tried => tried?,
            };
            match agreement(&plain.answers, &tried.answers, &self.manifest.model) {
                Agreement::Yes { finds, odds } => {
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

    /// Runs a provider on the tiles, with thresholds so low that finds just below them count too.
    fn run(&self, provider: ExecutionProvider) -> Result<ProviderRun, DetectError> {
        let mut lowered = self.manifest.clone();
        lowered.model.classes.iter_mut().for_each(|class| class.threshold.sensitive *= FLOOR);
        let mut detector = Detector::new(&lowered, provider, self.runtime)?;
        let (mut answers, mut tile_time) = (vec![], Duration::MAX);
        for tile in self.tiles {
            let (started, worked) = (Instant::now(), ProcessTime::now());
            answers.extend(detector.detect(std::slice::from_ref(tile), self.grid)?);
            // What else the machine does must not decide: on the processor its own time counts, and
            // of all tiles the quickest.
            let took = if provider == ExecutionProvider::Cuda {
                started.elapsed()
            } else {
                worked.elapsed()
            };
            tile_time = tile_time.min(took);
        }
        Ok(ProviderRun { provider, tile_time, answers })
    }
}

impl fmt::Display for ProviderRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.0} ms a tile", self.provider, self.tile_time.as_secs_f64() * 1e3)
    }
}
