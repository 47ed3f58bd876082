//! Draws the areas of a stored survey again.

use crate::{args::DelineateArgs, survey, terminal::Terminal};
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: DelineateArgs) -> anyhow::Result<ExitCode> {
    let json = args.json;
    survey::tell(&rams_survey::redraw(&args.resolve()?, &Terminal::new())?, json)
}
