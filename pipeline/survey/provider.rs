//! Which execution provider runs each model: as the survey was begun, as an earlier survey on this
//! machine found, or tried on a few tiles of this one.

use crate::{
    SurveyConfig, SurveyError, coverage::Scope, heights, identity::RunIdentity, input::Input,
};
use rams_detect::{Device, ExecutionProvider, ProviderChoice, Runtime, select_provider};
use rams_domain::{Grid, Orthomosaic, SurfaceModel, Tile, TileId, TilePlan};
use rams_model::Manifest;
use rams_tile::Reader;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Tiles that the providers are compared on, at most; of a small survey no more than this share.
const SAMPLE: u32 = 16;
const SHARE: u32 = 8;

/// Tiles that are read at most to find one with an image.
const ATTEMPTS: u32 = 3;

/// A survey of fewer tiles by a model is done before a trial would pay: it takes as long as some
/// twenty.
const WORTH_A_TRIAL: u64 = 32;

/// What a survey was begun with, where it was begun before this.
#[derive(Clone, Copy)]
pub(crate) enum Begun<'a> {
    /// It was not.
    No,
    /// In the same folder: it goes on with its providers where this machine has them.
    Here(&'a RunIdentity),
    /// By a plan, which decides whatever this machine has.
    Planned(&'a RunIdentity),
    /// By a plan, of which one of its models is to run, by its name in the survey.
    Shard { identity: &'a RunIdentity, model: &'a str },
}

/// Chooses a provider for a model. A model that loads in none is an error now, not a gap after
/// hours.
pub(crate) fn choose(
    config: &SurveyConfig,
    begun: Begun<'_>,
    inputs: &[Input],
    manifest: &Manifest,
    runtime: &Runtime,
) -> Result<ProviderChoice, SurveyError> {
    let remembered = Remembered::read();
    let (input, surface) = hardest(inputs, manifest);
    let key = key(manifest, config.device, surface.is_some(), runtime);
    let offered = runtime.offers(config.device);
    // A survey goes on with the provider that it was begun with: another rounds otherwise.
    let (identity, among, reason) = match begun {
        Begun::No => (None, &[][..], ""),
        Begun::Here(identity) => (Some(identity), &offered[..], "as the survey was begun"),
        Begun::Planned(identity) | Begun::Shard { identity, .. } => {
            (Some(identity), &ExecutionProvider::ALL[..], "as planned")
        }
    };
    let name = identity.and_then(|identity| identity.provider(&manifest.model.name));
    let began = among.iter().find(|provider| Some(provider.to_string().as_str()) == name);
    if let Some(&provider) = began {
        return Ok(ProviderChoice { provider, reason: reason.into(), is_lasting: false });
    }
    if let Some(provider) = remembered.provider(&key) {
        return Ok(ProviderChoice {
            provider,
            reason: "as tried on this machine before".into(),
            is_lasting: false,
        });
    }
    let is_compared = config.device == Device::Openvino || offered.len() > 1;
    if config.device == Device::Auto && is_compared {
        let tiles =
            assessable(inputs, manifest).map(|input| Ok(u64::from(plan(input, manifest)?.len())));
        let tiles: u64 = tiles.sum::<Result<_, SurveyError>>()?;
        if tiles < WORTH_A_TRIAL {
            let provider = ExecutionProvider::default();
            let reason = format!("too few tiles ({tiles}) for a trial of others to pay");
            return Ok(ProviderChoice { provider, reason, is_lasting: false });
        }
    }
    let grid = Grid::new(input.orthomosaic.size, input.orthomosaic.gsd_m(), manifest.model.gsd_m);
    // What no class can be assessed in is never tiled: it may have a million times too many tiles.
    let is_compared = is_compared && assessable(inputs, manifest).next().is_some();
    let tiles = is_compared.then(|| sample(input, manifest, surface.as_ref())).transpose()?;
    let tiles = tiles.into_iter().flatten();
    let choice = select_provider(runtime, manifest, config.device, tiles, &grid)?;
    if choice.is_lasting && offered.len() > 1 {
        remembered.write(&key, choice.provider);
    }
    Ok(choice)
}

/// The tiles of a model over an orthomosaic.
fn plan(input: &Input, manifest: &Manifest) -> Result<TilePlan, SurveyError> {
    let Orthomosaic { size, .. } = input.orthomosaic;
    let grid = Grid::new(size, input.orthomosaic.gsd_m(), manifest.model.gsd_m);
    Ok(TilePlan::new(grid, manifest.model.tile)?)
}

/// The orthomosaics in which a class of a model can be assessed.
fn assessable<'a>(inputs: &'a [Input], manifest: &Manifest) -> impl Iterator<Item = &'a Input> {
    let is_assessable = |input: &&Input| {
        let scope = Scope::of(&manifest.model, &input.orthomosaic);
        !scope.assessable.is_empty()
    };
    inputs.iter().filter(is_assessable)
}

/// What providers are compared on: the first orthomosaic that the model can assess, one under which
/// it reads heights before one without: metres are rounded more than colours are.
fn hardest<'a>(inputs: &'a [Input], manifest: &Manifest) -> (&'a Input, Option<SurfaceModel>) {
    let surface = |input: &Input| {
        heights::choose(input.surface.as_ref(), manifest).and_then(|surface| surface.ok())
    };
    let mut with_heights = assessable(inputs, manifest).filter(|input| surface(input).is_some());
    let input = with_heights.next().or(assessable(inputs, manifest).next()).or(inputs.first());
    let input = input.expect("a survey has an orthomosaic");
    (input, surface(input))
}

/// Tiles with an image, evenly over an orthomosaic, read as they are asked for; none where there is
/// nothing to compare.
fn sample(
    input: &Input,
    manifest: &Manifest,
    surface: Option<&SurfaceModel>,
) -> Result<impl Iterator<Item = Tile> + use<>, SurveyError> {
    let plan = plan(input, manifest)?;
    let mut reader = Reader::open(&input.orthomosaic, *plan.grid())?;
    if let Some(surface) = surface {
        reader = reader.with_heights(surface, &input.orthomosaic);
    }
    let wanted = (plan.len() / SHARE).clamp(1, SAMPLE);
    let attempts = (ATTEMPTS * wanted).min(plan.len());
    // The middle of each of so many parts of the plan, which runs row by row: every third of
    // them, then those between.
    let all = plan.len();
    let id = move |attempt: u32| {
        let middle = (2 * u64::from(attempt) + 1) * u64::from(all) / (2 * u64::from(attempts));
        TileId(middle as u32)
    };
    let ids =
        (0..ATTEMPTS).flat_map(move |first| (first..attempts).step_by(ATTEMPTS as usize)).map(id);
    Ok(ids.filter_map(move |id| reader.read(plan.tile(id)).ok()).take(wanted as usize))
}

/// What a choice depends on: weights, whether heights are read, library, processor.
fn key(manifest: &Manifest, device: Device, with_heights: bool, runtime: &Runtime) -> String {
    let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line =
        |name: &str| processor.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    let of = |line: &str| line.split_once(':').map_or("", |(_, value)| value).trim().to_owned();
    let flags = of(line("flags"));
    let vectors: Vec<_> = flags
        .split(' ')
        .filter(|flag| flag.starts_with("avx") || flag.starts_with("amx"))
        .collect();
    let (name, vectors, arch) = (of(line("model name")), vectors.join(" "), std::env::consts::ARCH);
    let heights = if with_heights { " with heights" } else { "" };
    let model = format!("{}{heights}", manifest.model.digest);
    format!("{model} {device} | {} | {arch} {name} {vectors}", runtime.version())
}

/// What earlier surveys on this machine found, in the user's cache folder. Whatever is wrong with
/// the file, the providers are tried again.
struct Remembered {
    path: Option<PathBuf>,
    providers: BTreeMap<String, ExecutionProvider>,
}

impl Remembered {
    fn read() -> Self {
        let path = dirs::cache_dir().map(|folder| folder.join("rams").join("providers.json"));
        let text = path.as_ref().and_then(|path| fs::read(path).ok());
        let providers =
            text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        Self { path, providers }
    }

    fn provider(&self, key: &str) -> Option<ExecutionProvider> {
        self.providers.get(key).copied()
    }

    fn write(&self, key: &str, provider: ExecutionProvider) {
        let Some(path) = &self.path else { return };
        // Another survey may have written since.
        let mut providers = Self::read().providers;
        providers.insert(key.to_owned(), provider);
        let write = |path: &Path| {
            let partial = path.with_extension(format!("{}.partial", std::process::id()));
            fs::create_dir_all(path.parent().unwrap_or(path))?;
            fs::write(&partial, serde_json::to_vec_pretty(&providers)?)?;
            fs::rename(&partial, path)
        };
        // A folder that cannot be written costs the next survey a few seconds.
        let _ = write(path);
    }
}
