//! Says how far a planned survey is.

use crate::{
    args::StatusArgs,
    output::{DONE_WITH_GAPS, print},
    planned::Planned,
};
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: StatusArgs) -> anyhow::Result<ExitCode> {
    let planned = Planned::open(&args.dir)?;
    planned.fetch_pieces(None)?;
    let mut status = rams_survey::status(&planned.dir)?;
    if planned.has_store() {
        // Pieces that were fetched have the time of that.
        status.megapixels_per_s = None;
    }
    print(&if args.json { serde_json::to_string(&status)? } else { status.to_string() })?;
    let is_done = status.done == status.shards && status.refused.is_empty();
    Ok(if is_done { ExitCode::SUCCESS } else { DONE_WITH_GAPS.into() })
}
