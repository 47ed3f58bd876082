//! Runs a survey while listening for Ctrl-C.

use crate::{
    args::SurveyArgs,
    output::{DONE_WITH_GAPS, print},
    terminal::Terminal,
};
use anyhow::Context;
use rams_survey::Summary;
use std::{fs, process::ExitCode};

/// Runs the command.
pub(crate) fn run(args: SurveyArgs) -> anyhow::Result<ExitCode> {
    let json = args.json;
    let config = args.resolve()?;
    let (out, was_there) = (config.out.clone(), config.out.exists());
    let done = listening(move |terminal| rams_survey::run(&config, terminal))?;
    if done.is_err() && !was_there {
        // One with anything in it stays.
        let _ = fs::remove_dir(&out);
    }
    tell(&done?, json)
}

/// Works while Ctrl-C is listened for. Waiting for signals is asynchronous, the work itself is
/// threads.
pub(crate) fn listening<T: Send + 'static>(
    work: impl FnOnce(&Terminal) -> T + Send + 'static,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot begin")?;
    runtime.block_on(async {
        let terminal = Terminal::listening();
        let done = tokio::task::spawn_blocking(move || work(&terminal));
        done.await.context("the survey ended before its work")
    })
}

/// Prints what a survey came to.
pub(crate) fn tell(summary: &Summary, json: bool) -> anyhow::Result<ExitCode> {
    crate::report::older_report(summary.path())
        .iter()
        .for_each(|text| crate::terminal::notice(text));
    print(&if json { summary.to_json()? } else { summary.to_string() })?;
    Ok(if summary.has_unexpected_gaps() { DONE_WITH_GAPS.into() } else { ExitCode::SUCCESS })
}
