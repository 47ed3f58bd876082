//! What was run on what, so that anyone can run it again and tell whether two runs are the same.

mod crowd;
mod drawing;
mod evidence_file;
mod guid;
mod notice;
mod rows;

pub use crowd::Crowd;
pub use drawing::Drawing;
pub use evidence_file::EvidenceFileRecord;
pub use guid::FeatureGuids;
pub use notice::{Notice, Subject};

use crate::{
    Crs, Indicator, MeasuredPoint, OperatingPoint, RasterSize, ReadAs, SiteCalibration, Thresholds,
    plural,
};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// The record of a run. Programs read these fields; [`RunRecord::rows`] are for people and are
/// never read back.
///
/// ```
/// use rams_domain::{Indicator, ModelRecord, RunRecord, Software, Timing};
///
/// let record = RunRecord {
///     software: Software { rams: "0.2.0".into(), ..Software::default() },
///     timing: Timing { runs: vec!["2026-01-02T03:04:05Z".into()], ..Timing::default() },
///     models: vec![ModelRecord {
///         name: "mines".into(),
///         labels: vec![("pmn-2".into(), "PMN-2".into())],
///         ..ModelRecord::default()
///     }],
///     ..RunRecord::default()
/// };
/// assert_eq!(record.started(), Some("2026-01-02T03:04:05Z"));
/// assert_eq!(record.rows()[0], ("software", "rams".into(), "0.2.0".into()));
/// assert_eq!(record.class_label("mines", "pmn-2"), "PMN-2");
/// assert_eq!(record.class_label("no such model", "at_ditch"), "at ditch");
/// let others = rams_domain::other_kinds(Indicator::MineSurface, &["pmn-2", "a_mine"]);
/// assert_eq!(others, "mine_surface other than pmn-2 or a_mine");
/// assert_eq!(record.class_label("", &others), "surface mine other than PMN-2 or a mine");
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RunRecord {
    /// What ran.
    pub software: Software,
    /// When it ran.
    pub timing: Timing,
    /// The orthomosaics that were surveyed.
    pub orthomosaics: Vec<OrthomosaicRecord>,
    /// The surface model beside them.
    pub surface_model: Option<SurfaceModelRecord>,
    /// Pairs of orthomosaics that show the same ground, by name.
    pub overlaps: Vec<[String; 2]>,
    /// The models that ran on them.
    pub models: Vec<ModelRecord>,
    /// From which scores on finds count.
    #[serde(default)]
    pub operating_point: OperatingPoint,
    /// What people said of finds on this ground, by which confidences were fitted again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_calibration: Option<SiteCalibration>,
    /// By which rules areas were drawn.
    pub doctrine: DoctrineRecord,
    /// Areas that were too doubtful to be drawn.
    #[serde(default)]
    pub left_out: LeftOut,
    /// Files of external evidence, their mapping and the survey's limit.
    pub evidence: Vec<EvidenceFileRecord>,
    /// Each drawing of areas from what the models saw; the last one drew those of the survey.
    #[serde(default)]
    pub drawings: Vec<Drawing>,
    /// SHA-256, hex, of the areas as they were last drawn, whatever people edited since: what it
    /// is of a survey that was stored; empty of one that was not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub areas_sha256: String,
    /// Detectors that worked at once; the result does not depend on it.
    pub threads: usize,
    /// What each model did on each orthomosaic.
    pub passes: Vec<PassRecord>,
    /// What models saw in pixels too coarse for it.
    pub out_of_reach: Vec<OutOfReach>,
    /// Where models found more than can lie there.
    pub crowds: Vec<Crowd>,
    /// What people should know of inputs, models and results.
    pub notices: Vec<Notice>,
}

/// The program and its libraries.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Software {
    /// Version of `rams`.
    pub rams: String,
    /// SHA-256, hex, of samples of the program's file: a program that was built again has the same
    /// version and may not do the same.
    pub build: String,
    /// ONNX Runtime, in its own words.
    pub onnxruntime: String,
}

/// When a survey was done.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Timing {
    /// When each run of it began, UTC; the last one made the map.
    pub runs: Vec<String>,
    /// How long the last run took, seconds; 0 of a survey that was gathered from its shards.
    pub seconds: f64,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
}

/// SHA-256 of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileDigest {
    /// Hex.
    Sha256(String),
    /// Why there is none: the file could not be read to its end.
    Failed(String),
    /// A stop was asked for first.
    #[default]
    Stopped,
}

/// An orthomosaic as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrthomosaicRecord {
    /// Its name within the survey.
    pub name: String,
    /// Where the file lay.
    pub path: PathBuf,
    /// Size, pixels.
    pub size: RasterSize,
    /// Ground sampling distance along x and y at the centre, metres.
    pub gsd_m: [f64; 2],
    /// Its own CRS.
    pub crs: Crs,
    /// Numbers of the bands read as red, green and blue, from 1.
    pub bands: [usize; 3],
    /// What its values are and what becomes of them, for people.
    pub values: String,
    /// The flags with which it was read.
    pub read_as: ReadAs,
    /// Format, compression and block size, for people.
    pub format: String,
    /// How it marks ground without image, for people.
    pub validity: String,
    /// Its digest.
    pub digest: FileDigest,
}

/// A surface model as it lies under the orthomosaics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SurfaceModelRecord {
    /// Where the file lay.
    pub path: PathBuf,
    /// Name of each orthomosaic, pixels of the surface model there in metres, and the share of the
    /// orthomosaic's extent that it covers, 0 to 1.
    pub under: Vec<(String, f64, f64)>,
    /// Its digest.
    pub digest: FileDigest,
}

/// A model as it ran.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelRecord {
    /// Its name within the survey.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256, hex, of all its files.
    pub sha256: String,
    /// Files in which the .onnx keeps weights, and the digest of each.
    pub weight_files: Vec<(String, String)>,
    /// Mean and deviation of each colour that the input is normalised by.
    pub normalisation: [[f32; 3]; 2],
    /// Settings of its exporter that change nothing here: key, and why.
    pub unused_settings: Vec<(String, String)>,
    /// Licence of the weights.
    pub licence: String,
    /// What it was trained on.
    pub training_data: Vec<String>,
    /// What its outputs hold.
    pub layout: String,
    /// Outputs that are no sign of hazard.
    pub ignored_outputs: Vec<String>,
    /// Scale at which it read, metres per pixel.
    pub gsd_m: f64,
    /// Side of its tiles, pixels.
    pub tile_px: u32,
    /// Halo of its tiles, pixels.
    pub halo_px: u32,
    /// Classes and the least scores of a find of each.
    pub thresholds: Vec<(String, Thresholds)>,
    /// What was measured of it at the survey's operating point, if it was.
    #[serde(default)]
    pub measured: Option<MeasuredPoint>,
    /// Classes that have another name for people, and that name.
    pub labels: Vec<(String, String)>,
    /// The execution provider that ran it.
    pub provider: String,
    /// Why that one.
    pub provider_reason: String,
    /// SHA-256, hex, of its model.toml, if it has one.
    pub manifest_sha256: Option<String>,
}

/// The doctrine profile.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DoctrineRecord {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256, hex.
    pub sha256: String,
    /// What its authors say of it.
    pub notes: String,
}

/// Areas that were left out because they are too doubtful; none that others reported is.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct LeftOut {
    /// The least confidence of an area, 0 to 1.
    pub min_confidence: f32,
    /// How many areas are below it.
    pub areas: usize,
}

/// Empty where nothing was left out.
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { min_confidence, areas } = self;
        match areas {
            0 => Ok(()),
            _ => {
                let noun = plural(*areas, "area");
                write!(f, "{areas} {noun} of a confidence below {min_confidence} left out")
            }
        }
    }
}

/// What a model did on an orthomosaic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassRecord {
    /// Name of the orthomosaic.
    pub orthomosaic: String,
    /// Name of the model.
    pub model: String,
    /// Tiles that went through the model.
    pub tiles: u32,
    /// In how many of them it had heights; `None` where it read no surface model.
    pub heights: Option<HeightTally>,
}

/// In how many tiles a model had heights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeightTally {
    /// Name of the surface model.
    pub surface_model: String,
    /// Tiles whose core has heights.
    pub known: u32,
    /// Tiles where they could not be read.
    pub unreadable: u32,
    /// Why not, of the first of these.
    pub cause: Option<String>,
}

/// Detections in pixels too coarse for their class: they are no features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutOfReach {
    /// Name of the orthomosaic.
    pub orthomosaic: String,
    /// Name of the model.
    pub model: String,
    /// Name of the class.
    pub class: String,
    /// How many.
    pub detections: usize,
}

const OTHER_THAN: &str = " other than ";
const OR: &str = " or ";

/// The other kinds of an indicator than those that models know, as a class that no model looks for:
/// `mine_surface other than pfm-1 or pmn-2`. [`RunRecord::class_label`] has its name for people.
pub fn other_kinds(indicator: Indicator, known: &[&str]) -> String {
    format!("{indicator}{OTHER_THAN}{}", known.join(OR))
}

/// The indicator of [`other_kinds`], and the classes that are known of it.
pub fn other_kinds_of(class: &str) -> Option<(&str, impl Iterator<Item = &str>)> {
    let (indicator, known) = class.split_once(OTHER_THAN)?;
    Some((indicator, known.split(OR)))
}

impl ModelRecord {
    /// Whether what counts as a find of it depends on the operating point.
    pub fn has_points(&self) -> bool {
        self.thresholds.iter().any(|(_, thresholds)| !thresholds.is_one())
    }

    /// What was measured of it at the operating point of its survey, for people.
    pub fn told_at(&self, point: OperatingPoint) -> String {
        let measured =
            self.measured.as_ref().map_or("not measured".into(), MeasuredPoint::to_string);
        if self.has_points() {
            format!("{point}: {measured}")
        } else {
            format!("one threshold for every point: {measured}")
        }
    }

    /// The name of a class for people.
    fn label(&self, class: &str) -> Option<&str> {
        self.labels.iter().find(|(name, _)| name == class).map(|(_, label)| label.as_str())
    }
}

/// The name of an indicator for people, by that in files.
fn indicator_label(name: &str) -> String {
    let mut all = Indicator::OF_PRESENCE.iter();
    let found = all.find(|indicator| indicator.to_string() == name);
    found.map_or_else(|| name.replace('_', " "), |indicator| indicator.label())
}

impl RunRecord {
    /// What is recorded of an orthomosaic.
    pub fn orthomosaic(&self, name: &str) -> Option<&OrthomosaicRecord> {
        self.orthomosaics.iter().find(|orthomosaic| orthomosaic.name == name)
    }

    /// The name of a class of a model for people; of an indicator that no model looks for, its
    /// words, and of its [`other_kinds`] "surface mine other than PFM-1 or PMN-2".
    pub fn class_label(&self, model: &str, class: &str) -> String {
        if let (true, Some((indicator, known))) = (model.is_empty(), other_kinds_of(class)) {
            let known: Vec<_> = known.map(|class| self.label_of_any(class)).collect();
            return format!("{}{OTHER_THAN}{}", indicator_label(indicator), known.join(OR));
        }
        let of_model = self.models.iter().find(|record| record.name == model);
        let label = of_model.and_then(|record| record.label(class));
        match label {
            Some(label) => label.to_owned(),
            None if model.is_empty() => indicator_label(class),
            None => class.replace('_', " "),
        }
    }

    /// The name for people of a class of whatever model has it.
    pub fn label_of_any(&self, class: &str) -> String {
        let label = self.models.iter().find_map(|record| record.label(class));
        label.map_or_else(|| class.replace('_', " "), str::to_owned)
    }

    /// Names and digests of the models that ran.
    pub fn model_digests(&self) -> impl Iterator<Item = (&str, &str)> {
        self.models.iter().map(|model| (model.name.as_str(), model.sha256.as_str()))
    }

    /// Model, class and threshold at the survey's operating point: what scored less is no feature.
    pub fn thresholds(&self) -> impl Iterator<Item = (&str, &str, f32)> {
        let point = self.operating_point;
        self.models.iter().flat_map(move |model| {
            model
                .thresholds
                .iter()
                .map(move |(class, each)| (model.name.as_str(), class.as_str(), each.at(point)))
        })
    }

    /// Whether what counts as a find of any of its models depends on the operating point.
    pub fn has_points(&self) -> bool {
        self.models.iter().any(ModelRecord::has_points)
    }

    /// When the survey was begun; `None` of a record that says nothing.
    pub fn started(&self) -> Option<&str> {
        self.timing.runs.last().map(String::as_str)
    }
}
