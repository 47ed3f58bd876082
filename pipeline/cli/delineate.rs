//! Draws the areas of a stored survey again.

use crate::{args::DelineateArgs, survey, terminal::Terminal};
use std::{fs, process::ExitCode};

/// Runs the command.
pub(crate) fn run(args: DelineateArgs) -> anyhow::Result<ExitCode> {
    let json = args.json;
    let config = args.resolve()?;
    let out = config.out.clone().filter(|out| !out.exists());
    let drawn = rams_survey::redraw(&config, &Terminal::new());
    if let (Err(_), Some(out)) = (&drawn, out) {
        // One with anything in it stays.
        let _ = fs::remove_dir(out);
    }
    survey::tell(&drawn?, json)
}
