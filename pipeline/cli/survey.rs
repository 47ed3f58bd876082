//! Runs a survey while listening for Ctrl-C.

use crate::{
    args::SurveyArgs,
    output::{DONE_WITH_GAPS, print},
    terminal::Terminal,
};
use anyhow::Context;
use rams_survey::Summary;
use std::process::ExitCode;

/// Runs the command. Waiting for signals is asynchronous, the survey itself is threads.
pub(crate) fn run(args: SurveyArgs) -> anyhow::Result<ExitCode> {
    let json = args.json;
    let config = args.resolve()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot begin")?;
    let summary = runtime.block_on(async {
        let terminal = Terminal::listening();
        let survey = tokio::task::spawn_blocking(move || rams_survey::run(&config, &terminal));
        survey.await.context("the survey ended before its work")?.map_err(anyhow::Error::from)
    })?;
    tell(&summary, json)
}

/// Prints what a survey came to.
pub(crate) fn tell(summary: &Summary, json: bool) -> anyhow::Result<ExitCode> {
    crate::report::older_report(summary.path())
        .iter()
        .for_each(|text| crate::terminal::notice(text));
    print(&if json { summary.to_json()? } else { summary.to_string() })?;
    Ok(if summary.has_unexpected_gaps() { DONE_WITH_GAPS.into() } else { ExitCode::SUCCESS })
}
