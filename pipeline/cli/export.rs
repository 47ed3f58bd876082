//! Writes a survey in another format.

use crate::{
    args::ExportArgs,
    output::{DONE_WITH_GAPS, print},
    review, terminal,
};
use rams_domain::Reached;
use rams_export::ExportOptions;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Runs the command.
pub(crate) fn run(args: ExportArgs) -> anyhow::Result<ExitCode> {
    let options = ExportOptions {
        metadata: args.metadata.read()?,
        min_confidence: args.confidence.min_confidence,
    };
    let dir = if args.reviewed { reviewed(&args.dir, args.stage)? } else { args.dir };
    let exported = rams_export::export(&dir, args.format, &args.out, &options)?;
    exported.notices.iter().for_each(|notice| terminal::notice(notice));
    for path in &exported.files {
        print(&path.display().to_string())?;
    }
    print(&exported.checks.to_string())?;
    Ok(if exported.checks.refuse() { DONE_WITH_GAPS.into() } else { ExitCode::SUCCESS })
}

/// Writes the survey as people decided it, says what it holds, and returns its folder.
fn reviewed(dir: &Path, stage: Reached) -> anyhow::Result<PathBuf> {
    let (survey, sha256) = review::read(dir)?;
    let (folder, statements) = rams_review::write_reviewed(dir, survey, sha256, stage)?;
    for (name, value) in statements {
        terminal::notice(&format!("review, {name}: {value}"));
    }
    Ok(folder)
}
