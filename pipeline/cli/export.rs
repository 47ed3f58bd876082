//! Writes a survey in another format.

use crate::{
    args::ExportArgs,
    output::{DONE_WITH_GAPS, print},
    terminal,
};
use rams_export::ExportOptions;
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: ExportArgs) -> anyhow::Result<ExitCode> {
    let options = ExportOptions {
        metadata: args.metadata.read()?,
        min_confidence: args.confidence.min_confidence,
    };
    let exported = rams_export::export(&args.dir, args.format, &args.out, &options)?;
    exported.notices.iter().for_each(|notice| terminal::notice(notice));
    for path in &exported.files {
        print(&path.display().to_string())?;
    }
    print(&exported.checks.to_string())?;
    Ok(if exported.checks.refuse() { DONE_WITH_GAPS.into() } else { ExitCode::SUCCESS })
}
