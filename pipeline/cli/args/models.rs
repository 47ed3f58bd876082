//! Flags of `rams models`.

use super::{ModelArgs, TileArgs};
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct ModelsArgs {
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    tile: TileArgs,
    /// Print a model.toml for an .onnx: what it says of itself, and what is to be completed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["names", "tile_px", "json"])]
    pub(crate) describe: Option<PathBuf>,
    /// Print a machine-readable list
    #[arg(long)]
    pub(crate) json: bool,
}

/// All that a list of models needs.
pub(crate) struct ModelsConfig {
    pub(crate) models: Vec<PathBuf>,
    pub(crate) tile_px: Option<u32>,
}

impl ModelsArgs {
    /// The shipped models, those given beside them.
    pub(crate) fn resolve(&self) -> anyhow::Result<ModelsConfig> {
        Ok(ModelsConfig { models: self.models.folders()?, tile_px: self.tile.tile_px })
    }
}
