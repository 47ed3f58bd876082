//! `model.toml` and .onnx -> [`Manifest`]: what a model is, checked before it runs.

use crate::{
    error::ModelError, input::Input, model_files::ModelFiles, output::Output,
    partial_manifest::PartialManifest, template::to_toml, unused_setting::UnusedSetting,
    validated_manifest::ValidatedManifest, weights::Weights,
};
use rams_domain::{MeasuredPoint, Model, OperatingPoint, TileSpec};
use std::{
    collections::BTreeMap,
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
    /// What was measured of it at operating points.
    pub measured: BTreeMap<OperatingPoint, MeasuredPoint>,
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

impl Manifest {
    /// Reads and checks a model: a folder with a model.toml or with one .onnx, or an .onnx. What
    /// the model.toml leaves open, the .onnx may say. `tile_px` takes the place of the model's own
    /// tile.
    ///
    /// # Errors
    /// Where a file cannot be read or is not what the model.toml's digest says; where neither the
    /// model.toml nor the .onnx says what is needed, with a model.toml to complete; and where what
    /// they say does not hold together or cannot be run.
    pub fn read(path: &Path, tile_px: Option<u32>) -> Result<Self, ModelError> {
        let files = ModelFiles::find(path)?;
        let weights = Weights::read(&files.onnx, files.stated_digest())?;
        let (partial, metadata) = files.partial(&weights)?;
        let invalid = |cause| ModelError::Manifest { path: files.path.clone(), cause };
        let name = partial.name.clone().unwrap_or_default();
        check_name(&name).map_err(invalid)?;
        if let Some(px) = tile_px {
            let unreadable = |cause| ModelError::Tile { model: name, px, cause };
            metadata.check_tile(px).map_err(unreadable)?;
        }
        let partial = files.complete(partial, &metadata, tile_px);
        check_complete(&partial, &files.onnx)?;
        let validated =
            ValidatedManifest::from(partial).ok_or_else(|| invalid("it is incomplete".into()))?;
        validated.check().map_err(invalid)?;
        Ok(Self::of(validated, files, weights, metadata.unused))
    }

    fn of(
        validated: ValidatedManifest,
        model_files: ModelFiles,
        weights: Weights,
        unused: Vec<UnusedSetting>,
    ) -> Self {
        let Weights { onnx, digest, files } = weights;
        let output = Output {
            layout: validated.layout,
            activation: validated.activation,
            embedding: validated.embedding.clone(),
            classes: validated.outputs(),
            is_open: false,
        };
        let ValidatedManifest { name, version, task, input, classes, .. } = validated;
        let tile = TileSpec { tile_px: input.tile_px, halo_px: input.halo_px };
        Self {
            model: Model { name, version, digest, task, gsd_m: input.gsd_m, tile, classes },
            licence: validated.licence,
            training_data: validated.training_data,
            measured: validated.measured,
            ignored: validated.ignored,
            has_digest: model_files.stated_digest().is_some(),
            files,
            unused,
            toml_sha256: model_files.toml_sha256,
            path: model_files.onnx,
            weights: onnx.into(),
            input,
            output,
        }
    }

    /// A model.toml for an .onnx: all that is known of it, and what a person must complete.
    ///
    /// # Errors
    /// Where the files cannot be read, or hold no model that can be run.
    pub fn describe(path: &Path) -> Result<String, ModelError> {
        let files = ModelFiles::find(path)?;
        let weights = Weights::read(&files.onnx, None)?;
        let (partial, metadata) = files.partial(&weights)?;
        let mut partial = files.complete(partial, &metadata, None);
        partial.digest = Some(format!("sha256:{}", weights.digest));
        partial.onnx = files.onnx.file_name().map(PathBuf::from);
        Ok(to_toml(&partial))
    }

    /// What its outputs hold, as `output.layout` of a model.toml calls it: `yolo`.
    pub fn layout(&self) -> String {
        self.output.layout.name()
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

/// Layers and records tell models by their names: an empty one would be none.
fn check_name(name: &str) -> Result<(), String> {
    let is_told =
        !name.trim().is_empty() && !name.contains(": ") && !name.contains(char::is_control);
    is_told
        .then_some(())
        .ok_or_else(|| format!("its name is {name:?}: give name, in one line and without \": \""))
}

/// Whether nothing is missing that only a person can tell; the error holds a model.toml to
/// complete.
fn check_complete(partial: &PartialManifest, onnx: &Path) -> Result<(), ModelError> {
    let missing = partial.missing();
    if missing.is_empty() {
        return Ok(());
    }
    Err(ModelError::Incomplete {
        path: onnx.to_owned(),
        missing: missing.join(", "),
        template: to_toml(partial),
    })
}
