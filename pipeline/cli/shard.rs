//! Does one shard of a planned survey.

use crate::{
    args::ShardArgs,
    output::{DONE_WITH_GAPS, FOREIGN, print},
    planned::Planned,
    survey::listening,
    terminal,
};
use rams_survey::{ShardSummary, SurveyError};
use std::process::ExitCode;

/// Runs the command.
pub(crate) fn run(args: ShardArgs) -> anyhow::Result<ExitCode> {
    let opened = Planned::open(&args.dir)
        .and_then(|planned| Ok((planned.config(args.threads.into())?, planned)));
    let (config, planned) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            terminal::notice(&format!("error: {error:#}"));
            return Ok(FOREIGN.into());
        }
    };
    let (number, again, json) = (args.shard, args.again, args.json);
    planned.fetch_pieces(Some(number))?;
    let done = listening(move |terminal| rams_survey::shard(config, number, again, terminal))?;
    let mut summary = match done {
        Err(error @ SurveyError::Foreign { .. }) => {
            terminal::notice(&format!("error: {error}"));
            return Ok(FOREIGN.into());
        }
        done => done?,
    };
    let is_fetched = planned.is_fetched();
    planned.put_pieces(number, (!summary.was_there).then_some(&*summary.piece))?;
    if is_fetched {
        let name = summary.piece.file_name().unwrap_or_default();
        summary.piece = args.dir.join(name);
    }
    let ShardSummary { piece, tiles, unsettled, was_there, .. } = &summary;
    if json {
        print(&serde_json::to_string(&summary)?)?;
    } else {
        let there = if *was_there { "is there already" } else { "sealed" };
        print(&format!("{} {there}: {tiles} tiles, {unsettled} not settled", piece.display()))?;
    }
    Ok(if *unsettled > 0 { DONE_WITH_GAPS.into() } else { ExitCode::SUCCESS })
}
