//! Makes the map of a planned survey from its pieces.

use crate::{
    args::GatherArgs,
    planned::Planned,
    survey::{listening, tell},
};
use anyhow::bail;
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: GatherArgs) -> anyhow::Result<ExitCode> {
    let planned = Planned::open(&args.dir)?;
    if planned.is_fetched() {
        bail!("cannot make a map at {}: give the folder that `rams plan` made", args.dir.display());
    }
    let config = planned.config(1)?;
    planned.fetch_pieces(None)?;
    let partial = args.partial;
    let summary = listening(move |terminal| rams_survey::gather(&config, partial, terminal))??;
    tell(&summary, args.json)
}
