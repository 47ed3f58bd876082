//! Writes a survey in another format.

use crate::{
    args::ExportArgs,
    output::{DONE_WITH_GAPS, print},
    terminal,
};
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: ExportArgs) -> anyhow::Result<ExitCode> {
    let exported = rams_export::export_with_metadata(
        &args.dir,
        args.format,
        &args.out,
        args.metadata.read()?,
    )?;
    exported.notices.iter().for_each(|notice| terminal::notice(notice));
    for path in &exported.files {
        print(&path.display().to_string())?;
    }
    print(&exported.checks.to_string())?;
    Ok(if exported.checks.refuse() { DONE_WITH_GAPS.into() } else { ExitCode::SUCCESS })
}
