//! Flags as a person types them -> configuration, resolved once.

mod chip;
mod delineate;
mod evaluate;
mod fields;
mod man;
mod metadata;
mod models;
mod planned;
mod read;
mod report;
mod review;
mod scene;

pub(crate) use chip::{ChipArgs, ChipConfig, LabelFormat};
pub(crate) use delineate::DelineateArgs;
pub(crate) use evaluate::{EvaluateArgs, EvaluateConfig};
pub(crate) use fields::{FieldsArgs, FieldsConfig};
pub(crate) use man::ManArgs;
pub(crate) use models::{ModelsArgs, ModelsConfig};
pub(crate) use planned::{GatherArgs, PlanArgs, ShardArgs, StatusArgs};
pub(crate) use read::ReadArgs;
pub(crate) use report::{ReportArgs, ReportConfig};
pub(crate) use review::{ReviewAction, ReviewArgs, UserAction};
pub(crate) use scene::SceneArgs;

use crate::text;
use anyhow::Context;
use clap::{Parser, Subcommand};
use metadata::{MetadataArgs, MetadataFileArg};
use rams_delineate::Doctrine;
use rams_detect::Device;
use rams_domain::{OperatingPoint, ReadAs};
use rams_survey::SurveyConfig;
use std::{
    fs,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

/// From a drone orthomosaic to a map of suspected hazardous areas.
///
/// Candidates from imagery alone, for review by people. No detection is not "no hazard".
#[derive(Parser)]
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
    /// Decide a survey and cut it into shards, for many machines to do
    ///
    /// Takes all that `rams survey` takes and writes plan.json, shards.jsonl and command.json into
    /// the folder of the survey, which all machines see, as they see the imagery. The same plan
    /// again changes nothing.
    Plan(PlanArgs),
    /// Do one shard of a planned survey and seal it as a piece
    ///
    /// Exit code 0: sealed, or there already. 3: sealed, with tiles that could not be read or on
    /// which the model failed. 5: this machine cannot do it, another may: other build, other files
    /// or other kernels, or it does not see the folder. Nothing is kept of a shard that was
    /// stopped.
    Shard(ShardArgs),
    /// Make the map of a planned survey from its pieces
    ///
    /// A piece that is missing, torn or of another plan is refused by name. Exit codes are those of
    /// a survey.
    Gather(GatherArgs),
    /// Say how far a planned survey is; exit code 3 as long as it is not done
    Status(StatusArgs),
    /// List models and check that they work on this machine; exit code 1 if one does not
    Models(ModelsArgs),
    /// Write a survey in another format, read it back and check it as an import would
    ///
    /// The import checks: valid polygons of three vertices or more; no polygon, point or id twice;
    /// as advice, consecutive points more than 5,000 m apart and parts that overlap by more than 90
    /// %. Their findings are printed, and the files are written all the same. Exit code 3 where an
    /// import would refuse something; advice alone is exit code 0.
    Export(ExportArgs),
    /// Draw the areas of a survey again, without a look at the imagery: by another doctrine, with
    /// other evidence, within another limit
    ///
    /// Features and detections stay as they are. Ground that the survey did not assess stays a gap,
    /// whatever the new limit. The record has a row for each drawing: when, by which doctrine, with
    /// which evidence. Exit codes are those of a survey.
    Delineate(DelineateArgs),
    /// Write a survey as a report that people read and print
    Report(ReportArgs),
    /// Let people decide on the areas of a survey, in the browser
    ///
    /// Opens the browser on the queue of areas. Every decision goes into a log that only grows,
    /// review/review.db in the survey's folder; survey.gpkg stays as it is. Ctrl-C ends it and
    /// prints the head of the log. Only this machine is listened to, unless there are users.
    Review(ReviewArgs),
    /// Paint a sample orthomosaic and its truth
    Scene(SceneArgs),
    /// Say how well predictions and truth agree
    Evaluate(EvaluateArgs),
    /// Simulate fields and say how good the areas drawn in them are
    Fields(FieldsArgs),
    /// Cut an annotated orthomosaic into chips, to train elsewhere
    Chip(ChipArgs),
    /// Write the man pages and the completions of shells, for packages
    #[command(hide = true)]
    Man(ManArgs),
}

#[derive(clap::Args)]
pub(crate) struct InspectArgs {
    /// Georeferenced rasters as of a survey: GeoTIFF, COG, VRT or JPEG 2000
    #[arg(required = true)]
    orthos: Vec<PathBuf>,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    tile: TileArgs,
    #[command(flatten)]
    surface: SurfaceArgs,
    /// Print the inspection as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct SurveyArgs {
    /// Georeferenced rasters, adjacent or overlapping, of any CRS and pixel size: GeoTIFF, COG, VRT
    /// or JPEG 2000; the map is in the CRS of the first
    #[arg(required = true)]
    orthos: Vec<PathBuf>,
    #[command(flatten)]
    read: ReadArgs,
    /// Folder for survey.gpkg
    #[arg(short, long)]
    out: PathBuf,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    tile: TileArgs,
    #[command(flatten)]
    surface: SurfaceArgs,
    /// Limit of the survey: a file of polygons, in any CRS and any format of --evidence. Tiles
    /// beyond it are not read, areas are cut at it, and ground within it that no image shows is a
    /// gap
    #[arg(long, value_name = "FILE")]
    aoi: Option<PathBuf>,
    #[command(flatten)]
    others: EvidenceArgs,
    /// File of survey metadata, of the form of docs/examples/survey.toml; options below go before
    /// it [default: survey.toml in the folders of the orthomosaics, where there is one]
    #[arg(long, value_name = "FILE")]
    survey_metadata: Option<PathBuf>,
    #[command(flatten)]
    metadata: MetadataArgs,
    /// From which scores on finds count: sensitive (fewest misses), balanced, or strict (fewest
    /// false alarms), of models that have thresholds for each. With --overwrite, a finished survey
    /// of the same inputs is drawn again at another point without reading the imagery
    #[arg(long, value_name = "POINT", default_value_t)]
    operating_point: OperatingPoint,
    /// Folder of a reviewed survey of similar ground: confidences of the same models are fitted
    /// again on what people said of its finds. Nothing is removed; may be given more than once
    #[arg(long, value_name = "DIR")]
    learn_from: Vec<PathBuf>,
    /// Doctrine profile: buffers, land classes and threat rules [default: the baseline profile]
    #[arg(long)]
    doctrine: Option<PathBuf>,
    /// Least confidence of an area, 0 to 1; those below are left out and counted, but for those
    /// that others reported [default: the doctrine's]
    #[arg(long, value_name = "P", value_parser = probability)]
    min_confidence: Option<f32>,
    /// Tiles in work at once [default: one per processor]
    #[arg(long, value_parser = whole::<u16>(1..=256))]
    threads: Option<u16>,
    /// What runs the models: auto (the fastest that answers as plain ONNX Runtime does, as tried on
    /// a few tiles), cpu (plain ONNX Runtime), openvino or cuda
    #[arg(long, default_value_t)]
    device: Device,
    /// Replace a survey that is in the folder already, or one of other inputs that was interrupted;
    /// one of the same inputs that was interrupted goes on with and without it
    #[arg(long)]
    overwrite: bool,
    /// Print a machine-readable summary
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
struct ModelArgs {
    /// Model: an .onnx, a folder with one and its model.toml, or the name of one in models/; may be
    /// given more than once [default: all in models/]
    #[arg(long = "model", value_name = "MODEL")]
    names: Vec<PathBuf>,
}

#[derive(clap::Args)]
struct TileArgs {
    /// Side of the tiles, pixels of the model's scale, if the model allows it [default: the model's
    /// own]
    #[arg(long = "tile", value_name = "PX")]
    #[arg(value_parser = tile_px)]
    tile_px: Option<u32>,
}

#[derive(clap::Args)]
struct SurfaceArgs {
    /// Surface model of the same ground, in any CRS and pixel size, for the models that take
    /// heights beside colours: GeoTIFF, COG or VRT of one band, metres
    #[arg(long, value_name = "FILE")]
    dsm: Option<PathBuf>,
}

#[derive(clap::Args)]
struct EvidenceArgs {
    /// What others know of the ground, in any CRS: accidents, incidents, minefield records,
    /// witnesses, released land, districts, land use, fronts, survey limits; GeoPackage, GeoJSON,
    /// KML, shapefile, CSV or FlatGeobuf; may be given more than once
    #[arg(long = "evidence", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Which fields of the evidence say what, and in which words, as in
    /// datasets/evidence/mapping.toml [default: fields called kind, eo_category, name, ...]
    #[arg(long, value_name = "FILE", requires = "files")]
    mapping: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct ExportArgs {
    /// Folder of a survey
    pub(crate) dir: PathBuf,
    /// geojson, kml, shp, csv or xlsx (turning points, areas, evidence points), imsma (a set for
    /// IMSMA Core), fgb or gdb (Esri file geodatabase)
    #[arg(long)]
    pub(crate) format: rams_export::Format,
    /// File to write; formats of one layer a file put the layer's name into it
    #[arg(short, long)]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) metadata: MetadataFileArg,
    /// Only what people accepted in `rams review`, as they drew it, and a table of what they
    /// rejected
    #[arg(long, conflicts_with = "min_confidence")]
    pub(crate) reviewed: bool,
    /// Of these what waits at this stage or went on from it: analyst, nts, regional, headquarters,
    /// or verified, what went through all
    #[arg(long, requires = "reviewed", default_value_t)]
    pub(crate) stage: rams_domain::Reached,
    #[command(flatten)]
    pub(crate) confidence: ConfidenceArgs,
}

#[derive(clap::Args)]
pub(crate) struct ConfidenceArgs {
    /// Least confidence of an area, 0 to 1; those below are left out and counted, but for those
    /// that others reported and that people drew
    #[arg(long, value_name = "P", default_value_t = 0.0, value_parser = probability)]
    pub(crate) min_confidence: f32,
}

/// A whole number within a range.
fn whole<T: TryFrom<u64> + Clone + Send + Sync + 'static>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number
            .and_then(|number: u64| T::try_from(number).ok())
            .ok_or_else(|| format!("give a whole number from {} to {}", range.start(), range.end()))
    }
}

/// The side of a tile.
fn tile_px(text: &str) -> Result<u32, String> {
    whole(32..=8192)(text).map_err(|cause| {
        format!("{cause}; without the model's halo on either side it is a multiple of 16")
    })
}

/// A number from 0 to 1.
fn probability(text: &str) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "give a probability from 0 to 1, for example 0.1".into())
}

/// All that an inspection needs.
pub(crate) struct InspectConfig {
    pub(crate) orthomosaics: Vec<PathBuf>,
    pub(crate) read_as: ReadAs,
    pub(crate) dsm: Option<PathBuf>,
    pub(crate) models: Vec<PathBuf>,
    pub(crate) tile_px: Option<u32>,
    pub(crate) threads: usize,
}

impl InspectArgs {
    pub(crate) fn resolve(self) -> anyhow::Result<InspectConfig> {
        let (models, tile_px, dsm) = (self.models.folders()?, self.tile.tile_px, self.surface.dsm);
        let (orthomosaics, read_as) = (self.orthos, self.read.resolve());
        Ok(InspectConfig { orthomosaics, read_as, dsm, models, tile_px, threads: processors() })
    }
}

impl SurveyArgs {
    pub(crate) fn resolve(self) -> anyhow::Result<SurveyConfig> {
        let mut doctrine = read_doctrine(self.doctrine.as_deref())?;
        let least = &mut doctrine.area.min_confidence;
        *least = self.min_confidence.unwrap_or(*least);
        Ok(SurveyConfig {
            orthomosaics: self.orthos,
            read_as: self.read.resolve(),
            dsm: self.surface.dsm,
            models: self.models.folders()?,
            tile_px: self.tile.tile_px,
            aoi: self.aoi,
            evidence: self.others.files,
            mapping: self.others.mapping,
            metadata: self.metadata.metadata,
            metadata_file: self.survey_metadata,
            operating_point: self.operating_point,
            site_calibration: crate::review::site_calibration(&self.learn_from)?,
            doctrine,
            out: self.out,
            overwrite: self.overwrite,
            device: self.device,
            threads: self.threads.map_or_else(processors, usize::from),
        })
    }
}

impl ModelArgs {
    fn folders(&self) -> anyhow::Result<Vec<PathBuf>> {
        let shipped = shipped_models();
        if self.names.is_empty() {
            let entries = shipped
                .iter()
                .flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
            let mut folders: Vec<_> =
                entries.map(|entry| entry.path()).filter(|folder| is_model(folder)).collect();
            folders.sort();
            anyhow::ensure!(
                !folders.is_empty(),
                "no model found in models/ beside the program: give --model FOLDER"
            );
            return Ok(folders);
        }
        self.names.iter().map(|name| find_model(name, shipped.as_deref())).collect()
    }
}

/// A doctrine profile, the baseline without a file.
fn read_doctrine(path: Option<&Path>) -> anyhow::Result<Doctrine> {
    let Some(path) = path else { return Ok(Doctrine::baseline()) };
    Ok(Doctrine::parse(&text::read(path)?, &path.display().to_string())?)
}

/// A model that was given as a file or folder, or by its name in the folder of those shipped.
fn find_model(name: &Path, shipped: Option<&Path>) -> anyhow::Result<PathBuf> {
    if is_model(name) || name.is_file() {
        return Ok(name.to_owned());
    }
    let shipped = shipped.map(|folder| folder.join(name)).filter(|folder| is_model(folder));
    // A folder without a model.toml may hold an .onnx; if not, reading it says so.
    let found = shipped.or_else(|| name.is_dir().then(|| name.to_owned()));
    found.with_context(|| {
        format!(
            "cannot find model {}: give an .onnx, a folder with one, or the name of one in models/",
            name.display()
        )
    })
}

fn is_model(folder: &Path) -> bool {
    folder.join("model.toml").is_file()
}

/// The folder `models` that comes with the program, else the one in the current folder.
fn shipped_models() -> Option<PathBuf> {
    let models = rams_model::shipped("models").unwrap_or_else(|| "models".into());
    models.is_dir().then_some(models)
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
