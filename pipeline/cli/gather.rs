//! Makes the map of a planned survey from its pieces.

use crate::{
    args::GatherArgs,
    planned,
    survey::{listening, tell},
};
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: GatherArgs) -> anyhow::Result<ExitCode> {
    let config = planned::config(&args.dir, 1)?;
    let partial = args.partial;
    let summary = listening(move |terminal| rams_survey::gather(&config, partial, terminal))??;
    tell(&summary, args.json)
}
