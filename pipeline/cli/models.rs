//! Which models there are, what they say of themselves, and whether they work on this machine.

use crate::{
    args::{ModelsArgs, ModelsConfig},
    output::print,
};
use rams_detect::{Runtime, SmokeTested, smoke_test};
use rams_domain::{Class, MeasuredPoint, Model, OperatingPoint};
use rams_model::Manifest;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Runs the command.
pub(crate) fn run(args: ModelsArgs) -> anyhow::Result<ExitCode> {
    if let Some(path) = &args.describe {
        print(Manifest::describe(path)?.trim_end())?;
        return Ok(ExitCode::SUCCESS);
    }
    let json = args.json;
    let models = models(&args.resolve()?)?;
    print(if json { models.to_json()? } else { models.to_string() }.trim_end())?;
    Ok(if models.is_broken() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Models in the order in which they were given.
#[derive(Serialize)]
struct List(Vec<Entry>);

#[derive(Serialize)]
struct Entry {
    path: PathBuf,
    #[serde(flatten)]
    card: Option<Card>,
    /// Why it cannot be used.
    error: Option<String>,
}

#[derive(Serialize)]
struct Card {
    name: String,
    version: String,
    task: String,
    layout: String,
    gsd_m: f64,
    tile_px: u32,
    halo_px: u32,
    takes_heights: bool,
    licence: String,
    training_data: Vec<String>,
    /// Mean and deviation of each colour, of values from 0 to 1, that the input is normalised by.
    mean: [f64; 3],
    std: [f64; 3],
    /// Of all its files.
    sha256: String,
    /// Files in which the .onnx keeps weights, and the digest of each.
    weight_files: BTreeMap<String, String>,
    /// Whether its model.toml says the digest, so that an exchanged file would be noticed.
    digest_is_stated: bool,
    classes: Vec<Class>,
    /// What was measured at operating points.
    operating_points: BTreeMap<OperatingPoint, MeasuredPoint>,
    /// Outputs that are no sign of hazard.
    ignored: Vec<String>,
    /// Settings that its exporter left in the file and that change nothing here, and why.
    unused: Vec<String>,
    /// Milliseconds for one tile on one thread.
    tile_ms: Option<f64>,
}

/// Reads, loads and tries models. A model that fails is an entry with its error.
fn models(config: &ModelsConfig) -> anyhow::Result<List> {
    let runtime = Runtime::load()?;
    Ok(List(config.models.iter().map(|path| entry(path, config.tile_px, &runtime)).collect()))
}

fn entry(path: &Path, tile_px: Option<u32>, runtime: &Runtime) -> Entry {
    let manifest = match Manifest::read(path, tile_px) {
        Ok(manifest) => manifest,
        Err(error) => {
            return Entry { path: path.to_owned(), card: None, error: Some(error.to_string()) };
        }
    };
    let card = Card::of(&manifest);
    let (tile_ms, error) = match smoke_test(manifest, runtime) {
        Ok(SmokeTested { tile_time, .. }) => (Some(tile_time.as_secs_f64() * 1e3), None),
        Err(error) => (None, Some(error.to_string())),
    };
    Entry { path: path.to_owned(), card: Some(Card { tile_ms, ..card }), error }
}

impl Card {
    fn of(manifest: &Manifest) -> Self {
        let Model { name, version, digest, task, gsd_m, tile, classes } = manifest.model.clone();
        // As a person would write them: 0.485 and not 0.48500001430511475.
        let plain = |number: f32| number.to_string().parse().unwrap_or(f64::from(number));
        let [mean, std] = manifest.normalisation().map(|colours| colours.map(plain));
        Self {
            name,
            version,
            task: task.to_string(),
            layout: manifest.layout(),
            gsd_m,
            tile_px: tile.tile_px,
            halo_px: tile.halo_px,
            takes_heights: manifest.height_gsd_max_m().is_some(),
            licence: manifest.licence.clone(),
            training_data: manifest.training_data.clone(),
            mean,
            std,
            sha256: digest,
            weight_files: manifest.files.iter().cloned().collect(),
            digest_is_stated: manifest.has_digest,
            classes,
            operating_points: manifest.measured.clone(),
            ignored: manifest.ignored.clone(),
            unused: manifest.unused.iter().map(ToString::to_string).collect(),
            tile_ms: None,
        }
    }
}

impl List {
    /// Whether one of them cannot be used.
    fn is_broken(&self) -> bool {
        self.0.iter().any(|entry| entry.error.is_some())
    }

    fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }
}

/// For people.
impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Entry { path, card, error }) in self.0.iter().enumerate() {
            let gap = if number > 0 { "\n" } else { "" };
            match card {
                Some(card) => write!(f, "{gap}{card}")?,
                None => writeln!(f, "{gap}{}", path.display())?,
            }
            if let Some(error) = error {
                writeln!(f, "  BROKEN   {error}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.name, self.version)?;
        let heights = if self.takes_heights { ", takes heights" } else { "" };
        writeln!(f, "  task     {}, outputs as {}{heights}", self.task, self.layout)?;
        let (tile_px, halo_px, gsd_mm) = (self.tile_px, self.halo_px, self.gsd_m * 1e3);
        writeln!(
            f,
            "  input    pixels of {gsd_mm} mm, tiles of {tile_px} px with a halo of {halo_px} px"
        )?;
        let Self { mean, std, .. } = self;
        writeln!(
            f,
            "  colours  red, green, blue as (value / 255 - mean) / deviation: {mean:?}, {std:?}"
        )?;
        for setting in &self.unused {
            writeln!(f, "  unused   {setting}")?;
        }
        for class in &self.classes {
            let Class { name, indicator, eo_category, threshold, .. } = class;
            let label = class.label();
            writeln!(
                f,
                "  class    {label:20} ({name}) {indicator}, {eo_category}, from a score of \
                 {threshold}"
            )?;
        }
        for (point, measured) in &self.operating_points {
            writeln!(f, "  point    {point}: {measured}")?;
        }
        if !self.ignored.is_empty() {
            writeln!(f, "  left out {}", self.ignored.join(", "))?;
        }
        writeln!(f, "  licence  {}", self.licence)?;
        writeln!(f, "  data     {}", said(&self.training_data))?;
        let stated =
            if self.digest_is_stated { "as in model.toml" } else { "NOT stated in a model.toml" };
        writeln!(f, "  sha256   {} {stated}", self.sha256)?;
        match self.weight_files.len() {
            0..=4 => {
                for (file, digest) in &self.weight_files {
                    writeln!(f, "           {digest} of {file}, in which it keeps weights")?;
                }
            }
            more => writeln!(f, "           covers {more} files of weights beside it")?,
        }
        match self.tile_ms {
            Some(ms) => writeln!(f, "  works    {ms:.0} ms for a tile on one thread"),
            None => Ok(()),
        }
    }
}

/// A model may be trained on a hundred images.
const SHOWN: usize = 6;

fn said(data: &[String]) -> String {
    let rest = data.len().saturating_sub(SHOWN);
    let more = (rest > 0).then(|| format!("and {rest} more: --json lists all"));
    let lines: Vec<_> = data.iter().take(SHOWN).cloned().chain(more).collect();
    if lines.is_empty() { "not stated".into() } else { lines.join("\n           ") }
}
