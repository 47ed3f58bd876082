//! Flags as a person types them -> configuration, resolved once.

use anyhow::Context;
use clap::{Parser, Subcommand};
use rams_delineate::Doctrine;
use rams_domain::RasterSize;
use rams_scene::{Arrangement, CameraSpec, Ground, GroundKind, SceneSpec};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// From a drone orthomosaic to a map of suspected hazardous areas.
///
/// Candidates from imagery alone, for review by people. No detection is not "no hazard".
#[derive(Parser)]
#[command(version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Say what an orthomosaic is, what can be assessed in it, and how long a survey will take
    Inspect(InspectArgs),
    /// Tile, detect, trace, delineate, store: one survey of one or more orthomosaics
    Survey(SurveyArgs),
    /// Write a survey in another format
    Export(ExportArgs),
    /// Paint a sample orthomosaic and its truth
    Scene(SceneArgs),
    /// Say how well predictions and truth agree
    Evaluate(EvaluateArgs),
    /// Cut an annotated orthomosaic into chips, to train elsewhere
    Chip(ChipArgs),
}

#[derive(clap::Args)]
pub(crate) struct InspectArgs {
    /// Georeferenced raster: GeoTIFF, COG or VRT
    ortho: PathBuf,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    surface: SurfaceArgs,
}

#[derive(clap::Args)]
pub(crate) struct SurveyArgs {
    /// Georeferenced rasters in one CRS: GeoTIFF, COG or VRT
    #[arg(required = true)]
    orthos: Vec<PathBuf>,
    /// Folder for survey.gpkg
    #[arg(short, long)]
    out: PathBuf,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    surface: SurfaceArgs,
    /// Doctrine profile: buffers and threat rules [default: the baseline profile]
    #[arg(long)]
    doctrine: Option<PathBuf>,
    /// Tiles in work at once [default: one per processor]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Replace a survey that is in the folder already
    #[arg(long)]
    overwrite: bool,
    /// Print a machine-readable summary
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
struct ModelArgs {
    /// Model: a folder with a model.toml, or the name of one in models/; may be given more than
    /// once [default: all in models/]
    #[arg(long = "model", value_name = "MODEL")]
    names: Vec<PathBuf>,
}

#[derive(clap::Args)]
struct SurfaceArgs {
    /// Surface model of the same ground, in any CRS and pixel size, for the models that take heights
    /// beside colours: GeoTIFF, COG or VRT of one band, metres
    #[arg(long, value_name = "FILE")]
    dsm: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct ExportArgs {
    /// Folder of a survey
    pub(crate) dir: PathBuf,
    /// geojson, kml, shp, csv (turning points) or fgb
    #[arg(long)]
    pub(crate) format: rams_store::Format,
    /// File to write; formats of one layer a file put the layer's name into it
    #[arg(short, long)]
    pub(crate) out: PathBuf,
}

#[derive(clap::Args)]
pub(crate) struct SceneArgs {
    /// GeoTIFF to write, its truth beside it; with --count a folder
    pub(crate) out: PathBuf,
    /// Another seed is another scene
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
    /// Pixels
    #[arg(long, value_name = "WxH", default_value = "6000x4500", value_parser = size)]
    size: (u32, u32),
    /// Metres per pixel
    #[arg(long, value_name = "M", default_value_t = 0.004)]
    gsd: f64,
    /// any, a kind (meadow, grass, straw, stubble, soil, gravel, sand, litter, asphalt, concrete, snow,
    /// rubble), or an aerial image whose licence the scene is then under; of several, each seed draws one
    #[arg(long = "ground", value_name = "KIND|FILE", default_value = "meadow")]
    grounds: Vec<String>,
    /// A former front line, objects of all classes side by side for training, or earthworks and what looks
    /// like them at 3 to 20 cm a pixel, with a surface model
    #[arg(long, value_enum, default_value = "field")]
    layout: LayoutArg,
    /// A good camera, or faults drawn by the seed
    #[arg(long, value_enum, default_value = "plain")]
    camera: CameraArg,
    /// Scenes of this and the following seeds, with COCO truth only
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    count: u64,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum LayoutArg {
    Field,
    Dense,
    Earthworks,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum CameraArg {
    Plain,
    Varied,
}

impl SceneArgs {
    /// One spec for each seed.
    pub(crate) fn specs(&self) -> anyhow::Result<Vec<SceneSpec>> {
        let grounds = self.grounds.iter().map(|text| ground(text)).collect::<anyhow::Result<Vec<_>>>()?.concat();
        let (width, height) = self.size;
        let spec = |seed: u64| SceneSpec {
            seed,
            size: RasterSize { width, height },
            gsd_m: self.gsd,
            ground: Ground::draw(&grounds, seed).clone(),
            arrangement: match self.layout {
                LayoutArg::Field => Arrangement::Field,
                LayoutArg::Dense => Arrangement::Dense,
                LayoutArg::Earthworks => Arrangement::Earthworks,
            },
            camera: match self.camera {
                CameraArg::Plain => CameraSpec::plain(),
                CameraArg::Varied => CameraSpec::of(seed),
            },
            ..SceneSpec::default()
        };
        Ok((0..self.count).map(|number| spec(self.seed.wrapping_add(number))).collect())
    }
}

/// The grounds that a word stands for.
fn ground(text: &str) -> anyhow::Result<Vec<Ground>> {
    if text == "any" {
        return Ok(GroundKind::ALL.map(Ground::Kind).to_vec());
    }
    if let Some(kind) = GroundKind::ALL.into_iter().find(|kind| kind.name() == text) {
        return Ok(vec![Ground::Kind(kind)]);
    }
    let path = PathBuf::from(text);
    let names = GroundKind::ALL.map(GroundKind::name).join(", ");
    anyhow::ensure!(path.is_file(), "ground {text} is neither a file nor any of: any, {names}");
    Ok(vec![Ground::Photo { path, gsd_m: None }])
}

#[derive(clap::Args)]
pub(crate) struct EvaluateArgs {
    /// COCO JSON, or a GeoPackage with a layer `truth` or `labels`; a folder stands for all in it
    #[arg(required = true, value_name = "TRUTH")]
    truths: Vec<PathBuf>,
    /// Folder of a survey, a folder of such folders, or COCO results (.json)
    predictions: PathBuf,
    /// The model that predicted, a folder or the name of one in models/: thresholds and class tree of
    /// its model.toml, and of a survey what this model found [default: the truth's class tree]
    #[arg(long)]
    model: Option<PathBuf>,
    /// Least score that counts, for all classes, 0 to 1 [default: the model's thresholds, else those
    /// of the survey, else 0]
    #[arg(long, value_name = "SCORE", value_parser = share)]
    threshold: Option<f64>,
    /// Leave a class out, of truth and predictions: its objects are ground like any other; may be
    /// given more than once
    #[arg(long, value_name = "CLASS")]
    skip: Vec<String>,
    /// Side of the tiles that count as images of their own, mosaic pixels
    #[arg(long, default_value_t = 640, value_parser = clap::value_parser!(u32).range(1..))]
    tile_px: u32,
    /// Predictions of a class that count for average precision in one image, best first
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    max_detections: u32,
    /// How far the centrelines of trenches may lie apart and still be one, metres
    #[arg(long, value_name = "M", default_value_t = 2.0, value_parser = metres)]
    tolerance_m: f64,
    /// Folder for evaluation.json, tables.csv and plots
    #[arg(short, long)]
    pub(crate) out: Option<PathBuf>,
    /// Print all figures, machine-readable
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct ChipArgs {
    /// Georeferenced raster: GeoTIFF, COG or VRT
    ortho: PathBuf,
    /// COCO JSON, or a GeoPackage with a layer `truth` or `labels`; a folder stands for all in it
    #[arg(long)]
    truth: PathBuf,
    /// Folder for chips and labels
    #[arg(short, long)]
    out: PathBuf,
    #[arg(long, value_enum, default_value = "coco")]
    format: LabelFormat,
    /// Side of a chip, pixels
    #[arg(long, default_value_t = 640, value_parser = clap::value_parser!(u32).range(1..))]
    tile_px: u32,
    /// What neighbours share, pixels; an object no larger than this is whole in one chip at least
    #[arg(long, default_value_t = 128)]
    overlap_px: u32,
    /// Share of the chips without an object that is kept, 0 to 1; the same ones every time
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    empty: f64,
    /// Resample to pixels of so many metres [default: the orthomosaic's own]
    #[arg(long, value_name = "M")]
    gsd: Option<f64>,
    /// Write JPEG of this quality, 1 to 100, instead of PNG, which keeps each pixel as it is
    #[arg(long, value_name = "QUALITY", value_parser = clap::value_parser!(u8).range(1..=100))]
    jpeg: Option<u8>,
}

/// Who reads the labels.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum LabelFormat {
    /// annotations.json
    Coco,
    /// One text file a chip, and data.yaml
    Yolo,
}

/// All that an inspection needs.
pub(crate) struct InspectConfig {
    pub(crate) orthomosaic: PathBuf,
    pub(crate) dsm: Option<PathBuf>,
    pub(crate) models: Vec<PathBuf>,
    pub(crate) workers: usize,
}

/// All that a survey needs.
pub(crate) struct SurveyConfig {
    pub(crate) orthomosaics: Vec<PathBuf>,
    pub(crate) dsm: Option<PathBuf>,
    pub(crate) models: Vec<PathBuf>,
    pub(crate) doctrine: Doctrine,
    pub(crate) out: PathBuf,
    pub(crate) workers: usize,
}

/// All that an evaluation needs.
pub(crate) struct EvaluateConfig {
    pub(crate) truths: Vec<PathBuf>,
    pub(crate) predictions: PathBuf,
    pub(crate) model: Option<PathBuf>,
    pub(crate) threshold: Option<f64>,
    pub(crate) skip: Vec<String>,
    pub(crate) settings: rams_evaluate::Settings,
    pub(crate) tolerance_m: f64,
}

impl EvaluateArgs {
    pub(crate) fn resolve(self) -> anyhow::Result<EvaluateConfig> {
        let Self { truths, predictions, model, threshold, skip, tile_px, max_detections, tolerance_m, .. } = self;
        let model = model.map(|name| find_model(&name, shipped_models().as_deref())).transpose()?;
        let settings = rams_evaluate::Settings { max_detections: max_detections as usize, tile_px };
        Ok(EvaluateConfig { truths, predictions, model, threshold, skip, settings, tolerance_m })
    }
}

/// All that cutting chips needs.
pub(crate) struct ChipConfig {
    pub(crate) orthomosaic: PathBuf,
    pub(crate) truth: PathBuf,
    pub(crate) out: PathBuf,
    pub(crate) format: LabelFormat,
    pub(crate) tile_px: u32,
    pub(crate) overlap_px: u32,
    pub(crate) empty: f64,
    pub(crate) gsd_m: Option<f64>,
    pub(crate) jpeg: Option<u8>,
}

impl ChipArgs {
    pub(crate) fn resolve(self) -> anyhow::Result<ChipConfig> {
        let Self { ortho: orthomosaic, truth, out, format, tile_px, overlap_px, empty, gsd: gsd_m, jpeg } = self;
        let fits = overlap_px < tile_px;
        anyhow::ensure!(fits, "an overlap of {overlap_px} px leaves nothing of a chip of {tile_px} px: give less");
        anyhow::ensure!((0.0..=1.0).contains(&empty), "--empty is {empty}: give a share from 0 to 1");
        let plausible = gsd_m.is_none_or(|gsd_m| (1e-4..=10.0).contains(&gsd_m));
        anyhow::ensure!(plausible, "--gsd is {}: give metres a pixel, 0.0001 to 10", gsd_m.unwrap_or(0.0));
        Ok(ChipConfig { orthomosaic, truth, out, format, tile_px, overlap_px, empty, gsd_m, jpeg })
    }
}

impl InspectArgs {
    pub(crate) fn resolve(self) -> anyhow::Result<InspectConfig> {
        let (models, dsm) = (self.models.folders()?, self.surface.dsm);
        Ok(InspectConfig { orthomosaic: self.ortho, dsm, models, workers: processors() })
    }
}

impl SurveyArgs {
    pub(crate) fn resolve(self) -> anyhow::Result<SurveyConfig> {
        let survey = self.out.join(rams_store::SURVEY_FILE);
        if survey.exists() && !self.overwrite {
            anyhow::bail!("{} is there already: give another -o, or --overwrite to replace it", survey.display());
        }
        let doctrine = match &self.doctrine {
            None => Doctrine::baseline(),
            Some(path) => {
                let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
                Doctrine::parse(&text, &path.display().to_string())?
            }
        };
        Ok(SurveyConfig {
            orthomosaics: self.orthos,
            dsm: self.surface.dsm,
            models: self.models.folders()?,
            doctrine,
            out: self.out,
            workers: self.threads.map_or_else(processors, usize::from),
        })
    }
}

impl ModelArgs {
    fn folders(&self) -> anyhow::Result<Vec<PathBuf>> {
        let shipped = shipped_models();
        if self.names.is_empty() {
            let entries = shipped.iter().flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
            let mut folders: Vec<_> = entries.map(|entry| entry.path()).filter(|folder| is_model(folder)).collect();
            folders.sort();
            anyhow::ensure!(!folders.is_empty(), "no model found in models/ beside the program: give --model FOLDER");
            return Ok(folders);
        }
        self.names.iter().map(|name| find_model(name, shipped.as_deref())).collect()
    }
}

/// The folder of a model that was given as such, or by its name in the folder of those shipped.
fn find_model(name: &Path, shipped: Option<&Path>) -> anyhow::Result<PathBuf> {
    let candidates = [Some(name.to_owned()), shipped.map(|folder| folder.join(name))];
    let found = candidates.into_iter().flatten().find(|folder| is_model(folder));
    found.with_context(|| format!("model {} has no model.toml: give a folder with one", name.display()))
}

fn is_model(folder: &Path) -> bool {
    folder.join("model.toml").is_file()
}

/// The folder `models` beside or above the program, else the one in the current folder.
fn shipped_models() -> Option<PathBuf> {
    let program = std::env::current_exe().unwrap_or_default();
    let mut candidates =
        program.ancestors().skip(1).map(|folder| folder.join("models")).chain([PathBuf::from("models")]);
    candidates.find(|folder| folder.is_dir())
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn share(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| "give a number from 0 to 1".into())
}

fn metres(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|metres| (0.0..=100.0).contains(metres)).ok_or_else(|| "give metres from 0 to 100".into())
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let sides =
        text.split_once(['x', 'X']).and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
    sides.filter(|(width, height)| *width > 0 && *height > 0).ok_or_else(|| "give pixels such as 6000x4500".into())
}
