//! What to compare, and by which rules.

use super::{find_model, read_doctrine, shipped_models, whole};
use anyhow::ensure;
use rams_delineate::Doctrine;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct EvaluateArgs {
    /// COCO JSON, or a GeoPackage with a layer `truth` or `labels`; a folder stands for all in it.
    /// A map (.gpkg, .geojson, .shp) of objects or mined areas without boxes measures areas alone;
    /// the folder `review` of surveys says how often people agreed with them
    #[arg(required = true, value_name = "TRUTH")]
    truths: Vec<PathBuf>,
    /// Folder of a survey, a folder of such folders, or COCO results (.json)
    predictions: PathBuf,
    /// Other predictions of the same ground, to lay beside PREDICTIONS; may be given more than once
    #[arg(long, value_name = "PREDICTIONS")]
    against: Vec<PathBuf>,
    /// The model that predicted, a folder or the name of one in models/: thresholds and class tree
    /// of its model.toml, and of a survey what this model found; beside `--against` one for all, or
    /// one each of PREDICTIONS and --against in their order [default: the truth's class tree]
    #[arg(long)]
    model: Vec<PathBuf>,
    /// Least score that counts, for all classes, 0 to 1 [default: the model's thresholds, else
    /// those of the survey, else 0]
    #[arg(long, value_name = "SCORE", value_parser = share)]
    threshold: Option<f64>,
    /// Leave a class out, of truth and predictions: its objects are ground like any other; may be
    /// given more than once
    #[arg(long, value_name = "CLASS")]
    skip: Vec<String>,
    /// Side of the tiles that count as images of their own, mosaic pixels
    #[arg(long, default_value_t = 640, value_parser = whole::<u32>(1..=1_000_000))]
    tile_px: u32,
    /// Predictions of a class that count for average precision in one image, best first
    #[arg(long, default_value_t = 1000, value_parser = whole::<u32>(1..=1_000_000))]
    max_detections: u32,
    /// How far the centrelines of trenches may lie apart and still be one, metres
    #[arg(long, value_name = "M", default_value_t = 2.0, value_parser = metres)]
    tolerance_m: f64,
    /// Doctrine profile whose buffers around true objects make the true mined ground [default: the
    /// baseline profile]
    #[arg(long)]
    doctrine: Option<PathBuf>,
    /// Folder for evaluation.json, tables.csv and plots; with --against for evaluation.json and
    /// side_by_side.csv
    #[arg(short, long)]
    pub(crate) out: Option<PathBuf>,
    /// Print all figures, machine-readable
    #[arg(long)]
    pub(crate) json: bool,
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
    pub(crate) doctrine: Doctrine,
}

impl EvaluateArgs {
    /// One for PREDICTIONS, and one for each that is laid beside them.
    pub(crate) fn resolve(self) -> anyhow::Result<Vec<EvaluateConfig>> {
        let Self { tile_px, max_detections, .. } = self;
        let all: Vec<PathBuf> = [self.predictions].into_iter().chain(self.against).collect();
        let find = |name: &PathBuf| find_model(name, shipped_models().as_deref());
        let models = self.model.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        ensure!(
            models.len() <= 1 || models.len() == all.len(),
            "cannot tell which of {} models made which of {} predictions: give --model once for \
             all, or once for PREDICTIONS and once for each --against, in their order",
            models.len(),
            all.len()
        );
        let doctrine = read_doctrine(self.doctrine.as_deref())?;
        let settings = rams_evaluate::Settings { max_detections: max_detections as usize, tile_px };
        let config = |(at, predictions): (usize, PathBuf)| EvaluateConfig {
            truths: self.truths.clone(),
            predictions,
            model: models.get(at).or(models.first()).cloned(),
            threshold: self.threshold,
            skip: self.skip.clone(),
            settings,
            tolerance_m: self.tolerance_m,
            doctrine: doctrine.clone(),
        };
        Ok(all.into_iter().enumerate().map(config).collect())
    }
}

fn share(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "give a number from 0 to 1".into())
}

fn metres(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|metres| (0.0..=100.0).contains(metres))
        .ok_or_else(|| "give metres from 0 to 100".into())
}
