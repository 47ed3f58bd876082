//! Writes what a package has beside the program: man pages, and completions of shells.

use crate::args::{Args, ManArgs};
use anyhow::Context;
use clap::CommandFactory;
use clap_complete::Shell;
use std::{fs, process::ExitCode};

/// Runs the command.
pub(crate) fn run(args: &ManArgs) -> anyhow::Result<ExitCode> {
    let mut command = Args::command().version(env!("CARGO_PKG_VERSION"));
    let failed = || format!("cannot write man pages and completions into {}", args.dir.display());
    fs::create_dir_all(&args.dir).with_context(failed)?;
    clap_mangen::generate_to(command.clone(), &args.dir).with_context(failed)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut command, "rams", &args.dir).with_context(failed)?;
    }
    Ok(ExitCode::SUCCESS)
}
