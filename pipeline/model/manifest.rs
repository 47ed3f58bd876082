//! `model.toml` and .onnx -> [`Manifest`]: what a model is, checked before it runs.

use crate::{
    ModelError, layout::Layout, source::Source, template, validated_manifest::ValidatedManifest,
    weights::Weights,
};
use rams_domain::{Model, TileSpec};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A model, read and checked: description, weights, and how pixels become its input.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// What the rest of the survey needs to know.
    pub model: Model,
    /// Licence of the weights, in the words of their author.
    pub licence: String,
    /// What it was trained on.
    pub training_data: Vec<String>,
    /// What its outputs name and the survey leaves out, since it is no sign of hazard.
    pub ignored: Vec<String>,
    /// Whether its model.toml says which file it is about, so that an exchanged one would be
    /// noticed.
    pub has_digest: bool,
    /// The files in which its .onnx keeps weights, as it names them, with the SHA-256 of each. The
    /// model's digest covers them.
    pub files: Vec<(String, String)>,
    /// Settings that its exporter left in the .onnx and that change nothing here, and why.
    pub unused: Vec<UnusedSetting>,
    /// SHA-256, hex, of its model.toml, if it has one.
    pub toml_sha256: Option<String>,
    /// The .onnx.
    pub path: PathBuf,
    /// The model as one file, its weights in it.
    pub weights: Arc<[u8]>,
    /// How pixels become its input.
    pub input: Input,
    /// What its outputs mean.
    pub output: Output,
}

/// A setting that an exporter left in an .onnx and that changes nothing here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedSetting {
    /// Key and value.
    pub setting: String,
    /// Why it changes nothing.
    pub reason: String,
}

impl fmt::Display for UnusedSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.reason)
    }
}

/// How pixels become the input of a model.
#[derive(Debug, Clone)]
pub struct Input {
    /// Ground of one pixel of its images, metres.
    pub gsd_m: f64,
    /// Side of the square that it reads, pixels.
    pub tile_px: u32,
    /// Width of the border of a tile in which finds belong to its neighbours, pixels.
    pub halo_px: u32,
    /// Planes of the tensor, by name.
    pub bands: Vec<String>,
    /// Mean of red, green and blue, of values from 0 to 1.
    pub mean: [f32; 3],
    /// Deviation of the same.
    pub std: [f32; 3],
    /// Coarsest pixels of a surface model that it takes, metres; `None` if it takes none.
    pub height_gsd_max_m: Option<f64>,
}

const COLOURS: [&str; 3] = ["red", "green", "blue"];
const COLOURS_AND_HEIGHTS: [&str; 5] = ["red", "green", "blue", "height", "height_valid"];

/// A tile of 8192 px is 800 MB of numbers.
const TILE_MOST_PX: u32 = 8192;

/// What the outputs of a model mean.
#[derive(Debug, Clone)]
pub struct Output {
    /// What the tensors hold.
    pub layout: Layout,
    /// What makes probabilities of a mask's values; `None` where nothing says.
    pub activation: Option<Activation>,
    /// For each class of the outputs, in their order, the class of the model; `None` for one that
    /// is no indicator of hazard, such as the background.
    pub classes: Vec<Option<usize>>,
    /// Whether the outputs list as many finds as there are. Else a list that is full may lack some.
    pub is_open: bool,
}

/// What makes probabilities of a mask's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// They are probabilities.
    None,
    /// Each class by itself.
    Sigmoid,
    /// The classes exclude one another, as where one of them is the background.
    Softmax,
}

impl Manifest {
    /// Reads and checks a model: a folder with a model.toml or with one .onnx, or an .onnx. What
    /// the model.toml leaves open, the .onnx may say. `tile_px` takes the place of the model's own
    /// tile.
    pub fn read(path: &Path, tile_px: Option<u32>) -> Result<Self, ModelError> {
        let source = Source::find(path)?;
        let stated = source
            .own
            .digest
            .as_deref()
            .map(|digest| digest.strip_prefix("sha256:").unwrap_or(digest));
        let Weights { onnx: weights, digest, files } = Weights::read(&source.onnx, stated)?;
        let has_digest = stated.is_some();
        let (partial, metadata) = source.partial(&weights, &digest)?;
        let named = partial.name.clone().unwrap_or_default();
        check_name(&named)
            .map_err(|cause| ModelError::Manifest { path: source.path.clone(), cause })?;
        if let Some(px) = tile_px {
            metadata.check_tile(px).map_err(|cause| ModelError::Tile {
                model: named.clone(),
                px,
                cause,
            })?;
        }
        let partial = source.complete(partial, &metadata, tile_px);
        let missing = partial.missing();
        if !missing.is_empty() {
            let template = partial.to_toml();
            return Err(ModelError::Incomplete {
                path: source.onnx,
                missing: missing.join(", "),
                template,
            });
        }
        let (version, licence) = (partial.version.clone(), partial.licence.clone());
        let (training_data, activation) =
            (partial.training_data.clone(), partial.output.activation);
        let invalid = |cause| ModelError::Manifest { path: source.path.clone(), cause };
        let validated =
            ValidatedManifest::from(partial).ok_or_else(|| invalid("it is incomplete".into()))?;
        validated.check().map_err(invalid)?;
        let output = Output {
            layout: validated.layout,
            activation,
            classes: validated.outputs(),
            is_open: false,
        };
        let ValidatedManifest { input, task, class: classes, ignore: ignored, .. } = validated;
        let tile = TileSpec { tile_px: input.tile_px, halo_px: input.halo_px };
        let version = version.unwrap_or_default();
        let model = Model { name: named, version, digest, task, gsd_m: input.gsd_m, tile, classes };
        let licence = licence.unwrap_or_else(|| "not stated".into());
        let training_data = training_data.unwrap_or_default();
        Ok(Self {
            model,
            licence,
            training_data,
            ignored,
            has_digest,
            files,
            unused: metadata.unused,
            toml_sha256: source.toml_sha256,
            path: source.onnx,
            weights: weights.into(),
            input,
            output,
        })
    }

    /// A model.toml for an .onnx: all that is known of it, and what a person must complete.
    pub fn describe(path: &Path) -> Result<String, ModelError> {
        let source = Source::find(path)?;
        let Weights { onnx, digest, .. } = Weights::read(&source.onnx, None)?;
        let (partial, metadata) = source.partial(&onnx, &digest)?;
        let mut partial = source.complete(partial, &metadata, None);
        partial.digest = Some(format!("sha256:{digest}"));
        partial.onnx = source.onnx.file_name().map(PathBuf::from);
        Ok(partial.to_toml())
    }

    /// What its outputs hold, as `output.layout` of a model.toml calls it.
    pub fn layout(&self) -> String {
        template::name(self.output.layout)
    }

    /// Mean and deviation of each colour, red first, of values from 0 to 1: the model is given
    /// `(value / 255 - mean) / deviation`.
    pub fn normalisation(&self) -> [[f32; 3]; 2] {
        [self.input.mean, self.input.std]
    }

    /// The largest pixels, metres, of a surface model whose heights the model takes beside the
    /// colours; `None` if it takes none.
    pub fn height_gsd_max_m(&self) -> Option<f64> {
        self.input.height_gsd_max_m
    }
}

/// Rows and records tell models by their names: an empty one would be none.
fn check_name(name: &str) -> Result<(), String> {
    let is_told =
        !name.trim().is_empty() && !name.contains(": ") && !name.contains(char::is_control);
    is_told
        .then_some(())
        .ok_or_else(|| format!("its name is {name:?}: give name, in one line and without \": \""))
}

impl Input {
    /// Planes of the tensor.
    pub fn planes(&self) -> usize {
        self.bands.len()
    }

    /// Whether two planes of heights follow the colours.
    pub fn takes_heights(&self) -> bool {
        self.bands == COLOURS_AND_HEIGHTS
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        let Input { gsd_m, tile_px, halo_px, bands, mean, std, height_gsd_max_m } = self;
        if !(gsd_m.is_finite() && *gsd_m > 0.0) {
            return Err(format!("input.gsd_m is {gsd_m}: give metres per pixel, such as 0.004"));
        }
        if *tile_px > TILE_MOST_PX {
            return Err(format!("input.tile_px is {tile_px}: give {TILE_MOST_PX} at most"));
        }
        TileSpec { tile_px: *tile_px, halo_px: *halo_px }
            .check()
            .map_err(|error| error.to_string())?;
        if *bands != COLOURS && !self.takes_heights() {
            return Err(format!(
                "input.bands is {bands:?}: give {COLOURS:?} or {COLOURS_AND_HEIGHTS:?}"
            ));
        }
        match (self.takes_heights(), height_gsd_max_m) {
            (false, None) => {}
            (true, Some(limit_m)) if *limit_m > 0.0 && limit_m.is_finite() => {}
            (true, limit_m) => {
                let found = limit_m.map_or("missing".to_owned(), |limit_m| format!("{limit_m}"));
                return Err(format!(
                    "input.height_gsd_max_m is {found}: give metres per pixel of a surface model"
                ));
            }
            (false, Some(_)) => {
                return Err("input.height_gsd_max_m goes with a band height: leave it out".into());
            }
        }
        // A mean of 123.675 is one of values up to 255: with it every picture would look the same.
        let (is_mean, is_std) = (0.0..=1.0, 1e-6..=1.0);
        if !std.iter().all(|value| is_std.contains(value))
            || !mean.iter().all(|value| is_mean.contains(value))
        {
            return Err(format!(
                "input.mean is {mean:?}, input.std is {std:?}: give them for values from 0 to 1, \
                 as 0.485 and not 123.675, std above 0"
            ));
        }
        Ok(())
    }
}
