//! Execution providers tried on tiles of the survey itself: which is the fastest of those that
//! answer alike.

use crate::{DetectError, Detector, Device, ExecutionProvider, Runtime, TileDetections};
use cpu_time::ProcessTime;
use rams_domain::{Detection, Grid, Model, PxBox, Shape, Tile};
use rams_model::Manifest;
use std::{
    fmt,
    time::{Duration, Instant},
};

/// A provider answers like ONNX Runtime's own kernels where each of the best finds of each tile has
/// a counterpart of the same family, half of whose area or more is the same, and the odds of the
/// two scores differ by no more than this factor: 0.30 may become 0.26 or 0.35.
const TOLERANCE: f32 = 1.25;

/// Finds are compared from this share of their class's threshold on. Far below it, which of many
/// faint peaks a model lists is chance: of 2300 finds of surface-ordnance below it, bf16 changed
/// the odds of one by a factor of 59; of 115 above it, none by more than 1.14.
const FLOOR: f32 = 0.5;

/// Fewer finds than this on all tiles together tell nothing of a provider that rounds otherwise.
const LEAST_FINDS: usize = 12;

/// Finds of a tile that are compared at most.
const COMPARED: usize = 25;

/// A provider must be faster than plain ONNX Runtime by this factor to be worth another rounding.
const WORTH_IT: f64 = 1.1;

/// What executes a model, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct ProviderChoice {
    /// The provider.
    pub provider: ExecutionProvider,
    /// Why it and no other, in one sentence.
    pub reason: String,
    /// Whether other tiles of other orthomosaics would lead to the same choice.
    pub is_lasting: bool,
}

/// A provider that was tried.
struct Tried {
    provider: ExecutionProvider,
    tile_time: Duration,
    answers: Vec<TileDetections>,
}

/// Tries the execution providers of a device on some tiles of a grid, one after the other on one
/// thread, and chooses the fastest whose finds agree with those of plain ONNX Runtime.
///
/// A provider that was asked for by name and cannot be had is an error; with [`Device::Auto`] it is
/// passed over.
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
    let trial = Trial { runtime, manifest, tiles, grid };
    match trial.run(ExecutionProvider::Cpu) {
        // A tile that the model fails on becomes a gap, and no reason to stop.
        Err(DetectError::Run { cause, .. }) => untried(format!("a tile failed: {cause}")),
        Err(error) => Err(error),
        Ok(plain) => trial.compare(plain, offers, device),
    }
}

/// What providers are compared on.
struct Trial<'a> {
    runtime: &'a Runtime,
    manifest: &'a Manifest,
    tiles: &'a [Tile],
    grid: &'a Grid,
}

impl Trial<'_> {
    /// The fastest of some providers that answers as plain ONNX Runtime did.
    fn compare(
        &self,
        plain: Tried,
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

    fn run(&self, provider: ExecutionProvider) -> Result<Tried, DetectError> {
        let mut eager = self.manifest.clone();
        eager.model.classes.iter_mut().for_each(|class| class.threshold *= FLOOR);
        let mut detector = Detector::new(&eager, provider, self.runtime)?;
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
        Ok(Tried { provider, tile_time, answers })
    }
}

impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.0} ms a tile", self.provider, self.tile_time.as_secs_f64() * 1e3)
    }
}

#[derive(Debug, PartialEq)]
enum Agreement {
    Yes { finds: usize, odds: f32 },
    No(String),
    Unknown(usize),
}

fn agreement(plain: &[TileDetections], other: &[TileDetections], model: &Model) -> Agreement {
    let (mut finds, mut furthest) = (0, 1.0_f32);
    let family = |find: &Detection| model.family(find.class);
    for (plain, other) in plain.iter().zip(other) {
        for (from, to, which) in [(plain, other, "it misses"), (other, plain, "it alone has")] {
            for find in best(from, model) {
                let twins = to.detections.iter().filter(|twin| family(twin) == family(find));
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
fn best<'a>(of: &'a TileDetections, model: &Model) -> Vec<&'a Detection> {
    let height = |find: &Detection| find.score / model.classes[find.class].threshold;
    // A counterpart may lie a little below the floor.
    let least = TOLERANCE * FLOOR;
    let mut finds: Vec<_> = of.detections.iter().filter(|find| height(find) >= least).collect();
    finds.sort_by(|a, b| height(b).total_cmp(&height(a)));
    finds.truncate(COMPARED);
    finds
}

fn odds_apart(a: f32, b: f32) -> f32 {
    let odds = |score: f32| score.clamp(1e-6, 1.0 - 1e-6) / (1.0 - score.clamp(1e-6, 1.0 - 1e-6));
    (odds(a) / odds(b)).max(odds(b) / odds(a))
}

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
            Detection { id, class: 0, score: *score, shape }
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
