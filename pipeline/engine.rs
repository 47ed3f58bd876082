//! Which engine executes each model: as an earlier survey on this machine found, or tried on a few
//! tiles of this one.

use crate::{args::SurveyConfig, coverage::Scope, identity::Identity};
use rams_detect::{Choice, Device, Engine, Manifest, Runtime};
use rams_domain::{Grid, Orthomosaic, Tile, TileId, TilePlan};
use rams_tile::Reader;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Tiles that the engines are compared on, at most; of a small survey no more than this share.
const SAMPLE: u32 = 16;
const SHARE: u32 = 8;

/// Tiles that are read at most to find one with an image.
const LOOKS: u32 = 3;

/// Chooses an engine for each model that has something to look at, and says which on stderr and in
/// the record. A model that loads in none is an error now, not a gap after hours.
pub(crate) fn choose(
    config: &SurveyConfig,
    earlier: Option<&Identity>,
    orthomosaics: &[Orthomosaic],
    manifests: &[Arc<Manifest>],
    runtime: &mut Runtime,
) -> anyhow::Result<Vec<(String, Choice)>> {
    let remembered = Remembered::read();
    let mut choices = vec![];
    for manifest in manifests {
        let key = key(manifest, config.device, runtime);
        // A survey goes on with the engine that it was begun with: another rounds otherwise.
        let began = earlier.and_then(|earlier| earlier.value("model", &format!("{}: runs on", manifest.model.name)));
        let mut offered = runtime.offers(config.device).into_iter();
        let began = began.and_then(|name| offered.find(|engine| engine.to_string() == name));
        let began = began.map(|engine| (engine, "as the survey was begun"));
        let known = began.or(remembered.engine(&key).map(|engine| (engine, "as tried on this machine before")));
        let choice = match known {
            Some((engine, reason)) => {
                runtime.execute(manifest, engine);
                Choice { engine, reason: reason.into(), is_lasting: false }
            }
            None => {
                let (tiles, grid) = sample(config.device, orthomosaics, manifest, runtime)?;
                runtime.contest(manifest, config.device, &tiles, &grid)?
            }
        };
        let Choice { engine, reason, is_lasting } = &choice;
        eprintln!("{} runs on {engine}: {reason}", manifest.model.name);
        if *is_lasting && runtime.offers(config.device).len() > 1 {
            remembered.write(&key, *engine);
        }
        choices.push((manifest.model.name.clone(), choice));
    }
    Ok(choices)
}

/// Tiles with an image, evenly over the first orthomosaic that the model can assess. None where there
/// is nothing to compare.
fn sample(
    device: Device,
    orthomosaics: &[Orthomosaic],
    manifest: &Manifest,
    runtime: &Runtime,
) -> anyhow::Result<(Vec<Tile>, Grid)> {
    let model = &manifest.model;
    let is_assessable = |orthomosaic: &&Orthomosaic| !Scope::of(model, orthomosaic).assessable.is_empty();
    let orthomosaic = orthomosaics.iter().find(is_assessable).or(orthomosaics.first());
    let orthomosaic = orthomosaic.expect("a survey has an orthomosaic");
    let grid = Grid::new(orthomosaic.size, orthomosaic.gsd_m(), model.gsd_m);
    let plan = TilePlan::new(grid, model.tile)?;
    if device != Device::Openvino && runtime.offers(device).len() < 2 {
        return Ok((vec![], grid));
    }
    let mut reader = Reader::open(orthomosaic, grid)?;
    let wanted = (plan.len() / SHARE).clamp(1, SAMPLE);
    let looks = (LOOKS * wanted).min(plan.len());
    // The middle of each of so many parts of the plan, which runs row by row: every third of
    // them, then those between.
    let id = |look: u32| {
        let middle = (2 * u64::from(look) + 1) * u64::from(plan.len()) / (2 * u64::from(looks));
        TileId(middle as u32)
    };
    let ids = (0..LOOKS).flat_map(|first| (first..looks).step_by(LOOKS as usize)).map(id);
    Ok((ids.filter_map(|id| reader.read(plan.tile(id)).ok()).take(wanted as usize).collect(), grid))
}

/// What a choice depends on: weights, library, processor.
fn key(manifest: &Manifest, device: Device, runtime: &Runtime) -> String {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = |name: &str| processor.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    let of = |line: &str| line.split_once(':').map_or("", |(_, value)| value).trim().to_owned();
    let flags = of(line("flags"));
    let vectors: Vec<_> = flags.split(' ').filter(|flag| flag.starts_with("avx") || flag.starts_with("amx")).collect();
    let (name, vectors, arch) = (of(line("model name")), vectors.join(" "), std::env::consts::ARCH);
    format!("{} {device} | {} | {arch} {name} {vectors}", manifest.model.digest, runtime.version())
}

/// What earlier surveys on this machine found, in the user's cache folder. Whatever is wrong with
/// the file, the engines are tried again.
struct Remembered {
    path: Option<PathBuf>,
    engines: BTreeMap<String, Engine>,
}

impl Remembered {
    fn read() -> Self {
        let path = dirs::cache_dir().map(|folder| folder.join("rams").join("engines.json"));
        let text = path.as_ref().and_then(|path| fs::read(path).ok());
        let engines = text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { path, engines }
    }

    fn engine(&self, key: &str) -> Option<Engine> {
        self.engines.get(key).copied()
    }

    fn write(&self, key: &str, engine: Engine) {
        let Some(path) = &self.path else { return };
        // Another survey may have written since.
        let mut engines = Self::read().engines;
        engines.insert(key.to_owned(), engine);
        let write = |path: &Path| {
            let partial = path.with_extension(format!("{}.partial", std::process::id()));
            fs::create_dir_all(path.parent().unwrap_or(path))?;
            fs::write(&partial, serde_json::to_vec_pretty(&engines)?)?;
            fs::rename(&partial, path)
        };
        // A folder that cannot be written costs the next survey a few seconds.
        let _ = write(path);
    }
}
