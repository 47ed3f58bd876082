//! Flags of the commands by which many machines do one survey.

use super::{SurveyArgs, whole};
use rams_survey::Kernels;
use std::path::PathBuf;

#[derive(clap::Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) survey: SurveyArgs,
    /// About how many megapixels a shard has, at the scale of its model
    #[arg(long, value_name = "MP", default_value_t = 200.0, value_parser = megapixels)]
    pub(crate) shard_mp: f64,
    /// Which machines may work on it: same (those that answer as this one does, to the last bit:
    /// the map is the same byte for byte) or any (maps agree, and the record says which kernels did
    /// what)
    #[arg(long, value_parser = kernels, default_value = "same")]
    pub(crate) kernels: Kernels,
    /// Keep the plan and its pieces in an object store, too, for machines that share no folder:
    /// s3://BUCKET/PREFIX, gs:// or az://
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) pieces: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct ShardArgs {
    /// Folder that `rams plan` made, or the address that it had for --pieces
    pub(crate) dir: PathBuf,
    /// Number of the shard, from 0
    pub(crate) shard: u32,
    /// Tiles in work at once: as many shards as processors at once do more
    #[arg(long, default_value_t = 1, value_parser = whole::<u16>(1..=256))]
    pub(crate) threads: u16,
    /// Do it although it is sealed already, to see that this machine answers alike
    #[arg(long)]
    pub(crate) again: bool,
    /// Print a machine-readable summary
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct GatherArgs {
    /// Folder that `rams plan` made
    pub(crate) dir: PathBuf,
    /// Make the map although shards are missing: their ground is a gap
    #[arg(long)]
    pub(crate) partial: bool,
    /// Print a machine-readable summary
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct StatusArgs {
    /// Folder that `rams plan` made, or the address that it had for --pieces
    pub(crate) dir: PathBuf,
    /// Print a machine-readable summary
    #[arg(long)]
    pub(crate) json: bool,
}

fn megapixels(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| (0.1..=1e5).contains(number));
    number.ok_or_else(|| "give megapixels from 0.1 to 100000, for example 200".into())
}

fn kernels(text: &str) -> Result<Kernels, String> {
    match text {
        "same" => Ok(Kernels::Same),
        "any" => Ok(Kernels::Any),
        _ => Err("give same or any".into()),
    }
}
